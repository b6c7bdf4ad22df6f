// State of a bridge → lines for a person.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bridge/monitor_state.hpp"
#include "twc/time.hpp"

namespace bridge {

enum class Emphasis : std::uint8_t { none, heading, alarm };

struct Line {
    std::string text;  ///< printable, no wider than was asked for
    Emphasis emphasis = Emphasis::none;
    bool operator==(const Line&) const = default;
};

/// The whole page. Meant for 80 columns; with less than 64 columns of the table go, the least important
/// first, and below 20 lines are cut.
std::vector<Line> render(const MonitorState&, std::size_t width, twc::TimePoint now);

/// "3s", "2m", "5h", "4d"; ">3s" if it may be older.
std::string age(const Heard&, twc::TimePoint now);

}  // namespace bridge

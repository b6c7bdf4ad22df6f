// Which windows of a schedule are open, and what they say for one charger.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "bridge/core/calendar.hpp"
#include "config/config.hpp"
#include "twc/units.hpp"

namespace bridge {

/// Those of the schedule that are open now, in its order. A window opens once on each of its days, at the
/// first moment that is called so, and closes at the first moment after that is called like its end.
std::vector<config::Window> open_windows(const std::vector<config::Window>&, const Calendar&, Moment now);

/// What open windows say for one charger.
struct Scheduled {
    std::optional<config::Mode> mode;     ///< that of the first window with one
    std::chrono::minutes until{};         ///< when that ends, since midnight
    std::optional<twc::Centiamps> limit;  ///< the lowest of all
    bool operator==(const Scheduled&) const = default;
};
/// `name`: the owner's, empty if there is none.
Scheduled scheduled_for(const std::vector<config::Window>& open, std::string_view key, std::string_view name);

}  // namespace bridge

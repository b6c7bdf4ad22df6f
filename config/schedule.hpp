// Lines of a schedule, as the configuration and the topic `schedule` have them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/problem.hpp"
#include "twc/expected.hpp"

namespace config {

/// Characters that a whole schedule may have: what a text of Home Assistant holds.
inline constexpr std::size_t longest_schedule = 255;

/// "mon-fri 23:00-06:00 fast 16 A for Garage": days (none: every day), times, a mode, a limit, and whom it
/// concerns (none: all chargers); mode or limit may be missing. Words in any case. The problem has no
/// pointer.
twc::Expected<Window, Problem> parse_window(std::string_view line);
/// "6:00", "06:00", up to "23:59": since midnight.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text);
/// Lines that are joined by ";", at most longest_schedule bytes in all.
twc::Expected<std::vector<Window>, Problem> parse_schedule(std::string_view text);
/// Their lines, joined by "; ".
std::string schedule_text(const std::vector<Window>&);
/// The first window whose charger is neither an id nor configured by that name.
const Window* window_of_nobody(const std::vector<Window>&, const Config&);

}  // namespace config

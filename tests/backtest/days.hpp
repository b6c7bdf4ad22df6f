// The days that tests play. A part of them, because a sanitized build takes its time; with TWCBRIDGE_ALL_DAYS
// set all.
#pragma once

#include <string>
#include <vector>

#include "bridge/backtest/day.hpp"

namespace backtest::tests {

bool all_days_wanted();
/// `file`: below the project's folder.
Day measured_day(const std::string& file);
/// Five measured ones, then 20 made-up ones. Silences the service's log.
std::vector<Day> all_days();
/// Some of them, or all of them where wanted.
std::vector<Day> days_to_play();

}  // namespace backtest::tests

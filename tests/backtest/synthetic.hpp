// Days that nobody measured: a clear sky's bell with clouds of sharp edges, and a house with kettle and oven.
#pragma once

#include <cstdint>

#include "bridge/backtest/day.hpp"

namespace backtest::tests {

/// The same day for the same seed. Some are clear, some broken for hours, some grey. Cloud edges take 5 to 25
/// s; kettles take 2 to 3 kW for minutes, ovens cycle.
Day synthetic_day(std::uint32_t seed);

}  // namespace backtest::tests

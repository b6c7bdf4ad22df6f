// The best that anybody could have made of a day, knowing all of it.
#pragma once

#include "bridge/backtest/day.hpp"
#include "bridge/backtest/plant.hpp"
#include "bridge/backtest/score.hpp"

namespace backtest {

/// The most valuable of all schedules of on and off (Harvest::worth): a dynamic programme over how many cars
/// charge, second by second. Its cars obey at once and draw any power between what they draw at 6 A and at
/// the ceiling; it does not know when cars are away or take less by themselves. A real car may take some Wh
/// more from a surplus below its minimum while it ramps, far less than a start costs.
Harvest optimum(const SiteSpec&, const Day&);

}  // namespace backtest

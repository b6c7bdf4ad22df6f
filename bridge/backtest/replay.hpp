// A rule plays a day on a site.
#pragma once

#include <functional>
#include <vector>

#include "bridge/backtest/day.hpp"
#include "bridge/backtest/plant.hpp"
#include "bridge/backtest/rules.hpp"
#include "bridge/backtest/score.hpp"

namespace backtest {

/// One second of a replay, for those who draw or print it.
struct Moment {
    int t = 0;
    const Truth& truth;
    const std::vector<Car>& cars;
    const std::vector<bridge::CosimOffer>& offers;
};
using Witness = std::function<void(const Moment&)>;

/// The whole day; the optimum of the score is left to the caller, because it is the same for all rules.
Score replay(const SiteSpec&, const Day&, const Rule&, const Witness&);

}  // namespace backtest

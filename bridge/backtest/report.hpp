// Words and numbers for people: the table of a backtest, and its trace as CSV.
#pragma once

#include <string>
#include <vector>

#include "bridge/backtest/plant.hpp"
#include "bridge/backtest/replay.hpp"
#include "bridge/backtest/score.hpp"

namespace backtest {

/// What one rule made of one day, or of all.
struct Result {
    std::string day;
    std::string rule;
    Score score;
};

/// "6.5 kWp, 1 phase of 230 V, 1 car, at most 32 A; meter every 5 s, 2 s late".
std::string describe(const SiteSpec&);

/// A head, a line for each result, and what the columns mean.
std::string to_table(const SiteSpec&, const std::vector<Result>&);

/// The head of a trace, with its line end: day,t,solar_w,house_w,cars_w,grid_w and for each charger
/// offered_a_<id>,limit_a_<id>,drawn_a_<id>,reason_<id>.
std::string trace_head(const SiteSpec&);
/// A line of it.
std::string trace_line(const std::string& day, const Moment&);

}  // namespace backtest

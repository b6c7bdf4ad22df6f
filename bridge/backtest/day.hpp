// A measured day: text of a CSV file → power of sun and house, second by second.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "twc/expected.hpp"

namespace backtest {

/// Every value holds until the next one was measured, the last as long as the one before it.
struct Day {
    std::string name;
    int begin = 0;                      ///< s after midnight, of the first value
    std::vector<double> solar_per_kwp;  ///< W for each kWp of plant, one a second
    std::vector<double> house;          ///< W without any car, one a second

    [[nodiscard]] std::size_t seconds() const { return house.size(); }
};

/// The columns `t,pv_w,load_w`: whole seconds after midnight that rise by 900 at most, below 90000 (a day of
/// 25 hours); W for each kWp; W. Lines that begin with # are remarks. An error is a sentence that begins with
/// the number of the line, as "line 7: expected …, found …".
twc::Expected<Day, std::string> parse_day(std::string name, std::string_view text);

}  // namespace backtest

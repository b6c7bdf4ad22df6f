// Three time zones in 2026, by their tables: an hour in the north, an hour in the west, half an hour in the
// south.
#pragma once

#include <chrono>
#include <vector>

#include "bridge/core/calendar.hpp"

namespace bridge::tests {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

struct Change {
    Moment at;
    std::chrono::minutes offset;  ///< from then on
};

inline Calendar zone_of(std::chrono::minutes offset, const std::vector<Change>& changes) {
    return Calendar{[=](Moment moment) {
        auto now = offset;
        for (const auto& change : changes) {
            if (moment >= change.at) now = change.offset;
        }
        return std::chrono::seconds{now};
    }};
}

inline Moment utc(int month, unsigned day, std::chrono::seconds time) {
    return sys_days{year_month_day{std::chrono::year{2026}, std::chrono::month{static_cast<unsigned>(month)},
                                   std::chrono::day{day}}} +
           time;
}
inline CivilTime civil(int month, unsigned day, std::chrono::seconds time) {
    return CivilTime{utc(month, day, time).time_since_epoch()};
}

inline Calendar berlin() { return zone_of(60min, {{utc(3, 29, 1h), 120min}, {utc(10, 25, 1h), 60min}}); }
inline Calendar new_york() { return zone_of(-300min, {{utc(3, 8, 7h), -240min}, {utc(11, 1, 6h), -300min}}); }
inline Calendar lord_howe() {
    return zone_of(660min, {{utc(4, 4, 15h), 630min}, {utc(10, 3, 15h + 30min), 660min}});
}

}  // namespace bridge::tests

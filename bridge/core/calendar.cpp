// Civil time ⇄ moments: knows one zone by its distance to UTC, and no clock.
#include "bridge/core/calendar.hpp"

#include <algorithm>

namespace bridge {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

namespace {

/// What the moment would be called if the zone were UTC, and back.
CivilTime as_civil(Moment moment) { return CivilTime{moment.time_since_epoch()}; }
Moment as_moment(CivilTime time) { return Moment{time.time_since_epoch()}; }

}  // namespace

Calendar::Calendar() : offset_{[](Moment) { return seconds{}; }} {}

CivilTime Calendar::civil(Moment moment) const { return as_civil(moment) + offset_(moment); }

Moment Calendar::moment(CivilTime time) const {
    // No zone changes its clocks twice within two days.
    const auto before = offset_(as_moment(time) - days{1});
    const auto after = offset_(as_moment(time) + days{1});
    const auto by_before = as_moment(time) - before;
    const auto by_after = as_moment(time) - after;
    if (offset_(by_before) == before) return by_before;  // called so twice: the first one is meant
    if (offset_(by_after) == after) return by_after;
    return jump_between(by_after, by_before);
}

// The offset changes once between the two.
Moment Calendar::jump_between(Moment before, Moment after) const {
    const auto offset = offset_(before);
    while (after - before > seconds{1}) {
        const auto middle = before + (after - before) / 2;
        (offset_(middle) == offset ? before : after) = middle;
    }
    return after;
}

Moment Calendar::next(std::chrono::minutes time_of_day, Moment after) const {
    for (auto day = floor<days>(civil(after));; day += days{1}) {
        if (const auto found = moment(day + time_of_day); found > after) return found;
    }
}

}  // namespace bridge

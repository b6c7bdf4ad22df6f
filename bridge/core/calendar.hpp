// Civil time ⇄ moments: knows one zone by its distance to UTC, and no clock.
#pragma once

#include <chrono>
#include <functional>

namespace bridge {

/// A moment, as the clock on the wall tells it: seconds since 1970, UTC.
using Moment = std::chrono::sys_seconds;
/// What calendars and clocks of a zone show.
using CivilTime = std::chrono::local_seconds;

/// Of a machine without a clock of its own that nobody has set yet: a date before 2025.
inline constexpr Moment earliest_credible = std::chrono::sys_days{std::chrono::January / 1 / 2025};

class Calendar {
  public:
    /// By how much civil time is ahead of UTC at a moment. Must be the same whenever it is asked.
    using Offset = std::function<std::chrono::seconds(Moment)>;

    /// UTC.
    Calendar();
    explicit Calendar(Offset offset) : offset_{std::move(offset)} {}

    [[nodiscard]] CivilTime civil(Moment) const;
    /// The first moment that is called so. Where clocks are put forward over it: the moment at which they
    /// are.
    [[nodiscard]] Moment moment(CivilTime) const;
    /// The next moment after this one at which clocks show so many minutes since midnight.
    [[nodiscard]] Moment next(std::chrono::minutes time_of_day, Moment after) const;

  private:
    [[nodiscard]] Moment jump_between(Moment before, Moment after) const;

    Offset offset_;
};

}  // namespace bridge

// A clock that nobody can read: time always comes in as an argument.
#pragma once

#include <chrono>

namespace twc {

/// Monotonic time since an arbitrary start. Has no now(), so that the core cannot ask for it.
struct BusClock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BusClock>;
    static constexpr bool is_steady = true;
};

using TimePoint = BusClock::time_point;
using Duration = BusClock::duration;

}  // namespace twc

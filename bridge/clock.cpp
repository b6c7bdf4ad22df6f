#include "bridge/clock.hpp"

#include <chrono>

namespace bridge {

twc::TimePoint now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return twc::TimePoint{std::chrono::seconds{time.tv_sec} +
                          std::chrono::duration_cast<twc::Duration>(std::chrono::nanoseconds{time.tv_nsec})};
}

std::int64_t wall_clock() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace bridge

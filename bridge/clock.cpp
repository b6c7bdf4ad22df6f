#include "bridge/clock.hpp"

#include <chrono>

namespace bridge {

twc::TimePoint now() {
    return twc::TimePoint{
        std::chrono::duration_cast<twc::Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

std::int64_t wall_clock() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace bridge

#include "bridge/core/reading.hpp"

#include <algorithm>

namespace bridge {

using namespace std::chrono_literals;

namespace {
// The age limit follows the sender's rhythm: a meter that reports every minute is not dead after ten seconds
// (docs/control.md 1).
constexpr twc::Duration shortest_limit = 10s;
constexpr twc::Duration longest_limit = 120s;
// One gap moves the estimate by a fifth, so that a single late message does not stretch the limit much.
constexpr int smoothing = 5;
}  // namespace

void Reading::receive(std::int64_t thousandths, bool retained, twc::TimePoint now) {
    if (retained) {
        if (!heard_) value_ = thousandths;
        return;
    }
    if (heard_) interval_ += (std::min(now - *heard_, longest_limit) - interval_) / smoothing;
    value_ = thousandths;
    heard_ = now;
}

twc::Duration Reading::allowed_age() const {
    return max_age_ ? *max_age_ : std::clamp(3 * interval_, shortest_limit, longest_limit);
}

}  // namespace bridge

// So many kWh by a time: from the sun as long as that may do, and from the latest moment on in any case.
#include "bridge/core/energy_target.hpp"

namespace bridge {

using std::chrono::seconds;

namespace {

constexpr std::int64_t watt_seconds = 36'000;  // in 0.01 kWh
constexpr std::int64_t spare_percent = 108;
constexpr seconds ample{3600};

}  // namespace

bool is_pressing(bool before, std::int64_t left, twc::Watts available, seconds time) {
    if (available <= twc::Watts{}) return true;
    const seconds needed{left * watt_seconds * spare_percent / (100 * available.count())};
    return time <= needed + (before ? ample : seconds{});
}

std::int64_t missing_energy(std::int64_t left, twc::Watts available, seconds time) {
    const auto possible =
        std::max<std::int64_t>(available.count(), 0) * std::max<std::int64_t>(time.count(), 0) / watt_seconds;
    return std::max<std::int64_t>(left - possible, 0);
}

}  // namespace bridge

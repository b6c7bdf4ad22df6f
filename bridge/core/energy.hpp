// Integrates power over time into hundredths of a kilowatt-hour, without losing the remainder.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

class EnergyMeter {
  public:
    /// `power` flows from now on. Returns how many full 0.01 kWh have come together since the last return of
    /// such. After a pause of more than 30 s nothing is known of what flowed meanwhile, and nothing is
    /// counted.
    std::int64_t flows(twc::Watts power, twc::TimePoint now) {
        if (since_ && now - *since_ <= longest_gap) remainder_ += power_.count() * (now - *since_).count();
        since_ = now;
        power_ = power;
        const auto full = remainder_ / per_hundredth;
        remainder_ -= full * per_hundredth;
        return full;
    }

  private:
    static constexpr twc::Duration longest_gap = std::chrono::seconds{30};
    static constexpr std::int64_t per_hundredth = 10LL * 3600 * 1'000'000;  // W µs in 0.01 kWh

    twc::Watts power_;
    std::int64_t remainder_ = 0;
    std::optional<twc::TimePoint> since_;
};

}  // namespace bridge

// So many kWh by a time: from the sun as long as that may do, and from the latest moment on in any case.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "bridge/core/calendar.hpp"
#include "twc/units.hpp"

namespace bridge {

/// Where nobody has said another.
inline constexpr std::chrono::minutes default_target_time{7 * 60};

struct Target {
    std::optional<std::int64_t> until;  ///< 0.01 kWh that the charger's counter shall say; nothing: no target
    std::optional<Moment> deadline;     ///< nothing until the clock is set
    bool pressing = false;              ///< the latest start has come

    /// 0.01 kWh.
    [[nodiscard]] std::int64_t energy_left(std::int64_t counter) const {
        return until ? std::max<std::int64_t>(*until - counter, 0) : 0;
    }
    bool operator==(const Target&) const = default;
};

/// Whether the car must charge now. `left`: 0.01 kWh; `available`: what it would get. Reckons with 8 % to
/// spare. Once it must it goes on, unless there is suddenly an hour more than needed: then others only were
/// in the way.
bool is_pressing(bool before, std::int64_t left, twc::Watts available, std::chrono::seconds time);
/// 0.01 kWh that will be missing in the end although it charges from now on.
std::int64_t missing_energy(std::int64_t left, twc::Watts available, std::chrono::seconds time);

}  // namespace bridge

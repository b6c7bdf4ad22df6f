// What shall hold for one charger, once everybody who has a say in it was heard.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bridge/core/admission.hpp"
#include "bridge/core/boost.hpp"
#include "bridge/core/plan.hpp"
#include "bridge/core/reason.hpp"
#include "bridge/core/schedule.hpp"
#include "config/config.hpp"

namespace bridge {

/// A target as it stands now.
struct TargetState {
    bool pressing = false;
    std::int64_t left = 0;      ///< 0.01 kWh
    std::int64_t missing = 0;   ///< of that, in the end
    std::chrono::minutes by{};  ///< since midnight
};

/// Who has a say.
struct Wishes {
    config::Mode site_mode = config::Mode::solar;
    std::optional<config::Mode> own_mode;  ///< of the charger, by command
    bool clock_missing = false;            ///< something goes by a clock that nobody has set
    Scheduled scheduled;
    Boost boost;
    std::int64_t counter = 0;  ///< of the charger, 0.01 kWh
    std::optional<TargetState> target;
    Admission admission;
};

struct Intent {
    config::Mode mode = config::Mode::solar;
    std::optional<int> priority;     ///< of the car, in place of the charger's
    std::optional<Ceiling> ceiling;  ///< besides those of wiring and commands
    std::optional<Reason> refusal;   ///< this car may not charge
    bool guest = false;
    std::optional<std::string> vehicle_name;  ///< as it is configured
    Because because;  ///< who has set the mode, if it was neither the site's nor the charger's
    bool operator==(const Intent&) const = default;
};

/// `off` by command beats everything; then boost, a target that presses, schedule, the charger's own mode,
/// the car's, the site's. Ceilings hold whatever the mode, the lowest of them.
Intent weigh(const Wishes&);

}  // namespace bridge

// What shall hold for one charger, once everybody who has a say in it was heard.
#pragma once

#include <optional>

#include "bridge/core/boost.hpp"
#include "bridge/core/plan.hpp"
#include "bridge/core/reason.hpp"
#include "bridge/core/schedule.hpp"
#include "config/config.hpp"

namespace bridge {

/// Who has a say.
struct Wishes {
    config::Mode site_mode = config::Mode::solar;
    std::optional<config::Mode> own_mode;  ///< of the charger, by command
    bool clock_missing = false;            ///< something goes by a clock that nobody has set
    Scheduled scheduled;
    Boost boost;
    std::int64_t counter = 0;  ///< of the charger, 0.01 kWh
};

struct Intent {
    config::Mode mode = config::Mode::solar;
    std::optional<Ceiling> ceiling;  ///< besides those of wiring and commands
    Because because;                 ///< who has set the mode, if it was neither the site's nor the charger's
    bool operator==(const Intent&) const = default;
};

/// `off` by command beats everything; then boost, schedule, the charger's own mode, the site's. Ceilings hold
/// whatever the mode, the lowest of them.
Intent weigh(const Wishes&);

}  // namespace bridge

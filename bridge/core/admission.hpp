// Who may charge: what the owner says of the car that is plugged in.
#pragma once

#include <optional>
#include <string>

#include "bridge/core/plan.hpp"
#include "bridge/core/reason.hpp"
#include "config/config.hpp"

namespace bridge {

/// What is known of the car at a charger.
struct Identity {
    std::optional<std::string> told;  ///< by the unit; empty: it knows of no VIN
    bool can_tell = false;            ///< a protocol 1 unit cannot
    bool may_still_tell = false;      ///< plugged in only a moment ago
    bool guest_allowed = false;       ///< by its owner, for this session
};

struct Admission {
    std::optional<Reason> refusal;
    std::optional<Ceiling> ceiling;
    std::optional<config::Vehicle> vehicle;  ///< as it is configured
    bool guest = false;                      ///< and guests may not do what all may
    bool operator==(const Admission&) const = default;
};

/// A car is known when it is among the vehicles, or its charger's own or among those that it lists. Others
/// are guests. A unit that knows of no VIN is believed to have its own car (`vin` of the charger) if it is
/// said which; if not, only one that could have told makes a guest of it.
Admission admission_of(const config::Config&, const config::Charger&, const Identity&);

}  // namespace bridge

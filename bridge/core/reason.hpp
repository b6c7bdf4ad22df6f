// Why an offer is what it is: a value to compare, and the sentence it stands for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twc/units.hpp"

namespace bridge {

/// What keeps a charger from more, or from charging at all.
struct Reason {
    enum class Kind : std::uint8_t {
        unit_silent,  ///< offline
        no_vehicle,
        mode_off,
        not_allowed,      ///< charge OFF
        vin_awaited,      ///< who it is decides whether it may
        vin_not_allowed,  ///< others are listed for this charger
        guest_not_allowed,
        guest_waits,          ///< for somebody to allow it
        limit_below_minimum,  ///< `limit` says which
        no_room,              ///< the minimum does not fit under `limit`
        minima_do_not_fit,    ///< cars are being stopped
        waiting_for_others,   ///< headroom is not yet confirmed by the other units
        waiting_for_inputs,   ///< no solar value yet
        inputs_stale,
        waiting_for_surplus,
        gathering_surplus,   ///< `have` of `need` Wh
        waiting_after_stop,  ///< minimum pause between two charges
        following_surplus,
        held_at_minimum,  ///< the surplus is too small, but a stop would be too early or has no method
        cannot_be_stopped,
        limited,  ///< by `limit`
        shared,   ///< with other chargers, under `limit`
        spiking,  ///< on the way to a lower offer, for an old car's sake
        vehicle_not_drawing,
        vehicle_waits,     ///< has an offer, does not draw, and its unit asks for more: asleep or on a timer
        vehicle_declines,  ///< has an offer and does not draw: full, or told not to
        resuming,          ///< found charging at start, kept as it is
        id_is_shared,      ///< two units would take what one is offered
        observing,         ///< another master decides
    };
    Reason() = default;
    // Implicit: most reasons are just their kind.
    Reason(Kind of_kind, std::string_view limit_name = {}, twc::Centiamps limit_amps = {})
        : kind{of_kind}, limit{limit_name}, amps{limit_amps} {}

    static Reason gathered(std::int64_t have, std::int64_t need) {
        Reason reason{Kind::gathering_surplus};
        reason.have = have;
        reason.need = need;
        return reason;
    }

    Kind kind = Kind::no_vehicle;
    std::string_view limit;  ///< name of the ceiling, as "total_limit"; a text that outlives the reason
    twc::Centiamps amps;
    std::int64_t have = 0;  ///< Wh
    std::int64_t need = 0;  ///< Wh
    bool operator==(const Reason&) const = default;
};

/// Who has set the mode for a while, if it is not the one that the owner chose for the site or the charger.
struct Because {
    enum class Kind : std::uint8_t {
        nobody,
        boost,          ///< `minutes` or `energy` are left, 0: that does not end it
        schedule,       ///< until `minutes` after midnight
        target,         ///< `energy` by `minutes` after midnight, of which `missing` cannot come any more
        clock_missing,  ///< nobody could: what goes by the clock rests
    };
    Kind kind = Kind::nobody;
    int minutes = 0;
    std::int64_t energy = 0;   ///< 0.1 kWh
    std::int64_t missing = 0;  ///< 0.1 kWh
    bool operator==(const Because&) const = default;
};

/// One sentence without a full stop: "limited by total_limit 12 A".
std::string to_sentence(const Reason&);
/// "boost: 43 min left; limited by total_limit 12 A".
std::string to_sentence(const Because&, const Reason&);

}  // namespace bridge

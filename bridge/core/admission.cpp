// Who may charge: what the owner says of the car that is plugged in.
#include "bridge/core/admission.hpp"

#include <algorithm>

namespace bridge {

using config::GuestRule;
using Kind = Reason::Kind;

namespace {

void limit_guest(Admission& admission, const config::Guests& guests) {
    if (guests.rule == GuestRule::limit) admission.ceiling = Ceiling{guests.max_current, "guests.maxAmps"};
}

void receive_guest(Admission& admission, const config::Guests& guests, bool allowed) {
    admission.guest = guests.rule != GuestRule::allow;
    if (guests.rule == GuestRule::none) admission.refusal = Kind::guest_not_allowed;
    if (guests.rule == GuestRule::ask && !allowed) admission.refusal = Kind::guest_waits;
    limit_guest(admission, guests);
}

/// Until its VIN is known nobody charges who may have no right to.
void keep_waiting(Admission& admission, const config::Guests& guests, bool listed_only) {
    const bool strict = guests.rule == GuestRule::none || guests.rule == GuestRule::ask;
    if (strict || listed_only) admission.refusal = Kind::vin_awaited;
    limit_guest(admission, guests);
}

}  // namespace

Admission admission_of(const config::Config& config, const config::Charger& charger, const Identity& car) {
    Admission admission;
    const bool listed_only = charger.allowed_vins.has_value();
    if (!car.told && car.may_still_tell) {
        keep_waiting(admission, config.guests, listed_only);
        return admission;
    }
    const auto vin = car.told && !car.told->empty() ? car.told : charger.vin;
    if (vin) {
        if (const auto known = config.vehicles.find(*vin); known != config.vehicles.end())
            admission.vehicle = known->second;
    }
    if (listed_only) {
        const bool listed =
            vin && std::ranges::find(*charger.allowed_vins, *vin) != charger.allowed_vins->end();
        if (!listed) admission.refusal = Kind::vin_not_allowed;
        return admission;
    }
    const bool known = admission.vehicle || (vin && vin == charger.vin) || (!vin && !car.can_tell);
    if (!known) receive_guest(admission, config.guests, car.guest_allowed);
    return admission;
}

}  // namespace bridge

#include "bridge/core/reason.hpp"

#include "mqtt/values.hpp"

namespace bridge {
namespace {

/// "7.5", or "7".
std::string tenths_text(std::int64_t tenths) {
    const auto rest = tenths % 10;
    return std::to_string(tenths / 10) + (rest == 0 ? "" : '.' + std::to_string(rest));
}

}  // namespace

std::string to_sentence(const Reason& reason) {
    const auto ceiling = [&] { return std::string{reason.limit} + " " + twc::to_sentence(reason.amps); };
    switch (reason.kind) {
        case Reason::Kind::unit_silent:
            return "the wall connector does not answer";
        case Reason::Kind::no_vehicle:
            return "no vehicle connected";
        case Reason::Kind::mode_off:
            return "mode is off";
        case Reason::Kind::not_allowed:
            return "charging is not allowed for this charger";
        case Reason::Kind::vin_awaited:
            return "waiting for the vehicle's VIN";
        case Reason::Kind::vin_not_allowed:
            return "this vehicle is not among those that may charge here";
        case Reason::Kind::guest_not_allowed:
            return "this vehicle is a guest, and guests may not charge";
        case Reason::Kind::guest_waits:
            return "this vehicle is a guest: waiting until somebody allows it";
        case Reason::Kind::limit_below_minimum:
            return ceiling() + " is below the minimum";
        case Reason::Kind::no_room:
            return "waiting: no room for the minimum under " + ceiling();
        case Reason::Kind::minima_do_not_fit:
            return "stopping: the minima do not fit under " + ceiling();
        case Reason::Kind::waiting_for_others:
            return "waiting until the other chargers have confirmed lower limits";
        case Reason::Kind::waiting_for_inputs:
            return "waiting for solar values";
        case Reason::Kind::inputs_stale:
            return "input stale";
        case Reason::Kind::waiting_for_surplus:
            return "waiting for surplus";
        case Reason::Kind::gathering_surplus:
            return "waiting: " + std::to_string(reason.have) + " of " + std::to_string(reason.need) + " Wh";
        case Reason::Kind::waiting_after_stop:
            return "waiting: stopped only a moment ago";
        case Reason::Kind::following_surplus:
            return "following the surplus";
        case Reason::Kind::held_at_minimum:
            return "held at the minimum: the surplus is too small";
        case Reason::Kind::cannot_be_stopped:
            return "cannot be stopped: no stop method had an effect, held at the minimum";
        case Reason::Kind::limited:
            return "limited by " + ceiling();
        case Reason::Kind::shared:
            return "sharing " + ceiling() + " with other chargers";
        case Reason::Kind::spiking:
            return "offered more for a moment, so that the car does not fall back to 6 A";
        case Reason::Kind::vehicle_not_drawing:
            return "the vehicle does not draw what it is offered";
        case Reason::Kind::vehicle_waits:
            return "the vehicle does not draw what it is offered: it sleeps, or waits for the time set in it";
        case Reason::Kind::vehicle_declines:
            return "the vehicle does not draw what it is offered: it is full, sleeps, or was told not to "
                   "charge";
        case Reason::Kind::resuming:
            return "found charging at start, kept as it was";
        case Reason::Kind::id_is_shared:
            return "two wall connectors have this id: connect one of them to a bus of its own";
        case Reason::Kind::observing:
            return "observing only: another master decides";
    }
    return {};
}

std::string to_sentence(const Because& because, const Reason& reason) {
    switch (because.kind) {
        case Because::Kind::nobody:
            return to_sentence(reason);
        case Because::Kind::boost: {
            std::string left;
            if (because.minutes > 0)
                left += std::to_string(because.minutes) + (because.energy > 0 ? " min or " : " min left; ");
            if (because.energy > 0) left += tenths_text(because.energy) + " kWh left; ";
            return "boost: " + left + to_sentence(reason);
        }
        case Because::Kind::schedule:
            return "schedule until " + broker::time_text(std::chrono::minutes{because.minutes}) + "; " +
                   to_sentence(reason);
        case Because::Kind::target: {
            const auto target = "target: " + tenths_text(because.energy) + " kWh by " +
                                broker::time_text(std::chrono::minutes{because.minutes});
            if (because.missing == 0) return target + "; " + to_sentence(reason);
            return target + ", " + tenths_text(because.missing) + " kWh will be missing; " +
                   to_sentence(reason);
        }
        case Because::Kind::clock_missing:
            return "the clock is not set, so that schedule and target rest; " + to_sentence(reason);
    }
    return {};
}

}  // namespace bridge

// What shall hold for one charger, once everybody who has a say in it was heard.
#include "bridge/core/intent.hpp"

namespace bridge {

using config::Mode;

namespace {

constexpr std::int64_t tenth = 10;  // 0.01 kWh; finer would be a new sentence every few seconds

std::int64_t tenths(std::int64_t energy) { return (energy + tenth - 1) / tenth; }

Because because_of(const TargetState& target) {
    return {.kind = Because::Kind::target,
            .minutes = static_cast<int>(target.by.count()),
            .energy = tenths(target.left),
            .missing = tenths(target.missing)};
}

void set_mode(Intent& intent, const Wishes& wishes) {
    const auto of_the_car = wishes.admission.vehicle ? wishes.admission.vehicle->mode : std::nullopt;
    intent.mode = wishes.own_mode.value_or(of_the_car.value_or(wishes.site_mode));
    if (wishes.site_mode == Mode::off || wishes.own_mode == Mode::off) {
        intent.mode = Mode::off;
    } else if (wishes.boost.on()) {
        intent.mode = Mode::fast;
        intent.because = {.kind = Because::Kind::boost,
                          .minutes = wishes.boost.minutes,
                          .energy = tenths(wishes.boost.energy_left(wishes.counter))};
    } else if (wishes.target && wishes.target->pressing) {
        intent.mode = Mode::fast;
        intent.because = because_of(*wishes.target);
    } else if (wishes.clock_missing) {
        intent.because = {.kind = Because::Kind::clock_missing};
    } else if (wishes.scheduled.mode) {
        intent.mode = *wishes.scheduled.mode;
        intent.because = {.kind = Because::Kind::schedule,
                          .minutes = static_cast<int>(wishes.scheduled.until.count())};
    } else if (wishes.target) {
        intent.because = because_of(*wishes.target);  // and the sun may do it
    }
}

void lower(Intent& intent, twc::Centiamps amps, std::string_view name) {
    if (!intent.ceiling || amps < intent.ceiling->amps) intent.ceiling = Ceiling{amps, name};
}

}  // namespace

Intent weigh(const Wishes& wishes) {
    Intent intent;
    set_mode(intent, wishes);
    intent.refusal = wishes.admission.refusal;
    intent.guest = wishes.admission.guest;
    intent.ceiling = wishes.admission.ceiling;
    if (wishes.scheduled.limit) lower(intent, *wishes.scheduled.limit, "the schedule");
    if (const auto& vehicle = wishes.admission.vehicle) {
        intent.priority = vehicle->priority;
        intent.vehicle_name = vehicle->name;
        if (vehicle->max_current) lower(intent, *vehicle->max_current, "maxAmps of the vehicle");
    }
    return intent;
}

}  // namespace bridge

// Which cars the sun carries, and how far: step 2 of a plan.
#include <algorithm>

#include "bridge/core/allocation.hpp"
#include "bridge/core/draft.hpp"

namespace bridge {

using config::Mode;
using twc::Centiamps;
using twc::Watts;

namespace {

Watts power_at(const CarFacts& car, Centiamps amps) { return Watts{amps.count() * car.volts.count() / 100}; }

Centiamps current_at(const CarFacts& car, std::int64_t watts) {
    return Centiamps{watts * 100 / std::max<std::int64_t>(car.volts.count(), 1)};
}

/// What a car takes from the surplus at its minimum; one that does not draw takes nothing.
Watts minimum_power(const CarFacts& car) { return car.idle ? Watts{} : power_at(car, car.minimum); }

/// The surplus, without what cars use that charge in any case.
Watts surplus_for_solar(const Draft& draft) {
    auto left = draft.facts.surplus.value_or(Watts{});
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode == Mode::solar) continue;
        const bool fast_at_work = car.mode == Mode::fast && car.drawing;
        left -= fast_at_work ? power_at(car, car.drawn) : minimum_power(car);
    }
    return left;
}

Watts needed_by_running(const Draft& draft) {
    Watts needed;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        if (draft.cars[i].runs && car.mode == Mode::solar) needed += minimum_power(car);
    }
    return needed;
}

/// While at least the share asked for of the minimum is sun, holding on beats stopping.
void stop_for_want_of_sun(Draft& draft, const config::Control& control, Watts left) {
    const auto enough = [&](Watts power) {
        return left.count() * 100 >= power.count() * control.solar_share_percent;
    };
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        // Nothing flows: taking the offer back costs no stop.
        if (!draft.cars[i].runs || car.mode != Mode::solar || !car.idle || enough(power_at(car, car.minimum)))
            continue;
        draft.refuse(i, StopCause::surplus, Kind::waiting_for_surplus);
    }
    auto needed = needed_by_running(draft);
    for (const auto i : std::vector(draft.order.rbegin(), draft.order.rend())) {
        if (enough(needed)) return;
        const auto& car = draft.facts.cars[i];
        const auto& memory = draft.memory[i];
        if (!draft.cars[i].runs || car.mode != Mode::solar || car.idle) continue;
        if (memory.started && draft.now - *memory.started < control.min_on) continue;
        needed -= minimum_power(car);
        draft.refuse(i, StopCause::surplus, Kind::waiting_for_surplus);
    }
}

void start_with_the_sun(Draft& draft, const config::Control& control, Watts left) {
    auto needed = needed_by_running(draft);
    for (const auto i : draft.order) {
        const auto& car = draft.facts.cars[i];
        const auto& memory = draft.memory[i];
        const bool waits =
            !draft.cars[i].runs && draft.cars[i].decision.reason.kind == Kind::waiting_for_surplus;
        if (!waits || memory.running || needed + power_at(car, car.minimum) > left) continue;
        if (memory.stopped && draft.now - *memory.stopped < control.min_off) {
            draft.refuse(i, StopCause::surplus, Kind::waiting_after_stop);
            continue;
        }
        needed += power_at(car, car.minimum);
        draft.run(i, car.minimum, true, Kind::held_at_minimum);
    }
}

/// How far the sun carries each car that follows it: equal parts in W, because cars may use different numbers
/// of phases.
void share_surplus(Draft& draft, Watts left) {
    std::vector<std::size_t> sharing;
    std::vector<Claim> claims;
    for (const auto i : draft.order) {
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode == Mode::fast || car.idle) continue;
        if (car.mode == Mode::solar_min)
            left += minimum_power(car);  // its minimum was set aside, now it shares like the others
        sharing.push_back(i);
        claims.push_back(
            {power_at(car, car.minimum).count(), power_at(car, car.ceiling.amps).count(), car.priority, 0});
    }
    const auto shares = allocate(left.count(), {left.count()}, claims);
    for (std::size_t k = 0; k < sharing.size(); ++k) {
        const auto& car = draft.facts.cars[sharing[k]];
        auto& drafted = draft.cars[sharing[k]];
        drafted.cap = std::clamp(current_at(car, shares[k]), car.minimum, car.ceiling.amps);
        if (drafted.cap == car.ceiling.amps) {
            drafted.decision.reason = {Kind::limited, car.ceiling.name, car.ceiling.amps};
        } else if (drafted.cap > car.minimum) {
            drafted.decision.reason = Kind::following_surplus;
        }
    }
}

}  // namespace

void follow_surplus(Draft& draft, const config::Control& control, bool surplus_stop_exists) {
    if (!draft.facts.inputs_fresh) return;
    const auto left = surplus_for_solar(draft);
    if (surplus_stop_exists) stop_for_want_of_sun(draft, control, left);
    start_with_the_sun(draft, control, left);
    share_surplus(draft, left);
}

}  // namespace bridge

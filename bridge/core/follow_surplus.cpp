// How far the sun carries each car that follows it: step 3 of a plan.
#include <algorithm>
#include <numeric>

#include "bridge/core/allocation.hpp"
#include "bridge/core/draft.hpp"

namespace bridge {

using config::Mode;
using twc::Centiamps;
using twc::Watts;

namespace {

// A smaller change is not worth a command (docs/control.md 1).
constexpr Centiamps dead_band{10};

Centiamps current_at(const CarFacts& car, std::int64_t watts) {
    return Centiamps{watts * 100 / std::max<std::int64_t>(car.volts.count(), 1)};
}

/// The most that is worth offering.
Centiamps most_offered(const CarFacts& car) {
    return std::max(std::min(car.ceiling.amps, car.wants.value_or(car.ceiling.amps)), car.minimum);
}

void explain(Draft::Car& drafted, const CarFacts& car) {
    if (car.wants && drafted.cap == *car.wants)
        drafted.decision.reason = Kind::vehicle_not_drawing;
    else if (drafted.cap == car.ceiling.amps)
        drafted.decision.reason = {Kind::limited, car.ceiling.name, car.ceiling.amps};
    else if (drafted.cap > car.minimum)
        drafted.decision.reason = Kind::following_surplus;
}

}  // namespace

Watts power_at(const CarFacts& car, Centiamps amps) { return Watts{amps.count() * car.volts.count() / 100}; }

Watts least_power(const CarFacts& car) { return car.idle ? Watts{} : power_at(car, car.least_drawn); }

Centiamps most_drawn(const CarFacts& car) {
    return std::max(car.takes.value_or(car.ceiling.amps - car.offset), car.least_drawn);
}

Watts surplus_for_sun(const Draft& draft) {
    auto left = draft.facts.surplus.value_or(Watts{});
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode != Mode::fast) continue;
        left -= car.drawing ? power_at(car, car.drawn) : least_power(car);
    }
    return left;
}

// Equal parts in W, because cars may use different numbers of phases.
void follow_surplus(Draft& draft) {
    if (!draft.facts.inputs_fresh) return;
    const auto surplus = surplus_for_sun(draft);
    std::vector<std::size_t> sharing;
    std::vector<Claim> claims;
    for (const auto i : draft.order) {
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode == Mode::fast || car.idle) continue;
        sharing.push_back(i);
        claims.push_back({least_power(car).count(), power_at(car, most_drawn(car)).count(), car.priority, 0});
    }
    const auto shares = allocate(surplus.count(), {surplus.count()}, claims);
    const auto minima =
        std::accumulate(claims.begin(), claims.end(), std::int64_t{0},
                        [](std::int64_t sum, const Claim& claim) { return sum + claim.minimum; });
    const bool lacking = surplus.count() <= minima;
    for (std::size_t k = 0; k < sharing.size(); ++k) {
        const auto& car = draft.facts.cars[sharing[k]];
        auto& drafted = draft.cars[sharing[k]];
        const auto drawn = current_at(car, shares[k]);
        // A car that takes no more keeps a little above that, to show when it does; at the minimum there is
        // nothing to make up for.
        const bool at_minimum = lacking || shares[k] <= least_power(car).count();
        const bool takes_all = !lacking && shares[k] >= claims[k].cap;
        const auto wanted = takes_all ? most_offered(car) : at_minimum ? car.minimum : drawn + car.offset;
        drafted.cap = std::clamp(wanted, car.minimum, most_offered(car));
        const auto change = drafted.cap > car.offered ? drafted.cap - car.offered : car.offered - drafted.cap;
        if (change < dead_band && car.offered <= most_offered(car) && car.offered >= car.minimum)
            drafted.cap = car.offered;
        explain(drafted, car);
    }
}

}  // namespace bridge

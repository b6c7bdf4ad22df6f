// Room for minima and shares under ceilings: steps 4 to 7 of a plan.
#include <algorithm>

#include "bridge/core/allocation.hpp"
#include "bridge/core/draft.hpp"

namespace bridge {

using twc::Centiamps;

namespace {

constexpr Centiamps safe_without_meter{600};     // promise 5 (docs/design.md)
constexpr Centiamps spare_after_main_fuse{200};  // to start again after a stop by it, docs/control.md 2
constexpr Centiamps far_too_little{300};         // for each running car: no grace, docs/control.md 2

/// Either one bus and its ceiling, or everybody and the ceiling for all.
struct Scope {
    std::optional<std::size_t> bus;
    Ceiling ceiling;
    [[nodiscard]] bool covers(const CarFacts& car) const { return !bus || car.bus == *bus; }
};

std::vector<Scope> scopes_of(const SiteFacts& facts) {
    std::vector<Scope> scopes;
    for (std::size_t bus = 0; bus < facts.buses.size(); ++bus) {
        if (facts.buses[bus]) scopes.push_back({bus, *facts.buses[bus]});
    }
    scopes.push_back({std::nullopt, facts.ceiling});
    return scopes;
}

/// What a car takes at the least while it runs: more than its minimum if it does not obey.
Centiamps least(const CarFacts& car) { return std::max(car.minimum, car.excess); }

Centiamps minima_of_running(const Draft& draft, const Scope& scope) {
    Centiamps sum;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        if (draft.cars[i].runs && scope.covers(draft.facts.cars[i])) sum += least(draft.facts.cars[i]);
    }
    return sum;
}

enum class Leaving : std::uint8_t { counted, forgiven };

/// What cars that do not run may be using.
Centiamps occupied_by_others(const Draft& draft, const Scope& scope, Leaving leaving) {
    Centiamps sum;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        if (draft.cars[i].runs || !scope.covers(car)) continue;
        // A car that is on its way out makes room in a moment; it must not make the others stop as well.
        if ((car.leaving || draft.cars[i].leaving) && leaving == Leaving::forgiven) continue;
        sum += std::max(car.occupied, car.drawing ? car.minimum : Centiamps{});
    }
    return sum;
}

bool fits(const Draft& draft, const Scope& scope, Leaving leaving, Centiamps spare = {}) {
    return minima_of_running(draft, scope) + occupied_by_others(draft, scope, leaving) + spare <=
           scope.ceiling.amps;
}

/// One after the other, as if those after it did not want to start. After a stop by the main fuse a car needs
/// room to spare; while it waits for that, nobody less important takes the room.
void refuse_starts_under(Draft& draft, const Scope& scope) {
    std::vector<std::size_t> starting;
    for (const auto i : draft.order) {
        if (!draft.cars[i].runs || draft.memory[i].running || !scope.covers(draft.facts.cars[i])) continue;
        starting.push_back(i);
        draft.cars[i].runs = false;
    }
    Centiamps kept_free;  // for those that wait for room to spare
    for (const auto i : starting) {
        const bool measured = !scope.bus && draft.facts.ceiling_is_measured && draft.memory[i].not_before;
        const auto spare = std::max(kept_free, measured ? spare_after_main_fuse : Centiamps{});
        draft.cars[i].runs = true;
        if (fits(draft, scope, Leaving::counted, spare)) continue;
        draft.refuse(i, StopCause::ceiling, {Kind::no_room, scope.ceiling.name, scope.ceiling.amps});
        if (measured) kept_free = spare + least(draft.facts.cars[i]);
    }
}

/// Those that nobody wants to run but that still draw come first, then those that do not obey their limit,
/// then those that draw nothing, then those that stop cleanly, then by merit.
std::vector<std::size_t> first_to_stop(const Draft& draft) {
    auto candidates = draft.order;
    std::ranges::reverse(candidates);
    std::ranges::stable_partition(candidates,
                                  [&](std::size_t i) { return draft.facts.cars[i].stops_cleanly; });
    std::ranges::stable_partition(candidates, [&](std::size_t i) { return !draft.facts.cars[i].drawing; });
    std::ranges::stable_partition(candidates,
                                  [&](std::size_t i) { return draft.facts.cars[i].excess > Centiamps{}; });
    std::ranges::stable_partition(candidates, [&](std::size_t i) { return !draft.cars[i].runs; });
    return candidates;
}

void make_room_under(Draft& draft, const Scope& scope) {
    for (const auto i : first_to_stop(draft)) {
        if (fits(draft, scope, Leaving::forgiven)) return;
        const auto& car = draft.facts.cars[i];
        const bool draws_unwanted =
            !draft.cars[i].runs && car.online && car.drawing && !car.unstoppable && !car.leaving;
        if (!scope.covers(car) || draft.cars[i].leaving || !(draft.cars[i].runs || draws_unwanted)) continue;
        draft.refuse(i, StopCause::ceiling,
                     {Kind::minima_do_not_fit, scope.ceiling.name, scope.ceiling.amps});
        draft.cars[i].leaving = true;
    }
}

/// What the others' shares leave for this one. Less than its own share if that counts what it takes against
/// its limit: that is no offer to it.
Centiamps left_beside_others(std::size_t k, std::int64_t budget, const std::vector<std::int64_t>& groups,
                             const std::vector<Claim>& claims, const std::vector<std::int64_t>& shares) {
    auto of_group = groups[claims[k].group];
    for (std::size_t other = 0; other < shares.size(); ++other) {
        if (other == k) continue;
        budget -= shares[other];
        if (claims[other].group == claims[k].group) of_group -= shares[other];
    }
    return Centiamps{std::min(budget, of_group)};
}

}  // namespace

bool minima_exceed_ceiling(const Draft& draft) {
    return !fits(draft, {std::nullopt, draft.facts.ceiling}, Leaving::counted);
}

bool ceiling_bears_grace(const Draft& draft) {
    const auto running = std::ranges::count_if(draft.cars, [](const Draft::Car& car) { return car.runs; });
    return draft.facts.ceiling_is_measured && draft.facts.ceiling.amps >= far_too_little * running;
}

void refuse_starts(Draft& draft) {
    for (const auto& scope : scopes_of(draft.facts)) refuse_starts_under(draft, scope);
}

void make_room(Draft& draft, bool within_grace) {
    for (const auto& scope : scopes_of(draft.facts)) {
        if (scope.bus || !within_grace) make_room_under(draft, scope);
    }
}

void cap_without_meter(Draft& draft) {
    if (!draft.facts.fuse_blind) return;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        auto& drafted = draft.cars[i];
        const auto most = std::max(draft.facts.cars[i].minimum, safe_without_meter);
        if (!drafted.runs || drafted.cap <= most) continue;
        drafted.cap = most;
        drafted.decision.reason = Kind::inputs_stale;
    }
}

void share_ceilings(Draft& draft) {
    const auto& facts = draft.facts;
    std::vector<std::int64_t> groups(std::max<std::size_t>(facts.buses.size(), 1),
                                     facts.ceiling.amps.count());
    for (std::size_t bus = 0; bus < facts.buses.size(); ++bus) {
        if (!facts.buses[bus]) continue;
        const Scope scope{bus, *facts.buses[bus]};
        groups[bus] = (scope.ceiling.amps - occupied_by_others(draft, scope, Leaving::counted)).count();
    }
    const Scope site{std::nullopt, facts.ceiling};
    const auto budget = site.ceiling.amps - occupied_by_others(draft, site, Leaving::counted);

    std::vector<std::size_t> running;
    std::vector<Claim> claims;
    for (const auto i : draft.order) {
        const auto& car = facts.cars[i];
        if (!draft.cars[i].runs) continue;
        running.push_back(i);
        claims.push_back({least(car).count(), (car.idle ? car.minimum : draft.cars[i].cap).count(),
                          car.priority, car.bus});
    }
    const auto shares = allocate(budget.count(), groups, claims);
    // What keeps this car from more, and whether others run under the same.
    const auto reason_for = [&](std::size_t bus) {
        std::int64_t neighbours = 0;
        std::int64_t on_bus = 0;
        for (std::size_t k = 0; k < running.size(); ++k) {
            if (claims[k].group != bus) continue;
            ++neighbours;
            on_bus += shares[k];
        }
        // The allocation leaves less than one unit for each.
        const bool bus_is_full =
            bus < facts.buses.size() && facts.buses[bus] && groups[bus] - on_bus < neighbours;
        const auto& ceiling = bus_is_full ? *facts.buses[bus] : facts.ceiling;
        const auto companions = bus_is_full ? neighbours : static_cast<std::int64_t>(running.size());
        return Reason{companions > 1 ? Kind::shared : Kind::limited, ceiling.name, ceiling.amps};
    };
    for (std::size_t k = 0; k < running.size(); ++k) {
        auto& drafted = draft.cars[running[k]];
        const auto& car = facts.cars[running[k]];
        const auto left = left_beside_others(k, budget.count(), groups, claims, shares);
        const auto most = std::max(std::min(drafted.cap, left), car.minimum);
        drafted.decision.target = std::min(Centiamps{shares[k]}, most);
        if (car.idle) {
            drafted.decision.reason = Kind::vehicle_not_drawing;
        } else if (*drafted.decision.target < drafted.cap) {
            drafted.decision.reason = reason_for(car.bus);
        }
    }
}

}  // namespace bridge

// A plan in the making: the steps of the rule hand it on, each is a function of its own. Only plan.cpp and
// the steps use it.
#pragma once

#include <span>
#include <vector>

#include "bridge/core/plan.hpp"

namespace bridge {

using Kind = Reason::Kind;

struct Draft {
    struct Car {
        bool runs = false;
        bool leaving =
            false;  ///< refused by this plan to make room: what it still uses will be free in a moment
        twc::Centiamps cap;  ///< no more than this, once it runs
        Decision decision;
    };

    const SiteFacts& facts;
    std::span<const Planner::Memory> memory;
    twc::TimePoint now;
    std::vector<std::size_t> order;  ///< better candidates for a charge first
    std::vector<Car> cars;

    void refuse(std::size_t i, StopCause cause, Reason reason) {
        cars[i].runs = false;
        cars[i].decision = {std::nullopt, cause, false, reason};
    }
    void run(std::size_t i, twc::Centiamps cap, bool follows_surplus, Reason reason) {
        cars[i].runs = true;
        cars[i].cap = cap;
        cars[i].decision = {std::nullopt, StopCause::command, follows_surplus, reason};
    }
};

/// Step 1: what the modes, the owner's limits and the age of the inputs say of each car alone.
void admit(Draft&, const config::Control&, bool surplus_stop_exists);
/// Step 2: which cars the sun carries.
void switch_by_regret(Draft&, const config::Control&, bool surplus_stop_exists, Regret&);
/// Step 3: how far.
void follow_surplus(Draft&);
/// Step 4: nobody starts without room for its minimum.
void refuse_starts(Draft&);
/// True when the minima of running cars exceed the ceiling for all.
bool minima_exceed_ceiling(const Draft&);
/// A main fuse carries a short overload, if it is not far too much.
bool ceiling_bears_grace(const Draft&);
/// Step 5: cars whose minima no longer fit are refused, those first that stop cleanly. With `within_grace`
/// they are left alone under the ceiling for all.
void make_room(Draft&, bool within_grace);
/// Step 6: with a main fuse and without its meter everybody gets 6 A at most.
void cap_without_meter(Draft&);
/// Step 7: the ceilings, shared among those that run.
void share_ceilings(Draft&);

twc::Watts power_at(const CarFacts&, twc::Centiamps amps);
/// What a car takes from the surplus at its minimum; one that does not draw takes nothing.
twc::Watts least_power(const CarFacts&);
/// What it would draw if it were offered all that it may be.
twc::Centiamps most_drawn(const CarFacts&);
/// The surplus, without what cars use that charge in any case.
twc::Watts surplus_for_sun(const Draft&);

}  // namespace bridge

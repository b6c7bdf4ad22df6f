#include "bridge/core/plan.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "bridge/core/draft.hpp"
#include "bridge/core/silence.hpp"

namespace bridge {

using namespace std::chrono_literals;
using config::Mode;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr twc::Duration hold_after_stale = 300s;  // promise 5 (docs/design.md)
constexpr twc::Duration grace_of_main_fuse =
    10s;  // a fuse carries a short overload; a kettle must not stop a car
constexpr twc::Duration pause_after_main_fuse = 180s;  // docs/control.md 2

std::vector<std::size_t> by_merit(const SiteFacts& facts) {
    std::vector<std::size_t> order(facts.cars.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) {
        return std::tuple{-facts.cars[i].priority, facts.cars[i].session_energy};
    });
    return order;
}

/// Just started and nothing heard yet: too early to call it stale.
bool still_listening(const Draft& draft) {
    return !draft.facts.inputs_heard && draft.now < draft.facts.inputs_stale_from;
}

/// Fast: all that the ceilings leave, or as much of it as the car takes when others wait for the rest.
void admit_to_all(Draft& draft, std::size_t i) {
    const auto& car = draft.facts.cars[i];
    const auto others = std::ranges::count_if(draft.facts.cars, [](const CarFacts& other) {
        return other.online && other.vehicle_connected && other.allowed;
    });
    // What a lone car leaves unused is nobody's loss.
    const bool wants_less = car.wants && *car.wants < car.ceiling.amps && others > 1;
    draft.run(i, wants_less ? std::max(*car.wants, car.minimum) : car.ceiling.amps, false,
              wants_less ? Reason{Kind::vehicle_not_drawing}
                         : Reason{Kind::limited, car.ceiling.name, car.ceiling.amps});
}

void admit_to_solar(Draft& draft, std::size_t i, bool stop_exists) {
    const bool running = draft.memory[i].running;
    const auto& car = draft.facts.cars[i];
    if (draft.facts.inputs_fresh) {
        if (running)
            draft.run(i, car.minimum, true, Kind::held_at_minimum);
        else
            draft.refuse(i, StopCause::surplus, Kind::waiting_for_surplus);
    } else if (still_listening(draft)) {
        if (running)
            draft.run(i, car.offered, true, Kind::resuming);
        else
            draft.refuse(i, StopCause::surplus, Kind::waiting_for_inputs);
    } else {
        const bool for_good = draft.now >= draft.facts.inputs_stale_from + hold_after_stale && stop_exists;
        if (running && !for_good)
            draft.run(i, car.minimum, true, Kind::inputs_stale);
        else
            draft.refuse(i, StopCause::surplus, Kind::inputs_stale);
    }
}

}  // namespace

void admit(Draft& draft, const config::Control& control, bool surplus_stop_exists) {
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        const auto& memory = draft.memory[i];
        if (!car.online) {
            draft.refuse(i, StopCause::command, Kind::unit_silent);
        } else if (!car.vehicle_connected) {
            draft.refuse(i, StopCause::command, Kind::no_vehicle);
        } else if (!car.allowed) {
            draft.refuse(i, StopCause::command, Kind::not_allowed);
        } else if (car.mode == Mode::off) {
            draft.refuse(i, StopCause::command, Kind::mode_off);
        } else if (car.ceiling.amps < car.minimum) {
            draft.refuse(i, StopCause::ceiling,
                         {Kind::limit_below_minimum, car.ceiling.name, car.ceiling.amps});
        } else if (!memory.running && memory.not_before && draft.now < *memory.not_before) {
            draft.refuse(i, StopCause::ceiling, Kind::waiting_after_stop);
        } else if (car.mode == Mode::solar) {
            admit_to_solar(draft, i,
                           surplus_stop_exists && (!control.max_stops || car.stops < *control.max_stops));
        } else if (car.mode == Mode::solar_min) {
            const bool keep = still_listening(draft) && memory.running;
            draft.run(i, keep ? car.offered : car.minimum, true,
                      keep ? Kind::resuming : Kind::held_at_minimum);
        } else {
            admit_to_all(draft, i);
        }
    }
}

Planner::Planner(const config::Config& config)
    : control_{config.control}, surplus_stop_exists_{!config.stop.surplus.empty()} {
    // A contactor wears under load, and a Tesla may want its plug pulled after that or after a few silences
    // (docs/stopping.md).
    const bool rough = std::ranges::any_of(config.stop.surplus, [](config::StopMethod method) {
        return method == config::StopMethod::contactor || method == config::StopMethod::silence;
    });
    if (rough && !control_.max_stops) control_.max_stops = most_rough_stops;
}

std::vector<Decision> Planner::plan(const SiteFacts& facts, TimePoint now) {
    memory_.resize(facts.cars.size());
    for (std::size_t i = 0; i < facts.cars.size(); ++i) {
        // Found charging at start: goes on as if we had started it.
        const bool adopted =
            facts.cars[i].drawing && facts.cars[i].offered > Centiamps{} && !memory_[i].running;
        if (adopted) memory_[i] = {true, now, std::nullopt, std::nullopt};
    }
    Draft draft{facts, memory_, now, by_merit(facts), std::vector<Draft::Car>(facts.cars.size())};
    admit(draft, control_, surplus_stop_exists_);
    switch_by_regret(draft, control_, surplus_stop_exists_, regret_);
    follow_surplus(draft);
    refuse_starts(draft);
    if (!minima_exceed_ceiling(draft))
        overloaded_since_.reset();
    else if (!overloaded_since_)
        overloaded_since_ = now;
    make_room(draft, ceiling_bears_grace(draft) && overloaded_since_ &&
                         now - *overloaded_since_ < grace_of_main_fuse);
    cap_without_meter(draft);
    share_ceilings(draft);

    std::vector<Decision> decisions;
    decisions.reserve(draft.cars.size());
    for (const auto& car : draft.cars) decisions.push_back(car.decision);
    remember(facts, decisions, now);
    return decisions;
}

void Planner::remember(const SiteFacts& facts, const std::vector<Decision>& decisions, TimePoint now) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const bool runs = decisions[i].target.has_value();
        auto& memory = memory_[i];
        if (runs != memory.running) regret_.forget();
        if (runs && !memory.running) {
            memory.started = now;
            memory.not_before.reset();
            if (facts.cars[i].mode == Mode::solar) regret_.note_start(now);
        }
        if (!runs && memory.running) {
            // A car that has gone says nothing about the pause of the next one.
            const bool gone = decisions[i].reason.kind == Kind::no_vehicle;
            memory.stopped = gone ? std::nullopt : std::optional{now};
            const bool by_fuse =
                facts.ceiling_is_measured && decisions[i].reason.kind == Reason::Kind::minima_do_not_fit;
            if (by_fuse) memory.not_before = now + pause_after_main_fuse;
        }
        memory.running = runs;
    }
}

}  // namespace bridge

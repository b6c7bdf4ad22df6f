// Which cars the sun shall carry: step 2 of a plan, by regret (docs/control.md 1).
#include <algorithm>

#include "bridge/core/draft.hpp"

namespace bridge {

using config::Mode;
using twc::Centiamps;
using twc::Watts;

namespace {

constexpr int sharing_bonus_percent = 3;  // two cars at half power beat one at full, a little
constexpr int last_stop_factor = 4;       // kept for the evening
constexpr twc::Duration rotation = std::chrono::minutes{60};
constexpr std::int64_t rotation_difference = 200;  // 0.01 kWh

bool follows(const Draft& draft, std::size_t i) {
    const auto mode = draft.facts.cars[i].mode;
    return mode == Mode::solar || mode == Mode::solar_min;
}

/// Cars that take from the surplus, or would: running, and awake.
std::vector<std::size_t> carried(const Draft& draft) {
    std::vector<std::size_t> cars;
    for (const auto i : draft.order) {
        if (draft.cars[i].runs && follows(draft, i) && !draft.facts.cars[i].idle) cars.push_back(i);
    }
    return cars;
}

/// Who waits for nothing but the sun.
bool waits(const Draft& draft, std::size_t i) {
    return !draft.cars[i].runs && draft.cars[i].decision.reason.kind == Kind::waiting_for_surplus;
}

bool equals(const Draft& draft) {
    std::optional<int> priority;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        if (!follows(draft, i) || !(draft.cars[i].runs || waits(draft, i))) continue;
        if (priority.value_or(draft.facts.cars[i].priority) != draft.facts.cars[i].priority) return false;
        priority = draft.facts.cars[i].priority;
    }
    return true;
}

/// What running these cars is worth: what they draw, and what of that is not sun counts against it.
Watts value(const Draft& draft, const std::vector<std::size_t>& cars, Watts surplus, int solar_share_percent,
            bool shared) {
    auto room = draft.facts.ceiling.amps;
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        if (draft.cars[i].runs && !follows(draft, i)) room -= draft.facts.cars[i].drawn;
    }
    Watts least;
    Watts most;
    for (const auto i : cars) {
        const auto& car = draft.facts.cars[i];
        const auto amps = std::clamp(most_drawn(car), Centiamps{}, std::max(room, Centiamps{}));
        room -= amps;
        least += least_power(car);
        most += power_at(car, amps);
    }
    const auto drawn = std::clamp(surplus, least, std::max(most, least));
    auto worth = drawn;
    if (drawn > surplus) {
        const auto bought = drawn - std::max(surplus, Watts{});
        worth -= Watts{bought.count() * 100 / (100 - solar_share_percent)};
    }
    // A greedy owner wants any sun there is; where there is none, nothing speaks for charging.
    if (surplus < Watts{}) worth = std::min(worth, -drawn);
    const auto count = static_cast<std::int64_t>(cars.size());
    if (shared && count > 1)
        worth += Watts{least.count() * sharing_bonus_percent * (count - 1) / (100 * count)};
    return worth;
}

struct Choice {
    std::optional<std::size_t> candidate;  ///< to start next
    std::optional<std::size_t> victim;     ///< to stop next
    bool victim_may_stop = false;
};

bool may_stop(const Draft& draft, const config::Control& control, std::size_t i) {
    const auto& memory = draft.memory[i];
    const bool young = memory.started && draft.now - *memory.started < control.min_on;
    const bool stops_left = !control.max_stops || draft.facts.cars[i].stops < *control.max_stops;
    return !young && stops_left;
}

bool pauses(const Draft& draft, const config::Control& control, std::size_t i) {
    const auto& stopped = draft.memory[i].stopped;
    return stopped && draft.now - *stopped < control.min_off;
}

Choice choose(const Draft& draft, const config::Control& control, bool surplus_stop_exists) {
    Choice choice;
    for (const auto i : draft.order) {
        if (waits(draft, i) && !pauses(draft, control, i) && !choice.candidate) choice.candidate = i;
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode != Mode::solar || car.idle) continue;
        const bool may = surplus_stop_exists && may_stop(draft, control, i);
        if (may || !choice.victim_may_stop) choice.victim = i;  // of those that may, the last
        choice.victim_may_stop = choice.victim_may_stop || may;
    }
    return choice;
}

/// Nothing flows: taking the offer back costs no stop.
void drop_idle(Draft& draft, const config::Control& control, Watts surplus) {
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        const auto& car = draft.facts.cars[i];
        if (!draft.cars[i].runs || car.mode != Mode::solar || !car.idle) continue;
        const bool enough = surplus.count() * 100 >= least_power(car).count() * control.solar_share_percent;
        if (!enough) draft.refuse(i, StopCause::surplus, Kind::waiting_for_surplus);
    }
}

void rotate(Draft& draft, const config::Control& control, const Choice& choice, const Regret& regret) {
    if (!choice.candidate || !choice.victim || !choice.victim_may_stop || regret.more() > 0) return;
    if (control.max_stops || !equals(draft)) return;
    const auto& memory = draft.memory[*choice.victim];
    const auto ahead =
        draft.facts.cars[*choice.victim].session_energy - draft.facts.cars[*choice.candidate].session_energy;
    if (!memory.started || draft.now - *memory.started < rotation || ahead <= rotation_difference) return;
    draft.refuse(*choice.victim, StopCause::surplus, Kind::waiting_for_surplus);
    draft.run(*choice.candidate, draft.facts.cars[*choice.candidate].minimum, true, Kind::held_at_minimum);
}

void explain(Draft& draft, const config::Control& control, const Choice& choice, const Regret& regret) {
    for (std::size_t i = 0; i < draft.cars.size(); ++i) {
        if (!waits(draft, i)) continue;
        auto& reason = draft.cars[i].decision.reason;
        if (pauses(draft, control, i))
            reason = Kind::waiting_after_stop;
        else if (choice.candidate == i && regret.more() >= watt_hour)
            reason = Reason::gathered(regret.more() / watt_hour, regret.worth(control.switch_wh) / watt_hour);
    }
}

}  // namespace

void switch_by_regret(Draft& draft, const config::Control& control, bool surplus_stop_exists,
                      Regret& regret) {
    regret.pass(draft.now);
    if (!draft.facts.inputs_fresh) return regret.forget();
    const auto surplus = surplus_for_sun(draft);
    if (surplus_stop_exists) drop_idle(draft, control, surplus);
    const auto choice = choose(draft, control, surplus_stop_exists);
    const auto cars = carried(draft);
    const bool shared = equals(draft);
    const auto worth_of = [&](const std::vector<std::size_t>& set) {
        return value(draft, set, surplus, control.solar_share_percent, shared);
    };
    const auto now_worth = worth_of(cars);
    Watts of_more;
    Watts of_fewer;
    if (choice.candidate) {
        auto more = cars;
        more.push_back(*choice.candidate);
        of_more = worth_of(more) - now_worth;
    } else {
        regret.forget_more();
    }
    if (choice.victim) {
        auto fewer = cars;
        std::erase(fewer, *choice.victim);
        of_fewer = worth_of(fewer) - now_worth;
    }
    regret.expect(of_more, of_fewer);

    const auto worth = regret.worth(control.switch_wh);
    const bool last_stop = choice.victim && control.max_stops &&
                           draft.facts.cars[*choice.victim].stops + 1 == *control.max_stops;
    if (of_more > Watts{} && regret.more() >= worth) {
        draft.run(*choice.candidate, draft.facts.cars[*choice.candidate].minimum, true,
                  Kind::held_at_minimum);
    } else if (choice.victim_may_stop && of_fewer > Watts{} &&
               regret.fewer() >= worth * (last_stop ? last_stop_factor : 1)) {
        draft.refuse(*choice.victim, StopCause::surplus, Kind::waiting_for_surplus);
    } else {
        rotate(draft, control, choice, regret);
    }
    explain(draft, control, choice, regret);
}

}  // namespace bridge

#include "bridge/core/controller.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace bridge {

using twc::Centiamps;
using twc::TimePoint;

Controller::Controller(const config::Config& config, Settings settings, bool observe, TimePoint now,
                       Calendar calendar)
    : config_{config},
      observe_{observe},
      settings_{std::move(settings)},
      inputs_{config, now},
      calendar_{std::move(calendar)},
      planner_{config} {
    for (const auto& bus : config_.buses)
        buses_.push_back({bus.name, bus.wiring_max, "wiringMaxAmps of bus " + bus.name});
    for (auto& [key, charger] : settings_.chargers) {
        const auto bus = std::ranges::find(buses_, charger.bus, &Supply::name);
        if (bus == buses_.end()) {
            spdlog::warn("{}: remembered from bus \"{}\", which is not configured any more: left alone", key,
                         charger.bus);
            continue;
        }
        const auto index = static_cast<std::size_t>(bus - buses_.begin());
        chargers_.push_back(std::make_unique<Charger>(config_, key, index, charger));
        if (!charger.replaced) chargers_.back()->expect(now);
        mark(*chargers_.back());
    }
    note_load(now);
    must_decide();
}

Charger& Controller::handle_found(std::size_t bus, const twc::Unit& unit, TimePoint now) {
    auto& charger = ensure_charger(bus, unit);
    charger.found(unit);
    remember_unit(charger);
    spdlog::info("{}: wall connector found, protocol {}, rated {}", charger.key(),
                 static_cast<int>(unit.known.protocol),
                 unit.known.max_current ? twc::to_sentence(*unit.known.max_current) : "nobody knows what");
    effects_.emplace_back(WishGiven{&charger, charger.wish(), twc::Urgency::in_turn});
    charger.hear_meters(unit);
    hear_vin(charger, unit);
    must_decide();
    mark(charger);
    note_load(now);
    return charger;
}

void Controller::handle_twins(Charger& charger, TimePoint now) {
    charger.note_twins(now);
    must_decide();
    mark(charger);
}

void Controller::handle_lost(Charger& charger, TimePoint now) {
    charger.lost(now);
    must_decide();
    mark(charger);
}

void Controller::handle_changed(Charger& charger, const twc::Unit& unit, TimePoint now) {
    if (charger.settings.known != unit.known) {
        charger.settings.known = unit.known;
        remember_unit(charger);
    }
    charger.hear_meters(unit);
    hear_vin(charger, unit);
    must_decide();
    mark(charger);
    note_load(now);
}

void Controller::hear_vin(Charger& charger, const twc::Unit& unit) {
    const auto before = charger.settings.vin;
    charger.hear_vin(unit.vin);
    if (charger.settings.vin != before) changes_.settings = true;
}

void Controller::handle_heartbeat(Charger& charger, const twc::SlaveHeartbeat& heartbeat, bool answers_wish,
                                  TimePoint now) {
    const auto facts = [&] {
        return std::tuple{charger.raw_state(), charger.limit_in_force(), charger.drawn(),
                          charger.held(),      charger.state(),          charger.settings.energy};
    };
    const auto before = facts();
    const auto car = [&] { return std::pair{charger.settings.vehicle_connected, charger.settings.vin}; };
    const auto car_before = car();
    tell(charger, charger.hear(heartbeat, answers_wish, now));
    if (const auto limit = charger.take_adoption(); limit && !observe_) {
        add_up_held();
        act(charger, charger.stopping.permit(charger.stop_facts(headroom_for(charger)), now));
        offer(charger, *limit, now);
    }
    if (car() != car_before) changes_.settings = true;
    if (before == facts()) return;
    if (charger.settings.energy != std::get<5>(before)) changes_.energy = true;
    note_load(now);
    must_decide();
    mark(charger);
}

void Controller::handle_contactor(Charger& charger, bool closed) {
    charger.stopping.contactor_answered(closed);
    decision_due_ = true;
}

void Controller::handle_bus_closed(std::size_t bus) {
    for (const auto& charger : chargers_) {
        if (charger->bus() == bus) charger->left_alone();
    }
}

std::optional<broker::Reason> Controller::handle_input(const broker::Inbound& message, TimePoint now) {
    const auto refusal = inputs_.receive(message.topic, message.payload, message.retained, now);
    if (!refusal) must_decide();
    return refusal;
}

std::optional<broker::Reason> Controller::handle_input(InputKind kind, std::int64_t thousandths,
                                                       TimePoint now) {
    const auto refusal = inputs_.receive(kind, thousandths, now);
    if (!refusal) must_decide();
    return refusal;
}

void Controller::handle_tick(TimePoint now) {
    for (const auto& charger : chargers_) {
        const auto drawn = charger->drawn();
        const auto happenings = charger->pass(now);
        tell(*charger, happenings);
        if (charger->drawn() != drawn || !happenings.empty()) mark(*charger);
    }
    note_load(now);
    decision_due_ = true;
}

void Controller::decide(TimePoint now) {
    if (std::exchange(decision_due_, false)) replan(now);
}

std::optional<Effect> Controller::poll_effect() {
    if (effects_.empty()) return std::nullopt;
    auto effect = effects_.front();
    effects_.pop_front();
    return effect;
}

Charger* Controller::find(std::size_t bus, twc::TwcId id) {
    const auto found = std::ranges::find_if(
        chargers_, [&](const auto& charger) { return charger->bus() == bus && charger->id() == id; });
    return found == chargers_.end() ? nullptr : found->get();
}

Charger* Controller::find(const std::string& key) {
    const auto found = std::ranges::find(chargers_, key, [](const auto& charger) { return charger->key(); });
    return found == chargers_.end() ? nullptr : found->get();
}

Charger& Controller::ensure_charger(std::size_t bus, const twc::Unit& unit) {
    if (auto* charger = find(bus, unit.known.id)) return *charger;
    const auto& name = buses_[bus].name;
    auto key = unit.known.id.text();
    if (const auto found = settings_.chargers.find(key); found != settings_.chargers.end()) {
        // Of a bus that is not configured any more it is the same charger, of another bus it is not.
        const bool orphan = std::ranges::find(buses_, found->second.bus, &Supply::name) == buses_.end();
        if (!orphan) key = name + "_" + key;
    }
    auto& fresh = settings_.chargers[key];
    fresh.known = unit.known;
    fresh.bus = name;
    chargers_.push_back(std::make_unique<Charger>(config_, std::move(key), bus, fresh));
    return *chargers_.back();
}

void Controller::remember_unit(Charger& charger) {
    charger.settings.replaced = false;
    retire_replaced_units(charger.bus());
    changes_.settings = true;
}

// A bus carries three units; whoever is silent while a fourth answers has been taken away.
void Controller::retire_replaced_units(std::size_t bus) {
    const auto takes_a_place = [&](const auto& charger) {
        return charger->bus() == bus && !charger->settings.replaced;
    };
    auto places = std::ranges::count_if(chargers_, takes_a_place);
    for (const auto& charger : chargers_) {
        if (places <= static_cast<std::ptrdiff_t>(twc::most_units)) return;
        if (!takes_a_place(charger) || charger->online()) continue;
        charger->settings.replaced = true;
        --places;
    }
}

void Controller::tell(Charger& charger, const std::vector<Happening>& happenings) {
    for (const auto happening : happenings) {
        effects_.emplace_back(Happened{&charger, happening});
        if (happening == Happening::vehicle_connected) remember_unit(charger);
    }
}

void Controller::note_load(TimePoint now) {
    twc::Watts power;
    std::array<Centiamps, 3> currents{};
    for (const auto& charger : chargers_) {
        const auto drawn = charger->steady_drawn();
        power += twc::Watts{drawn.count() * charger->electrics().volts.count() / 100};
        for (int phase = 0; phase < charger->electrics().phases; ++phase)
            currents[static_cast<std::size_t>(phase)] += drawn;
    }
    const bool known =
        std::ranges::all_of(chargers_, [](const auto& charger) { return charger->draw_known(); });
    inputs_.charger_load(power, currents, now, known);
}

std::optional<Ceiling> Controller::Supply::ceiling() const {
    if (!wiring_max) return std::nullopt;
    return Ceiling{*wiring_max, ceiling_name};
}

}  // namespace bridge

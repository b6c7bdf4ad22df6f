// From facts to wishes on the wire: gathers what the plan needs, and lets its raises through only when they
// are safe.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "bridge/core/bridge.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr std::string_view fuse_name = "maxAmpsAllowedFromGrid";
constexpr twc::Duration between_solar_raises = 10s;  // contract, MQTT topics
// A raise by command may have to wait for others to confirm lower limits; so long it stays a matter of the
// command.
constexpr twc::Duration command_matters = 5s;

Centiamps round_down(Centiamps amps, Centiamps step) { return step * (amps.count() / step.count()); }

}  // namespace

Ceiling Bridge::ceiling() const {
    Ceiling lowest{config_.wiring_max_all, "wiringMaxAmpsAllTWCs"};
    if (settings_.total_limit && *settings_.total_limit < lowest.amps)
        lowest = {*settings_.total_limit, "total_limit"};
    const auto fuse = fuse_.ceiling();
    if (fuse && *fuse < lowest.amps) lowest = {*fuse, fuse_name};
    return lowest;
}

void Bridge::refresh_picture(TimePoint now) {
    const auto picture = inputs_.picture(settings_.grid_reserve.value_or(twc::Watts{}), now);
    site_dirty_ = site_dirty_ || picture != picture_;
    picture_ = picture;
    if (config_.main_fuse) fuse_.observe(inputs_.fuse_headroom(*config_.main_fuse, now), now);
}

// Off beats everything; otherwise a charger's own mode beats that of the site.
config::Mode Bridge::mode_of(const Charger& charger) const {
    const auto site = settings_.mode.value_or(config_.mode);
    return site == config::Mode::off ? site : charger.settings.mode.value_or(site);
}

SiteFacts Bridge::gather(TimePoint now) const {
    SiteFacts facts;
    facts.ceiling = ceiling();
    facts.ceiling_is_measured = facts.ceiling.name == fuse_name;
    facts.cap_when_stale = config_.main_fuse.has_value() && !fuse_.ceiling();
    for (const auto& bus : buses_) facts.buses.push_back(bus.ceiling());
    facts.surplus = picture_.surplus;
    facts.inputs_fresh = picture_.fresh;
    facts.inputs_heard = picture_.heard;
    facts.inputs_stale_from = picture_.stale_from;
    for (const auto& charger : chargers_) facts.cars.push_back(facts_of(*charger, now));
    return facts;
}

CarFacts Bridge::facts_of(const Charger& charger, TimePoint now) const {
    const auto status = charger.stopping.status();
    const auto cause = charger.stopping.cause();
    CarFacts car;
    car.online = charger.online() && charger.heard();
    car.vehicle_connected = charger.vehicle_connected();
    car.allowed = charger.settings.charge;
    car.mode = mode_of(charger);
    car.minimum = charger.minimum();
    car.ceiling = charger.ceiling();
    car.volts = charger.electrics().volts;
    car.offered = charger.offered();
    car.drawing = charger.drawing();
    car.idle = charger.idle(now);
    if (!charger.online() && charger.heard()) {
        car.occupied = charger.held();
    } else if (car.drawing) {
        car.occupied = std::max(car.minimum, charger.excess());
    }
    car.leaving = status == Stopping::Status::trying && cause == StopCause::ceiling;
    car.unstoppable = status == Stopping::Status::exhausted && cause != StopCause::surplus;
    car.priority = charger.priority();
    car.stops_cleanly = charger.stopping.stops_cleanly(charger.settings.known.protocol);
    car.bus = charger.bus();
    car.session_energy = charger.settings.session_energy;
    return car;
}

void Bridge::replan(TimePoint now) {
    refresh_picture(now);
    if (options_.observe) return;
    const auto decisions = planner_.plan(gather(now), now);
    // Lower first; then raise, each into what the others leave.
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        auto& charger = *chargers_[i];
        const auto before = std::tuple{charger.offered(), charger.reason, charger.stopping.status()};
        charger.decision = decisions[i];
        charger.reason = decisions[i].reason;
        if (!decisions[i].target)
            stop(charger, now);
        else if (*decisions[i].target < charger.offered())
            offer(charger, *decisions[i].target, now);
        if (before != std::tuple{charger.offered(), charger.reason, charger.stopping.status()})
            dirty_.insert(&charger);
    }
    for (const auto& charger : chargers_) {
        if (charger->decision.target && *charger->decision.target > charger->offered()) raise(*charger, now);
    }
    site_dirty_ = site_dirty_ || !dirty_.empty();
}

void Bridge::offer(Charger& charger, Centiamps amps, TimePoint now) {
    amps = std::max(round_down(amps, config_.control.current_step), charger.minimum());
    if (amps == charger.offered()) return;
    if (charger.offered() == Centiamps{}) spdlog::info("{}: may charge", charger.key());
    charger.set_offered(amps, now);
    send_wish(charger, {twc::Wish::Kind::limit, amps}, now);
    dirty_.insert(&charger);
}

void Bridge::raise(Charger& charger, TimePoint now) {
    const bool follows_sun = charger.decision.follows_surplus && charger.offered() > Centiamps{};
    const bool too_soon = charger.raised() && now - *charger.raised() < between_solar_raises;
    if (follows_sun && too_soon && !just_commanded(now)) return;
    const auto headroom = headroom_for(charger);
    const auto amps = std::min(*charger.decision.target, headroom);
    if (headroom < *charger.decision.target) charger.reason = {Reason::Kind::waiting_for_others, {}, {}};
    if (amps < charger.minimum() || amps <= charger.offered()) return;
    act(charger, charger.stopping.permit());
    offer(charger, amps, now);
}

Centiamps Bridge::headroom_for(const Charger& charger) const {
    const auto held_by_others = [&](bool same_bus_only) {
        Centiamps sum;
        for (const auto& other : chargers_) {
            if (other.get() == &charger || (same_bus_only && other->bus() != charger.bus())) continue;
            sum += other->held();
        }
        return sum;
    };
    auto headroom = ceiling().amps - held_by_others(false);
    if (const auto& bus = buses_[charger.bus()].config.wiring_max)
        headroom = std::min(headroom, *bus - held_by_others(true));
    return std::max(headroom, Centiamps{});
}

void Bridge::stop(Charger& charger, TimePoint now) {
    const auto method_before = charger.stopping.method();
    const auto facts = charger.stop_facts();
    if (charger.online()) act(charger, charger.stopping.demand(charger.decision.stop_cause, facts, now));
    const auto status = charger.stopping.status();
    const bool for_the_sun = charger.stopping.cause() == StopCause::surplus;
    if (status == Stopping::Status::exhausted) {
        charger.reason = {
            for_the_sun ? Reason::Kind::held_at_minimum : Reason::Kind::cannot_be_stopped, {}, {}};
    } else if (status == Stopping::Status::trying && charger.reason.kind == Reason::Kind::no_room) {
        charger.reason.kind = Reason::Kind::minima_do_not_fit;
    }
    if (const auto method = charger.stopping.method(); method && method != method_before) {
        spdlog::info("{}: stopping by {}: {}", charger.key(), to_text(*method), to_sentence(charger.reason));
    }
    charger.set_offered(Centiamps{}, now);
    send_wish(charger, charger.stopping.wish(facts), now);
}

void Bridge::act(Charger& charger, Stopping::Act act) {
    auto& master = buses_[charger.bus()].master;
    switch (act) {
        case Stopping::Act::nothing:
            return;
        case Stopping::Act::request_from_vehicle:
            projection_.set({topics_.charger(charger.key(), "vehicle_request"), "stop", false});
            return;
        case Stopping::Act::open_contactor:
            spdlog::warn(
                "{}: opening the contactor; a Tesla may refuse to charge afterwards until its plug is pulled "
                "and put in again",
                charger.key());
            master.send_contactor(charger.id(), false);
            break;
        case Stopping::Act::close_contactor:
            master.send_contactor(charger.id(), true);
            break;
    }
    charger.settings.contactor_open = charger.stopping.contactor_open();
    save_due_ = true;
}

void Bridge::send_wish(Charger& charger, twc::Wish wish, TimePoint now) {
    if (wish == charger.wish()) return;
    const bool lowered = wish.limit < charger.wish().limit || wish.kind != twc::Wish::Kind::limit;
    charger.set_wish(wish);
    buses_[charger.bus()].master.set_wish(
        charger.id(), wish,
        lowered || just_commanded(now) ? twc::Urgency::out_of_turn : twc::Urgency::in_turn);
}

bool Bridge::just_commanded(TimePoint now) const {
    return commanded_at_ && now - *commanded_at_ < command_matters;
}

void Bridge::note_load(TimePoint now) {
    twc::Watts power;
    std::array<Centiamps, 3> currents{};
    for (const auto& charger : chargers_) {
        power += charger->power();
        for (int phase = 0; phase < charger->electrics().phases; ++phase)
            currents[static_cast<std::size_t>(phase)] += charger->drawn();
    }
    inputs_.charger_load(power, currents, now);
}

}  // namespace bridge

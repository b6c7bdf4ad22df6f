// From facts to wishes on the wire: gathers what the plan needs, and lets its raises through only when they
// are safe.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "bridge/core/controller.hpp"
#include "twc/codes.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr std::string_view fuse_name = "maxAmpsAllowedFromGrid";
constexpr twc::Duration between_solar_raises = 10s;  // docs/control.md 1
constexpr Centiamps worth_a_spike{100};              // a smaller raise wins less than the spike costs
}  // namespace

Ceiling Controller::ceiling() const {
    Ceiling lowest{config_.wiring_max_all, "wiringMaxAmpsAllTWCs"};
    if (settings_.total_limit && *settings_.total_limit < lowest.amps)
        lowest = {*settings_.total_limit, "total_limit"};
    const auto fuse = fuse_.ceiling();
    if (fuse && *fuse < lowest.amps) lowest = {*fuse, fuse_name};
    return lowest;
}

void Controller::refresh_picture(TimePoint now) {
    const auto picture = inputs_.picture(settings_.grid_reserve.value_or(twc::Watts{}), now);
    changes_.site = changes_.site || picture != picture_;
    picture_ = picture;
    if (config_.main_fuse) fuse_.observe(inputs_.fuse_headroom(*config_.main_fuse, now), now);
}

SiteFacts Controller::gather(TimePoint now) const {
    SiteFacts facts;
    facts.ceiling = ceiling();
    facts.ceiling_is_measured = facts.ceiling.name == fuse_name;
    facts.fuse_blind = fuse_blind();
    for (const auto& bus : buses_) facts.buses.push_back(bus.ceiling());
    facts.surplus = picture_.surplus;
    facts.inputs_fresh = picture_.fresh;
    facts.inputs_heard = picture_.heard;
    facts.inputs_stale_from = picture_.stale_from;
    for (const auto& charger : chargers_) facts.cars.push_back(facts_of(*charger, now));
    return facts;
}

CarFacts Controller::facts_of(const Charger& charger, TimePoint now) const {
    const auto status = charger.stopping.status();
    const auto cause = charger.stopping.cause();
    CarFacts car;
    car.online = charger.online() && charger.heard();
    car.vehicle_connected = charger.vehicle_connected();
    car.allowed = charger.settings.charge && !charger.has_twin() && !charger.intent.refusal;
    car.mode = charger.intent.mode;
    car.minimum = charger.minimum();
    car.ceiling = charger.ceiling();
    car.volts = charger.electrics().volts;
    car.offered = charger.offered();
    car.drawing = charger.drawing();
    car.idle = charger.idle(now);
    car.drawn = charger.drawn();
    car.excess = charger.excess();
    car.offset = charger.appetite().offset();
    car.least_drawn = charger.appetite().drawn_at(car.minimum);
    car.wants = charger.appetite().wants();
    car.takes = charger.appetite().takes();
    car.stops = charger.settings.session_stops;
    // Of a unit that was never heard in this run only raises must beware, see Reservation.
    if (charger.heard())
        car.occupied = car.online && car.drawing ? std::max(car.minimum, car.excess) : charger.held();
    const bool making_room = status == Stopping::Status::trying && cause == StopCause::ceiling;
    car.leaving = making_room || (car.online && !car.drawing);
    car.unstoppable = status == Stopping::Status::exhausted && cause != StopCause::surplus;
    car.priority = charger.priority();
    car.stops_cleanly = charger.stopping.stops_cleanly(charger.settings.known.protocol);
    car.bus = charger.bus();
    car.session_energy = charger.settings.session_energy;
    return car;
}

void Controller::replan(TimePoint now) {
    refresh_picture(now);
    weigh_intents(now);
    if (observe_) {
        for (const auto& charger : chargers_) {
            if (std::exchange(charger->reason, Reason::Kind::observing) != charger->reason) mark(*charger);
        }
        return;
    }
    add_up_held();
    const auto decisions = planner_.plan(gather(now), now);
    const bool commanded = std::exchange(commanded_, false);
    // Lower first; then raise, each into what the others leave.
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        auto& charger = *chargers_[i];
        if (commanded && decisions[i].target > charger.decision.target) {
            charger.command_target(*decisions[i].target, now);
        }
        const bool for_the_sun = !decisions[i].target && decisions[i].stop_cause == StopCause::surplus;
        if (charger.decision.target && for_the_sun && charger.drawing()) {
            ++charger.settings.session_stops;
            changes_.settings = true;
        }
        charger.decision = decisions[i];
        const auto before = charger.told();
        charger.reason = decisions[i].reason;
        const auto& refusal = charger.intent.refusal;
        if (charger.has_twin())
            charger.reason = Reason::Kind::id_is_shared;
        else if (refusal && charger.settings.charge && charger.reason == Reason::Kind::not_allowed)
            charger.reason = *refusal;
        if (!decisions[i].target)
            stop(charger, now);
        else if (keeps_spike(charger, now))
            charger.reason = Reason::Kind::spiking;
        else if (*decisions[i].target < charger.offered())
            offer(charger, *decisions[i].target, now);
        if (charger.told() != before) mark(charger);
    }
    for (const auto& charger : chargers_) {
        if (!charger->decision.target) continue;
        const auto before = charger->told();
        take_back_what_no_longer_fits(*charger, now);
        if (*charger->decision.target > charger->offered()) raise(*charger, now);
        if (charger->offered() == Centiamps{}) {
            // Not yet: until the others have made room it is told what a stopped car is told.
            send_wish(*charger, charger->stopping.wish(charger->stop_facts(headroom_for(*charger))), now);
        } else {
            act(*charger, charger->stopping.permit(charger->stop_facts(headroom_for(*charger)), now));
        }
        explain_idle(*charger, now);
        if (charger->told() != before) mark(*charger);
    }
    changes_.site = changes_.site || !changes_.chargers.empty();
}

// What keeps it from charging is the car itself; what the raw state says of that is in docs/protocol.md 3.
void Controller::explain_idle(Charger& charger, TimePoint now) {
    if (!charger.idle(now)) return;
    const bool asks = charger.raw_state() == twc::codes::state_wants_limit;
    charger.reason = asks ? Reason::Kind::vehicle_waits : Reason::Kind::vehicle_declines;
}

void Controller::offer(Charger& charger, Centiamps amps, TimePoint now) {
    amps = in_steps(charger, amps);
    if (amps == charger.offered()) return;
    if (charger.offered() == Centiamps{}) spdlog::info("{}: may charge", charger.key());
    send_wish(charger, {twc::Wish::Kind::limit, amps}, now);
    mark(charger);
}

// What a unit has not taken yet is a raise still to come: it must fit now, not only when it was decided.
void Controller::take_back_what_no_longer_fits(Charger& charger, TimePoint now) {
    const auto fits = std::max(headroom_for(charger), charger.limit_in_force());
    if (charger.offered() <= fits) return;
    charger.reason = Reason::Kind::waiting_for_others;
    if (fits >= charger.minimum())
        offer(charger, fits, now);
    else
        charger.stopping.withdraw();
}

void Controller::raise(Charger& charger, TimePoint now) {
    const bool follows_sun = charger.decision.follows_surplus && charger.offered() > Centiamps{};
    const bool too_soon = charger.raised() && now - *charger.raised() < between_solar_raises;
    auto target = *charger.decision.target;
    if (follows_sun && too_soon) target = std::min(target, charger.commanded_target(now));
    const auto headroom = headroom_for(charger);
    if (headroom < target) charger.reason = Reason::Kind::waiting_for_others;
    if (std::min(target, headroom) < charger.minimum()) return;
    const auto amps = in_steps(charger, std::min(target, headroom));
    if (amps <= charger.offered()) return;
    const auto most = std::min(headroom, charger.ceiling().amps);
    // An offer may be new to us and yet no raise to the car: a stop that was called off.
    const bool raises_car = charger.drawing() && amps > charger.limit_in_force();
    const auto spike =
        raises_car && may_exceed_target(charger)
            ? spike_before(amps, most, charger.settings.known.max_current, config_.control.current_step)
            : std::nullopt;
    if (spike && amps < charger.offered() + worth_a_spike) return;
    act(charger, charger.stopping.permit(charger.stop_facts(headroom), now));
    charger.note_raise(now);
    charger.spike.end();
    if (spike) {
        charger.spike.begin(amps, now);
        charger.reason = Reason::Kind::spiking;
    }
    offer(charger, spike.value_or(amps), now);
}

// A spike is more than the plan grants: only while all that the plan rests on is heard (promise 5,
// docs/design.md).
bool Controller::may_exceed_target(const Charger& charger) const {
    const bool on_old_values = charger.decision.follows_surplus && !picture_.fresh;
    return config_.control.spike16 && !fuse_blind() && !on_old_values;
}

// What was offered for the spike's sake fits under every ceiling of now, too.
bool Controller::keeps_spike(const Charger& charger, TimePoint now) const {
    const auto target = *charger.decision.target;
    return charger.offered() > target && charger.spike.lasts(target, now) && may_exceed_target(charger) &&
           charger.offered() <= std::min(headroom_for(charger), charger.ceiling().amps);
}

// Down to a multiple of currentStep, but never below the minimum.
Centiamps Controller::in_steps(const Charger& charger, Centiamps amps) const {
    const auto step = config_.control.current_step;
    return std::max(step * (amps.count() / step.count()), charger.minimum());
}

void Controller::add_up_held() {
    held_ = {};
    for (auto& bus : buses_) bus.held = {};
    for (const auto& charger : chargers_) {
        held_ += charger->held();
        buses_[charger->bus()].held += charger->held();
    }
}

Centiamps Controller::headroom_for(const Charger& charger) const {
    const auto& bus = buses_[charger.bus()];
    auto headroom = ceiling().amps - (held_ - charger.held());
    if (bus.wiring_max) headroom = std::min(headroom, *bus.wiring_max - (bus.held - charger.held()));
    return std::max(headroom, Centiamps{});
}

void Controller::stop(Charger& charger, TimePoint now) {
    const auto method_before = charger.stopping.method();
    const auto facts = charger.stop_facts(headroom_for(charger));
    if (charger.online()) act(charger, charger.stopping.demand(charger.decision.stop_cause, facts, now));
    const auto status = charger.stopping.status();
    const bool for_the_sun = charger.stopping.cause() == StopCause::surplus;
    if (status == Stopping::Status::exhausted) {
        charger.reason = for_the_sun ? Reason::Kind::held_at_minimum : Reason::Kind::cannot_be_stopped;
    } else if (status == Stopping::Status::trying && charger.reason.kind == Reason::Kind::no_room) {
        charger.reason.kind = Reason::Kind::minima_do_not_fit;
    }
    if (const auto method = charger.stopping.method(); method && method != method_before) {
        spdlog::info("{}: stopping by {}: {}", charger.key(), to_text(*method), charger.why());
    }
    const twc::Wish nothing{};  // nobody hears a wish for a unit that does not answer
    send_wish(charger, charger.online() ? charger.stopping.wish(facts) : nothing, now);
}

void Controller::act(Charger& charger, const Acts& acts) {
    if (acts.ask_vehicle_to_stop) effects_.emplace_back(VehicleAsked{&charger, false});
    if (acts.ask_vehicle_to_start) effects_.emplace_back(VehicleAsked{&charger, true});
    if (acts.open_contactor) {
        spdlog::warn(
            "{}: opening the contactor; a Tesla may refuse to charge afterwards until its plug is pulled and "
            "put in again",
            charger.key());
    }
    if (acts.fall_silent) {
        ++charger.settings.session_silences;
        changes_.settings = true;
        spdlog::warn(
            "{}: no heartbeats for 40 s, so that the wall connector stops its car (time {} of {} under this "
            "plug); a Tesla that has had too many of them wants its plug pulled and put in again",
            charger.key(), charger.settings.session_silences, most_silences);
    }
    if (acts.skip_unreachable_vehicle) {
        spdlog::warn(
            "{}: its vehicle cannot be asked to stop, because nobody knows which one it is: the wall "
            "connector tells no VIN and the configuration has none for it",
            charger.key());
    }
    if (acts.open_contactor || acts.close_contactor)
        effects_.emplace_back(ContactorOrdered{&charger, acts.close_contactor});
    auto& saved = charger.settings;
    const std::pair under_way{charger.stopping.contactor_open(), charger.stopping.vehicle_asked()};
    if (std::pair{saved.contactor_open, saved.vehicle_asked} == under_way) return;
    std::tie(saved.contactor_open, saved.vehicle_asked) = under_way;
    changes_.settings = true;
}

void Controller::send_wish(Charger& charger, twc::Wish wish, TimePoint now) {
    if (wish == charger.wish()) return;
    const bool urgent = twc::lowers(charger.wish(), wish) || charger.commanded_target(now) > Centiamps{} ||
                        charger.stopping.status() == Stopping::Status::trying;
    const auto held_before = charger.held();
    charger.set_wish(wish);
    held_ += charger.held() - held_before;
    buses_[charger.bus()].held += charger.held() - held_before;
    effects_.emplace_back(
        WishGiven{&charger, wish, urgent ? twc::Urgency::out_of_turn : twc::Urgency::in_turn});
}

bool Controller::fuse_blind() const { return config_.main_fuse.has_value() && !fuse_.ceiling(); }

}  // namespace bridge

#include "bridge/core/charger.hpp"

#include <algorithm>
#include <utility>

#include "twc/codes.hpp"

namespace bridge {

using namespace std::chrono_literals;
namespace codes = twc::codes;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr twc::Duration dip = 5s;              // the current may fall below that while a car negotiates
constexpr twc::Duration time_to_draw = 60s;    // a car that is awake has begun by then (docs/stopping.md)
constexpr Centiamps measuring_tolerance{100};  // above its limit by more than this a car ignores it …
constexpr twc::Duration time_to_obey = 5s;     // … after this long
constexpr twc::Duration stops_without_master = 30s;  // docs/protocol.md 4
constexpr twc::Duration time_to_tell = 30s;  // a VIN, after the plug; three questions take a few seconds
constexpr twc::Duration twins_memory = 10min;
constexpr Centiamps same_draw{50};  // two reports farther apart teach nothing: one of them may be damaged
constexpr twc::Duration command_matters = 5s;
constexpr int repetitions_that_count = 2;  // an 8-bit checksum lets one wrong frame through now and then

bool tells_of_plug(std::uint8_t state) { return state != codes::state_error && state != codes::state_busy; }

}  // namespace

std::string_view to_text(Happening happening) {
    switch (happening) {
        case Happening::vehicle_connected:
            return "vehicle_connected";
        case Happening::vehicle_disconnected:
            return "vehicle_disconnected";
        case Happening::charging_started:
            return "charging_started";
        case Happening::charging_stopped:
            return "charging_stopped";
        case Happening::session_ended:
            return "session_ended";
        case Happening::fault:
            return "fault";
        case Happening::fault_cleared:
            return "fault_cleared";
        case Happening::guest_waiting:
            return "guest_waiting";
    }
    return {};
}

Charger::Charger(const config::Config& config, std::string key, std::size_t bus,
                 ChargerSettings& settings_of_it)
    : settings{settings_of_it},
      stopping{config.stop, {settings_of_it.contactor_open, settings_of_it.vehicle_asked}},
      config_{&config},
      key_{std::move(key)},
      bus_{bus} {
    if (const auto found = config.chargers.find(settings.known.id); found != config.chargers.end()) {
        options_ = found->second;
    }
    electrics_ = electrics_of_next_car_ = electrics_of({}, {}, options_.phases, config);
}

void Charger::expect(TimePoint now) {
    // The zeros of an earlier run lapse within 2 s, and then version 1 returns to its limit of before.
    const int doubtful = settings.known.protocol == twc::Protocol::v1 ? 3 : 0;
    reservation_ = Reservation{settings.known.max_current.value_or(config_->wiring_max_each), doubtful};
    unaddressed_since_ = now + twc::unit_patience;
    unheard_reports_ = repetitions_that_count;
}

std::vector<Happening> Charger::hear(const twc::SlaveHeartbeat& heartbeat, bool answers_wish, TimePoint now) {
    std::vector<Happening> happenings;
    const auto charged =
        meter_.flows(twc::Watts{heartbeat.drawn.count() * electrics_.volts.count() / 100}, now);
    settings.energy += charged;
    settings.session_energy += charged;
    const bool first = !heard_;
    heard_ = true;
    limit_in_force_ = heartbeat.limit;
    reservation_.report(heartbeat.limit, answers_wish);
    // After a silence what flowed before it means nothing.
    if (std::exchange(silent_before_, false)) drawing_ = heartbeat.drawn >= twc::charging_current;
    hear_current(heartbeat.drawn, now, happenings);
    if (first) {
        hear_first_state(heartbeat.state);
    } else {
        hear_state(heartbeat.state, happenings);
    }
    if (!vehicle_connected_)
        vehicle_since_.reset();
    else if (!vehicle_since_)
        vehicle_since_ = now;
    return happenings;
}

std::optional<Centiamps> Charger::take_adoption() {
    if (!std::exchange(adopting_, false)) return std::nullopt;
    const auto most = ceiling().amps;
    if (!drawing_ || offered() > Centiamps{} || most < minimum()) return std::nullopt;
    return std::clamp(limit_in_force_, minimum(), most);
}

void Charger::hear_first_state(std::uint8_t state) {
    raw_state_ = state;
    plug_known_ = tells_of_plug(state);
    vehicle_connected_ = plug_known_ ? state != codes::state_idle : drawing_;
    if (!plug_known_) return;
    if (!vehicle_connected_ && settings.vehicle_connected) vehicle_left();
    settings.vehicle_connected = vehicle_connected_;
}

void Charger::hear_state(std::uint8_t state, std::vector<Happening>& happenings) {
    const bool confirmed = state_candidate_ == state;
    state_candidate_ = state;
    if (!confirmed || state == raw_state_) return;
    const bool was_faulty = fault();
    raw_state_ = state;
    if (fault() != was_faulty) happenings.push_back(fault() ? Happening::fault : Happening::fault_cleared);
    if (!tells_of_plug(state)) return;
    const bool connected = state != codes::state_idle;
    const bool news = std::exchange(plug_known_, true) && connected != vehicle_connected_;
    const bool was_there = std::exchange(settings.vehicle_connected, connected);
    vehicle_connected_ = connected;
    if (!connected && was_there) vehicle_left();  // perhaps while nobody listened
    if (!news) {
        if (connected) hear_vin(vin_heard_);  // it may have been told before
        return;
    }
    if (connected) {
        settings.vin.reset();
        settings.guest_allowed = false;
        settings.session_energy = settings.session_stops = settings.session_silences = 0;
        vin_is_old_ = vin_heard_.has_value();
        stopping.vehicle_came();
        happenings.push_back(Happening::vehicle_connected);
    } else {
        happenings.push_back(Happening::session_ended);
        happenings.push_back(Happening::vehicle_disconnected);
    }
}

void Charger::vehicle_left() {
    phases_used_ = {};
    electrics_ = electrics_of_next_car_;
    stopping.vehicle_left();
    appetite_ = {};
    settings.boost = {};
    settings.target = {};
    settings.vin.reset();
    settings.guest_allowed = settings.vehicle_asked = false;
}

void Charger::hear_vin(const std::optional<std::string>& vin) {
    vin_heard_ = vin;
    if (!vin) vin_is_old_ = false;
    if (!vin || !vehicle_connected_ || vin_is_old_) return;
    const bool both_known = settings.vin && !settings.vin->empty() && !vin->empty();
    if (both_known && settings.vin != vin) vehicle_left();  // while nobody listened
    settings.vin = vin;
}

Identity Charger::identity(TimePoint now) const {
    Identity identity;
    identity.told = settings.vin;
    identity.can_tell = settings.known.protocol == twc::Protocol::v2;
    identity.may_still_tell = identity.can_tell && vehicle_since_ && now - *vehicle_since_ < time_to_tell;
    identity.guest_allowed = settings.guest_allowed;
    return identity;
}

void Charger::hear_current(Centiamps drawn, TimePoint now, std::vector<Happening>& happenings) {
    drawn_before_ = std::exchange(drawn_, drawn);
    unheard_reports_ = std::max(unheard_reports_ - 1, 0);
    if (drawn >= twc::charging_current) {
        drawing_ = true;
        below_one_amp_ = 0;
        below_one_amp_since_.reset();
        if (!charging_) happenings.push_back(Happening::charging_started);
        charging_ = true;
    } else {
        if (++below_one_amp_ >= repetitions_that_count) drawing_ = false;
        if (!below_one_amp_since_) below_one_amp_since_ = now;
    }
    watch_draw(now);

    const auto promised = reservation_.held();
    if (drawn <= promised + measuring_tolerance)
        above_limit_since_.reset();
    else if (!above_limit_since_)
        above_limit_since_ = now;
    above_limit_ = above_limit_since_ && now - *above_limit_since_ >= time_to_obey;
}

void Charger::found(const twc::Unit& unit) {
    settings.known = unit.known;
    online_ = true;
    adopting_ = silent_before_ = true;
    unaddressed_since_.reset();
}

void Charger::hear_meters(const twc::Unit& unit) {
    if (unit.meter && unit.meter->currents) {
        for (std::size_t phase = 0; phase < phases_used_.size(); ++phase) {
            const bool carries = (*unit.meter->currents)[phase] >= twc::charging_current;
            phases_used_[phase] = phases_used_[phase] || carries;
        }
    }
    if (!heard_ && unit.meter && unit.meter->currents) {  // a master that is only observed
        drawn_ = drawn_before_ = std::ranges::max(*unit.meter->currents);
        vehicle_connected_ = drawing_ = charging_ = drawn_ >= twc::charging_current;
    }
    electrics_ = electrics_of(unit, phases_used_, options_.phases, *config_);
    electrics_of_next_car_ = electrics_of(unit, {}, options_.phases, *config_);
}

void Charger::lost(TimePoint now) {
    reservation_.lost();
    online_ = false;
    unaddressed_since_ = now;
    stopping.withdraw();
    left_alone();
}

// Remembers since when an offer has not been used.
void Charger::watch_draw(TimePoint now) {
    if (drawing_ || offered() == Centiamps{})
        unused_since_.reset();
    else if (!unused_since_)
        unused_since_ = now;
}

// The configured VIN holds only where the unit tells none: another car may be plugged in, and nobody may
// command the owner's car elsewhere.
void Charger::watch_vin(TimePoint now) {
    const bool told = vin_heard_ && !vin_is_old_ && !vin_heard_->empty();
    tells_vins_ = tells_vins_ || told;
    if (!vehicle_connected_ || told)
        vin_missed_since_.reset();
    else if (!vin_missed_since_)
        vin_missed_since_ = now;
    vin_overdue_ = vin_missed_since_ && now - *vin_missed_since_ >= time_to_tell;
}

std::optional<std::string> Charger::vin() const {
    if (!vehicle_connected_) return std::nullopt;
    if (vin_heard_ && !vin_is_old_ && !vin_heard_->empty()) return vin_heard_;
    return vin_overdue_ && !tells_vins_ ? options_.vin : std::nullopt;
}

// An automation knows its car without us.
std::optional<bool> Charger::vehicle_reachable() const {
    if (!config_->vehicle_api || vin()) return true;
    if (vehicle_connected_ && !vin_overdue_) return std::nullopt;
    return false;
}

std::vector<Happening> Charger::pass(TimePoint now) {
    std::vector<Happening> happenings;
    watch_draw(now);
    watch_vin(now);
    idle_ = idle(now);
    if (twins_heard_ && now - *twins_heard_ > twins_memory) twins_heard_.reset();
    const auto change = std::max(drawn_before_, drawn_) - steady_drawn();
    if (change <= same_draw) appetite_.observe({offered(), drawn_, minimum(), decision.follows_surplus}, now);
    const bool over = below_one_amp_since_ && now - *below_one_amp_since_ >= dip;
    if (charging_ && (over || !online_)) {
        charging_ = false;
        happenings.push_back(Happening::charging_stopped);
    }
    if (unaddressed_since_ && now - *unaddressed_since_ >= stops_without_master) {
        // It must have stopped by itself; a car that was there is reckoned with its minimum until seen
        // otherwise (docs/design.md, silent units).
        unaddressed_since_.reset();
        reservation_.release(vehicle_connected_ ? minimum() : Centiamps{});
        stopping.unit_gone();
        drawing_ = above_limit_ = false;
        drawn_ = drawn_before_ = Centiamps{};
        unheard_reports_ = 0;
        limit_in_force_ = Centiamps{};
    }
    return happenings;
}

void Charger::set_wish(twc::Wish wish) {
    if (wish.kind == twc::Wish::Kind::silence) {  // what was in force may stay so until the unit gives up
        left_alone();
        wish_ = wish;
        return;
    }
    const bool zero = wish.kind == twc::Wish::Kind::zero;
    if (!zero || wish_.kind != twc::Wish::Kind::zero) before_zero_ = zero ? reservation_.held() : Centiamps{};
    wish_ = wish;
    reservation_.command(wish.kind == twc::Wish::Kind::limit ? wish.limit : Centiamps{});
}

Centiamps Charger::offered() const {
    const bool permitted = stopping.status() == Stopping::Status::not_wanted;
    return permitted && wish_.kind == twc::Wish::Kind::limit ? wish_.limit : Centiamps{};
}

Centiamps Charger::commanded_target(TimePoint now) const {
    return commanded_ && now - commanded_->second < command_matters ? commanded_->first : Centiamps{};
}

Centiamps Charger::shown_offer() const {
    return stopping.status() == Stopping::Status::exhausted ? minimum() : offered();
}

bool Charger::idle(TimePoint now) const { return unused_since_ && now - *unused_since_ >= time_to_draw; }

Centiamps Charger::held() const { return std::max(reservation_.held(), excess()); }

Centiamps Charger::minimum() const { return std::max(config_->minimum, floor_of(settings.known.protocol)); }

Ceiling Charger::hard_ceiling() const { return bridge::hard_ceiling(*config_, settings.known); }

Ceiling Charger::ceiling() const {
    auto lowest = hard_ceiling();
    if (settings.limit && *settings.limit < lowest.amps) lowest = {*settings.limit, "limit"};
    if (intent.ceiling && intent.ceiling->amps < lowest.amps) lowest = *intent.ceiling;
    return lowest;
}

StopFacts Charger::stop_facts(Centiamps headroom) const {
    StopFacts facts;
    facts.protocol = settings.known.protocol;
    facts.minimum = minimum();
    facts.limit_in_force = limit_in_force_;
    facts.may_be_in_force = std::max(limit_in_force_, reservation_.told());
    facts.zeroed = wish_.kind == twc::Wish::Kind::zero;
    facts.vehicle_connected = vehicle_connected_;
    facts.drawing = drawing_;
    facts.asks_for_limit = raw_state_ == codes::state_wants_limit;
    facts.room = headroom >= minimum();
    facts.vehicle_reachable = vehicle_reachable();
    facts.silences_left = most_silences - settings.session_silences;
    facts.silences_left_for_sun =
        std::min(most_silences, config_->control.max_stops.value_or(most_rough_stops)) -
        settings.session_silences;
    return facts;
}

std::string_view Charger::state() const {
    if (raw_state_ == codes::state_error) return "error";
    if (!vehicle_connected_) return "idle";
    if (drawing_) return "charging";
    if (offered() == Centiamps{}) return "paused";
    if (idle_) return "waiting";
    switch (raw_state_) {
        case codes::state_wants_limit:
            return "waiting";
        case codes::state_starting:
            return "starting";
        case codes::state_connected:
            return "connected";
        default:
            return raw_state_ == codes::state_idle ? "idle" : "charging";
    }
}

Ceiling hard_ceiling(const config::Config& config, const twc::KnownUnit& unit) {
    Ceiling lowest{config.wiring_max_each, "wiringMaxAmpsPerTWC"};
    const auto consider = [&](std::optional<Centiamps> amps, const char* name) {
        if (amps && *amps < lowest.amps) lowest = {*amps, name};
    };
    const auto configured = config.chargers.find(unit.id);
    if (configured != config.chargers.end()) consider(configured->second.max_current, "maxAmps");
    consider(unit.max_current, "the rating");
    return lowest;
}

Electrics electrics_of(const twc::Unit& unit, const PhasesUsed& used, std::optional<int> configured_phases,
                       const config::Config& config) {
    const int assumed = configured_phases.value_or(config.default_phases);
    if (!unit.meter) return {assumed, config.default_voltage * assumed};
    const auto& volts = unit.meter->volts;
    const auto live = [&](std::size_t phase) { return volts[phase] > twc::Volts{}; };
    Electrics by_current{0, {}};
    Electrics by_volts{0, {}};
    for (std::size_t phase = 0; phase < volts.size(); ++phase) {
        if (!live(phase)) continue;
        if (used[phase]) {
            by_current = {by_current.phases + 1, by_current.volts + volts[phase]};
        }
        if (!configured_phases || by_volts.phases < *configured_phases) {
            by_volts = {by_volts.phases + 1, by_volts.volts + volts[phase]};
        }
    }
    if (by_current.phases > 0) return by_current;
    if (by_volts.phases > 0) return by_volts;
    return {assumed, config.default_voltage * assumed};
}

}  // namespace bridge

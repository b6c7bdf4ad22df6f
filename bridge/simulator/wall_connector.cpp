#include "bridge/simulator/wall_connector.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace simulator {

namespace {

using namespace std::chrono_literals;

constexpr Duration looks_for_master_after = 10s;  // of silence
constexpr Duration plug_settles_after = 2s;       // state 03 right after plugging in
constexpr Duration starting_takes = 10s;          // state 08
constexpr Duration adjusting_takes = 10s;         // state 09
constexpr Duration zero_lasts = 2s;               // 05 0000 has to come every second (docs/protocol.md 3)

std::string serial_ending_in(TwcId id) {
    std::array<char, 5> digits{};
    std::snprintf(digits.data(), digits.size(), "%04X", unsigned{id.value()});
    return std::string{"A18G000"} + digits.data();
}

Bytes begin_body(std::uint8_t type, std::uint8_t code, TwcId sender) {
    return {type, code, static_cast<std::uint8_t>(sender.value() >> 8),
            static_cast<std::uint8_t>(sender.value())};
}

void append_number(Bytes& body, std::int64_t number) {
    body.push_back(static_cast<std::uint8_t>(number >> 8));
    body.push_back(static_cast<std::uint8_t>(number));
}

void append_text(Bytes& body, std::string_view text) { body.insert(body.end(), text.begin(), text.end()); }

}  // namespace

WallConnector::WallConnector(WallConnectorOptions options, CarOptions car, TimePoint now)
    : options_{std::move(options)},
      car_{std::move(car)},
      random_{options_.seed * 65536U + options_.id.value()} {
    if (!options_.serial) options_.serial = serial_ending_in(options_.id);
    if (options_.protocol == Protocol::v1) options_.queries = Queries::none;
    boot(now);
    watch_car();
    look_ahead();
}

void WallConnector::boot(TimePoint now) {
    now_ = now;
    powered_ = true;
    gives_up_after_ = random_.between(26s, 30s);
    next_linkready_ = now + random_.between(500ms, 1500ms);
    burst_left_ = 2;
}

void WallConnector::power_on() {
    if (!powered_) boot(now_);
    watch_car();
    look_ahead();
}

void WallConnector::power_off() {
    powered_ = false;
    linked_ = lost_master_ = held_open_ = false;
    last_heartbeat_.reset();
    gap_since_.reset();
    second_linkreadys_heard_ = 0;
    outgoing_.clear();
    limit_ = Centiamps{0};
    zeroed_.reset();
    car_was_plugged_ = false;
    watch_car();
    look_ahead();
}

void WallConnector::restart() {
    power_off();
    power_on();
}

void WallConnector::set_mute(bool mute) {
    mute_ = mute;
    gap_since_.reset();  // no master can be blamed for not serving a unit that says nothing
}

// What it shows.

bool WallConnector::stopped_by_zero() const { return zeroed_ && car_.options().tesla; }

bool WallConnector::contactor_closed() const {
    return powered_ && !lost_master_ && !held_open_ && !stopped_by_zero();
}

/// A limit is there and nothing stands in the way of the car.
bool WallConnector::charging() const {
    return car_was_plugged_ && contactor_closed() && car_.asks_for_power() && now_ >= plug_settled_ &&
           (limit_ != Centiamps{0} || zeroed_);
}

std::uint8_t WallConnector::state() const {
    if (lost_master_) return state::error;
    if (!car_was_plugged_) return state::ready;
    if (!contactor_closed() || now_ < plug_settled_) return state::plugged;
    if (car_.waits_for_timer()) return state::wants_limit;  // or has a schedule (docs/protocol.md 3)
    if (!car_.asks_for_power()) return state::plugged;
    if (!charging()) return asks_with_;
    if (now_ < started_) return state::starting;
    return now_ < adjusted_ ? state::adjusting : state::charging;
}

Duration WallConnector::worst_heartbeat_gap() const {
    return gap_since_ ? std::max(worst_heartbeat_gap_, now_ - *gap_since_) : worst_heartbeat_gap_;
}

// What it hears.

void WallConnector::hear(std::span<const std::uint8_t> body, TimePoint end) {
    const auto type = body[0];
    const auto code = body[1];
    const bool for_all = type == 0xFB && code == 0xE2;
    if (powered_ && type != 0xFD && TwcId{number_at(body, 2)} == options_.id) return choose_another_id(end);
    if (!powered_ || (!for_all && TwcId{number_at(body, 4)} != options_.id)) return;
    advance(std::max(now_, end));
    if (for_all) {
        hear_master_linkready(end);
    } else if (type == 0xFB && code == 0xE0) {
        hear_heartbeat(body, end);
    } else if (type == 0xFB) {
        answer_query(code, end);
    } else if (type == 0xFC && (code == 0xB1 || code == 0xB2)) {
        switch_contactor(code, end);
    }
    look_ahead();
}

/// A master has our id: it keeps it, a slave gives way (docs/protocol.md 4).
void WallConnector::choose_another_id(TimePoint end) {
    options_.id = TwcId{static_cast<std::uint16_t>(options_.id.value() ^ (random_.next() % 0xFFFF + 1))};
    options_.sign = static_cast<std::uint8_t>(random_.next());
    next_linkready_ = end + 500ms;
    look_ahead();
}

/// The first one since power-up is ignored, the second makes every slave announce itself five times.
void WallConnector::hear_master_linkready(TimePoint end) {
    if (++second_linkreadys_heard_ != 2) return;
    auto at = end + 200ms;
    for (int count = 0; count < 5; ++count, at += random_.between(50ms, 80ms)) plan_linkready(at);
}

void WallConnector::hear_heartbeat(std::span<const std::uint8_t> body, TimePoint end) {
    ++heartbeats_;
    worst_heartbeat_gap_ = worst_heartbeat_gap();
    if (!mute_) gap_since_ = end;
    last_heartbeat_ = end;
    linked_ = true;
    lost_master_ = false;
    watch_car();
    // The answer shows what was in force when it was asked; the new limit shows in the next one
    // (docs/protocol.md 3).
    answer(heartbeat_body(options_.names_no_master ? TwcId{} : TwcId{number_at(body, 2)}), short_length(),
           end);
    obey(body[6], Centiamps{number_at(body, 7)});
    watch_car();
}

void WallConnector::obey(std::uint8_t command, Centiamps limit) {
    if (!car_was_plugged_) return;  // without a car no limit is kept
    const bool v1 = options_.protocol == Protocol::v1;
    switch (command) {
        case 0x05:
            if (!v1 && charging() && now_ >= started_) return;  // only before charging starts
            break;
        case 0x08:
            break;
        case 0x09:
            if (v1) return;
            break;
        default:
            return;
    }
    if (limit > options_.rating) ++limits_above_rating_;
    if (limit == Centiamps{0} && !limited_since_plug_) car_.bear(Mishap::first_zero, now_);
    limited_since_plug_ = true;
    if (v1) {
        take_limit_v1(limit);
    } else {
        take_limit_v2(limit, command);
    }
}

void WallConnector::take_limit_v1(Centiamps limit) {
    if (limit == Centiamps{0}) {
        if (!zeroed_) limit_before_zero_ = limit_;
        zeroed_ = now_;
    } else {
        if (limit < floor_of(Protocol::v1)) ++limits_below_floor_;
        zeroed_.reset();
    }
    limit_ = limit;
}

void WallConnector::take_limit_v2(Centiamps limit, std::uint8_t command) {
    const auto floor = floor_of(Protocol::v2);
    if (limit < floor) ++limits_below_floor_;
    limit = std::max(limit, floor);
    if (command == 0x09 && charging() && now_ >= started_ && limit != limit_)
        adjusted_ = now_ + adjusting_takes;
    limit_ = limit;
}

/// Opens at once, without a word to the car; closing makes the unit ask for a new limit.
void WallConnector::switch_contactor(std::uint8_t code, TimePoint end) {
    if (options_.queries != Queries::all) return;
    if (code == 0xB2) {
        held_open_ = car_was_plugged_;
    } else if (held_open_) {
        held_open_ = false;
        limit_ = Centiamps{0};
        asks_with_ = state::starting;
    }
    watch_car();
    answer(begin_body(0xFD, code, options_.id), 16, end);
}

void WallConnector::answer_query(std::uint8_t code, TimePoint end) {
    const bool all = options_.queries == Queries::all;
    if (code == 0xEB && options_.queries != Queries::none) {
        answer(meter_body(), all ? 20 : 16, end);
    } else if (code == 0xEC && all) {
        auto body = begin_body(0xFD, code, options_.id);
        body.insert(body.end(), options_.firmware.begin(), options_.firmware.end());
        answer(std::move(body), 16, end);
    } else if (code == 0xED && all) {
        auto body = begin_body(0xFD, code, options_.id);
        append_text(body, *options_.serial);
        answer(std::move(body), 20, end);
    } else if ((code == 0xEE || code == 0xEF || code == 0xF1) && all) {
        answer(vin_body(code), 20, end);
    }
}

// What it says.

Bytes WallConnector::heartbeat_body(TwcId master) const {
    auto body = begin_body(0xFD, 0xE0, options_.id);
    append_number(body, master.value());
    body.push_back(shown_state_.value_or(state()));
    append_number(body, limit_.count());
    append_number(body, drawn().count());
    return body;
}

Bytes WallConnector::meter_body() const {
    auto body = begin_body(0xFD, 0xEB, options_.id);
    const auto kwh = lifetime_wh() / 1000;
    append_number(body, kwh >> 16);
    append_number(body, kwh);
    for (int phase = 1; phase <= 3; ++phase) {
        append_number(body, phase <= options_.phases ? options_.volts.count() : 0);
    }
    if (options_.queries != Queries::all) return body;
    const auto half_amps = (drawn().count() + 25) / 50;
    for (int phase = 1; phase <= 3; ++phase) {
        const bool in_use = phase <= std::min(options_.phases, car_.options().phases);
        body.push_back(static_cast<std::uint8_t>(in_use ? half_amps : 0));
    }
    return body;
}

Bytes WallConnector::vin_body(std::uint8_t code) const {
    auto body = begin_body(0xFD, code, options_.id);
    const bool known = car_was_plugged_ && now_ - plugged_since_ >= options_.vin_after;
    if (!known || !car_.options().tesla) return body;
    const std::string_view vin = car_.options().vin;
    append_text(body, code == 0xEE ? vin.substr(0, 7) : code == 0xEF ? vin.substr(7, 7) : vin.substr(14));
    return body;
}

void WallConnector::answer(Bytes body, std::size_t length, TimePoint end) {
    body.resize(length - 1);
    if (forgery_) std::exchange(forgery_, nullptr)(body);
    auto line = to_line(body);
    if (corrupt_ > 0) {
        --corrupt_;
        line[3] ^= 0x01;  // half of the sender's id: the checksum no longer fits
    }
    leave_artefact(line, length);
    const auto time = answer_time_ ? *answer_time_ : random_.between(150ms, latest_answer);
    outgoing_.push_back({end + time, std::move(line), true});
}

void WallConnector::plan_linkready(TimePoint at) {
    auto body = begin_body(0xFD, 0xE2, options_.id);
    body.push_back(options_.sign);
    append_number(body, options_.rating.count());
    body.resize(short_length() - 1);
    auto line = to_line(body);
    leave_artefact(line, short_length());
    outgoing_.push_back({at, std::move(line), false});
}

/// Not sent: the line sags when the driver lets go.
void WallConnector::leave_artefact(Bytes& line, std::size_t length) const {
    const Bytes usual{static_cast<std::uint8_t>(length == 16 ? 0xFC : 0xFE)};
    const auto& artefact = options_.artefact.value_or(usual);
    line.insert(line.end(), artefact.begin(), artefact.end());
}

std::optional<WallConnector::Transmission> WallConnector::poll_transmit() {
    if (now_ < due_) return std::nullopt;
    for (auto planned = outgoing_.begin(); planned != outgoing_.end(); ++planned) {
        if (planned->start > now_) continue;
        if (now_ < talks_until_) {  // one mouth
            planned->start = talks_until_;
            continue;
        }
        auto transmission = std::move(*planned);
        outgoing_.erase(planned);
        if (mute_) return poll_transmit();
        transmission.start = now_;
        talks_until_ = now_ + line_time(transmission.bytes.size());
        look_ahead();
        return transmission;
    }
    look_ahead();
    return std::nullopt;
}

// What time brings.

void WallConnector::look_ahead() {
    due_ = next_timer();
    for (const auto& planned : outgoing_) due_ = std::min(due_, planned.start);
}

TimePoint WallConnector::next_timer() const {
    if (!powered_) return TimePoint::max();
    auto at = car_.next_event();
    const auto consider = [&](TimePoint candidate) { at = std::min(at, candidate); };
    if (!linked_) consider(next_linkready_);
    if (linked_) consider(*last_heartbeat_ + looks_for_master_after);
    if (last_heartbeat_ && !lost_master_) consider(*last_heartbeat_ + gives_up_after_);
    if (zeroed_) consider(*zeroed_ + zero_lasts);
    for (const auto change : {plug_settled_, started_, adjusted_}) {
        if (change > now_) consider(change);
    }
    return at;
}

void WallConnector::advance(TimePoint now) {
    if (now < due_ && car_.changes() == car_changes_seen_) {
        now_ = now;
        return;
    }
    watch_car();
    for (auto at = next_timer(); at <= now; at = next_timer()) {
        now_ = at;
        run_due_timers();
        watch_car();
    }
    now_ = now;
    look_ahead();
}

void WallConnector::run_due_timers() {
    car_.advance(now_);
    if (linked_ && now_ >= *last_heartbeat_ + looks_for_master_after) {
        linked_ = false;
        next_linkready_ = now_;
    }
    if (last_heartbeat_ && !lost_master_ && now_ >= *last_heartbeat_ + gives_up_after_) lose_master();
    if (zeroed_ && now_ >= *zeroed_ + zero_lasts) end_zero();
    if (!linked_ && now_ >= next_linkready_) {
        plan_linkready(now_);
        next_linkready_ =
            now_ +
            (burst_left_ > 0 ? Duration{500ms} : options_.linkready_period + random_.between(-100ms, 100ms));
        if (burst_left_ > 0) --burst_left_;
    }
}

/// Nobody knows what is in force afterwards: a master must be able to deal with nothing and with the last
/// limit.
void WallConnector::lose_master() {
    lost_master_ = true;
    if (!options_.keeps_limit) limit_ = Centiamps{0};
    zeroed_.reset();
    asks_with_ = state::starting;
}

/// A zero that is not repeated is forgotten: the relay closes again (docs/protocol.md 3).
void WallConnector::end_zero() {
    zeroed_.reset();
    limit_ = limit_before_zero_;
}

void WallConnector::watch_car() {
    car_changes_seen_ = car_.changes();
    if (powered_ && car_.plugged() != car_was_plugged_) {
        car_was_plugged_ = car_.plugged();
        plugged_since_ = now_;
        plug_settled_ = now_ + plug_settles_after;
        asks_with_ = state::wants_limit;
        limit_ = Centiamps{0};
        limited_since_plug_ = false;
        zeroed_.reset();
        held_open_ = false;
    }
    if (const bool able = charging(); able != was_able_) {
        was_able_ = able;
        if (able) started_ = now_ + starting_takes;
    }
    if (const bool closed = contactor_closed(); closed != contactor_was_closed_) {
        contactor_was_closed_ = closed;
        ++contactor_switched_;
        if (!closed && held_open_) car_.bear(Mishap::open_contactor, now_);
        if (!closed && lost_master_) car_.bear(Mishap::silence, now_);
    }
    car_.set_supply(supply(), now_);
}

Car::Supply WallConnector::supply() const {
    Car::Supply supply{.pilot = std::nullopt, .volts = options_.volts, .phases = options_.phases};
    if (!contactor_closed()) return supply;
    if (now_ < plug_settled_) {
        supply.pilot = Centiamps{0};
    } else if (zeroed_) {
        supply.pilot = floor_of(options_.protocol);  // a car that is no Tesla goes on (docs/stopping.md)
    } else {
        supply.pilot = std::min(limit_, options_.rating);
    }
    return supply;
}

}  // namespace simulator

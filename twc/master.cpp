// What the master hears, and what it knows from it. What it says is chosen in transmit.cpp.
#include "twc/master.hpp"

#include <algorithm>
#include <utility>

#include "twc/codes.hpp"

namespace twc {

namespace {

TwcId id_at(const Body& body, std::size_t offset) {
    return TwcId{static_cast<std::uint16_t>(body[offset] << 8U | body[offset + 1])};
}

// Slaves never send FB or FC: a request with our id is one of ours, from an adapter that hears itself
// (docs/protocol.md 1 and 2).
bool is_echo(const Body& body, TwcId own) { return body[0] != codes::report && id_at(body, 2) == own; }

// A lower rating is safe to believe at once; a higher one, or another generation, is not.
bool only_lowers(const KnownUnit& known, const KnownUnit& told) {
    return known.protocol == told.protocol && (!known.max_current || told.max_current < known.max_current);
}

}  // namespace

Master::Master(MasterSettings settings) : settings_{std::move(settings)} {
    for (const KnownUnit& known : settings_.known) {
        if (known.id != settings_.id) slaves_[known.id].unit.known = known;
    }
}

void Master::handle_bytes(std::span<const std::uint8_t> bytes, TimePoint now) {
    advance(now);
    for (const auto& frame : line_.receive(bytes, now)) {
        if (frame) {
            handle_body(*frame, now);
        } else {
            reject(frame.error());
        }
    }
}

void Master::handle_timeout(TimePoint now) { advance(now); }

void Master::handle_open(TimePoint now) {
    advance(now);
    line_.open(now);
    awaited_.reset();
    query_sent_.reset();
    std::vector<Slave*> waiting;
    for (auto& [id, slave] : slaves_) {
        slave.heartbeat_sent.reset();
        if (!slave.unit.online) slave.alive = now;
        if (!slave.addressed) waiting.push_back(&slave);
    }
    std::ranges::stable_sort(waiting, std::ranges::greater{},
                             [](const Slave* slave) { return slave->unit.heard; });
    for (Slave* slave : waiting) {
        if (addressed_count() < most_units) address(*slave, now);
    }
    begin_rounds(now);
    if (addressed_count() == 0) announcement_.begin(now);
}

void Master::handle_closed(TimePoint now) {
    advance(now);
    line_.close();
    awaited_.reset();
    announcement_.cancel();
    for (auto& [id, slave] : slaves_) slave.contactor.reset();
}

void Master::set_wish(TwcId id, Wish wish, Urgency urgency) {
    Slave* slave = find(id);
    if (slave == nullptr || slave->wish == wish) return;
    deadline_.reset();
    if (urgency == Urgency::out_of_turn) {
        slave->haste = std::max(slave->haste, lowers(slave->wish, wish) ? Haste::lowered : Haste::raised);
    }
    const bool was_in_silence = slave->in_silence();
    slave->wish = wish;
    if (slave->in_silence()) slave->contactor.reset();
    if (!was_in_silence) return;
    slave->unasked = true;
    slave->heartbeat_sent = latest_;  // it has waited for long, but the others have the older claim
    slave->haste = std::max(slave->haste, Haste::raised);
}

void Master::send_contactor(TwcId id, bool close) {
    Slave* slave = find(id);
    if (slave == nullptr || !slave->unit.online || slave->unit.known.protocol == Protocol::v1) return;
    deadline_.reset();
    slave->contactor = Contactor{.close = close, .waited = slave->contactor && slave->contactor->waited};
}

void Master::ask_vin(TwcId id) {
    Slave* slave = find(id);
    if (slave == nullptr) return;
    deadline_.reset();
    if (slave->unit.online && slave->unit.known.protocol == Protocol::v2) slave->questions.ask_vin(latest_);
    slave->vin_parts = VinParts{};
    if (slave->unit.vin) {
        slave->unit.vin.reset();
        events_.emplace_back(UnitChanged{id});
    }
}

std::optional<Event> Master::poll_event() {
    if (events_.empty()) return std::nullopt;
    const Event event = events_.front();
    events_.pop_front();
    return event;
}

const Unit* Master::unit(TwcId id) const {
    const auto found = slaves_.find(id);
    return found == slaves_.end() ? nullptr : &found->second.unit;
}

std::vector<TwcId> Master::units() const {
    std::vector<TwcId> ids;
    ids.reserve(slaves_.size());
    for (const auto& [id, slave] : slaves_) ids.push_back(id);
    return ids;
}

Master::Slave* Master::find(TwcId id) {
    const auto found = slaves_.find(id);
    return found == slaves_.end() ? nullptr : &found->second;
}

std::size_t Master::addressed_count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(slaves_, [](const auto& entry) { return entry.second.addressed; }));
}

void Master::address(Slave& slave, TimePoint now) {
    slave.addressed = true;
    slave.alive = now;
    slave.heartbeat_sent.reset();
    announcement_.cancel();
    begin_rounds(now);
}

// The oldest first, so that nobody waits longer than he would have.
void Master::begin_rounds(TimePoint now) {
    if (settings_.observe) return;
    const Turns oldest_first = turns();
    const auto units = std::span<const Turn>{oldest_first};
    TimePoint turn = line_.is_open() ? std::max(now, line_.free_at()) : now;
    for (const Turn& unit : units) {
        slaves_.at(unit.id).turn = turn;
        turn += turn_time(units.size());
    }
}

void Master::advance(TimePoint now) {
    latest_ = now;
    deadline_.reset();
    if (awaited_ && line_.done_listening(now)) give_up_waiting(now);
    lose_silent_units(now);
}

void Master::give_up_waiting(TimePoint now) {
    const Awaited missed = *std::exchange(awaited_, std::nullopt);
    if (missed.wish || missed.question) ++counters_.unanswered;
    Slave* slave = find(missed.from);
    if (slave == nullptr) return;
    if (missed.question) slave->questions.unanswered(*missed.question);
    if (!missed.wish) return;
    slave->twins.unanswered();
    if (missed.wish->kind == Wish::Kind::zero) {
        // Protocol 1 forgets a zero that is not repeated every second (docs/protocol.md 3).
        slave->haste = Haste::lowered;
    } else if (slave->unit.online && now - slave->alive < repeat_patience) {
        slave->haste = std::max({slave->haste, slave->haste_sent, Haste::repeated});
    }
}

void Master::lose_silent_units(TimePoint now) {
    bool lost = false;
    for (auto& [id, slave] : slaves_) {
        if (!slave.owes_answers() || now - slave.alive < unit_patience) continue;
        lost = true;
        slave.addressed = false;
        slave.haste = Haste::none;
        slave.contactor.reset();
        slave.first_answer.reset();
        // While it is away another car may come.
        slave.unit.vin.reset();
        slave.vin_parts = VinParts{};
        if (std::exchange(slave.unit.online, false)) events_.emplace_back(UnitLost{id});
    }
    if (!lost) return;
    begin_rounds(now);
    if (addressed_count() == 0 && line_.is_open()) announcement_.begin(now);
}

void Master::reject(DecodeError error) {
    ++counters_.frames_rejected;
    events_.emplace_back(FrameRejected{error});
}

void Master::handle_body(const Body& body, TimePoint now) {
    const auto message = decode(body);
    if (!message) {
        reject(message.error());
        return;
    }
    if (is_echo(body, settings_.id)) {
        ++counters_.echoes;
        return;
    }
    ++counters_.frames_received;
    valid_frame_heard_ = now;
    const Hearing hearing{.now = now, .answered = take_awaited(body, now)};
    if (body[0] == codes::report) {
        if (Slave* slave = find(id_at(body, 2))) {
            slave->unit.heard = now;
            if (settings_.observe) slave->alive = now;
            if (hearing.answered && hearing.answered->question)
                slave->questions.answered(*hearing.answered->question);
        }
    }
    const bool of_itself =
        std::holds_alternative<SlaveHeartbeat>(*message) || std::holds_alternative<MeterReport>(*message);
    if (settings_.observe && of_itself) {
        follow(id_at(body, 2), body.size() == codes::v1_length ? Protocol::v1 : Protocol::v2, now);
    }
    std::visit([&](const auto& heard) { on(heard, hearing); }, *message);
}

std::optional<Master::Awaited> Master::take_awaited(const Body& body, TimePoint now) {
    if (!awaited_ || body[0] != codes::report || body[1] != awaited_->code ||
        id_at(body, 2) != awaited_->from) {
        return std::nullopt;
    }
    // Only a heartbeat names its receiver; once a slave answered to 0000 (docs/protocol.md 4).
    if (body[1] == codes::heartbeat && id_at(body, 4) != settings_.id && id_at(body, 4) != TwcId{})
        return std::nullopt;
    line_.stop_listening(now);
    return std::exchange(awaited_, std::nullopt);
}

// An observer comes late to a running bus: it learns units from their heartbeats and meters, the rating only
// from a linkready. A real master tells of its own meters (docs/protocol.md 4), and is a unit more.
void Master::follow(TwcId id, Protocol protocol, TimePoint now) {
    Slave* slave = find(id);
    if (slave != nullptr && slave->addressed) return;
    if (addressed_count() > most_units) {
        events_.emplace_back(FourthUnitIgnored{id});
        return;
    }
    if (slave == nullptr) {
        slave = &slaves_[id];
        slave->unit.known = {.id = id, .protocol = protocol, .max_current = std::nullopt};
    }
    address(*slave, now);
}

void Master::on(const SlaveLinkReady& ready, const Hearing& hearing) {
    if (ready.from == settings_.id) {
        // It must hear us; while we speak to nobody it does not.
        if (addressed_count() == 0 && !announcement_.due()) announcement_.begin(hearing.now);
        events_.emplace_back(OwnIdHeard{});
        return;
    }
    const bool plausible = ready.max_current >= least_rating && ready.max_current <= greatest_rating;
    const KnownUnit told{.id = ready.from,
                         .protocol = ready.protocol,
                         .max_current = plausible ? std::optional{ready.max_current} : std::nullopt};
    auto signless = ready;
    signless.sign = 0;
    const bool repeated = std::exchange(last_ready_, signless) == signless;
    Slave* slave = find(ready.from);
    // The sum of one byte can agree by chance, hardly twice running with the same frame: then there is such a
    // unit, but its rating stays unknown.
    if (slave == nullptr && !plausible && !repeated) return;
    if ((slave == nullptr || !slave->addressed) && addressed_count() >= most_units) {
        events_.emplace_back(FourthUnitIgnored{ready.from});
        return;
    }
    if (slave == nullptr) {
        slave = &slaves_[ready.from];
        slave->unit.known = told;
        slave->unit.heard = hearing.now;
    } else if (plausible && slave->unit.known != told && (repeated || only_lowers(slave->unit.known, told))) {
        slave->unit.known = told;
        events_.emplace_back(UnitChanged{ready.from});
    }
    if (slave->twins.announced(ready.sign)) events_.emplace_back(TwinsHeard{ready.from});
    if (slave->addressed) {
        slave->haste =
            std::max(slave->haste, Haste::raised);  // it has restarted, and stops its car until it hears us
    } else {
        address(*slave, hearing.now);
    }
}

void Master::on(const SlaveHeartbeat& heartbeat, const Hearing& hearing) {
    Slave* slave = find(heartbeat.from);
    if (slave == nullptr) return;  // its linkready will tell what it is
    if (hearing.answered) {
        slave->twins.answered(hearing.now);
    } else if (heartbeat.to == settings_.id && slave->twins.answered_again(hearing.now)) {
        events_.emplace_back(TwinsHeard{heartbeat.from});
    }
    if (slave->addressed) slave->alive = hearing.now;
    if (slave->addressed && !slave->unit.online && !meet(*slave, heartbeat, hearing.now)) return;
    slave->unit.state = heartbeat.state;
    slave->unit.limit_in_force = heartbeat.limit;
    slave->unit.drawn = heartbeat.drawn;
    events_.emplace_back(
        HeartbeatHeard{.heartbeat = heartbeat, .answers = answered_wish(*slave, heartbeat.to, hearing)});
}

// The first answers decide whether a charge is found under way, and with which limit it goes on.
bool Master::meet(Slave& slave, const SlaveHeartbeat& heartbeat, TimePoint now) {
    const auto before = std::exchange(slave.first_answer, heartbeat);
    const bool agrees = before && before->state == heartbeat.state && before->limit == heartbeat.limit &&
                        (before->drawn >= charging_current) == (heartbeat.drawn >= charging_current);
    if (!agrees) {
        slave.haste = std::max(slave.haste, Haste::raised);
        return false;
    }
    slave.unit.online = true;
    slave.first_answer.reset();
    events_.emplace_back(UnitFound{heartbeat.from});
    if (slave.unit.known.protocol == Protocol::v2) slave.questions.begin(now);
    return true;
}

// Behind a slow serial server answers come after their window. Such a one still answers the last heartbeat or
// the one before it; when both said the same, there is no doubt what it answers.
std::optional<Wish> Master::answered_wish(const Slave& slave, TwcId to, const Hearing& hearing) const {
    if (hearing.answered) return hearing.answered->wish;
    if (to != settings_.id && to != TwcId{}) return std::nullopt;
    return slave.wish_sent == slave.wish_sent_before ? slave.wish_sent : std::nullopt;
}

void Master::on(const ContactorReply& reply, const Hearing&) {
    events_.emplace_back(ContactorAnswered{.id = reply.from, .close = reply.close});
}

template <class Fact>
void Master::set_fact(TwcId id, std::optional<Fact>& fact, const Fact& told) {
    if (fact == told) return;
    fact = told;
    events_.emplace_back(UnitChanged{id});
}

void Master::on(const MeterReport& report, const Hearing&) {
    Slave* slave = find(report.from);
    if (slave == nullptr) return;
    const auto verdict = slave->meter_belief.judge(report);
    if (verdict == MeterBelief::Verdict::believed) {
        // A master sends no FD E0.
        if (settings_.observe && slave->addressed && !std::exchange(slave->unit.online, true))
            events_.emplace_back(UnitFound{report.from});
        set_fact(report.from, slave->unit.meter, report);
    }
    if (verdict == MeterBelief::Verdict::doubted) slave->questions.ask_again(Question::meter);
}

void Master::on(const FirmwareReport& report, const Hearing&) {
    if (Slave* slave = find(report.from)) set_fact(report.from, slave->unit.firmware, report);
}

void Master::on(const SerialReport& report, const Hearing&) {
    if (Slave* slave = find(report.from)) set_fact(report.from, slave->unit.serial, report.serial);
}

void Master::on(const VinReport& report, const Hearing& hearing) {
    Slave* slave = find(report.from);
    if (slave == nullptr) return;
    const auto vin = slave->vin_parts.add(report);
    if (!vin) return;
    // An observer cannot ask again.
    if (vin->empty() && !settings_.observe && !slave->questions.vin_absent(hearing.now)) return;
    slave->questions.vin_settled();
    set_fact(report.from, slave->unit.vin, *vin);
}

void Master::on(const MasterLinkReady& ready, const Hearing&) {
    events_.emplace_back(OtherMasterHeard{ready.from});
}

void Master::on(const MasterHeartbeat& heartbeat, const Hearing&) {
    events_.emplace_back(OtherMasterHeard{heartbeat.from});
}

}  // namespace twc

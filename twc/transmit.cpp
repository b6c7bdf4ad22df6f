// What the master says in the next gap, and when the next gap matters.
#include <algorithm>
#include <utility>

#include "twc/codes.hpp"
#include "twc/master.hpp"

namespace twc {

std::optional<std::vector<std::uint8_t>> Master::poll_transmit(TimePoint now) {
    if (now < next_deadline()) return std::nullopt;
    advance(now);
    if (settings_.observe || now < line_.free_at()) return std::nullopt;
    const auto task = choose(turns(), now);
    if (!task) return std::nullopt;
    const Outgoing outgoing = std::visit([&](const auto& chosen) { return perform(chosen, now); }, *task);
    auto wire = slip_encode(outgoing.body);
    line_.transmit(wire.size(), outgoing.listen, now);
    ++counters_.frames_sent;
    return wire;
}

TimePoint Master::next_deadline() const {
    if (!deadline_) deadline_ = find_deadline();
    return *deadline_;
}

TimePoint Master::find_deadline() const {
    TimePoint loss = TimePoint::max();
    for (const auto& [id, slave] : slaves_) {
        if (slave.owes_answers()) loss = std::min(loss, slave.alive + unit_patience);
    }
    if (settings_.observe || !line_.is_open()) return loss;

    // At the moments when something becomes due choose() decides whether it may go out, so that the two
    // cannot disagree.
    // What could have gone out earlier may not fit any more: only from now on counts.
    const auto free = std::max(line_.free_at(), latest_);
    if (awaited_) return std::min(loss, free);
    const Turns units = turns();
    if (choose(units, free)) return std::min(loss, free);
    std::vector<TimePoint> moments;
    if (const Turn* turn = next_turn(units)) moments.push_back(turn->due);
    for (const auto& [id, slave] : slaves_) {
        const auto question = slave.questions.next(slave.unit.drawn);
        if (!slave.unit.online || slave.in_silence() || !question) continue;
        moments.insert(moments.end(), {question->since, question->since + query_patience});
    }
    if (announcement_.due()) moments.push_back(*announcement_.due());
    std::erase_if(moments, [&](TimePoint moment) { return moment <= free; });
    std::ranges::sort(moments);
    const auto next =
        std::ranges::find_if(moments, [&](TimePoint moment) { return choose(units, moment).has_value(); });
    return next == moments.end() ? loss : std::min(loss, *next);
}

Turns Master::turns() const {
    Turns turns;
    for (const auto& [id, slave] : slaves_) {
        if (!slave.addressed || slave.in_silence()) continue;
        turns.add({.id = id, .sent = slave.heartbeat_sent, .due = slave.turn, .haste = slave.haste});
    }
    return turns;
}

// Commands before heartbeats that are merely due, unless a heartbeat would come too late by it; questions in
// what is left.
std::optional<Master::Task> Master::choose(std::span<const Turn> turns, TimePoint when) const {
    if (const auto command = choose_command(turns)) {
        const auto* heartbeat = std::get_if<Heartbeat>(&*command);
        const auto served = heartbeat != nullptr ? std::optional{heartbeat->to} : std::nullopt;
        const bool repeats = heartbeat != nullptr && most_hasty(turns)->haste == Haste::repeated;
        // On a line where answers break off, exchanges take longer.
        const auto caution = repeats ? half_frame_patience : Duration::zero();
        if (leaves_time(turns, when + caution, served)) return command;
        if (!repeats) return Heartbeat{turns.front().id};
    }
    if (const Turn* turn = next_turn(turns); turn != nullptr && turn->due <= when)
        return Heartbeat{leaves_time(turns, when, turn->id) ? turn->id : turns.front().id};
    if (const auto query = choose_query(turns, when)) return *query;
    if (announcement_.due() && *announcement_.due() <= when) return Announce{};
    return std::nullopt;
}

std::optional<Master::Task> Master::choose_command(std::span<const Turn> turns) const {
    const Slave* commanded = nullptr;
    for (const auto& [id, slave] : slaves_) {
        if (!slave.contactor || slave.in_silence()) continue;
        if (commanded == nullptr || (slave.contactor->waited && !commanded->contactor->waited))
            commanded = &slave;
    }
    const Turn* hasty = most_hasty(turns);
    if (hasty != nullptr && (commanded == nullptr || !commanded->contactor->waited))
        return Heartbeat{hasty->id};
    if (commanded == nullptr) return std::nullopt;
    return ContactorCommand{
        .close = commanded->contactor->close, .from = settings_.id, .to = commanded->unit.known.id};
}

std::optional<Query> Master::choose_query(std::span<const Turn> turns, TimePoint when) const {
    std::optional<Questions::Due> first;
    TwcId to;
    for (const auto& [id, slave] : slaves_) {
        const auto due = slave.questions.next(slave.unit.drawn);
        if (!slave.unit.online || slave.in_silence() || !due || (first && first->since <= due->since))
            continue;
        first = due;
        to = id;
    }
    if (!first || first->since > when || !leaves_time(turns, when, std::nullopt)) return std::nullopt;
    const Turn* turn = next_turn(turns);
    if (turn == nullptr) return std::nullopt;
    const auto& oldest = turns.front().sent;
    const bool all_heard_since = !query_sent_ || (oldest && *oldest > *query_sent_);
    if (!all_heard_since) return std::nullopt;
    const auto space = turns.size() < most_units ? query_space : query_space_when_full;
    if (turn->due < when + space && when < first->since + query_patience) return std::nullopt;
    return Query{.question = first->question, .from = settings_.id, .to = to};
}

Master::Outgoing Master::perform(const Heartbeat& heartbeat, TimePoint now) {
    Slave& slave = slaves_.at(heartbeat.to);
    slave.haste_sent = std::exchange(slave.haste, Haste::none);
    if (slave.haste_sent != Haste::none) {
        for (auto& [id, other] : slaves_) {
            if (other.contactor) other.contactor->waited = true;
        }
    }
    if (std::exchange(slave.unasked, false)) slave.alive = now;
    slave.heartbeat_sent = now;
    slave.turn = turn_after(slave.turn, now, addressed_count());
    slave.wish_sent_before = std::exchange(slave.wish_sent, slave.wish);
    awaited_ =
        Awaited{.from = heartbeat.to, .code = codes::heartbeat, .wish = slave.wish, .question = std::nullopt};
    return {.body = encode_heartbeat(settings_.id, heartbeat.to, slave.unit.known.protocol,
                                     order_for(slave.unit, slave.wish)),
            .listen = reply_window};
}

Master::Outgoing Master::perform(const ContactorCommand& command, TimePoint) {
    slaves_.at(command.to).contactor.reset();
    awaited_ = Awaited{.from = command.to,
                       .code = command.close ? codes::close_contactor : codes::open_contactor,
                       .wish = std::nullopt,
                       .question = std::nullopt};
    return {.body = encode(command), .listen = reply_window};
}

Master::Outgoing Master::perform(const Query& query, TimePoint now) {
    query_sent_ = now;
    slaves_.at(query.to).questions.asked(query.question, now);
    awaited_ = Awaited{.from = query.to,
                       .code = static_cast<std::uint8_t>(query.question),
                       .wish = std::nullopt,
                       .question = query.question};
    return {.body = encode(query), .listen = reply_window};
}

Master::Outgoing Master::perform(const Announce&, TimePoint now) {
    const auto step = announcement_.take(now);
    return {.body = encode_link_ready(step.round, settings_.id, settings_.sign), .listen = step.listen};
}

}  // namespace twc

#include "bridge/core/stopping.hpp"

#include <algorithm>
#include <utility>

namespace bridge {

using namespace std::chrono_literals;
using config::StopMethod;

namespace {

// Contract, promises 1 and 2: how long a method may go without effect before the next one is tried.
constexpr twc::Duration patience_under_ceiling = 10s;
constexpr twc::Duration patience_otherwise = 60s;
// A limit is lowered within a second or two; a unit that does not obey goes as it is.
constexpr twc::Duration time_to_lower = 10s;

}  // namespace

std::string_view to_text(StopMethod method) {
    switch (method) {
        case StopMethod::zero:
            return "zero";
        case StopMethod::vehicle:
            return "vehicle";
        case StopMethod::contactor:
            return "contactor";
        case StopMethod::silence:
            return "silence";
    }
    return {};
}

bool Stopping::applies(StopMethod method, const StopFacts& facts) const {
    switch (method) {
        case StopMethod::zero:
            return facts.protocol == twc::Protocol::v1;
        case StopMethod::vehicle:
            return facts.vehicle_reachable.value_or(true);
        case StopMethod::contactor:
            return facts.protocol == twc::Protocol::v2;
        case StopMethod::silence:
            return silent_ ||
                   (cause_ == StopCause::surplus ? facts.silences_left_for_sun : facts.silences_left) > 0;
    }
    return false;
}

Acts Stopping::demand(StopCause cause, const StopFacts& facts, twc::TimePoint now) {
    // While current flows a stop does not become less pressing because its first cause has gone.
    const bool under_way = status_ == Status::trying || status_ == Status::exhausted;
    if (facts.drawing && under_way) cause = std::max(cause, cause_);
    const bool other_methods = !under_way || (cause_ == StopCause::surplus && cause != StopCause::surplus);
    cause_ = cause;
    untold_ = untold_ && !facts.drawing && facts.limit_in_force == twc::Centiamps{};
    if (!facts.drawing) {
        status_ = Status::stopped;
        silent_ = false;
        return facts.asks_for_limit && contactor_.may_be_told_again(now) ? open_contactor(now) : Acts{};
    }
    if (other_methods) return try_from(0, facts, now);
    if (method() == StopMethod::silence) return keep_silence(facts, now);
    if (method() == StopMethod::vehicle && !applies(StopMethod::vehicle, facts))
        return try_from(tried_, facts, now);
    if (method() == StopMethod::vehicle && !vehicle_asked_ && facts.vehicle_reachable.value_or(false))
        return {.ask_vehicle_to_stop = vehicle_asked_ = true};
    const auto patience = cause == StopCause::ceiling ? patience_under_ceiling : patience_otherwise;
    if (status_ == Status::trying && now - tried_since_ >= patience) return try_from(tried_ + 1, facts, now);
    const bool lost = method() == StopMethod::contactor && contactor_.missed_command(now);
    return lost ? open_contactor(now) : Acts{};
}

Acts Stopping::try_from(std::size_t first, const StopFacts& facts, twc::TimePoint now) {
    Acts acts;
    tried_ = first;
    for (; tried_ < list().size() && !applies(list()[tried_], facts); ++tried_)
        acts.skip_unreachable_vehicle |= list()[tried_] == StopMethod::vehicle;
    status_ = tried_ < list().size() ? Status::trying : Status::exhausted;
    tried_since_ = now;
    if (method() == StopMethod::silence) {
        if (!silent_) silence_.end();
        acts.fall_silent = keep_silence(facts, now).fall_silent;
        return acts;
    }
    silent_ = false;
    if (method() == StopMethod::contactor) acts.open_contactor = open_contactor(now).open_contactor;
    // A car that draws has been started since it was asked last.
    if (method() == StopMethod::vehicle)
        acts.ask_vehicle_to_stop = vehicle_asked_ = facts.vehicle_reachable.value_or(false);
    return acts;
}

// First the minimum: what is in force when the heartbeats end stays so until the unit gives up.
Acts Stopping::keep_silence(const StopFacts& facts, twc::TimePoint now) {
    if (silence_.begun()) {
        silent_ = !silence_.over(now);
        return silence_.answered(now) ? try_from(tried_ + 1, facts, now) : Acts{};
    }
    const bool waited = now - tried_since_ >= time_to_lower;
    // Without its zeros protocol 1 returns to the limit of before, which needs room.
    if (facts.zeroed && !facts.room) return waited ? try_from(tried_ + 1, facts, now) : Acts{};
    const bool too_high = std::max(facts.limit_in_force, facts.may_be_in_force) > facts.minimum;
    if (too_high && !waited) return {};
    silence_.begin(now);
    silent_ = true;
    return {.fall_silent = true};
}

Acts Stopping::open_contactor(twc::TimePoint now) {
    contactor_.open(now);
    return {.open_contactor = true};
}

Acts Stopping::permit(const StopFacts& facts, twc::TimePoint now) {
    const bool anew = std::exchange(status_, Status::not_wanted) != Status::not_wanted;
    silent_ = untold_ = false;
    // After a restart its VIN may have to be told first.
    const bool ask_now = vehicle_asked_ && facts.vehicle_reachable.value_or(false);
    if (ask_now) vehicle_asked_ = false;
    return {.ask_vehicle_to_start = ask_now, .close_contactor = contactor_.closes(facts.drawing, anew, now)};
}

void Stopping::contactor_answered(bool close) {
    if (close && status_ == Status::not_wanted) contactor_.closed();
}

void Stopping::vehicle_left() {
    contactor_.vehicle_left();
    vehicle_asked_ = untold_ = silent_ = false;
}

void Stopping::withdraw() {
    if (status_ == Status::not_wanted) status_ = Status::stopped;
    silent_ = false;
}

void Stopping::unit_gone() {
    status_ = Status::stopped;
    silent_ = false;
}

twc::Wish Stopping::wish(const StopFacts& facts) const {
    if (silent_) return {twc::Wish::Kind::silence, {}};
    const twc::Wish at_minimum{twc::Wish::Kind::limit, facts.minimum};
    // A zero that is taken back for another cause's methods would let the car charge again.
    const bool has_zero = facts.protocol == twc::Protocol::v1 && facts.vehicle_connected && !untold_ &&
                          (facts.zeroed || std::ranges::find(list(), StopMethod::zero) != list().end());
    // First the minimum: when a heartbeat with its zero is lost, protocol 1 falls back to its limit of
    // before.
    const bool too_high =
        facts.limit_in_force > facts.minimum || (facts.may_be_in_force > facts.minimum && facts.room);
    // What a zeroed unit last said may be of before, and then the minimum would be a raise.
    if (too_high && !facts.zeroed) return at_minimum;
    const bool defies = status_ == Status::exhausted && facts.room;
    if (defies) return at_minimum;
    if (has_zero) return {twc::Wish::Kind::zero, {}};
    // On protocol 2 nothing below the minimum exists: it stays until the current has gone. A unit that comes
    // back from a silence has forgotten its limit, and is given none.
    const bool forgotten = method() == StopMethod::silence && silence_.begun();
    if (facts.drawing && facts.limit_in_force == facts.minimum && !forgotten) return at_minimum;
    return {twc::Wish::Kind::withhold, {}};
}

bool Stopping::stops_cleanly(twc::Protocol protocol) const {
    return protocol == twc::Protocol::v1 &&
           std::ranges::find(methods_->command, StopMethod::zero) != methods_->command.end();
}

std::optional<StopMethod> Stopping::method() const {
    if (status_ != Status::trying) return std::nullopt;
    return list()[tried_];
}

}  // namespace bridge

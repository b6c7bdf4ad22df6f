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
// A contactor opens at once (protocol.md 4.4): if current flows after so long, the command was lost.
constexpr twc::Duration contactor_opens_within = 3s;
// A unit whose contactor we opened may ask to start again, or not have heard that it may; not with every
// heartbeat.
constexpr twc::Duration contactor_repetition = 10s;
// Old firmware may never confirm that the contactor was closed.
constexpr int most_closings = 6;

bool applies(StopMethod method, twc::Protocol protocol) {
    switch (method) {
        case StopMethod::zero:
            return protocol == twc::Protocol::v1;
        case StopMethod::vehicle:
            return true;
        case StopMethod::contactor:
            return protocol == twc::Protocol::v2;
        case StopMethod::silence:
            return false;  // not built: said in the log at start
    }
    return false;
}

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

Acts Stopping::demand(StopCause cause, const StopFacts& facts, twc::TimePoint now) {
    // While current flows a stop does not become less pressing because its first cause has gone.
    const bool under_way = status_ == Status::trying || status_ == Status::exhausted;
    if (facts.drawing && under_way) cause = std::max(cause, cause_);
    const bool other_methods = !under_way || (cause_ == StopCause::surplus && cause != StopCause::surplus);
    cause_ = cause;
    if (!facts.drawing) {
        status_ = Status::stopped;
        const bool starts_again = contactor_open_ && contactor_sent_ && facts.asks_for_limit;
        return starts_again && now - *contactor_sent_ >= contactor_repetition ? open_contactor(now) : Acts{};
    }
    if (other_methods) return try_from(0, facts, now);
    const auto patience = cause == StopCause::ceiling ? patience_under_ceiling : patience_otherwise;
    if (status_ == Status::trying && now - tried_since_ >= patience) return try_from(tried_ + 1, facts, now);
    const bool lost = method() == StopMethod::contactor && now - *contactor_sent_ >= contactor_opens_within;
    return lost ? open_contactor(now) : Acts{};
}

Acts Stopping::try_from(std::size_t first, const StopFacts& facts, twc::TimePoint now) {
    tried_ = first;
    while (tried_ < list().size() && !applies(list()[tried_], facts.protocol)) ++tried_;
    status_ = tried_ < list().size() ? Status::trying : Status::exhausted;
    tried_since_ = now;
    if (method() == StopMethod::contactor) return open_contactor(now);
    if (method() != StopMethod::vehicle) return {};
    vehicle_asked_ = true;
    return {.ask_vehicle_to_stop = true};
}

Acts Stopping::open_contactor(twc::TimePoint now) {
    contactor_open_ = true;
    contactor_sent_ = now;
    return {.open_contactor = true};
}

Acts Stopping::permit(const StopFacts& facts, twc::TimePoint now) {
    // Right after a command to it what flows is what flowed before.
    const bool settled = !contactor_sent_ || now - *contactor_sent_ >= contactor_opens_within;
    if (status_ != Status::not_wanted) {
        status_ = Status::not_wanted;
        contactor_sent_.reset();
        closings_ = 0;
    }
    Acts acts{.ask_vehicle_to_start = std::exchange(vehicle_asked_, false)};
    if ((facts.drawing && settled) || closings_ >= most_closings) contactor_open_ = false;
    const bool waiting = contactor_sent_ && now - *contactor_sent_ < contactor_repetition;
    if (!contactor_open_ || waiting) return acts;
    contactor_sent_ = now;
    ++closings_;
    acts.close_contactor = true;
    return acts;
}

void Stopping::contactor_answered(bool close) {
    if (close && status_ == Status::not_wanted) contactor_open_ = false;
}

void Stopping::vehicle_left() {
    contactor_sent_.reset();
    vehicle_asked_ = false;
}

void Stopping::withdraw() {
    if (status_ == Status::not_wanted) status_ = Status::stopped;
}

twc::Wish Stopping::wish(const StopFacts& facts) const {
    const twc::Wish at_minimum{twc::Wish::Kind::limit, facts.minimum};
    // A zero that is taken back for another cause's methods would let the car charge again.
    const bool has_zero = facts.protocol == twc::Protocol::v1 && facts.vehicle_connected &&
                          (facts.zeroed || std::ranges::find(list(), StopMethod::zero) != list().end());
    // First the minimum: when a heartbeat with its zero is lost, version 1 falls back to its limit of before.
    const bool too_high =
        facts.limit_in_force > facts.minimum || (facts.may_be_in_force > facts.minimum && facts.room);
    // What a zeroed unit last said may be of before, and then the minimum would be a raise.
    if (too_high && !facts.zeroed) return at_minimum;
    const bool defies = status_ == Status::exhausted && facts.room;
    if (defies) return at_minimum;
    if (has_zero) return {twc::Wish::Kind::zero, {}};
    // On version 2 nothing below the minimum exists: it stays until the current has gone.
    if (facts.drawing && facts.limit_in_force == facts.minimum) return at_minimum;
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

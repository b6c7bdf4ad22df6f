#include "bridge/core/stopping.hpp"

#include <algorithm>

namespace bridge {

using namespace std::chrono_literals;
using config::StopMethod;

namespace {

// Contract, promises 1 and 2: how long a method may go without effect before the next one is tried.
constexpr twc::Duration patience_under_ceiling = 10s;
constexpr twc::Duration patience_otherwise = 60s;
// A unit whose contactor we opened may ask to start again; the command is repeated, but not with every
// heartbeat (protocol.md 9).
constexpr twc::Duration contactor_repetition = 10s;

bool applies(StopMethod method, twc::Protocol protocol) {
    switch (method) {
        case StopMethod::zero:
            return protocol == twc::Protocol::v1;
        case StopMethod::vehicle:
            return true;
        case StopMethod::contactor:
            return protocol == twc::Protocol::v2;
        case StopMethod::silence:
            return false;  // not built: config says so at start
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

Stopping::Act Stopping::demand(StopCause cause, const StopFacts& facts, twc::TimePoint now) {
    // While current flows a stop does not become less pressing because its first cause has gone.
    const bool under_way = status_ == Status::trying || status_ == Status::exhausted;
    if (facts.drawing && under_way && cause < cause_) cause = cause_;
    const bool other_methods = !under_way || (cause_ == StopCause::surplus && cause != StopCause::surplus);
    cause_ = cause;
    if (!facts.drawing) {
        status_ = Status::stopped;
        const bool starts_again = contactor_open_ && facts.asks_for_limit;
        if (!starts_again || (contactor_opened_ && now - *contactor_opened_ < contactor_repetition))
            return Act::nothing;
        contactor_opened_ = now;
        return Act::open_contactor;
    }
    if (other_methods) return try_from(0, facts, now);
    const auto patience = cause == StopCause::ceiling ? patience_under_ceiling : patience_otherwise;
    if (status_ == Status::trying && now - tried_since_ >= patience) return try_from(tried_ + 1, facts, now);
    return Act::nothing;
}

Stopping::Act Stopping::try_from(std::size_t first, const StopFacts& facts, twc::TimePoint now) {
    tried_ = first;
    while (tried_ < list().size() && !applies(list()[tried_], facts.protocol)) ++tried_;
    if (tried_ >= list().size()) {
        status_ = Status::exhausted;
        return Act::nothing;
    }
    status_ = Status::trying;
    tried_since_ = now;
    if (list()[tried_] == StopMethod::vehicle) return Act::request_from_vehicle;
    if (list()[tried_] != StopMethod::contactor) return Act::nothing;
    contactor_open_ = true;
    contactor_opened_ = now;
    return Act::open_contactor;
}

Stopping::Act Stopping::permit() {
    status_ = Status::not_wanted;
    if (!contactor_open_) return Act::nothing;
    contactor_open_ = false;
    contactor_opened_.reset();
    return Act::close_contactor;
}

twc::Wish Stopping::wish(const StopFacts& facts) const {
    const bool zero =
        facts.protocol == twc::Protocol::v1 && std::ranges::find(list(), StopMethod::zero) != list().end();
    if (zero && facts.vehicle_connected) return {twc::Wish::Kind::zero, {}};
    // On version 2 nothing below the minimum exists: the least is offered until the current has gone.
    if (facts.drawing || facts.limit_in_force > facts.minimum) return {twc::Wish::Kind::limit, facts.minimum};
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

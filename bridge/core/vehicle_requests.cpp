#include "bridge/core/vehicle_requests.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace bridge {

using namespace std::chrono_literals;
using twc::Duration;
using twc::TimePoint;
using Verdict = VehicleAnswer::Verdict;

namespace {

constexpr Duration first_pause = 10s;  // after a failure, then twice as long each time
constexpr Duration longest_pause = 300s;
constexpr int most_failures = 8;
constexpr Duration time_to_act = 60s;  // from an accepted command to the current that shows it
constexpr int most_accepted = 3;       // commands without effect
constexpr Duration time_to_wake = 30s;
constexpr int most_wakes = 2;
// Makers lock out who asks too often; an evening with clouds needs a handful.
constexpr std::size_t most_per_hour = 12;
constexpr Duration hour = 1h;
constexpr int most_troubles = 3;  // then the proxy is left alone
constexpr Duration proxy_rests = 300s;
constexpr Duration least_rest_when_too_many = 60s;
constexpr int most_nudges = 2;
constexpr Duration between_nudges = 1h;

Duration pause_after(int failures) {
    auto pause = first_pause;
    for (int failure = 1; failure < failures && pause < longest_pause; ++failure) pause *= 2;
    return std::min(pause, longest_pause);
}

}  // namespace

void VehicleRequests::ask(const std::string& charger, const std::string& vin, bool start, TimePoint now) {
    requests_[charger] = {.vin = vin, .start = start, .due = now};
}

void VehicleRequests::observe(const std::string& charger, const Sight& sight, TimePoint now) {
    const auto request = requests_.find(charger);
    if (request != requests_.end()) {
        // What flows before a start was answered may end in a moment, by the stop that was asked for before.
        const bool has_effect =
            request->second.start == sight.drawing && (sight.drawing ? request->second.answered : true);
        // Not forgotten: who stopped the car must start it once it may charge again.
        request->second.held = request->second.start && !sight.may_charge;
        if (request->second.vin != sight.vin || has_effect) requests_.erase(request);
    }
    if (!sight.vin) {
        stays_.erase(charger);
        return;
    }
    auto& stay = stays_[charger];
    if (stay.vin != *sight.vin) stay = {.vin = *sight.vin};
    if (sight.leaves_offer && sight.may_charge && !requests_.contains(charger)) nudge(charger, stay, now);
}

// A car that nobody stopped leaves its offer unused: asleep, full, or on its own timer. It is asked seldom,
// so that it can sleep.
void VehicleRequests::nudge(const std::string& charger, Stay& stay, TimePoint now) {
    const bool lately = stay.nudged && now - *stay.nudged < between_nudges;
    if (stay.declines || stay.nudges >= most_nudges || lately) return;
    ++stay.nudges;
    stay.nudged = now;
    ask(charger, stay.vin, true, now);
}

TimePoint VehicleRequests::allowed_from(const std::string& vin) const {
    const auto asked = asked_.find(vin);
    if (asked == asked_.end() || asked->second.size() < most_per_hour) return {};
    return asked->second[asked->second.size() - most_per_hour] + hour;
}

bool VehicleRequests::busy(const std::string& vin) const {
    // After trouble one call alone tries whether it is over.
    if (troubles_ > 0 && !under_way_.empty()) return true;
    return std::ranges::any_of(under_way_, [&](const auto& call) { return call.second.vin == vin; });
}

TimePoint VehicleRequests::earliest(const Request& request) const {
    if (request.held || request.call || busy(request.vin)) return TimePoint::max();
    return std::max({request.due, trusted_from_, allowed_from(request.vin)});
}

std::optional<VehicleCall> VehicleRequests::poll(TimePoint now) {
    for (auto& [charger, request] : requests_) {
        if (earliest(request) > now) continue;
        const auto command = !request.start ? VehicleCommand::charge_stop
                             : request.wake ? VehicleCommand::wake_up
                                            : VehicleCommand::charge_start;
        VehicleCall call{++last_id_, request.vin, command};
        request.call = call.id;
        under_way_[call.id] = call;
        auto& asked = asked_[call.vin];
        asked.push_back(now);
        if (asked.size() > most_per_hour) asked.pop_front();
        return call;
    }
    return std::nullopt;
}

TimePoint VehicleRequests::next_deadline() const {
    auto deadline = TimePoint::max();
    for (const auto& [charger, request] : requests_) deadline = std::min(deadline, earliest(request));
    return deadline;
}

void VehicleRequests::handle_answer(std::uint64_t id, const HttpReply& reply, TimePoint now) {
    const auto found = under_way_.find(id);
    if (found == under_way_.end()) return;
    const auto command = found->second.command;
    under_way_.erase(found);
    const auto answer = understand(command, reply);
    trust_proxy(answer, now);
    const auto request =
        std::ranges::find_if(requests_, [&](const auto& entry) { return entry.second.call == id; });
    if (request == requests_.end()) return;
    const auto& charger = request->first;
    const auto log = answer.verdict == Verdict::accepted ? spdlog::level::info : spdlog::level::warn;
    spdlog::log(log, "{}: {} of its vehicle: {}", charger, to_text(command), answer.sentence);
    request->second.call.reset();
    request->second.answered = true;
    if (!go_on(charger, request->second, command, answer, now)) requests_.erase(request);
}

bool VehicleRequests::go_on(const std::string& charger, Request& request, VehicleCommand command,
                            const VehicleAnswer& answer, TimePoint now) {
    switch (answer.verdict) {
        case Verdict::accepted:
            if (command == VehicleCommand::wake_up) {
                request.wake = false;
                request.due = now + time_to_wake;
                return true;
            }
            request.due = now + time_to_act;
            if (++request.accepted < most_accepted) return true;
            spdlog::warn(
                "{}: its vehicle has accepted {} three times, without effect so far: is {} the one plugged "
                "in?",
                charger, to_text(command), request.vin);
            return false;
        case Verdict::already_so:
            return false;
        case Verdict::refused:
            stays_[charger].declines = true;
            return false;
        case Verdict::asleep:
            if (request.start) {
                request.wake = true;
                request.due = command == VehicleCommand::wake_up ? now + time_to_wake : now;
                return ++request.wakes <= most_wakes;
            }
            break;  // only a start is worth waking it
        case Verdict::not_now:
        case Verdict::rejected:
        case Verdict::too_many:
        case Verdict::broken:
            break;
    }
    request.due = now + pause_after(++request.failures);
    return request.failures < most_failures;
}

void VehicleRequests::trust_proxy(const VehicleAnswer& answer, TimePoint now) {
    switch (answer.verdict) {
        case Verdict::rejected:
            trusted_from_ = std::max(trusted_from_, now + proxy_rests);
            troubles_ = most_troubles;
            break;
        case Verdict::too_many: {
            const Duration asked_for = answer.retry_after ? *answer.retry_after : least_rest_when_too_many;
            const auto rest = std::clamp<Duration>(asked_for, least_rest_when_too_many, hour);
            trusted_from_ = std::max(trusted_from_, now + rest);
            troubles_ = most_troubles;
            break;
        }
        case Verdict::broken:
            if (++troubles_ >= most_troubles) trusted_from_ = std::max(trusted_from_, now + proxy_rests);
            break;
        default:
            // What was asked before the pause began says nothing against it.
            if (now >= trusted_from_) troubles_ = 0;
    }
}

}  // namespace bridge

#include "bridge/core/vehicle_answer.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace bridge {

namespace {

using Json = nlohmann::json;
using Verdict = VehicleAnswer::Verdict;

constexpr std::size_t longest_reason = 120;
constexpr int ok = 200;
constexpr int unauthorised = 401;
constexpr int forbidden = 403;
constexpr int request_timeout = 408;
constexpr int too_many_requests = 429;
constexpr int first_server_error = 500;

/// Words from outside, for a log line.
std::string tidied(std::string_view words) {
    std::string text{words.substr(0, longest_reason)};
    for (char& letter : text) {
        if (letter < ' ' || letter > '~') letter = '?';
    }
    return text;
}

std::string_view text_of(const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (found == object.end() || !found->is_string()) return {};
    return found->get_ref<const std::string&>();
}

/// tesla-http-proxy puts the car's reason under "string", everybody else under "reason"; its words stand
/// before the car's own.
std::string_view reason_in(const Json& response) {
    constexpr std::string_view prefix = "car could not execute command: ";
    auto reason = text_of(response, "reason");
    if (reason.empty()) reason = text_of(response, "string");
    return reason.starts_with(prefix) ? reason.substr(prefix.size()) : reason;
}

bool tells_of_sleep(std::string_view words) {
    constexpr std::array<std::string_view, 3> phrases{"asleep", "is sleeping", "vehicle is offline"};
    return std::ranges::any_of(
        phrases, [&](std::string_view phrase) { return words.find(phrase) != std::string_view::npos; });
}

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& words) {
    return std::ranges::find(words, word) != words.end();
}

Verdict verdict_on(VehicleCommand command, std::string_view reason) {
    constexpr std::array<std::string_view, 4> charges{"is_charging", "already_started", "requested",
                                                      "charging"};
    constexpr std::array<std::string_view, 2> does_not{"not_charging", "already_stopped"};
    const bool start = command == VehicleCommand::charge_start;
    if (tells_of_sleep(reason)) return Verdict::asleep;
    if (reason == "disconnected") return Verdict::refused;
    if (reason == "complete") return start ? Verdict::refused : Verdict::already_so;
    if (start ? is_one_of(reason, charges) : is_one_of(reason, does_not)) return Verdict::already_so;
    return Verdict::not_now;
}

/// Nothing if it holds no answer of a car.
std::optional<VehicleAnswer> answer_of_car(VehicleCommand command, const Json& document) {
    const auto found = document.is_object() ? document.find("response") : document.end();
    if (found == document.end() || !found->is_object()) return std::nullopt;
    // wake_up of the Fleet API tells the state of the vehicle, which takes its time.
    if (command == VehicleCommand::wake_up && !text_of(*found, "state").empty())
        return VehicleAnswer{Verdict::accepted, "it is " + tidied(text_of(*found, "state"))};
    const auto result = found->find("result");
    if (result == found->end() || !result->is_boolean()) return std::nullopt;
    if (result->get<bool>()) return VehicleAnswer{Verdict::accepted, "accepted"};
    const auto reason = reason_in(*found);
    return VehicleAnswer{verdict_on(command, reason),
                         reason.empty() ? "refused without a reason" : "refused: " + tidied(reason)};
}

}  // namespace

std::string_view to_text(VehicleCommand command) {
    switch (command) {
        case VehicleCommand::charge_start:
            return "charge_start";
        case VehicleCommand::charge_stop:
            return "charge_stop";
        case VehicleCommand::wake_up:
            return "wake_up";
    }
    return {};
}

VehicleAnswer understand(VehicleCommand command, const HttpReply& reply) {
    if (reply.status == 0) return {Verdict::broken, tidied(reply.failure)};
    const auto status = "HTTP status " + std::to_string(reply.status);
    if (reply.status == unauthorised || reply.status == forbidden)
        return {Verdict::rejected, status + ": the token is missing, wrong or too old"};
    if (reply.status == too_many_requests)
        return {Verdict::too_many, status + ": asked too often", reply.retry_after};
    const auto document = Json::parse(reply.body, nullptr, false);
    if (const auto answer = answer_of_car(command, document)) {
        if (reply.status == ok || answer->verdict != Verdict::accepted) return *answer;
    }
    const auto error = text_of(document, "error");
    if (reply.status == request_timeout || tells_of_sleep(error))
        return {Verdict::asleep, status + ": asleep or out of reach"};
    if (reply.status == ok) return {Verdict::broken, "an answer that makes no sense"};
    const auto words = error.empty() ? std::string{} : ": " + tidied(error);
    const bool in_trouble = reply.status >= first_server_error || reply.status < 400;
    return {in_trouble ? Verdict::broken : Verdict::not_now, status + words};
}

}  // namespace bridge

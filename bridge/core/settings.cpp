// JSON text ⇄ Settings.
#include "bridge/core/settings.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "config/json.hpp"
#include "config/reader.hpp"
#include "config/schedule.hpp"
#include "config/syntax.hpp"
#include "config/words.hpp"

namespace bridge {
namespace {

using config::Node;

constexpr int format_version = 1;
constexpr std::int64_t most_centiamps = std::numeric_limits<std::uint16_t>::max();  // of a field on the bus
constexpr std::int64_t most_watts = 50'000;
constexpr int most_minutes = 24 * 60;
constexpr std::int64_t most_stops = 1'000'000;
constexpr std::int64_t most_energy = 1'000'000'000'000;  // 0.01 kWh: more than any charger lives for

std::string_view word_of(config::Mode mode) {
    return std::ranges::find(config::mode_words, mode, &std::pair<std::string_view, config::Mode>::second)
        ->first;
}

nlohmann::ordered_json json_of(const ChargerSettings& charger) {
    nlohmann::ordered_json json;
    json["id"] = charger.known.id.text();
    json["protocol"] = static_cast<int>(charger.known.protocol);
    if (charger.known.max_current) json["maxCentiamps"] = charger.known.max_current->count();
    json["bus"] = charger.bus;
    if (charger.limit) json["limitCentiamps"] = charger.limit->count();
    json["charge"] = charger.charge;
    if (charger.mode) json["mode"] = word_of(*charger.mode);
    if (charger.priority) json["priority"] = *charger.priority;
    json["energyHundredthsKwh"] = charger.energy;
    json["sessionEnergyHundredthsKwh"] = charger.session_energy;
    if (charger.session_stops > 0) json["sessionStops"] = charger.session_stops;
    if (charger.vehicle_connected) json["vehicleConnected"] = true;
    if (charger.boost.minutes > 0) json["boostMinutes"] = charger.boost.minutes;
    if (charger.boost.until) json["boostUntilHundredthsKwh"] = *charger.boost.until;
    if (charger.target.until) json["targetUntilHundredthsKwh"] = *charger.target.until;
    if (charger.target.deadline) json["targetDeadline"] = charger.target.deadline->time_since_epoch().count();
    if (charger.target.pressing) json["targetPressing"] = true;
    if (charger.target_time) json["targetMinutes"] = charger.target_time->count();
    if (charger.vin) json["vin"] = *charger.vin;
    if (charger.guest_allowed) json["guestAllowed"] = true;
    if (charger.session_silences > 0) json["sessionSilences"] = charger.session_silences;
    json["contactorOpen"] = charger.contactor_open;
    if (charger.vehicle_asked) json["vehicleAsked"] = true;
    json["replaced"] = charger.replaced;
    return json;
}

auto whole(std::int64_t low, std::int64_t high) {
    return [low, high](const Node& node) { return node.whole(low, high, ""); };
}
std::optional<bool> boolean(const Node& node) { return node.boolean(); }
std::optional<config::Mode> mode(const Node& node) { return node.word(config::mode_words); }

std::optional<twc::TwcId> twc_id(const Node& node) {
    const auto fits = [](std::string_view text) { return twc::TwcId::parse(text).has_value(); };
    const auto text = node.text(fits, "four hex digits");
    return text ? twc::TwcId::parse(*text) : std::nullopt;
}

std::optional<std::string> bus_name(const Node& node) {
    const auto fits = [](std::string_view text) { return text.empty() || config::is_bus_name(text); };
    return node.text(fits, "the name of a bus");
}

std::optional<Moment> moment(const Node& node) {
    constexpr std::int64_t latest = 253'402'300'799;  // of the year 9999
    const auto seconds = node.whole(0, latest, "seconds");
    return seconds ? std::optional{Moment{std::chrono::seconds{*seconds}}} : std::nullopt;
}

std::optional<std::string> vin(const Node& node) {
    const auto fits = [](std::string_view text) { return text.empty() || config::is_vin(text); };
    return node.text(fits, "a VIN, or an empty text");
}

std::optional<std::vector<config::Window>> schedule(const Node& node) {
    const auto fits = [](std::string_view text) { return config::parse_schedule(text).has_value(); };
    const auto text = node.text(fits, R"(lines as "mon-fri 23:00-06:00 fast", joined by ";")");
    if (!text) return std::nullopt;
    return config::parse_schedule(*text).value();
}

ChargerSettings read_charger(const Node& node) {
    config::Object object{node};
    ChargerSettings charger;
    for (const auto* key : {"id", "protocol", "bus", "charge", "energyHundredthsKwh",
                            "sessionEnergyHundredthsKwh", "contactorOpen", "replaced"}) {
        object.require(key);
    }
    object.take("id", charger.known.id, twc_id);
    object.take("protocol", charger.known.protocol, whole(1, 2));
    object.take("maxCentiamps", charger.known.max_current, whole(1, most_centiamps));
    object.take("bus", charger.bus, bus_name);
    object.take("limitCentiamps", charger.limit, whole(0, most_centiamps));
    object.take("charge", charger.charge, boolean);
    object.take("mode", charger.mode, mode);
    object.take("priority", charger.priority, whole(1, 10));
    object.take("energyHundredthsKwh", charger.energy, whole(0, most_energy));
    object.take("sessionEnergyHundredthsKwh", charger.session_energy, whole(0, most_energy));
    object.take("sessionStops", charger.session_stops, whole(0, most_stops));
    object.take("vehicleConnected", charger.vehicle_connected, boolean);
    object.take("boostMinutes", charger.boost.minutes, whole(1, most_minutes));
    object.take("boostUntilHundredthsKwh", charger.boost.until, whole(0, most_energy));
    object.take("targetUntilHundredthsKwh", charger.target.until, whole(0, most_energy));
    object.take("targetDeadline", charger.target.deadline, moment);
    object.take("targetPressing", charger.target.pressing, boolean);
    object.take("targetMinutes", charger.target_time, whole(0, most_minutes - 1));
    object.take("vin", charger.vin, vin);
    object.take("guestAllowed", charger.guest_allowed, boolean);
    object.take("sessionSilences", charger.session_silences, whole(0, most_stops));
    object.take("contactorOpen", charger.contactor_open, boolean);
    object.take("vehicleAsked", charger.vehicle_asked, boolean);
    object.take("replaced", charger.replaced, boolean);
    object.refuse_others();
    return charger;
}

/// A key is one level of a topic: "5893" or "<bus>_5893".
bool is_charger_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
               letter == '-';
    });
}

Settings read_settings(const Node& node) {
    config::Object object{node};
    Settings settings;
    int version = format_version;
    object.require("version");
    object.take("version", version, whole(format_version, format_version));
    object.take("mode", settings.mode, mode);
    object.take("totalLimitCentiamps", settings.total_limit, whole(0, 100'000));
    object.take("gridReserveWatts", settings.grid_reserve, whole(-most_watts, most_watts));
    object.take("schedule", settings.schedule, schedule);
    object.take("scheduleActive", settings.schedule_active, boolean);
    object.require("chargers");
    if (const auto chargers = object.find("chargers")) {
        for (const auto& [key, member] : config::Object{*chargers}.members()) {
            if (!is_charger_key(key))
                member.refuse("the key of a charger", config::describe({std::string{key}}));
            settings.chargers.emplace(key, read_charger(member));
        }
    }
    object.refuse_others();
    return settings;
}

}  // namespace

std::string to_json(const Settings& settings) {
    nlohmann::ordered_json json;
    json["version"] = format_version;
    if (settings.mode) json["mode"] = word_of(*settings.mode);
    if (settings.total_limit) json["totalLimitCentiamps"] = settings.total_limit->count();
    if (settings.grid_reserve) json["gridReserveWatts"] = settings.grid_reserve->count();
    if (settings.schedule) json["schedule"] = config::schedule_text(*settings.schedule);
    if (!settings.schedule_active) json["scheduleActive"] = false;
    json["chargers"] = nlohmann::ordered_json::object();
    for (const auto& [key, charger] : settings.chargers) json["chargers"][key] = json_of(charger);
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

twc::Expected<Settings, std::string> settings_from_json(const std::string& text) {
    const auto document = config::parse_json(text);
    if (!document) return twc::Unexpected{to_sentence(document.error())};
    auto problems = document->repeated;
    auto settings = read_settings(Node{document->root, "", problems});
    if (!problems.empty()) return twc::Unexpected{to_sentence(problems.front())};
    return settings;
}

}  // namespace bridge

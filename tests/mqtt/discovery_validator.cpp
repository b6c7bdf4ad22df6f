// What Home Assistant would say to our discovery messages, and where we are stricter with ourselves.
#include "tests/mqtt/discovery_validator.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>

namespace broker {
namespace {

using nlohmann::json;

constexpr std::size_t most_bytes = 65536;

bool contains(const json& list, const json& value) { return std::ranges::find(list, value) != list.end(); }

std::string text(const json& object, const std::string& key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string{};
}

/// Keeps the compiled patterns: compiling them took longer than everything else together.
bool matches(const std::string& value, const std::string& pattern) {
    static std::map<std::string, std::regex> compiled;
    return std::regex_match(value, compiled.try_emplace(pattern, pattern).first->second);
}

/// Refuses what nlohmann::json would silently accept: one key twice.
bool has_duplicate_keys(const std::string& payload) {
    std::vector<std::set<std::string>> objects;
    bool duplicate = false;
    const auto watch = [&](int, json::parse_event_t event, const json& value) {
        if (event == json::parse_event_t::object_start) objects.emplace_back();
        if (event == json::parse_event_t::object_end) objects.pop_back();
        if (event == json::parse_event_t::key)
            duplicate |= !objects.back().insert(value.get<std::string>()).second;
        return true;
    };
    const auto ignored = json::parse(payload, watch, false);
    return duplicate || ignored.is_discarded();
}

/// A list of at least one string, none twice.
bool is_word_list(const json& list) {
    if (!list.is_array() || list.empty()) return false;
    if (!std::ranges::all_of(
            list, [](const json& word) { return word.is_string() && !word.get<std::string>().empty(); })) {
        return false;
    }
    return std::set<json>(list.begin(), list.end()).size() == list.size();
}

std::string lower(std::string word) {
    std::ranges::transform(word, word.begin(),
                           [](unsigned char character) { return std::tolower(character); });
    return word;
}

}  // namespace

const json& rules() {
    static const json loaded = json::parse(std::ifstream{TEST_SOURCE_DIR "/vectors/ha_rules.json"});
    return loaded;
}

void DiscoveryValidator::complain(const std::string& rule, const std::string& about) {
    complaints_.push_back(rule + ": " + about + " (" + where_ + ")");
}

void DiscoveryValidator::check(const Publication& message) {
    where_ = message.topic;
    if (!message.retain) complain("envelope", "not retained");
    if (message.payload.size() > most_bytes) complain("envelope", "too large");
    // Our parser would skip it, Home Assistant's would not.
    if (message.payload.starts_with("\xEF\xBB\xBF")) complain("envelope", "byte order mark");
    if (!topics_.insert(message.topic).second) complain("envelope", "announced twice");
    const auto document = json::parse(message.payload, nullptr, false);
    if (!document.is_object()) return complain("envelope", "no JSON object");
    if (has_duplicate_keys(message.payload)) complain("envelope", "duplicate key");

    // The prefix may have levels of its own, so only what follows it can be taken apart.
    if (!message.topic.starts_with(prefix_ + '/')) return complain("topic", "not below the prefix");
    const auto path = message.topic.substr(prefix_.size() + 1);
    static const std::regex pattern{R"((\w+)/(?:([a-zA-Z0-9_-]+)/)?([a-zA-Z0-9_-]+)/config)"};
    std::smatch part;
    if (!std::regex_match(path, part, pattern)) return complain("topic", "not a discovery topic");
    if (part[1] == "device") {
        check_device_document(part[3], document);
    } else {
        check_single(part[1], part[2], part[3], document);
    }
}

void DiscoveryValidator::check_device_document(const std::string& object_id, const json& document) {
    const auto& rule = rules()["device_document"];
    for (const auto& [key, value] : document.items()) {
        const bool known = contains(rule["required"], key) || contains(rule["optional"], key);
        // Refused before 2026.6, with the whole document.
        if (!known || key == "message_expiry_interval") complain("root", "key " + key);
    }
    for (const auto& key : rule["required"]) {
        if (!document.contains(key.get<std::string>()))
            return complain("root", "without " + key.get<std::string>());
    }
    check_origin(document["origin"]);
    check_device(document["device"]);
    if (!contains(document["device"].value("identifiers", json::array()), object_id)) {
        complain("topic", "object id is not the identifier");
    }
    const auto& components = document["components"];
    if (!components.is_object() || components.empty()) return complain("root", "no components");
    for (const auto& [key, component] : components.items()) {
        where_ = object_id + '/' + key;
        if (!matches(key, "[a-zA-Z0-9_-]+")) complain("topic", "component key");
        auto merged = component;
        for (const auto& shared : rule["optional"]) {
            const auto name = shared.get<std::string>();
            if (document.contains(name) && !merged.contains(name)) merged[name] = document[name];
        }
        check_component(key, merged, document["device"]);
    }
}

void DiscoveryValidator::check_single(const std::string& platform, const std::string& node_id,
                                      const std::string& key, json component) {
    if (!component.contains("device") || !component.contains("origin"))
        return complain("root", "without device or origin");
    check_origin(component["origin"]);
    const auto device = component["device"];
    // The device comes once with each of its components.
    if (const auto ids = device.value("identifiers", json::array());
        ids.empty() || !devices_.contains(ids[0])) {
        check_device(device);
    }
    if (!contains(device.value("identifiers", json::array()), node_id))
        complain("topic", "node id is not the identifier");
    if (component.contains("platform")) complain("keys", "platform beside the topic's");
    component["platform"] = platform;
    check_component(key, component, device);
}

void DiscoveryValidator::check_device(const json& device) {
    if (!device.is_object()) return complain("device", "no object");
    for (const auto& [key, value] : device.items()) {
        if (!contains(rules()["device_block"]["keys"], key)) complain("device", "key " + key);
        if (key == "identifiers" || key == "connections") continue;
        if (!value.is_string() || value.get<std::string>().empty()) complain("device", key + " is no text");
    }
    for (const auto* key : {"name", "manufacturer", "model"}) {
        if (!device.contains(key)) complain("device", std::string{"without "} + key);
    }
    if (const auto url = text(device, "configuration_url"); !url.empty() && !matches(url, "https?://.+")) {
        complain("device", "configuration_url");
    }
    const auto via = text(device, "via_device");
    if (!via.empty() && !devices_.contains(via)) complain("via", "parent not announced before");
    if (via.empty() && !device.contains("sw_version")) complain("device", "without sw_version");
    const auto identifiers = device.value("identifiers", json::array());
    if (!is_word_list(identifiers)) return complain("device", "identifiers");
    for (const auto& identifier : identifiers) {
        if (!devices_.insert(identifier).second) complain("device", "identifier taken");
        if (!matches(identifier, "twcbridge_[a-zA-Z0-9_-]+")) complain("device", "identifier form");
    }
}

void DiscoveryValidator::check_origin(const json& origin) {
    if (!origin.is_object()) return complain("origin", "no object");
    for (const auto& [key, value] : origin.items()) {
        if (!contains(rules()["origin_block"]["keys"], key)) complain("origin", "key " + key);
        if (!value.is_string()) complain("origin", key + " is no text");
    }
    if (text(origin, "name").empty()) complain("origin", "without name");
    if (text(origin, "sw_version").empty()) complain("origin", "without sw_version");
    if (!matches(text(origin, "support_url"), "https?://[a-z0-9.-]+/.*")) complain("origin", "support_url");
}

void DiscoveryValidator::check_component(const std::string& key, const json& component, const json& device) {
    if (!component.is_object()) return complain("keys", "no object");
    const auto platform = text(component, "platform");
    if (!contains(rules()["supported_components"], platform) ||
        rules()["new_components_since"].contains(platform) || !rules()["platforms"].contains(platform)) {
        return complain("platform", "unknown or too new: " + platform);
    }
    static const std::set<std::string> checked{"sensor", "binary_sensor", "switch", "number",
                                               "select", "text",          "event"};
    if (!checked.contains(platform)) complain("platform", "has no rules here: " + platform);
    const auto& rule = rules()["platforms"][platform];
    for (const auto& [name, value] : component.items()) {
        if (!contains(rules()["component_common"], name) && !contains(rule["own"], name))
            complain("keys", "key " + name);
        if (rules()["abbreviations"].contains(name)) complain("keys", "abbreviation " + name);
    }
    // The recorder would store them with every state.
    if (component.contains("json_attributes_topic")) complain("keys", "attributes");
    for (const auto& name : rule["required"]) {
        if (!component.contains(name.get<std::string>()))
            complain("keys", "without " + name.get<std::string>());
    }
    const auto identifiers = device.value("identifiers", json::array());
    if (identifiers.empty() ||
        text(component, "unique_id") != identifiers[0].get<std::string>() + '_' + key) {
        complain("identity", "unique_id is not device and key");
    }
    check_identity(component, platform);
    check_name(component, device);
    check_looks(component, platform);
    check_switches(component, platform);
    check_topics(component);
    check_availability(component);
    check_classes(component, platform);
    if (platform == "sensor") check_sensor(component);
    if (platform == "binary_sensor" || platform == "switch") check_binary(component, platform);
    if (platform == "number") check_number(component);
    if (platform == "text") check_text(component);
    if (platform == "select") check_words(component, "options");
    if (platform == "event") check_words(component, "event_types");
}

void DiscoveryValidator::check_identity(const json& component, const std::string& platform) {
    if (!unique_ids_.insert(text(component, "unique_id")).second) complain("identity", "unique_id taken");
    if (!component.contains("default_entity_id")) return;
    const auto id = text(component, "default_entity_id");
    if (!matches(id, (platform + R"(\.[a-z0-9]+(_[a-z0-9]+)*)")) || id.size() > 255) {
        complain("entity id", "form of " + id);
    }
    if (!entity_ids_.insert(id).second) complain("entity id", "taken: " + id);
}

void DiscoveryValidator::check_name(const json& component, const json& device) {
    const auto name = text(component, "name");
    if (name.empty() || name.size() > 60 || name.front() == ' ' || name.back() == ' ')
        return complain("name", "form");
    if (name.front() < 'A' || name.front() > 'Z') complain("name", "no capital: " + name);
    const auto device_name = text(device, "name");
    if (!device_name.empty() && name.find(device_name) != std::string::npos)
        complain("name", "repeats the device's");
    const auto identifiers = device.value("identifiers", json::array());
    if (!identifiers.empty() && !names_.insert(identifiers[0].get<std::string>() + '/' + name).second) {
        complain("name", "taken: " + name);
    }
}

void DiscoveryValidator::check_looks(const json& component, const std::string& platform) {
    if (component.contains("icon") && !matches(text(component, "icon"), "mdi:[a-z0-9-]+"))
        complain("icon", "form");
    if (!component.contains("entity_category")) return;
    const auto category = text(component, "entity_category");
    if (category != "config" && category != "diagnostic") complain("category", category);
    const bool reads = platform == "sensor" || platform == "binary_sensor";
    const bool sets =
        platform == "number" || platform == "select" || platform == "switch" || platform == "text";
    if (reads && category != "diagnostic") complain("category", "refused for what only reads");
    if (sets && category != "config") complain("category", "odd for what sets");
}

void DiscoveryValidator::check_switches(const json& component, const std::string& platform) {
    if (component.contains("enabled_by_default") && !component["enabled_by_default"].is_boolean()) {
        complain("flags", "enabled_by_default");
    }
    for (const auto* key : {"retain", "optimistic", "force_update"}) {
        // A retained command comes again with each connection.
        if (component.contains(key) && component[key] != false) complain("flags", key);
    }
    if (component.value("qos", json{}) != 1) complain("flags", "qos is not 1");
    if (platform != "button" && platform != "update" && platform != "device_automation" &&
        !component.contains("state_topic")) {
        complain("topics", "no state topic");
    }
}

bool DiscoveryValidator::is_topic(const json& value) {
    if (!value.is_string()) return false;
    const auto topic = value.get<std::string>();
    if (topic.empty() || topic.front() == '/' || topic.back() == '/' || topic.front() == '$') return false;
    if (topic.find_first_of("+#") != std::string::npos) return false;
    if (std::ranges::any_of(topic,
                            [](unsigned char character) { return character < ' ' || character == 0x7f; }))
        return false;
    return !topic.starts_with(prefix_ + '/') && topic.starts_with(base_ + '/');
}

void DiscoveryValidator::check_topics(const json& component) {
    for (const auto& [key, value] : component.items()) {
        if (key.ends_with("_topic") && !is_topic(value)) complain("topics", key);
    }
    if (const auto state = text(component, "state_topic"); !state.empty()) {
        state_topics_.insert(state);
        if (command_topics_.contains(state)) complain("topics", "state where commands are");
        if (state.ends_with("/set")) complain("topics", "state among our subscriptions");
    }
    if (const auto command = text(component, "command_topic"); !command.empty()) {
        if (!command_topics_.insert(command).second) complain("topics", "command taken");
        if (state_topics_.contains(command)) complain("topics", "command where a state is");
        const bool input = command.starts_with(base_ + "/input/");
        if (!command.ends_with("/set") && !input) complain("topics", "command we do not subscribe to");
    }
}

void DiscoveryValidator::check_availability(const json& component) {
    const auto will = base_ + "/status";
    const bool list = component.contains("availability");
    if (component.contains("availability_topic"))
        return complain("availability", list ? "two styles" : "the other style");
    // The one entity that must be able to show "disconnected".
    if (text(component, "state_topic") == will) {
        if (list && !component["availability"].empty()) complain("availability", "of the connection itself");
        return;
    }
    if (!list || !component["availability"].is_array()) return complain("availability", "none");
    bool has_will = false;
    for (const auto& entry : component["availability"]) {
        for (const auto& [key, value] : entry.items()) {
            if (!contains(rules()["availability_item"], key)) complain("availability", "key " + key);
        }
        if (!entry.contains("topic") || !is_topic(entry["topic"])) complain("availability", "topic");
        if (text(entry, "payload_available") != "online") complain("availability", "payload_available");
        if (text(entry, "payload_not_available") != "offline")
            complain("availability", "payload_not_available");
        has_will |= text(entry, "topic") == will;
    }
    if (!has_will) complain("availability", "without the Will's topic");
    if (component["availability"].size() > 1 && text(component, "availability_mode") != "all") {
        complain("availability", "mode is not all");
    }
}

void DiscoveryValidator::check_classes(const json& component, const std::string& platform) {
    if (!component.contains("device_class")) return;
    const auto name = text(component, "device_class");
    if (platform == "sensor" || platform == "number") {
        if (!rules()["sensor_classes"].contains(name)) return complain("class", "unknown: " + name);
        const auto& rule = rules()["sensor_classes"][name];
        const auto unit = component.value("unit_of_measurement", json{});
        if (rule["units"].empty() ? !unit.is_null() : !contains(rule["units"], unit))
            complain("class", "unit of " + name);
        if (component.contains("state_class") && !contains(rule["state_classes"], component["state_class"])) {
            complain("class", "state class of " + name);
        }
    } else if (!contains(rules()["platforms"][platform].value("device_classes", json::array()), name)) {
        complain("class", "unknown: " + name);
    }
}

void DiscoveryValidator::check_sensor(const json& component) {
    const bool is_enum = text(component, "device_class") == "enum";
    if (is_enum != component.contains("options"))
        complain("sensor", "options are for enums, and enums have some");
    if (component.contains("options")) check_words(component, "options");
    // Their states would need rules that we have none of.
    const auto about_time = text(component, "device_class");
    if (about_time == "timestamp" || about_time == "date") complain("sensor", "of time");
    if (is_enum && (component.contains("state_class") || component.contains("suggested_display_precision"))) {
        complain("sensor", "enum with numbers' keys");
    }
    const bool numeric = component.contains("unit_of_measurement") || component.contains("state_class");
    const auto precision = component.value("suggested_display_precision", json{});
    if (numeric && (!precision.is_number_integer() || precision < 0 || precision > 6))
        complain("sensor", "precision");
    if (numeric && !component.contains("unit_of_measurement")) complain("sensor", "number without a unit");
    // The one number that never changes.
    const bool constant = text(component, "state_topic").ends_with("/max_current");
    if (numeric && !constant && !component.contains("state_class"))
        complain("sensor", "number without a state class");
    if (component.contains("last_reset_value_template")) complain("sensor", "last reset");
    // All our states are retained and come when they change: an expiry would be wrong both ways.
    if (component.contains("expire_after")) complain("sensor", "expires");
    const auto value_template = text(component, "value_template");
    if (component.contains("value_template") &&
        !matches(value_template, R"(\{\{ [^{}]*\bvalue\b[^{}]* \}\})"))
        complain("template", value_template);
}

void DiscoveryValidator::check_binary(const json& component, const std::string& platform) {
    const auto on = text(component, "payload_on");
    const auto off = text(component, "payload_off");
    const bool link = text(component, "device_class") == "connectivity";
    if (on != (link ? "online" : "ON") || off != (link ? "offline" : "OFF")) complain("binary", "payloads");
    if (platform == "binary_sensor" && component.contains("expire_after")) complain("binary", "expires");
}

void DiscoveryValidator::check_text(const json& component) {
    const auto min = component.value("min", 0);
    const auto max = component.value("max", 255);
    if (min < 0 || min > max || max > 255) complain("text", "length");
    if (!contains(rules()["platforms"]["text"]["modes"], component.value("mode", json("text"))))
        complain("text", "mode");
}

void DiscoveryValidator::check_number(const json& component) {
    for (const auto* key : {"min", "max", "step"}) {
        if (!component.contains(key) || !component[key].is_number()) return complain("number", key);
    }
    const auto min = component["min"].get<double>();
    const auto max = component["max"].get<double>();
    const auto step = component["step"].get<double>();
    if (min >= max) complain("number", "empty range");
    // The echo of a reading has to be inside, and readings may have either sign.
    const bool input = text(component, "command_topic").find("/input/") != std::string::npos;
    if (input && (min > -100'000 || max < 100'000)) complain("number", "range smaller than that of readings");
    if (step < rules()["platforms"]["number"]["step_min"].get<double>() || max - min < step)
        complain("number", "step");
    const auto steps = (max - min) / step;
    if (std::abs(steps - std::round(steps)) > 1e-6) complain("number", "range is no whole number of steps");
    if (!contains(rules()["platforms"]["number"]["modes"], component.value("mode", json{})))
        complain("number", "mode");
}

void DiscoveryValidator::check_words(const json& component, const std::string& list) {
    const auto& words = component.value(list, json{});
    if (!is_word_list(words)) return complain("words", list);
    if (list == "options" && words.size() < 2) complain("words", "no choice");
    for (const auto& word : words) {
        const auto plain = lower(word);
        if (plain == "none" || plain == "unknown" || plain == "unavailable")
            complain("words", "reserved: " + plain);
    }
}

}  // namespace broker

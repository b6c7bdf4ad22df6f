// Home Assistant discovery: pure functions from what is known of a device to the messages that announce it.
#include "mqtt/discovery.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "config/schedule.hpp"
#include "mqtt/values.hpp"

namespace broker {
namespace {

using nlohmann::json;

constexpr std::string_view default_instance = "twcbridge";
constexpr std::string_view program = "twcbridge";
constexpr std::string_view website = "https://github.com/twcbridge/twcbridge";

/// Whose silence makes an entity unavailable. What a unit says goes with the unit. Settings, counters and
/// what the bridge itself says of a unit stay true while the unit is silent, and the bridge's own connection
/// must be able to say "off".
enum class Follows : std::uint8_t { bridge, unit, nobody };

/// One entity, fields that are empty are left out of its component.
struct Entity {
    std::string_view
        key;  ///< component key, end of the unique id and, unless `leaf` says otherwise, of the topic
    std::string_view platform;
    std::string_view name;
    std::string_view device_class = {};
    std::string_view unit = {};
    std::string_view state_class = {};
    int precision = -1;
    std::string_view icon = {};
    std::string_view category = {};
    Follows follows = Follows::bridge;
    bool enabled = true;
    std::string_view leaf = {};
    std::string_view command = {};  ///< where commands go; otherwise "/set" below the topic
};

constexpr Entity charging_mode{
    .key = "mode", .platform = "select", .name = "Charging mode", .icon = "mdi:solar-power-variant"};

constexpr auto diagnostic = std::string_view{"diagnostic"};
constexpr auto configuration = std::string_view{"config"};

// What follows is a table to be read by columns; a formatter would make it a page per row.
// clang-format off
constexpr auto site_entities = std::to_array<Entity>({
    charging_mode,
    {.key = "total_limit", .platform = "number", .name = "Total current limit", .device_class = "current", .unit = "A", .icon = "mdi:current-ac"},
    {.key = "grid_reserve", .platform = "number", .name = "Grid reserve", .device_class = "power", .unit = "W", .icon = "mdi:transmission-tower", .category = configuration},
    {.key = "schedule", .platform = "text", .name = "Schedule", .icon = "mdi:calendar-clock", .category = configuration},
    {.key = "schedule_active", .platform = "switch", .name = "Schedule active", .icon = "mdi:calendar-check", .category = configuration},
    {.key = "solar_power", .platform = "sensor", .name = "Solar power", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0, .icon = "mdi:solar-power"},
    {.key = "house_power", .platform = "sensor", .name = "House power", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0, .icon = "mdi:home-lightning-bolt"},
    {.key = "grid_power", .platform = "sensor", .name = "Grid power", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0, .icon = "mdi:transmission-tower"},
    {.key = "surplus_power", .platform = "sensor", .name = "Available surplus", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0, .icon = "mdi:sun-wireless"},
    // For owners whose values are in Home Assistant and not at the broker; they show what the bridge understood.
    {.key = "solar_input", .platform = "number", .name = "Solar input", .device_class = "power", .unit = "W", .icon = "mdi:solar-power", .enabled = false, .leaf = "solar_power", .command = "input/generation"},
    {.key = "house_input", .platform = "number", .name = "House input", .device_class = "power", .unit = "W", .icon = "mdi:home-lightning-bolt", .enabled = false, .leaf = "house_power", .command = "input/consumption"},
    {.key = "grid_input", .platform = "number", .name = "Grid input", .device_class = "power", .unit = "W", .icon = "mdi:transmission-tower", .enabled = false, .leaf = "grid_power", .command = "input/grid"},
    {.key = "offered_current", .platform = "sensor", .name = "Total offered current", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1},
    {.key = "current", .platform = "sensor", .name = "Total current", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1},
    {.key = "power", .platform = "sensor", .name = "Total power", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0},
    // Disabled, so that nobody adds it to its own parts in the energy dashboard.
    {.key = "energy", .platform = "sensor", .name = "Total energy", .device_class = "energy", .unit = "kWh", .state_class = "total_increasing", .precision = 2, .enabled = false},
    {.key = "input_stale", .platform = "binary_sensor", .name = "Solar input stale", .device_class = "problem", .category = diagnostic},
    {.key = "problem", .platform = "binary_sensor", .name = "Problem", .device_class = "problem", .category = diagnostic},
    {.key = "problem_reason", .platform = "sensor", .name = "Problem reason", .icon = "mdi:alert-circle-outline", .category = diagnostic},
    {.key = "rs485", .platform = "binary_sensor", .name = "RS-485 link", .device_class = "connectivity", .category = diagnostic},
    {.key = "connection", .platform = "binary_sensor", .name = "Connection", .device_class = "connectivity", .category = diagnostic, .follows = Follows::nobody, .leaf = "status"},
});

constexpr auto charger_entities = std::to_array<Entity>({
    {.key = "state", .platform = "sensor", .name = "State", .device_class = "enum", .icon = "mdi:ev-station", .follows = Follows::unit},
    {.key = "vehicle_connected", .platform = "binary_sensor", .name = "Vehicle connected", .device_class = "plug", .follows = Follows::unit},
    {.key = "charging", .platform = "binary_sensor", .name = "Charging", .device_class = "battery_charging", .follows = Follows::unit},
    {.key = "fault", .platform = "binary_sensor", .name = "Fault", .device_class = "problem", .category = diagnostic},
    {.key = "current", .platform = "sensor", .name = "Current", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .follows = Follows::unit},
    {.key = "offered_current", .platform = "sensor", .name = "Offered current", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .icon = "mdi:current-ac"},
    {.key = "limit_in_force", .platform = "sensor", .name = "Limit in force", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "reason", .platform = "sensor", .name = "Reason", .icon = "mdi:comment-question-outline", .category = diagnostic},
    {.key = "power", .platform = "sensor", .name = "Power", .device_class = "power", .unit = "W", .state_class = "measurement", .precision = 0, .follows = Follows::unit},
    {.key = "session_energy", .platform = "sensor", .name = "Session energy", .device_class = "energy", .unit = "kWh", .state_class = "total_increasing", .precision = 2},
    {.key = "energy", .platform = "sensor", .name = "Energy", .device_class = "energy", .unit = "kWh", .state_class = "total_increasing", .precision = 2},
    {.key = "meter_energy", .platform = "sensor", .name = "Meter reading", .device_class = "energy", .unit = "kWh", .state_class = "total_increasing", .precision = 0, .category = diagnostic},
    {.key = "voltage_l1", .platform = "sensor", .name = "Voltage L1", .device_class = "voltage", .unit = "V", .state_class = "measurement", .precision = 0, .category = diagnostic, .follows = Follows::unit},
    {.key = "voltage_l2", .platform = "sensor", .name = "Voltage L2", .device_class = "voltage", .unit = "V", .state_class = "measurement", .precision = 0, .category = diagnostic, .follows = Follows::unit},
    {.key = "voltage_l3", .platform = "sensor", .name = "Voltage L3", .device_class = "voltage", .unit = "V", .state_class = "measurement", .precision = 0, .category = diagnostic, .follows = Follows::unit},
    {.key = "current_l1", .platform = "sensor", .name = "Current L1", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "current_l2", .platform = "sensor", .name = "Current L2", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "current_l3", .platform = "sensor", .name = "Current L3", .device_class = "current", .unit = "A", .state_class = "measurement", .precision = 1, .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "max_current", .platform = "sensor", .name = "Maximum current", .device_class = "current", .unit = "A", .precision = 0, .category = diagnostic},
    {.key = "vehicle_vin", .platform = "sensor", .name = "Vehicle VIN", .icon = "mdi:car-info", .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "firmware", .platform = "sensor", .name = "Firmware", .icon = "mdi:chip", .category = diagnostic, .enabled = false},
    {.key = "serial", .platform = "sensor", .name = "Serial number", .icon = "mdi:barcode", .category = diagnostic, .enabled = false},
    {.key = "protocol", .platform = "sensor", .name = "Protocol version", .icon = "mdi:protocol", .category = diagnostic, .enabled = false},
    {.key = "raw_state", .platform = "sensor", .name = "Raw state", .icon = "mdi:code-braces", .category = diagnostic, .follows = Follows::unit, .enabled = false},
    {.key = "limit", .platform = "number", .name = "Current limit", .device_class = "current", .unit = "A", .icon = "mdi:current-ac"},
    {.key = "charge", .platform = "switch", .name = "Charging allowed", .icon = "mdi:ev-station"},
    charging_mode,
    {.key = "boost_minutes", .platform = "number", .name = "Boost time", .device_class = "duration", .unit = "min", .icon = "mdi:rocket-launch"},
    {.key = "boost_energy", .platform = "number", .name = "Boost energy", .device_class = "energy", .unit = "kWh", .icon = "mdi:rocket-launch", .category = configuration, .enabled = false},
    {.key = "target_energy", .platform = "number", .name = "Target energy", .device_class = "energy", .unit = "kWh", .icon = "mdi:bullseye-arrow"},
    {.key = "target_time", .platform = "text", .name = "Target time", .icon = "mdi:clock-end", .category = configuration},
    {.key = "vehicle_name", .platform = "sensor", .name = "Vehicle", .icon = "mdi:car"},
    {.key = "guest", .platform = "binary_sensor", .name = "Guest", .icon = "mdi:car-key"},
    {.key = "guest_allowed", .platform = "switch", .name = "Guest allowed", .icon = "mdi:car-key"},
    {.key = "priority", .platform = "number", .name = "Priority", .icon = "mdi:sort-numeric-descending", .category = configuration},
    {.key = "link", .platform = "binary_sensor", .name = "Connection", .device_class = "connectivity", .category = diagnostic, .leaf = "status"},
    {.key = "event", .platform = "event", .name = "Charging event", .icon = "mdi:ev-plug-tesla"},
});
// clang-format on

/// What all components of one device share.
struct Device {
    std::string id;              ///< "twcbridge_5893"
    std::string entity_id_stem;  ///< "wall_connector_5893"
    json block;
    std::string status;  ///< topic of the unit's own availability; empty for the bridge
};

/// Only what Home Assistant takes in a discovery topic; other bytes as _ and two hex digits.
std::string made_safe(std::string_view text) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    constexpr std::string_view hex = "0123456789abcdef";
    std::string safe;
    for (const char character : text) {
        if (allowed.find(character) != std::string_view::npos) {
            safe += character;
            continue;
        }
        const auto byte = static_cast<unsigned char>(character);
        safe += '_';
        safe += hex[byte / 16];
        safe += hex[byte % 16];
    }
    return safe;
}

/// Lower-case letters and digits with single underscores between, as entity ids are.
std::string slug(std::string_view text) {
    std::string result;
    for (const char character : text) {
        const bool upper = character >= 'A' && character <= 'Z';
        const bool kept = (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
        if (upper || kept) {
            result += upper ? static_cast<char>(character - 'A' + 'a') : character;
        } else if (!result.empty() && result.back() != '_') {
            result += '_';
        }
    }
    if (result.ends_with('_')) result.pop_back();
    return result;
}

bool is_default(const SiteDescription& site) {
    return site.instance.empty() || site.instance == default_instance;
}

/// Entity ids do not follow the owner's names: they are the same in every house, as examples and dashboards
/// need them.
std::string entity_id_stem(const SiteDescription& site, std::string_view of) {
    std::string text{"wall_connector_"};
    if (!is_default(site)) text += site.instance + '_';
    text += of;
    return slug(text);
}

json amps(std::int64_t centiamps) {
    if (centiamps % 100 == 0) return centiamps / 100;
    return static_cast<double>(centiamps) / 100;
}

/// Half amps are what a hand can choose; finer only where the ceiling is not on that grid, for Home Assistant
/// wants the range to be a whole number of steps. Commands may be finer than the step: nobody holds those of
/// automations to it.
json step_to(twc::Centiamps ceiling) {
    if (ceiling.count() % 50 == 0) return 0.5;
    if (ceiling.count() % 10 == 0) return 0.1;
    return 0.01;
}

void set_range(json& component, const json& min, const json& max, const json& step, std::string_view mode) {
    component["min"] = min;
    component["max"] = max;
    component["step"] = step;
    component["mode"] = mode;
}

json entry(const std::string& status) {
    return {{"topic", status}, {"payload_available", "online"}, {"payload_not_available", "offline"}};
}

void set_availability(json& component, const Device& device, const Topics& topics, Follows follows) {
    if (follows == Follows::nobody) return;
    auto list = json::array({entry(topics.status())});
    if (follows == Follows::unit) list.push_back(entry(device.status));
    component["availability"] = std::move(list);
    component["availability_mode"] = "all";
}

/// Every key an entity's row has; what only a platform or one entity needs is added by the caller.
json component_of(const config::HomeAssistant& settings, const Topics& topics, const Device& device,
                  const Entity& entity, const std::string& topic) {
    json component{
        {"platform", entity.platform},
        {"name", entity.name},
        {"state_topic", topic},
        {"qos", 1},
        {"unique_id", device.id + '_' + std::string{entity.key}},
    };
    const auto add = [&](const char* key, std::string_view value) {
        if (!value.empty()) component[key] = value;
    };
    add("device_class", entity.device_class);
    add("unit_of_measurement", entity.unit);
    add("state_class", entity.state_class);
    add("icon", entity.icon);
    add("entity_category", entity.category);
    if (entity.precision >= 0) component["suggested_display_precision"] = entity.precision;
    if (!entity.enabled) component["enabled_by_default"] = false;
    if (settings.entity_ids) {
        component["default_entity_id"] =
            std::string{entity.platform} + '.' + device.entity_id_stem + '_' + std::string{entity.key};
    }
    if (entity.platform == "number" || entity.platform == "select" || entity.platform == "switch" ||
        entity.platform == "text") {
        component["command_topic"] = entity.command.empty() ? topic + "/set" : topics.site(entity.command);
    }
    if (entity.platform == "binary_sensor") {
        // Links carry the words of the status topics.
        const bool link = entity.device_class == "connectivity";
        component["payload_on"] = link ? "online" : "ON";
        component["payload_off"] = link ? "offline" : "OFF";
    }
    if (entity.platform == "switch") {
        component["payload_on"] = "ON";
        component["payload_off"] = "OFF";
    }
    set_availability(component, device, topics, entity.follows);
    return component;
}

/// Home Assistant ignores an empty payload and would show the last text for ever. "None" it knew in numbers
/// only before 2024.11 and would show as a word. So the state is said as it shall be.
void show_empty_as_unknown(json& component) {
    component["value_template"] = "{{ 'unknown' if value in ('', 'None') else value }}";
}

/// One document for the device, or one message per component with the device in each.
std::vector<Publication> messages(const config::HomeAssistant& settings, const Device& device,
                                  const std::string& version, json components) {
    const json origin{{"name", program}, {"sw_version", version}, {"support_url", website}};
    const auto publication = [&](std::string_view kind, const std::string& path, const json& body) {
        // A name that is no UTF-8 must not cost the announcement.
        return Publication{.topic = settings.prefix + '/' + std::string{kind} + '/' + path + "/config",
                           .payload = body.dump(-1, ' ', false, json::error_handler_t::replace)};
    };
    if (settings.discovery == config::Discovery::device) {
        return {publication(
            "device", device.id,
            {{"device", device.block}, {"origin", origin}, {"components", std::move(components)}})};
    }
    std::vector<Publication> result;
    for (auto& [key, component] : components.items()) {
        const auto platform = component["platform"].get<std::string>();
        component.erase("platform");  // the topic says it
        component["device"] = device.block;
        component["origin"] = origin;
        result.push_back(publication(platform, device.id + '/' + key, component));
    }
    return result;
}

bool is_shown(const SiteDescription& site, std::string_view key) {
    const bool has_input = site.has_solar || site.has_house || site.has_grid;
    if (key == "solar_power") return site.has_solar;
    if (key == "house_power") return site.has_house;
    if (key == "grid_power") return site.has_grid;
    if (key == "solar_input") return site.takes_solar;
    if (key == "house_input") return site.takes_house;
    if (key == "grid_input") return site.takes_grid;
    if (key == "surplus_power" || key == "input_stale") return has_input;
    // A sum of one is that one once more.
    if (key == "current" || key == "power" || key == "energy") return site.chargers > 1;
    if (key == "total_limit") return site.ceiling.count() > 0;
    return true;
}

bool is_shown(const ChargerDescription& charger, std::string_view key) {
    constexpr auto of_meter = std::to_array<std::string_view>(
        {"meter_energy", "voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2", "current_l3",
         "vehicle_vin", "firmware", "serial"});
    if (!charger.has_meter && std::ranges::find(of_meter, key) != of_meter.end()) return false;
    if (key == "voltage_l2" || key == "current_l2") return charger.phases >= 2;
    if (key == "voltage_l3" || key == "current_l3") return charger.phases >= 3;
    if (key == "vehicle_vin") return charger.publish_vin;
    if (key == "vehicle_name") return charger.knows_vehicles;
    if (key == "guest" || key == "guest_allowed") return charger.asks_for_guests;
    // A range that ends where it begins would be refused.
    if (key == "limit") return charger.ceiling.count() > 0;
    return true;
}

Device describe(const SiteDescription& site) {
    Device device{.id = device_identifier(site, "bridge"),
                  .entity_id_stem = entity_id_stem(site, "bridge"),
                  .block = {{"manufacturer", program},
                            {"model", "Wall Connector MQTT bridge"},
                            {"name", "Wall Connector bridge"},
                            {"sw_version", site.version}},
                  .status = {}};
    device.block["identifiers"] = json::array({device.id});
    if (!is_default(site)) device.block["name"] = "Wall Connector bridge (" + site.instance + ')';
    return device;
}

Device describe(const config::HomeAssistant& settings, const Topics& topics, const SiteDescription& site,
                const ChargerDescription& charger) {
    Device device{.id = device_identifier(site, charger.key),
                  .entity_id_stem = entity_id_stem(site, charger.key),
                  .block = {{"manufacturer", "Tesla"},
                            {"model", "Wall Connector Gen 2"},
                            {"name", charger.name.empty() ? "Wall Connector " + charger.key : charger.name},
                            {"via_device", device_identifier(site, "bridge")}},
                  .status = topics.charger(charger.key, "status")};
    device.block["identifiers"] = json::array({device.id});
    if (charger.firmware) device.block["sw_version"] = *charger.firmware;
    if (charger.area) device.block["suggested_area"] = *charger.area;
    // Unknown to the versions that need one message per component, and an unknown key here costs the whole
    // message.
    if (settings.discovery == config::Discovery::device) {
        if (charger.serial) device.block["serial_number"] = *charger.serial;
        if (charger.rating) device.block["model_id"] = hundredths(charger.rating->count()) + " A";
    }
    return device;
}

}  // namespace

// Never from a name or a position: identifiers outlive both. The base topic takes part only where it has to.
std::string device_identifier(const SiteDescription& site, std::string_view of) {
    std::string result{program};
    if (!is_default(site)) result += '_' + made_safe(site.instance);
    return result + '_' + made_safe(of);
}

std::optional<std::string> with_tombstones(const std::string& announced, const std::string& stored) {
    constexpr auto platforms = std::to_array<std::string_view>(
        {"sensor", "binary_sensor", "number", "select", "switch", "text", "event"});
    auto document = json::parse(announced, nullptr, false);
    const auto earlier = json::parse(stored, nullptr, false);
    if (!document.is_object() || !earlier.is_object() || !document.contains("components"))
        return std::nullopt;
    auto& components = document["components"];
    const auto count = components.size();
    const auto before = earlier.value("components", json::object());
    for (const auto& [key, component] : before.items()) {
        if (components.contains(key) || !component.is_object()) continue;
        const auto platform = component.find("platform");
        if (platform == component.end() || !platform->is_string()) continue;
        const auto name = platform->get<std::string>();
        if (std::ranges::find(platforms, name) == platforms.end()) continue;
        components[key] = {{"platform", name}};
    }
    if (components.size() == count) return std::nullopt;
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<Publication> announce_site(const config::HomeAssistant& settings, const Topics& topics,
                                       const SiteDescription& site) {
    if (settings.discovery == config::Discovery::off) return {};
    const auto device = describe(site);
    json components = json::object();
    for (const auto& entity : site_entities) {
        if (!is_shown(site, entity.key)) continue;
        const auto topic = topics.site(entity.leaf.empty() ? entity.key : entity.leaf);
        auto component = component_of(settings, topics, device, entity, topic);
        if (entity.key == "mode") component["options"] = {"off", "solar", "solar_min", "fast"};
        if (entity.key == "total_limit") {
            set_range(component, 0, amps(site.ceiling.count()), step_to(site.ceiling), "slider");
        }
        if (entity.key == "schedule") component["max"] = config::longest_schedule;
        if (entity.key == "grid_reserve") set_range(component, -50'000, 50'000, 10, "box");
        // As far as a reading may go, see broker::parse_reading.
        if (entity.key.ends_with("_input")) set_range(component, -100'000, 100'000, 1, "box");
        if (entity.key == "problem_reason") show_empty_as_unknown(component);
        components[entity.key] = std::move(component);
    }
    return messages(settings, device, site.version, std::move(components));
}

std::vector<Publication> announce_charger(const config::HomeAssistant& settings, const Topics& topics,
                                          const SiteDescription& site, const ChargerDescription& charger) {
    if (settings.discovery == config::Discovery::off) return {};
    const auto device = describe(settings, topics, site, charger);
    json components = json::object();
    for (const auto& entity : charger_entities) {
        if (!is_shown(charger, entity.key)) continue;
        const auto topic = topics.charger(charger.key, entity.leaf.empty() ? entity.key : entity.leaf);
        auto component = component_of(settings, topics, device, entity, topic);
        if (entity.key == "state") {
            component["options"] = {"idle",     "connected", "waiting", "starting",
                                    "charging", "paused",    "error"};
        }
        if (entity.key == "mode") component["options"] = {"site", "off", "solar", "solar_min", "fast"};
        if (entity.key == "limit") {
            set_range(component, 0, amps(charger.ceiling.count()), step_to(charger.ceiling), "slider");
        }
        if (entity.key == "priority") set_range(component, 1, 10, 1, "box");
        if (entity.key == "boost_minutes") set_range(component, 0, most_boost_minutes, 1, "box");
        if (entity.key == "target_energy") set_range(component, 0, most_energy, energy_step, "box");
        if (entity.key == "target_time") {
            component["max"] = 5;
            component["pattern"] = "([01]?[0-9]|2[0-3]):[0-5][0-9]";
        }
        if (entity.key == "boost_energy") set_range(component, 0, most_energy, energy_step, "box");
        if (entity.key == "vehicle_vin" || entity.key == "vehicle_name" || entity.key == "reason")
            show_empty_as_unknown(component);
        if (entity.key == "event") {
            component["event_types"] = {"vehicle_connected", "vehicle_disconnected", "charging_started",
                                        "charging_stopped",  "session_ended",        "fault",
                                        "fault_cleared"};
            if (charger.asks_for_guests) component["event_types"].push_back("guest_waiting");
        }
        components[entity.key] = std::move(component);
    }
    return messages(settings, device, site.version, std::move(components));
}

}  // namespace broker

// Configuration file → Config, or every problem of it at once.
#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "config/json.hpp"
#include "config/reader.hpp"
#include "config/schedule.hpp"
#include "config/syntax.hpp"
#include "config/words.hpp"

namespace config {
namespace {

using namespace twc::literals;
template <class Value>
using Words = std::pair<std::string_view, Value>;

/// A current that the minimum must not exceed.
struct Ceiling {
    std::string name;
    Centiamps value;
};

/// What came of a text so far; the config is good only without problems.
struct Reading {
    Config config;
    Problems problems;
    std::vector<Ceiling> ceilings;
    Json root;  // what was read
};

auto amps(Centiamps low, Centiamps high) {
    return [low, high](const Node& node) { return node.amps(low, high); };
}
auto whole(std::int64_t low, std::int64_t high, std::string_view unit = "") {
    return [low, high, unit](const Node& node) { return node.whole(low, high, unit); };
}
auto text(bool (*fits)(std::string_view), std::string expected) {
    return [fits, expected = std::move(expected)](const Node& node) { return node.text(fits, expected); };
}
template <class Table>
auto word(const Table& table) {
    return [&table](const Node& node) { return node.word(table); };
}
std::optional<bool> boolean(const Node& node) { return node.boolean(); }

auto name() { return text(is_name, "a text of 1 to 100 bytes without control characters"); }
/// What is wrong is not shown: some write the secret itself where its file belongs.
std::optional<std::string> path(const Node& node) {
    const auto* const given = std::get_if<std::string>(&node.json().content);
    if (given != nullptr && is_absolute_path(*given)) return *given;
    node.refuse("the absolute path of a file", describe_unseen(node.json()));
    return std::nullopt;
}
auto base_topic() {
    return text(is_base_topic, "a topic of 1 to 200 bytes without +, #, empty levels and a leading $");
}

/// The members of a section with secrets in it: what else stands in its place is not shown.
std::optional<Object> secret_section(const Node& node) {
    if (std::holds_alternative<Json::Object>(node.json().content)) return Object{node};
    node.refuse("an object", describe_unseen(node.json()));
    return std::nullopt;
}

/// What is compared one with another would otherwise keep `check` busy for minutes.
bool are_too_many(const Node& node, std::size_t count, std::size_t most, std::string_view things) {
    if (count <= most) return false;
    node.refuse("at most " + std::to_string(most) + ' ' + std::string{things}, std::to_string(count));
    return true;
}

constexpr std::size_t most_buses = 100;
constexpr std::size_t most_chargers = 1000;
constexpr std::size_t most_vehicles = 1000;

// ---- buses and chargers

Bus read_bus(const Node& node, Reading& reading) {
    Object object{node};
    Bus bus;
    const auto port = text(is_bus_port, "the absolute path of a serial device, or tcp://host:port");
    object.require("port");
    object.take("port", bus.port, port);
    object.take("name", bus.name, text(is_bus_name, "a text of 1 to 32 letters a-z, digits, _ and -"));
    object.take_or_null("wiringMaxAmps", bus.wiring_max, amps(6_A, 1000_A));
    if (bus.wiring_max) reading.ceilings.push_back({object.pointer("wiringMaxAmps"), *bus.wiring_max});
    object.refuse_others();
    return bus;
}

/// Names and ports must tell several buses apart.
void check_distinct(const std::vector<Bus>& buses, const std::string& pointer, Problems& problems) {
    for (std::size_t i = 0; i < buses.size(); ++i) {
        const auto place = child_pointer(pointer, std::to_string(i));
        const auto earlier = std::span{buses}.first(i);
        if (buses.size() > 1 && buses[i].name.empty()) {
            problems.push_back({place, "\"name\", because there are several buses", "none"});
        } else if (std::ranges::find(earlier, buses[i].name, &Bus::name) != earlier.end()) {
            problems.push_back({place + "/name", "a name that no other bus has", '"' + buses[i].name + '"'});
        }
        if (!buses[i].port.empty() &&
            std::ranges::find(earlier, buses[i].port, &Bus::port) != earlier.end()) {
            problems.push_back({place + "/port", "a port that no other bus has", '"' + buses[i].port + '"'});
        }
    }
}

void read_buses(Object& root, Reading& reading) {
    auto& buses = reading.config.buses;
    const auto one = root.find("bus");
    const auto several = root.find("buses");
    if (one) buses.push_back(read_bus(*one, reading));
    if (one && several) several->refuse(R"(either "bus" or "buses")", "both");
    if (one || several) {
        if (!several) return;
        const auto nodes = several->array();
        if (!nodes) return;
        if (nodes->empty()) several->refuse("at least one bus");
        if (are_too_many(*several, nodes->size(), most_buses, "buses")) return;
        std::vector<Bus> list;
        for (const auto& node : *nodes) list.push_back(read_bus(node, reading));
        check_distinct(list, several->pointer(), reading.problems);
        buses.insert(buses.end(), list.begin(), list.end());
        return;
    }
    root.refuse(R"("bus" or "buses")", "neither");
}

constexpr std::string_view vin_form = "17 characters: digits and capital letters other than I, O and Q";

std::optional<std::vector<std::string>> read_vins(const Node& node) {
    const auto nodes = node.array();
    if (!nodes) return std::nullopt;
    std::vector<std::string> vins;
    for (const auto& element : *nodes) {
        if (auto vin = element.text(is_vin, std::string{vin_form})) vins.push_back(std::move(*vin));
    }
    return vins;
}

Charger read_charger(const Node& node, Reading& reading) {
    Object object{node};
    Charger charger;
    object.take_or_null("name", charger.name, name());
    object.take_or_null("area", charger.area, name());
    object.take_or_null("maxAmps", charger.max_current, amps(5_A, 80_A));
    object.take_or_null("phases", charger.phases, whole(1, 3));
    object.take_or_null("vin", charger.vin, text(is_vin, std::string{vin_form}));
    object.take_or_null("allowedVins", charger.allowed_vins, read_vins);
    object.take("priority", charger.priority, whole(1, 10));
    object.refuse_others();
    if (charger.max_current) reading.ceilings.push_back({object.pointer("maxAmps"), *charger.max_current});
    return charger;
}

void read_chargers(Object& root, Reading& reading) {
    const auto node = root.find("chargers");
    if (!node) return;
    const auto members = Object{*node}.members();
    if (are_too_many(*node, members.size(), most_chargers, "chargers")) return;
    for (const auto& [key, member] : members) {
        const auto charger = read_charger(member, reading);
        const auto id = TwcId::parse(key);
        // What is meant for the car at one of them would reach it at the other.
        const bool vin_is_taken =
            charger.vin && std::ranges::any_of(reading.config.chargers, [&](const auto& other) {
                return other.second.vin == charger.vin;
            });
        if (vin_is_taken)
            reading.problems.push_back({child_pointer(member.pointer(), "vin"),
                                        "a VIN that no other charger has", '"' + *charger.vin + '"'});
        if (!id) {
            member.refuse("four hex digits, as \"5893\"", describe(Json{std::string{key}}));
        } else if (!reading.config.chargers.emplace(*id, charger).second) {
            member.refuse("each charger once", "charger " + id->text() + " again");
        }
    }
}

void read_supply(Object& root, Reading& reading) {
    auto& config = reading.config;
    const auto ceiling = [&](std::string_view key, Centiamps& target, auto read) {
        const auto* const remark = root.find(key) ? "" : " (its default)";
        if (root.take(key, target, read)) reading.ceilings.push_back({root.pointer(key) + remark, target});
    };
    ceiling("wiringMaxAmpsAllTWCs", config.wiring_max_all, amps(6_A, 1000_A));
    ceiling("wiringMaxAmpsPerTWC", config.wiring_max_each, amps(6_A, 80_A));
    root.take_or_null("maxAmpsAllowedFromGrid", config.main_fuse, amps(6_A, 1000_A));
    if (config.main_fuse)
        reading.ceilings.push_back({root.pointer("maxAmpsAllowedFromGrid"), *config.main_fuse});
    root.take("defaultVoltage", config.default_voltage, whole(100, 300, "volts"));
    root.take("numberOfPhases", config.default_phases, whole(1, 3));
}

/// Comes after all ceilings: below its minimum no charger would ever charge.
void read_minimum(Object& root, Reading& reading) {
    auto& minimum = reading.config.minimum;
    if (!root.take("minAmpsPerTWC", minimum, amps(5_A, 32_A))) return;
    for (const auto& [name, value] : reading.ceilings) {
        if (minimum <= value) continue;
        reading.problems.push_back({root.pointer("minAmpsPerTWC"),
                                    "at most " + twc::to_text(value, true) + ", the value of " + name,
                                    twc::to_text(minimum, true)});
    }
}

// ---- the house

/// What certificates, keys and passwords need beside them.
void check_credentials(Object& object, const Mqtt& mqtt, bool url_is_good) {
    const auto needs = [&](std::string_view key, std::string_view other) {
        if (object.has(key) && !object.has(other)) {
            object.find(key)->refuse('"' + std::string{other} + "\" beside it", "none");
        }
    };
    needs("certFile", "keyFile");
    needs("keyFile", "certFile");
    needs("passwordFile", "username");
    if (!url_is_good || mqtt.url.starts_with("mqtts://")) return;
    for (const std::string_view key : {"caFile", "certFile", "keyFile"}) {
        if (object.has(key)) object.find(key)->refuse("a url with mqtts:// beside it", '"' + mqtt.url + '"');
    }
}

/// `form` as "mqtt://host:port or mqtts://host:port"; `instead` says where secrets go that some write there.
auto url(bool (*fits)(std::string_view), std::string form, std::string instead) {
    return [fits, form = std::move(form),
            instead = std::move(instead)](const Node& node) -> std::optional<std::string> {
        const auto* given = std::get_if<std::string>(&node.json().content);
        if (given != nullptr && given->find('@') != std::string::npos) {
            // Not shown: what stands before the @ may be a password.
            node.refuse(form + "; " + instead, "an @");
            return std::nullopt;
        }
        if (given != nullptr && !fits(*given) && !is_harmless_url(*given)) {
            node.refuse(form + "; " + instead, "a text that may hold a secret");
            return std::nullopt;
        }
        return node.text(fits, form + " (port 1 to 65535, may be left out)");
    };
}

void read_mqtt(Object& root, Reading& reading) {
    static constexpr std::array<Words<MqttVersion>, 3> versions{
        {{"auto", MqttVersion::automatic}, {"3.1.1", MqttVersion::v3_1_1}, {"5", MqttVersion::v5}}};
    const auto node = root.find("mqtt");
    auto section = node ? secret_section(*node) : std::nullopt;
    if (!section) return;
    auto& object = *section;
    auto& mqtt = reading.config.mqtt;
    const bool url_is_good = object.take(
        "url", mqtt.url,
        url(is_broker_url, "mqtt://host:port or mqtts://host:port", "user and password have their own keys"));
    object.take_or_null("username", mqtt.username, name());
    object.take_or_null("passwordFile", mqtt.password_file, path);
    object.take_or_null("clientId", mqtt.client_id, name());
    object.take("baseTopic", mqtt.base_topic, base_topic());
    object.take("publishVin", mqtt.publish_vin, boolean);
    object.take("version", mqtt.version, word(versions));
    object.take_or_null("caFile", mqtt.ca_file, path);
    object.take_or_null("certFile", mqtt.cert_file, path);
    object.take_or_null("keyFile", mqtt.key_file, path);
    object.refuse_others({{"password", "a password has a file of its own: \"passwordFile\""}});
    check_credentials(object, mqtt, url_is_good);
}

void read_home_assistant(Object& root, Reading& reading) {
    static constexpr std::array<Words<Discovery>, 3> ways{
        {{"device", Discovery::device}, {"component", Discovery::component}, {"off", Discovery::off}}};
    const auto node = root.find("homeAssistant");
    if (!node) return;
    Object object{*node};
    auto& home = reading.config.home_assistant;
    object.take("discovery", home.discovery, word(ways));
    object.take("prefix", home.prefix, base_topic());
    object.take("entityIds", home.entity_ids, boolean);
    object.refuse_others();
}

/// Discovery messages and our own topics must not mix.
void check_topics_apart(const Config& config, Problems& problems) {
    if (config.home_assistant.discovery == Discovery::off) return;
    const auto& base = config.mqtt.base_topic;
    const auto& prefix = config.home_assistant.prefix;
    if (!is_same_or_above(base, prefix) && !is_same_or_above(prefix, base)) return;
    problems.push_back({"/mqtt/baseTopic",
                        "a topic neither above nor below /homeAssistant/prefix, \"" + prefix + '"',
                        '"' + base + '"'});
}

// ---- inputs

using Units = std::array<Words<double>, 3>;
constexpr Units power_units{{{"W", 1}, {"kW", 1e3}, {"MW", 1e6}}};
constexpr std::array<Words<double>, 2> current_units{{{"A", 1}, {"mA", 1e-3}}};

std::optional<double> read_scale(const Node& node) {
    constexpr double least = 1e-9;
    constexpr double most = 1e9;
    if (const auto* number = std::get_if<Number>(&node.json().content)) {
        double scale = 0;
        const auto* const end = number->text.data() + number->text.size();
        const auto [rest, error] = std::from_chars(number->text.data(), end, scale);
        if (error == std::errc{} && std::abs(scale) >= least && std::abs(scale) <= most) return scale;
    }
    node.refuse("a number other than 0, from 1e-9 to 1e9 in size");
    return std::nullopt;
}

/// Without a default topic the input must name one.
template <class UnitTable>
Input read_input(const Node& node, const UnitTable& units, const std::string& default_topic) {
    Input input;
    input.topic = default_topic;
    if (std::holds_alternative<std::string>(node.json().content)) {
        node.refuse("an object, as { \"topic\": " + describe(node.json()) + " }");
        return input;
    }
    Object object{node};
    if (default_topic.empty()) object.require("topic");
    object.take("topic", input.topic, text(is_topic, "a topic without the wildcards + and #"));
    object.take_or_null("jsonPointer", input.json_pointer,
                        text(is_json_pointer, "a JSON pointer, as \"/house/power\""));
    double unit = 1;
    double scale = 1;
    bool invert = false;
    object.take("unit", unit, word(units));
    object.take("scale", scale, read_scale);
    object.take("invert", invert, boolean);
    object.refuse_others();
    input.factor = unit * scale * (invert ? -1 : 1);
    return input;
}

std::optional<GridCurrents> read_grid_currents(const Node& node) {
    const auto phases = node.array();
    if (!phases) return std::nullopt;
    GridCurrents currents;
    if (phases->size() != currents.size()) {
        node.refuse("an array of three inputs, one for each phase",
                    "an array of " + std::to_string(phases->size()));
    }
    for (std::size_t i = 0; i < std::min(phases->size(), currents.size()); ++i) {
        currents[i] = read_input((*phases)[i], current_units, "");
    }
    return currents;
}

void read_inputs(Object& root, Reading& reading) {
    auto& inputs = reading.config.inputs;
    const auto& base = reading.config.mqtt.base_topic;
    const auto power = [](std::string default_topic) {
        return [default_topic = std::move(default_topic)](const Node& node) {
            return std::optional{read_input(node, power_units, default_topic)};
        };
    };
    inputs.generation = Input{base + "/input/generation", {}, 1};
    inputs.consumption = Input{base + "/input/consumption", {}, 1};
    const auto node = root.find("inputs");
    if (!node) return;
    Object object{*node};
    object.take_or_null("generation", inputs.generation, power(inputs.generation->topic));
    object.take_or_null("consumption", inputs.consumption, power(inputs.consumption->topic));
    object.take_or_null("grid", inputs.grid, power(base + "/input/grid"));
    object.take_or_null("gridCurrents", inputs.grid_currents, read_grid_currents);
    object.take_or_null("battery", inputs.battery, power(""));
    object.take("carFirst", inputs.car_first, boolean);
    object.take_or_null("maxAge", inputs.max_age, whole(1, 3600, "seconds"));
    object.refuse_others();
}

/// What comes by it would be taken for a value and not for the command or the greeting that it is.
bool is_taken(const std::string& topic, const Config& config) {
    const auto& base = config.mqtt.base_topic;
    const auto& prefix = config.home_assistant.prefix;
    const bool a_value = topic.starts_with(base + "/input/") && topic != base + "/input/set";
    const bool ours = is_same_or_above(base, topic) && !a_value;
    const bool home_assistants =
        topic == prefix + "/status" || (is_same_or_above(prefix, topic) && topic.ends_with("/config"));
    return ours || home_assistants || topic.starts_with("$share/");
}

struct PlacedInput {
    std::string pointer;
    const Input* input;
};

std::vector<PlacedInput> placed(const Inputs& inputs) {
    std::vector<PlacedInput> list;
    const auto add = [&](const std::string& key, const std::optional<Input>& input) {
        if (input) list.push_back({"/inputs/" + key, &*input});
    };
    add("generation", inputs.generation);
    add("consumption", inputs.consumption);
    add("grid", inputs.grid);
    add("battery", inputs.battery);
    if (!inputs.grid_currents) return list;
    for (const auto& current : *inputs.grid_currents)
        list.push_back(
            {"/inputs/gridCurrents/" + std::to_string(&current - inputs.grid_currents->data()), &current});
    return list;
}

/// A slip of the hand: one number is not both sun and battery, nor two phases.
bool is_same_value(const Input& one, const Input& other) {
    return one.topic == other.topic && one.json_pointer.value_or("") == other.json_pointer.value_or("");
}

void check_inputs_apart(const Config& config, Problems& problems) {
    const auto& base = config.mqtt.base_topic;
    const auto inputs = placed(config.inputs);
    for (auto place = inputs.begin(); place != inputs.end(); ++place) {
        const auto& [pointer, input] = *place;
        if (input->topic.empty()) continue;  // a problem already
        if (is_taken(input->topic, config))
            problems.push_back({pointer + "/topic",
                                "a topic that means nothing else (of those below \"" + base +
                                    "\" only what is below \"" + base + "/input\", \"set\" excepted)",
                                '"' + input->topic + '"'});
        const auto same = std::find_if(inputs.begin(), place, [&](const PlacedInput& earlier) {
            return is_same_value(*earlier.input, *place->input);
        });
        if (same != place)
            problems.push_back({pointer, "a topic, or a jsonPointer in it, that no other input has",
                                "that of " + same->pointer});
    }
}

void check_fuse_is_watched(const Config& config, Problems& problems) {
    const auto& inputs = config.inputs;
    if (!config.main_fuse || inputs.grid || inputs.grid_currents || inputs.consumption) return;
    problems.push_back(
        {"/maxAmpsAllowedFromGrid", "an input grid, gridCurrents or consumption to watch it", "none"});
}

// ---- control

std::optional<std::vector<StopMethod>> read_stop_methods(const Node& node) {
    static constexpr std::array<Words<StopMethod>, 4> methods{{{"zero", StopMethod::zero},
                                                               {"vehicle", StopMethod::vehicle},
                                                               {"contactor", StopMethod::contactor},
                                                               {"silence", StopMethod::silence}}};
    const auto nodes = node.array();
    if (!nodes) return std::nullopt;
    std::vector<StopMethod> list;
    for (const auto& element : *nodes) {
        const auto method = element.word(methods);
        if (!method) continue;
        if (std::ranges::find(list, *method) != list.end()) element.refuse("each method once");
        list.push_back(*method);
    }
    return list;
}

void read_stop(Object& root, Reading& reading) {
    const auto node = root.find("stop");
    if (!node) return;
    Object object{*node};
    object.take("surplus", reading.config.stop.surplus, read_stop_methods);
    object.take("command", reading.config.stop.command, read_stop_methods);
    object.refuse_others();
}

std::optional<VehicleApi> read_vehicle_api(const Node& node) {
    auto section = secret_section(node);
    if (!section) return std::nullopt;
    auto& object = *section;
    VehicleApi api;
    object.require("url");
    const bool good = object.take(
        "url", api.url,
        url(is_http_url, "http://host:port or https://host:port", "a token has a file of its own"));
    object.take_or_null("tokenFile", api.token_file, path);
    object.take_or_null("caFile", api.ca_file, path);
    object.refuse_others();
    if (!good || api.url.starts_with("https://")) return api;
    if (object.has("caFile"))
        object.find("caFile")->refuse("a url with https:// beside it", '"' + api.url + '"');
    if (object.has("tokenFile") && !is_loopback_url(api.url))
        object.find("tokenFile")
            ->refuse("a url with https:// beside it, or one of this machine", '"' + api.url + '"');
    return api;
}

void read_control(Object& root, Reading& reading) {
    constexpr std::int64_t day = 86400;
    const auto node = root.find("control");
    if (!node) return;
    Object object{*node};
    auto& control = reading.config.control;
    object.take("currentStep", control.current_step, amps(1_cA, 2_A));
    object.take("solarShare", control.solar_share_percent,
                [](const Node& share) { return share.hundredths(0, 99, ""); });
    object.take("switchWh", control.switch_wh, whole(0, 10000, "watt-hours"));
    object.take("minOn", control.min_on, whole(0, day, "seconds"));
    object.take("minOff", control.min_off, whole(0, day, "seconds"));
    object.take_or_null("maxStops", control.max_stops, whole(0, 1000));
    object.take("spike16", control.spike16, boolean);
    object.refuse_others();
}

// ---- who may charge

/// No car would ever charge with less.
void check_above_minimum(Centiamps value, std::string pointer, Reading& reading) {
    if (value >= reading.config.minimum) return;
    reading.problems.push_back(
        {std::move(pointer),
         "at least " + twc::to_text(reading.config.minimum, true) + ", the value of minAmpsPerTWC",
         twc::to_text(value, true)});
}

void read_vehicles(Object& root, Reading& reading) {
    const auto node = root.find("vehicles");
    if (!node) return;
    const auto members = Object{*node}.members();
    if (are_too_many(*node, members.size(), most_vehicles, "vehicles")) return;
    for (const auto& [vin, member] : members) {
        if (!is_vin(vin))
            member.refuse("a VIN as key, " + std::string{vin_form}, describe(Json{std::string{vin}}));
        Object object{member};
        Vehicle vehicle;
        object.take_or_null("name", vehicle.name, name());
        object.take_or_null("mode", vehicle.mode, word(mode_words));
        object.take_or_null("priority", vehicle.priority, whole(1, 10));
        object.take_or_null("maxAmps", vehicle.max_current, amps(5_A, 80_A));
        if (vehicle.max_current)
            check_above_minimum(*vehicle.max_current, object.pointer("maxAmps"), reading);
        object.refuse_others();
        reading.config.vehicles.emplace(vin, std::move(vehicle));
    }
}

void read_guests(Object& root, Reading& reading) {
    static constexpr std::array<Words<GuestRule>, 4> rules{{{"allow", GuestRule::allow},
                                                            {"none", GuestRule::none},
                                                            {"limit", GuestRule::limit},
                                                            {"ask", GuestRule::ask}}};
    const auto node = root.find("guests");
    if (!node) return;
    Object object{*node};
    auto& guests = reading.config.guests;
    object.take("rule", guests.rule, word(rules));
    object.take("maxAmps", guests.max_current, amps(5_A, 80_A));
    if (guests.rule == GuestRule::limit)
        check_above_minimum(guests.max_current, object.pointer("maxAmps"), reading);
    object.refuse_others();
}

// ---- by the clock

std::optional<Window> read_window(const Node& node) {
    const auto line =
        node.text([](std::string_view) { return true; }, R"(a text as "mon-fri 23:00-06:00 fast")");
    if (!line) return std::nullopt;
    auto window = parse_window(*line);
    if (window) return std::move(*window);
    node.refuse(window.error().expected, window.error().found);
    return std::nullopt;
}

/// Comes after the chargers, which it may name.
void read_schedule(Object& root, Reading& reading) {
    const auto node = root.find("schedule");
    if (!node) return;
    const auto lines = node->array();
    if (!lines) return;
    auto& schedule = reading.config.schedule;
    for (const auto& line : *lines) {
        auto window = read_window(line);
        if (!window) continue;
        if (window_of_nobody({*window}, reading.config) != nullptr)
            line.refuse(R"(the id of a charger, or a name from "chargers", behind "for")",
                        '"' + *window->charger + '"');
        schedule.push_back(std::move(*window));
    }
    const auto length = schedule_text(schedule).size();
    if (length <= longest_schedule) return;
    node->refuse("at most " + std::to_string(longest_schedule) + R"( bytes in all, joined by "; ")",
                 std::to_string(length));
}

// ---- the whole

void note_defaults(Object& root, Config& config) {
    for (const std::string_view key : {"wiringMaxAmpsAllTWCs", "wiringMaxAmpsPerTWC", "minAmpsPerTWC",
                                       "defaultVoltage", "numberOfPhases"}) {
        if (!root.find(key)) config.defaulted.push_back(root.pointer(key));
    }
}

void read_root(const Node& node, Reading& reading) {
    if (!std::holds_alternative<Json::Object>(node.json().content)) {
        node.refuse("an object", describe_unseen(node.json()));
        return;
    }
    Object root{node};
    auto& config = reading.config;
    read_buses(root, reading);
    read_supply(root, reading);
    read_chargers(root, reading);
    read_minimum(root, reading);
    read_mqtt(root, reading);
    read_home_assistant(root, reading);
    read_inputs(root, reading);
    root.take("subtractChargerLoad", config.subtract_charger_load, boolean);
    root.take("mode", config.mode, word(mode_words));
    read_stop(root, reading);
    root.take_or_null("vehicleApi", config.vehicle_api, read_vehicle_api);
    read_control(root, reading);
    read_vehicles(root, reading);
    read_guests(root, reading);
    read_schedule(root, reading);
    root.take_or_null("timeZone", config.time_zone, text(is_time_zone, R"(a time zone as "Europe/Berlin")"));
    root.take("settingsPath", config.settings_path, text(is_absolute_path, "the absolute path of a folder"));
    root.refuse_others();
    check_topics_apart(config, reading.problems);
    check_inputs_apart(config, reading.problems);
    check_fuse_is_watched(config, reading.problems);
    note_defaults(root, config);
}

/// Fills in the lines of those pointers that lead somewhere.
void find_lines(const Json& json, const std::string& pointer,
                std::map<std::string, std::optional<std::size_t>>& lines) {
    if (const auto wanted = lines.find(pointer); wanted != lines.end()) wanted->second = json.line;
    if (const auto* object = std::get_if<Json::Object>(&json.content)) {
        for (const auto& [key, value] : *object) find_lines(value, child_pointer(pointer, key), lines);
    }
    if (const auto* array = std::get_if<Json::Array>(&json.content)) {
        for (std::size_t i = 0; i < array->size(); ++i)
            find_lines((*array)[i], child_pointer(pointer, std::to_string(i)), lines);
    }
}

void note_lines(const Json& root, Problems& problems) {
    std::map<std::string, std::optional<std::size_t>> lines;
    for (const auto& problem : problems) {
        if (!problem.pointer.empty()) lines.emplace(problem.pointer, std::nullopt);
    }
    find_lines(root, "", lines);
    for (auto& problem : problems) problem.line = lines[problem.pointer];
}

Reading read(std::string_view input) {
    Reading reading;
    auto document = parse_json(input);
    if (!document) {
        reading.problems.push_back(document.error());
        return reading;
    }
    auto& [root, repeated] = document.value();
    reading.root = std::move(root);
    reading.problems = std::move(repeated);
    read_root(Node{reading.root, "", reading.problems}, reading);
    return reading;
}

twc::Expected<Config, Problems> result_of(Reading reading) {
    if (reading.problems.empty()) return std::move(reading.config);
    note_lines(reading.root, reading.problems);
    return twc::Unexpected{std::move(reading.problems)};
}

/// The content up to the size a text may have, or why there is none.
twc::Expected<std::string, std::error_code> read_file(const std::filesystem::path& file) {
    const auto failure = [](int error) {
        return twc::Unexpected{std::error_code{error, std::generic_category()}};
    };
    errno = 0;
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return failure(errno);
    std::string content(max_bytes + 1, '\0');
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (stream.bad()) return failure(errno);
    content.resize(static_cast<std::size_t>(stream.gcount()));
    return content;
}

/// What the owner can do about it is said where we know it.
std::string reason_of(std::error_code error) {
    if (error != std::errc::permission_denied) return error.message();
    return error.message() + "; as installed, root and the group twcbridge may read it: use sudo";
}

void check_readable(std::string_view place, std::string_view key, const std::optional<std::string>& file,
                    Problems& problems) {
    if (!file) return;
    const auto content = read_file(*file);
    if (!content)
        problems.push_back({child_pointer(std::string{place}, key), "a file that can be read",
                            *file + ": " + reason_of(content.error())});
}

/// MQTT has two bytes for the length of a password, and no token is longer. The file's other lines do not
/// matter.
void check_first_line(std::string pointer, const std::optional<std::string>& file, Problems& problems) {
    constexpr std::size_t longest = 65535;
    if (!file) return;
    const auto content = read_file(*file);
    if (content && content->substr(0, content->find('\n')).size() > longest)
        problems.push_back(
            {std::move(pointer), "a file whose first line has no more than 65535 bytes", *file});
}

/// Of the file itself: its name is said by whoever asked for it.
Problem unreadable(std::error_code error) {
    if (error == std::errc::no_such_file_or_directory)
        return {"", "",
                "there is no such file; sudo scripts/install puts one at /etc/twcbridge/config.json, "
                "--config names another"};
    return {"", "", reason_of(error)};
}

/// The C library takes a zone that it does not have for UTC, without a word.
void check_time_zone(const std::optional<std::string>& zone, Problems& problems) {
    if (!zone) return;
    const auto content = read_file("/usr/share/zoneinfo/" + *zone);
    if (content && content->starts_with("TZif")) return;
    problems.push_back(
        {"/timeZone", R"(a time zone that this machine knows, as "Europe/Berlin")", '"' + *zone + '"'});
}

}  // namespace

std::string to_sentence(const Problem& problem) {
    const auto place = problem.pointer.empty() ? std::string{} : problem.pointer + ": ";
    if (problem.expected.empty()) return place + problem.found;
    const auto line = problem.line ? " (line " + std::to_string(*problem.line) + ')' : std::string{};
    return place + "expected " + problem.expected + ", found " + problem.found + line;
}

twc::Expected<Config, Problems> parse(std::string_view text) { return result_of(read(text)); }

twc::Expected<Config, Problems> load(const std::filesystem::path& file) {
    const auto content = read_file(file);
    if (!content) return twc::Unexpected{Problems{unreadable(content.error())}};
    auto reading = read(*content);
    const auto& mqtt = reading.config.mqtt;
    check_readable("/mqtt", "passwordFile", mqtt.password_file, reading.problems);
    check_first_line("/mqtt/passwordFile", mqtt.password_file, reading.problems);
    check_readable("/mqtt", "caFile", mqtt.ca_file, reading.problems);
    check_readable("/mqtt", "certFile", mqtt.cert_file, reading.problems);
    check_readable("/mqtt", "keyFile", mqtt.key_file, reading.problems);
    if (const auto& api = reading.config.vehicle_api) {
        check_readable("/vehicleApi", "tokenFile", api->token_file, reading.problems);
        check_first_line("/vehicleApi/tokenFile", api->token_file, reading.problems);
        check_readable("/vehicleApi", "caFile", api->ca_file, reading.problems);
    }
    check_time_zone(reading.config.time_zone, reading.problems);
    return result_of(std::move(reading));
}

}  // namespace config

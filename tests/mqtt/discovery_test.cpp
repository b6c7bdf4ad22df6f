// Every announcement in every configuration against the validator, and the validator against broken ones.
#include "mqtt/discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "tests/mqtt/discovery_validator.hpp"

namespace {

using namespace broker;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using twc::Centiamps;

SiteDescription site_of(const Topics& topics, int chargers = 1) {
    return {.instance = topics.base(),
            .version = "0.1.0",
            .ceiling = Centiamps{4000},
            .has_solar = true,
            .has_house = true,
            .has_grid = true,
            .takes_solar = true,
            .takes_house = true,
            .takes_grid = true,
            .chargers = chargers};
}

ChargerDescription charger_of(const std::string& key = "5893") {
    return {.key = key,
            .name = "Wall Connector " + key,
            .area = std::nullopt,
            .ceiling = Centiamps{1600},
            .rating = Centiamps{3200},
            .firmware = "4.5.3.2",
            .serial = "A18G0005893",
            .phases = 3,
            .publish_vin = true};
}

/// Messages of one bridge with its chargers, in the order they are published.
struct House {
    config::HomeAssistant settings;
    Topics topics{"twcbridge"};
    SiteDescription site = site_of(topics);
    std::vector<ChargerDescription> chargers{charger_of()};

    [[nodiscard]] std::vector<Publication> messages() const {
        auto all = announce_site(settings, topics, site);
        for (const auto& charger : chargers) {
            for (auto& message : announce_charger(settings, topics, site, charger))
                all.push_back(std::move(message));
        }
        return all;
    }
    [[nodiscard]] std::vector<std::string> complaints() const {
        DiscoveryValidator validator{settings.prefix, topics.base()};
        for (const auto& message : messages()) validator.check(message);
        return validator.complaints();
    }
};

json components_of(const std::vector<Publication>& messages) {
    return json::parse(messages.at(0).payload)["components"];
}
json site_components(const SiteDescription& site) {
    return components_of(announce_site({}, Topics{"twcbridge"}, site));
}
json charger_components(const ChargerDescription& charger) {
    const Topics topics{"twcbridge"};
    return components_of(announce_charger({}, topics, site_of(topics), charger));
}
std::vector<std::string> keys(const json& object) {
    std::vector<std::string> result;
    for (const auto& [key, value] : object.items()) result.push_back(key);
    return result;
}

TEST(Discovery, IsValidInEveryConfiguration) {
    for (const auto form : {config::Discovery::device, config::Discovery::component}) {
        for (const bool entity_ids : {true, false}) {
            for (const bool publish_vin : {true, false}) {
                for (int phases = 1; phases <= 3; ++phases) {
                    for (const int chargers : {0, 1, 3}) {
                        House house;
                        house.settings.discovery = form;
                        house.settings.entity_ids = entity_ids;
                        house.site.chargers = chargers;
                        house.site.has_solar = phases != 2;
                        house.site.has_grid = phases == 3;
                        house.site.takes_solar = publish_vin;
                        house.site.takes_grid = phases == 3;
                        house.chargers.clear();
                        for (int number = 0; number < chargers; ++number) {
                            auto charger = charger_of("a0b" + std::to_string(number));
                            charger.phases = phases;
                            charger.publish_vin = publish_vin;
                            charger.has_meter = number != 1;
                            charger.firmware =
                                number == 0 ? std::nullopt : std::optional<std::string>{"4.5.3.2"};
                            house.chargers.push_back(charger);
                        }
                        EXPECT_THAT(house.complaints(), IsEmpty());
                    }
                }
            }
        }
    }
}

TEST(Discovery, IsValidWithOddNamesAndTopics) {
    for (const auto form : {config::Discovery::device, config::Discovery::component}) {
        for (const std::string name :
             {"Über\"dach\"", "Garage 'links' \\ 2", "車庫", "\xff\xfe broken", "", "  "}) {
            for (const std::string base : {"haus/lädt", "Home-1/twc_2", "a b", "\"q\""}) {
                House house;
                house.settings.discovery = form;
                house.settings.prefix = "ha/entdeckt";
                house.topics = Topics{base};
                house.site = site_of(house.topics, 2);
                house.chargers = {charger_of("0001"), charger_of("garage_0001")};
                house.chargers[0].name = name;
                house.chargers[1].name = name;
                house.chargers[1].area = name.empty() ? "Hof" : name;
                EXPECT_THAT(house.complaints(), IsEmpty()) << name << ' ' << base;
            }
        }
    }
}

TEST(Discovery, IsValidUnderEveryCeiling) {
    for (std::int64_t ceiling = 500; ceiling <= 8000; ceiling += 37) {
        const auto limit = charger_components([&] {
            auto charger = charger_of();
            charger.ceiling = Centiamps{ceiling};
            return charger;
        }())["limit"];
        EXPECT_EQ(limit["max"].get<double>(), static_cast<double>(ceiling) / 100);
        const auto steps = limit["max"].get<double>() / limit["step"].get<double>();
        ASSERT_NEAR(steps, std::round(steps), 1e-6) << ceiling;
    }
}

TEST(Discovery, KeepsTwoBridgesAtOneBrokerApart) {
    House first;
    House second;
    second.topics = Topics{"garage/twc"};
    second.site.instance = "garage/twc";
    std::set<std::string> topics;
    std::set<std::string> ids;
    for (const auto& house : {first, second}) {
        for (const auto& message : house.messages()) {
            EXPECT_TRUE(topics.insert(message.topic).second) << message.topic;
            const auto document = json::parse(message.payload);
            for (const auto& component : document["components"]) {
                EXPECT_TRUE(ids.insert(component["unique_id"]).second) << component;
                EXPECT_TRUE(ids.insert(component["default_entity_id"]).second) << component;
            }
        }
    }
}

TEST(Discovery, SaysTheSameInBothForms) {
    House device;
    House single;
    single.settings.discovery = config::Discovery::component;
    std::set<std::string> from_device;
    for (const auto& message : device.messages()) {
        const auto document = json::parse(message.payload);
        for (const auto& component : document["components"]) from_device.insert(component["unique_id"]);
    }
    std::set<std::string> from_single;
    for (const auto& message : single.messages()) {
        const auto document = json::parse(message.payload);
        from_single.insert(document["unique_id"]);
        // Versions that need this form refuse the message for keys they do not know.
        EXPECT_FALSE(document["device"].contains("model_id")) << message.topic;
        EXPECT_FALSE(document["device"].contains("serial_number")) << message.topic;
    }
    EXPECT_EQ(from_single, from_device);
}

TEST(Discovery, IsTheSameBytesEachTimeAndSortedByKey) {
    const House house;
    EXPECT_EQ(house.messages(), house.messages());
    for (const auto& message : house.messages())
        EXPECT_EQ(json::parse(message.payload).dump(), message.payload);
}

TEST(Discovery, IsSilentWhenOff) {
    House house;
    house.settings.discovery = config::Discovery::off;
    EXPECT_THAT(house.messages(), IsEmpty());
}

TEST(Discovery, NamesTopicsByPrefixAndIdentifier) {
    House house;
    std::vector<std::string> topics;
    for (const auto& message : house.messages()) topics.push_back(message.topic);
    EXPECT_THAT(topics, ElementsAre("homeassistant/device/twcbridge_bridge/config",
                                    "homeassistant/device/twcbridge_5893/config"));
    house.settings.discovery = config::Discovery::component;
    house.settings.prefix = "ha";
    topics.clear();
    for (const auto& message : house.messages()) topics.push_back(message.topic);
    EXPECT_THAT(topics, Contains("ha/select/twcbridge_bridge/mode/config"));
    EXPECT_THAT(topics, Contains("ha/number/twcbridge_5893/limit/config"));
}

TEST(Discovery, ShowsOnlyInputsThatAreConfigured) {
    const Topics topics{"twcbridge"};
    auto site = site_of(topics);
    site.has_solar = site.has_house = site.has_grid = false;
    for (const auto* key : {"solar_power", "house_power", "grid_power", "surplus_power", "input_stale"}) {
        EXPECT_THAT(keys(site_components(site)), Not(Contains(key)));
        EXPECT_THAT(keys(site_components(site_of(topics))), Contains(key));
    }
}

TEST(Discovery, LetsHomeAssistantSetOnlyInputsThatItMay) {
    const Topics topics{"twcbridge"};
    auto site = site_of(topics);
    const auto components = site_components(site);
    EXPECT_EQ(components["grid_input"]["command_topic"], "twcbridge/input/grid");
    EXPECT_EQ(components["grid_input"]["state_topic"], "twcbridge/grid_power");
    EXPECT_EQ(components["grid_input"]["enabled_by_default"], false);
    site.takes_solar = site.takes_house = site.takes_grid = false;
    for (const auto* key : {"solar_input", "house_input", "grid_input"}) {
        EXPECT_THAT(keys(site_components(site)), Not(Contains(key)));
    }
}

TEST(Discovery, BidsFarewellToWhatIsNotAnnouncedAnyMore) {
    const Topics topics{"twcbridge"};
    auto charger = charger_of();
    const auto earlier = announce_charger({}, topics, site_of(topics), charger).at(0).payload;
    EXPECT_EQ(with_tombstones(earlier, earlier), std::nullopt);
    charger.publish_vin = false;
    charger.phases = 2;
    const auto announced = announce_charger({}, topics, site_of(topics), charger).at(0).payload;
    EXPECT_EQ(with_tombstones(earlier, announced), std::nullopt);
    const auto farewell = with_tombstones(announced, earlier);
    ASSERT_TRUE(farewell);
    auto document = json::parse(*farewell);
    for (const auto* key : {"vehicle_vin", "voltage_l3", "current_l3"}) {
        EXPECT_EQ(document["components"][key], (json{{"platform", "sensor"}}));
        document["components"].erase(key);
    }
    EXPECT_EQ(document.dump(), announced);
}

TEST(Discovery, BidsNoFarewellToForeignThings) {
    const auto announced = House{}.messages().at(0).payload;
    for (const auto* stored : {"", "x", "[]", "{}", R"({"components": []})", R"({"components": {"a": 1}})",
                               R"({"components": {"a": {}}})", R"({"components": {"a": {"platform": 1}}})",
                               R"({"components": {"a": {"platform": "no_such_thing"}}})"}) {
        EXPECT_EQ(with_tombstones(announced, stored), std::nullopt) << stored;
    }
}

TEST(Discovery, SumsOnlyWhereThereIsMoreThanOneCharger) {
    const Topics topics{"twcbridge"};
    for (const auto* key : {"current", "power", "energy"}) {
        EXPECT_THAT(keys(site_components(site_of(topics, 1))), Not(Contains(key)));
        EXPECT_THAT(keys(site_components(site_of(topics, 2))), Contains(key));
    }
}

TEST(Discovery, HidesTheVinAndMissingPhases) {
    auto charger = charger_of();
    charger.publish_vin = false;
    charger.phases = 2;
    const auto found = keys(charger_components(charger));
    EXPECT_THAT(found, Not(Contains("vehicle_vin")));
    EXPECT_THAT(found, Contains("voltage_l2"));
    EXPECT_THAT(found, Not(Contains("voltage_l3")));
    EXPECT_THAT(found, Not(Contains("current_l3")));
}

TEST(Discovery, LeavesOutWhatAVersion1UnitNeverTells) {
    auto charger = charger_of();
    charger.has_meter = false;
    const auto found = keys(charger_components(charger));
    for (const auto* key : {"voltage_l1", "current_l1", "meter_energy", "vehicle_vin", "firmware", "serial"})
        EXPECT_THAT(found, Not(Contains(key)));
    for (const auto* key : {"power", "energy", "limit", "protocol"}) EXPECT_THAT(found, Contains(key));
}

TEST(Discovery, LeavesOutALimitWithoutARange) {
    auto charger = charger_of();
    charger.ceiling = Centiamps{};
    EXPECT_THAT(keys(charger_components(charger)), Not(Contains("limit")));
}

TEST(Discovery, KeepsSettingsAndCountersAvailableWhileTheUnitIsSilent) {
    const auto components = charger_components(charger_of());
    for (const auto* key :
         {"limit", "charge", "mode", "priority", "energy", "session_energy", "link", "fault", "event"}) {
        EXPECT_EQ(components[key]["availability"].size(), 1U) << key;
    }
    for (const auto* key :
         {"state", "current", "power", "vehicle_connected", "charging", "voltage_l1", "limit_in_force"}) {
        EXPECT_EQ(components[key]["availability"].size(), 2U) << key;
    }
}

TEST(Discovery, LetsTheConnectionSayDisconnected) {
    const auto connection = site_components(site_of(Topics{"twcbridge"}))["connection"];
    EXPECT_FALSE(connection.contains("availability"));
    EXPECT_EQ(connection["state_topic"], "twcbridge/status");
}

TEST(Discovery, StepsByHalfAmpsWhereTheCeilingAllows) {
    auto charger = charger_of();
    for (const auto& [ceiling, step] :
         std::initializer_list<std::pair<int, double>>{{1600, 0.5}, {1350, 0.5}, {1360, 0.1}, {1337, 0.01}}) {
        charger.ceiling = Centiamps{ceiling};
        EXPECT_EQ(charger_components(charger)["limit"]["step"].get<double>(), step);
    }
}

// Users' automations, dashboards and statistics hang on these: a line that changes breaks houses.
TEST(Discovery, NeverChangesIdentifiers) {
    House house;
    house.site = site_of(house.topics, 2);
    house.chargers = {charger_of("5893"), charger_of("garage_5893")};
    House other = house;
    other.topics = Topics{"garage/twc"};
    other.site = site_of(other.topics, 0);
    other.chargers.clear();
    std::ostringstream found;
    for (const auto& each : {house, other}) {
        for (const auto& message : each.messages()) {
            const auto document = json::parse(message.payload);
            found << document["device"]["identifiers"][0].get<std::string>() << '\n';
            for (const auto& component : document["components"]) {
                found << "  " << component["unique_id"].get<std::string>() << ' '
                      << component["default_entity_id"].get<std::string>() << '\n';
            }
        }
    }
    std::ostringstream golden;
    golden << std::ifstream{TEST_SOURCE_DIR "/vectors/discovery_ids.txt"}.rdbuf();
    EXPECT_EQ(found.str(), golden.str()) << found.str();
}

// The validator is only worth something if it refuses what is wrong.

struct Mutation {
    std::string rule;  ///< how the expected complaint begins
    std::function<void(json& bridge, json& charger)> apply;
};

std::vector<std::string> complaints_after(const std::function<void(json&, json&)>& apply) {
    const House house;
    auto messages = house.messages();
    auto bridge = json::parse(messages[0].payload);
    auto charger = json::parse(messages[1].payload);
    apply(bridge, charger);
    messages[0].payload = bridge.dump();
    messages[1].payload = charger.dump();
    DiscoveryValidator validator{"homeassistant", "twcbridge"};
    for (const auto& message : messages) validator.check(message);
    return validator.complaints();
}

TEST(DiscoveryValidator, AcceptsTheUnchangedDocuments) {
    EXPECT_THAT(complaints_after([](json&, json&) {}), IsEmpty());
}

TEST(DiscoveryValidator, RefusesEveryBrokenDocument) {
    const auto put = [](const char* pointer, json value) {
        return [=](json&, json& charger) { charger[json::json_pointer{pointer}] = value; };
    };
    const auto put_in_bridge = [](const char* pointer, json value) {
        return [=](json& bridge, json&) { bridge[json::json_pointer{pointer}] = value; };
    };
    const auto take = [](const char* parent, const char* key) {
        return [=](json&, json& charger) { charger[json::json_pointer{parent}].erase(key); };
    };
    const std::vector<Mutation> mutations{
        {"root: key", put("/~0", "x")},
        {"root: key", put("/message_expiry_interval", 60)},
        {"root: key", put("/name", "x")},
        {"root: without", take("", "origin")},
        {"root: without", take("", "device")},
        {"root: no components", put("/components", json::object())},
        {"origin: key", put("/origin/author", "x")},
        {"origin: without name", take("/origin", "name")},
        {"origin: without sw_version", take("/origin", "sw_version")},
        {"origin: support_url", put("/origin/support_url", "twcbridge")},
        {"device: key", put("/device/colour", "white")},
        {"device: sw_version is no text", put("/device/sw_version", 4)},
        {"device: without name", take("/device", "name")},
        {"device: without sw_version", [](json& bridge, json&) { bridge["device"].erase("sw_version"); }},
        {"device: configuration_url", put("/device/configuration_url", "ftp://x")},
        {"device: identifiers", put("/device/identifiers", json::array())},
        {"device: identifier taken", put("/device/identifiers", {"twcbridge_bridge"})},
        {"device: identifier form", put("/device/identifiers", {"Garage"})},
        {"topic: object id", put("/device/identifiers", {"twcbridge_0001"})},
        {"topic: component key", put("/components/a b", {{"platform", "sensor"}})},
        {"via", put("/device/via_device", "twcbridge_nobody")},
        {"platform", put("/components/power/platform", "thermometer")},
        {"platform", put("/components/power/platform", "datetime")},
        {"platform: has no rules", put("/components/power/platform", "button")},
        {"platform", take("/components/power", "platform")},
        {"keys: key", put("/components/power/colour", "red")},
        {"keys: key object_id", put("/components/power/object_id", "x")},
        {"keys: attributes", put("/components/power/json_attributes_topic", "twcbridge/power")},
        {"sensor: of time", put("/components/serial/device_class", "timestamp")},
        {"keys: abbreviation", put("/components/power/uniq_id", "x")},
        {"keys: without", take("/components/power", "state_topic")},
        {"keys: without", take("/components/limit", "command_topic")},
        {"keys: without", take("/components/event", "event_types")},
        {"identity: unique_id is not", put("/components/power/unique_id", "x")},
        {"identity: unique_id is not", take("/components/power", "unique_id")},
        {"identity: unique_id taken", put("/components/power/unique_id", "twcbridge_5893_energy")},
        {"entity id: form", put("/components/power/default_entity_id", "sensor.a__b")},
        {"entity id: form", put("/components/power/default_entity_id", "number.a")},
        {"entity id: form", put("/components/power/default_entity_id", "power")},
        {"entity id: taken", put("/components/power/default_entity_id", "sensor.wall_connector_5893_energy")},
        {"name: form", put("/components/power/name", "")},
        {"name: form", put("/components/power/name", " Power")},
        {"name: form", take("/components/power", "name")},
        {"name: no capital", put("/components/power/name", "power")},
        {"name: repeats", put("/components/power/name", "Wall Connector 5893 power")},
        {"name: taken", put("/components/power/name", "Energy")},
        {"icon", put("/components/power/icon", "flash")},
        {"category: hidden", put("/components/power/entity_category", "hidden")},
        {"category: refused", put("/components/power/entity_category", "config")},
        {"category: odd", put("/components/limit/entity_category", "diagnostic")},
        {"flags: enabled", put("/components/power/enabled_by_default", "false")},
        {"flags: retain", put("/components/limit/retain", true)},
        {"flags: optimistic", put("/components/limit/optimistic", true)},
        {"flags: force_update", put("/components/power/force_update", true)},
        {"flags: qos", put("/components/power/qos", 0)},
        {"flags: qos", take("/components/power", "qos")},
        {"topics: no state", take("/components/limit", "state_topic")},
        {"topics: state_topic", put("/components/power/state_topic", "")},
        {"topics: state_topic", put("/components/power/state_topic", "twcbridge/+/power")},
        {"topics: state_topic", put("/components/power/state_topic", "twcbridge/power/")},
        {"topics: state_topic", put("/components/power/state_topic", "elsewhere/power")},
        {"topics: state_topic", put("/components/power/state_topic", "homeassistant/power")},
        {"topics: state_topic", put("/components/power/state_topic", "twcbridge/po\nwer")},
        {"topics: state among", put("/components/power/state_topic", "twcbridge/power/set")},
        {"topics: command we do not", put("/components/limit/command_topic", "twcbridge/limit")},
        {"topics: command taken",
         put("/components/limit/command_topic", "twcbridge/charger/5893/priority/set")},
        {"topics: command where", put("/components/limit/command_topic", "twcbridge/charger/5893/current")},
        {"topics: state where", put("/components/limit/command_topic", "twcbridge/charger/5893/power")},
        {"availability: none", take("/components/power", "availability")},
        {"availability: two styles", put("/components/power/availability_topic", "twcbridge/status")},
        {"availability: two styles", put("/availability_topic", "twcbridge/status")},
        {"availability: key", put("/components/power/availability/0/mode", "all")},
        {"availability: topic", put("/components/power/availability/1/topic", "")},
        {"availability: payload_available", put("/components/power/availability/1/payload_available", "ON")},
        {"availability: payload_not", put("/components/power/availability/0/payload_not_available", "OFF")},
        {"availability: without the Will", put("/components/power/availability/0/topic", "twcbridge/other")},
        {"availability: mode", put("/components/power/availability_mode", "any")},
        {"availability: mode", take("/components/power", "availability_mode")},
        {"availability: of the connection", put_in_bridge("/components/connection/availability",
                                                          json::array({{{"topic", "twcbridge/status"}}}))},
        {"template", put("/components/reason/value_template", "{{ value")},
        {"class: unknown", put("/components/power/device_class", "horsepower")},
        {"class: unknown", put("/components/charging/device_class", "car")},
        {"class: unit", put("/components/power/unit_of_measurement", "Watt")},
        {"class: unit", take("/components/power", "unit_of_measurement")},
        {"class: unit", put("/components/state/unit_of_measurement", "A")},
        {"class: state class", put("/components/energy/state_class", "measurement")},
        {"sensor: options", take("/components/state", "options")},
        {"sensor: options", put("/components/power/options", {"a", "b"})},
        {"sensor: enum", put("/components/state/suggested_display_precision", 1)},
        {"sensor: precision", take("/components/power", "suggested_display_precision")},
        {"sensor: precision", put("/components/power/suggested_display_precision", 7)},
        {"sensor: number without a state class", take("/components/power", "state_class")},
        {"sensor: number without a unit", put("/components/reason/state_class", "measurement")},
        {"sensor: last reset", put("/components/energy/last_reset_value_template", "{{ value }}")},
        {"sensor: expires", put("/components/power/expire_after", 60)},
        {"binary: payloads", put("/components/charging/payload_off", "ON")},
        {"binary: payloads", put("/components/link/payload_on", "ON")},
        {"binary: expires", put("/components/charging/expire_after", 60)},
        {"number: min", take("/components/limit", "min")},
        {"number: max", put("/components/limit/max", "16")},
        {"number: empty", put("/components/limit/max", 0)},
        {"number: step", put("/components/limit/step", 0.0001)},
        {"number: step", put("/components/limit/step", 17)},
        {"number: range", put("/components/limit/step", 0.7)},
        {"number: range smaller", put_in_bridge("/components/grid_input/min", 0)},
        {"number: mode", put("/components/limit/mode", "knob")},
        {"keys: key state_class", put("/components/limit/state_class", "measurement")},
        {"words: options", put("/components/mode/options", json::array())},
        {"words: options", put("/components/mode/options", {"off", "off"})},
        {"words: options", put("/components/mode/options", {"off", 1})},
        {"words: no choice", put("/components/mode/options", {"off"})},
        {"words: reserved", put("/components/mode/options", {"off", "None"})},
        {"words: reserved", put("/components/state/options", {"idle", "unavailable"})},
        {"words: event_types", put("/components/event/event_types", json::array())},
    };
    for (const auto& mutation : mutations) {
        EXPECT_THAT(complaints_after(mutation.apply), Contains(StartsWith(mutation.rule))) << mutation.rule;
    }
}

TEST(DiscoveryValidator, RefusesBrokenEnvelopes) {
    const House house;
    const auto good = house.messages().front();
    const auto complaints = [](std::initializer_list<Publication> messages) {
        DiscoveryValidator validator{"homeassistant", "twcbridge"};
        for (const auto& message : messages) validator.check(message);
        return validator.complaints();
    };
    const auto with_payload = [&](const std::string& payload) {
        return Publication{good.topic, payload, true};
    };
    EXPECT_THAT(complaints({good}), IsEmpty());
    EXPECT_THAT(complaints({{good.topic, good.payload, false}}),
                Contains(StartsWith("envelope: not retained")));
    EXPECT_THAT(complaints({with_payload("\xEF\xBB\xBF" + good.payload)}),
                Contains(StartsWith("envelope: byte order mark")));
    EXPECT_THAT(complaints({good, good}), Contains(StartsWith("envelope: announced twice")));
    EXPECT_THAT(complaints({with_payload("[]")}), Contains(StartsWith("envelope: no JSON object")));
    EXPECT_THAT(complaints({with_payload("{\"a\": NaN}")}), Contains(StartsWith("envelope: no JSON object")));
    EXPECT_THAT(complaints({with_payload(good.payload + std::string(65'536, ' '))}),
                Contains(StartsWith("envelope: too large")));
    EXPECT_THAT(complaints({with_payload("{\"device\": {}, " + good.payload.substr(1))}),
                Contains(StartsWith("envelope: duplicate key")));
    EXPECT_THAT(complaints({{"homeassistant/device/a.b/config", good.payload, true}}),
                Contains(StartsWith("topic: not a")));
    EXPECT_THAT(complaints({{"other/device/twcbridge_bridge/config", good.payload, true}}),
                Contains(StartsWith("topic: not below")));
}

TEST(DiscoveryValidator, RefusesBrokenSingleMessages) {
    House house;
    house.settings.discovery = config::Discovery::component;
    const auto messages = house.messages();
    const auto complaints = [&](const std::string& topic, const std::function<void(json&)>& apply) {
        auto document = json::parse(messages.front().payload);
        apply(document);
        DiscoveryValidator validator{"homeassistant", "twcbridge"};
        validator.check({topic.empty() ? messages.front().topic : topic, document.dump(), true});
        return validator.complaints();
    };
    EXPECT_THAT(complaints("", [](json&) {}), IsEmpty());
    EXPECT_THAT(complaints("", [](json& document) { document.erase("device"); }),
                Contains(StartsWith("root: without device")));
    EXPECT_THAT(complaints("", [](json& document) { document["platform"] = "sensor"; }),
                Contains(StartsWith("keys: platform")));
    EXPECT_THAT(complaints("homeassistant/binary_sensor/other/connection/config", [](json&) {}),
                Contains(StartsWith("topic: node id")));
}

}  // namespace

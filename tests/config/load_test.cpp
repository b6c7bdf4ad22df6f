// What the owner may write, and what is said when it is wrong.
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "config/syntax.hpp"

namespace config {

void PrintTo(const Problem& problem, std::ostream* out) { *out << to_sentence(problem); }

namespace {

using namespace twc::literals;

std::string read_text(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string example() { return read_text(PROJECT_DIR "/config/example.json"); }

/// A good file whose only remarkable part is `more`, as ", \"mode\": \"off\"".
std::string with(const std::string& more) { return R"({"bus": {"port": "/dev/ttyUSB0"})" + more + "}"; }

Config good(const std::string& text) {
    auto config = parse(text);
    if (!config) {
        for (const auto& problem : config.error()) ADD_FAILURE() << to_sentence(problem);
        return {};
    }
    return *config;
}

/// Without lines, of which there are tests of their own.
Problems problems_of(const std::string& text) {
    const auto config = parse(text);
    if (config) return {};
    auto problems = config.error();
    for (auto& problem : problems) problem.line.reset();
    return problems;
}

void expect_defaults(const Config& config) {
    ASSERT_EQ(config.buses.size(), 1U);
    EXPECT_EQ(config.buses[0].port, "/dev/ttyUSB0");
    EXPECT_EQ(config.buses[0].name, "");
    EXPECT_EQ(config.buses[0].wiring_max, std::nullopt);
    EXPECT_EQ(config.wiring_max_all, 6_A);
    EXPECT_EQ(config.wiring_max_each, 6_A);
    EXPECT_EQ(config.minimum, 6_A);
    EXPECT_EQ(config.main_fuse, std::nullopt);
    EXPECT_EQ(config.default_voltage, 230_V);
    EXPECT_EQ(config.default_phases, 1);
    EXPECT_FALSE(config.subtract_charger_load);
    EXPECT_EQ(config.mode, Mode::solar);
    EXPECT_EQ(config.settings_path, "/var/lib/twcbridge");

    EXPECT_EQ(config.mqtt.url, "mqtt://localhost:1883");
    EXPECT_EQ(config.mqtt.username, std::nullopt);
    EXPECT_EQ(config.mqtt.password_file, std::nullopt);
    EXPECT_EQ(config.mqtt.client_id, std::nullopt);
    EXPECT_EQ(config.mqtt.base_topic, "twcbridge");
    EXPECT_TRUE(config.mqtt.publish_vin);
    EXPECT_EQ(config.mqtt.version, MqttVersion::automatic);
    EXPECT_EQ(config.mqtt.ca_file, std::nullopt);
    EXPECT_EQ(config.mqtt.cert_file, std::nullopt);
    EXPECT_EQ(config.mqtt.key_file, std::nullopt);
    EXPECT_EQ(config.home_assistant.discovery, Discovery::device);
    EXPECT_EQ(config.home_assistant.prefix, "homeassistant");
    EXPECT_TRUE(config.home_assistant.entity_ids);

    ASSERT_TRUE(config.inputs.generation && config.inputs.consumption);
    EXPECT_EQ(config.inputs.generation->topic, "twcbridge/input/generation");
    EXPECT_EQ(config.inputs.generation->factor, 1);
    EXPECT_EQ(config.inputs.generation->json_pointer, std::nullopt);
    EXPECT_EQ(config.inputs.consumption->topic, "twcbridge/input/consumption");
    EXPECT_FALSE(config.inputs.grid);
    EXPECT_FALSE(config.inputs.grid_currents);
    EXPECT_FALSE(config.inputs.battery);
    EXPECT_FALSE(config.inputs.car_first);
    EXPECT_EQ(config.inputs.max_age, std::nullopt);

    EXPECT_EQ(config.stop.surplus, (std::vector{StopMethod::zero, StopMethod::vehicle}));
    EXPECT_EQ(config.stop.command,
              (std::vector{StopMethod::zero, StopMethod::vehicle, StopMethod::contactor}));
    EXPECT_EQ(config.control.current_step, 10_cA);
    EXPECT_EQ(config.control.solar_share_percent, 50);
    EXPECT_EQ(config.control.switch_wh, 100);
    EXPECT_EQ(config.control.min_on, seconds{300});
    EXPECT_EQ(config.control.min_off, seconds{120});
    EXPECT_EQ(config.control.max_stops, std::nullopt);
    EXPECT_FALSE(config.control.spike16);
}

std::vector<std::string> sentences_about(const std::string& more) {
    std::vector<std::string> sentences;
    for (const auto& problem : problems_of(with(more))) sentences.push_back(to_sentence(problem));
    return sentences;
}

TEST(Load, TakesScheduleVehiclesAndGuests) {
    const auto config =
        good(with(R"(, "timeZone": "Europe/Berlin", "schedule": ["23:00-06:00 fast for Garage"],
        "chargers": {"5893": {"name": "Garage", "allowedVins": ["5YJ3E1EA7JF000317"]}},
        "vehicles": {"5YJ3E1EA7JF000317": {"name": "Red", "mode": "fast", "priority": 8, "maxAmps": 13}},
        "guests": {"rule": "limit", "maxAmps": 8})"));
    EXPECT_EQ(config.time_zone, "Europe/Berlin");
    ASSERT_EQ(config.schedule.size(), 1U);
    EXPECT_EQ(config.schedule[0].charger, "Garage");
    EXPECT_EQ(config.vehicles.at("5YJ3E1EA7JF000317"), (Vehicle{"Red", Mode::fast, 8, 13_A}));
    EXPECT_EQ(config.guests.rule, GuestRule::limit);
    EXPECT_EQ(config.guests.max_current, 8_A);
    EXPECT_EQ(config.chargers.at(TwcId{0x5893}).allowed_vins->size(), 1U);
}

TEST(Load, SaysWhatIsWrongWithEachLineOfASchedule) {
    EXPECT_EQ(
        sentences_about(R"(, "schedule": ["at night", 5, "1:00-2:00 off for Garage", "1:00-2:00"])"),
        (std::vector<std::string>{
            R"(/schedule/0: expected days as "mon-fri" or "sat,sun", or a time, at the beginning, found "at night")",
            R"(/schedule/1: expected a text as "mon-fri 23:00-06:00 fast", found 5)",
            R"(/schedule/2: expected the id of a charger, or a name from "chargers", behind "for", found "Garage")",
            R"(/schedule/3: expected one of "off", "solar", "solar_min", "fast", or a limit as "16 A", behind the times, found "1:00-2:00")"}));
    std::string lines;
    for (int line = 0; line < 20; ++line) lines += (line == 0 ? "" : ",") + std::string{R"("1:00-2:00 off")"};
    EXPECT_EQ(sentences_about(", \"schedule\": [" + lines + "]"),
              (std::vector<std::string>{
                  R"(/schedule: expected at most 255 bytes in all, joined by "; ", found 298)"}));
}

TEST(Load, SaysWhatIsWrongWithVehiclesGuestsAndTimeZone) {
    EXPECT_EQ(sentences_about(R"(, "timeZone": "../etc", "guests": {"rule": "maybe", "maxAmps": 0},
                                 "vehicles": {"RED": {"mode": "site", "speed": 1}},
                                 "chargers": {"5893": {"allowedVins": ["RED"]}})")
                  .size(),
              7U);
}

TEST(Load, RefusesATimeZoneThatTheMachineDoesNotKnow) {
    const auto file = std::filesystem::temp_directory_path() / ("zone_" + std::to_string(::getpid()));
    for (const auto& [zone, good] : {std::pair{"Europe/Berlin", true},
                                     {"Europe/Bärlin", false},
                                     {"Mars/Olympus", false},
                                     {"Europe", false}}) {
        std::ofstream{file} << with(R"(, "timeZone": ")" + std::string{zone} + '"');
        EXPECT_EQ(load(file).has_value(), good) << zone;
    }
    std::filesystem::remove(file);
}

TEST(Load, ExampleSpellsOutTheDefaults) {
    const auto config = load(PROJECT_DIR "/config/example.json");
    ASSERT_TRUE(config) << to_sentence(config.error().front());
    expect_defaults(*config);
    EXPECT_TRUE(config->defaulted.empty());
    ASSERT_EQ(config->chargers.size(), 1U);
    const auto& charger = config->chargers.at(TwcId{0x5893});
    EXPECT_EQ(charger.name, "Garage");
    EXPECT_FALSE(charger.area || charger.max_current || charger.phases || charger.vin);
    EXPECT_EQ(charger.priority, 5);
}

TEST(Load, BusAloneIsEnough) {
    const auto config = good(with(""));
    expect_defaults(config);
    EXPECT_TRUE(config.chargers.empty());
    EXPECT_EQ(config.defaulted,
              (std::vector<std::string>{"/wiringMaxAmpsAllTWCs", "/wiringMaxAmpsPerTWC", "/minAmpsPerTWC",
                                        "/defaultVoltage", "/numberOfPhases"}));
}

TEST(Load, EveryKeyArrives) {
    const auto config = good(R"(/* all of them */ {
        "buses": [{"port": "/dev/ttyS1", "name": "garage", "wiringMaxAmps": 20.5},
                  {"port": "tcp://[fe80::1%eth0]:8899", "name": "yard-2"}],
        "wiringMaxAmpsAllTWCs": 32, "wiringMaxAmpsPerTWC": 16.1, "minAmpsPerTWC": 5.5, "maxAmpsAllowedFromGrid": 63,
        "defaultVoltage": 120, "numberOfPhases": 3,
        "chargers": {"5893": {"name": "Küche", "area": "Hof", "maxAmps": 16, "phases": 2,
                              "vin": "5YJ3E7EB0KF123456", "priority": 10}, "aBcD": {}},
        "mqtt": {"url": "mqtts://broker.lan:8884", "username": "twc", "passwordFile": "/run/secret",
                 "clientId": "garage", "baseTopic": "home/twc", "publishVin": false, "version": "3.1.1",
                 "caFile": "/etc/ca.pem", "certFile": "/etc/cert.pem", "keyFile": "/etc/key.pem"},
        "homeAssistant": {"discovery": "component", "prefix": "ha", "entityIds": false},
        "inputs": {"generation": {}, "consumption": null,
                   "grid": {"topic": "/meter/power", "jsonPointer": "/a~1b/0", "unit": "kW", "scale": 0.5, "invert": true},
                   "gridCurrents": [{"topic": "l1"}, {"topic": "l2", "unit": "mA"}, {"topic": "l3", "invert": true}],
                   "battery": {"topic": "battery", "unit": "MW"}, "carFirst": true, "maxAge": 30},
        "subtractChargerLoad": true, "mode": "solar_min",
        "stop": {"surplus": [], "command": ["silence", "contactor"]},
        "control": {"currentStep": 1, "solarShare": 0.99, "switchWh": 0, "minOn": 0, "minOff": 86400, "maxStops": 2, "spike16": true},
        "settingsPath": "/srv/twc"  // the last one
    })");
    ASSERT_EQ(config.buses.size(), 2U);
    EXPECT_EQ(config.buses[0].name, "garage");
    EXPECT_EQ(config.buses[0].wiring_max, 2050_cA);
    EXPECT_EQ(config.buses[1].port, "tcp://[fe80::1%eth0]:8899");
    EXPECT_EQ(config.wiring_max_all, 32_A);
    EXPECT_EQ(config.wiring_max_each, 1610_cA);
    EXPECT_EQ(config.minimum, 550_cA);
    EXPECT_EQ(config.main_fuse, 63_A);
    EXPECT_EQ(config.default_voltage, 120_V);
    EXPECT_EQ(config.default_phases, 3);
    ASSERT_EQ(config.chargers.size(), 2U);
    ASSERT_TRUE(config.chargers.contains(TwcId{0xABCD}));
    const auto& charger = config.chargers.at(TwcId{0x5893});
    EXPECT_EQ(charger.name, "Küche");
    EXPECT_EQ(charger.area, "Hof");
    EXPECT_EQ(charger.max_current, 16_A);
    EXPECT_EQ(charger.phases, 2);
    EXPECT_EQ(charger.vin, "5YJ3E7EB0KF123456");
    EXPECT_EQ(charger.priority, 10);
    EXPECT_EQ(config.mqtt.url, "mqtts://broker.lan:8884");
    EXPECT_EQ(config.mqtt.username, "twc");
    EXPECT_EQ(config.mqtt.password_file, "/run/secret");
    EXPECT_EQ(config.mqtt.client_id, "garage");
    EXPECT_EQ(config.mqtt.base_topic, "home/twc");
    EXPECT_FALSE(config.mqtt.publish_vin);
    EXPECT_EQ(config.mqtt.version, MqttVersion::v3_1_1);
    EXPECT_EQ(config.mqtt.ca_file, "/etc/ca.pem");
    EXPECT_EQ(config.mqtt.cert_file, "/etc/cert.pem");
    EXPECT_EQ(config.mqtt.key_file, "/etc/key.pem");
    EXPECT_EQ(config.home_assistant.discovery, Discovery::component);
    EXPECT_EQ(config.home_assistant.prefix, "ha");
    EXPECT_FALSE(config.home_assistant.entity_ids);
    const auto& inputs = config.inputs;
    ASSERT_TRUE(inputs.generation && inputs.grid && inputs.grid_currents && inputs.battery);
    EXPECT_EQ(inputs.generation->topic, "home/twc/input/generation");
    EXPECT_FALSE(inputs.consumption);
    EXPECT_EQ(inputs.grid->topic, "/meter/power");
    EXPECT_EQ(inputs.grid->json_pointer, "/a~1b/0");
    EXPECT_EQ(inputs.grid->factor, -500);
    EXPECT_EQ((*inputs.grid_currents)[0].topic, "l1");
    EXPECT_EQ((*inputs.grid_currents)[1].factor, 0.001);
    EXPECT_EQ((*inputs.grid_currents)[2].factor, -1);
    EXPECT_EQ(inputs.battery->factor, 1e6);
    EXPECT_TRUE(inputs.car_first);
    EXPECT_EQ(inputs.max_age, seconds{30});
    EXPECT_TRUE(config.subtract_charger_load);
    EXPECT_EQ(config.mode, Mode::solar_min);
    EXPECT_TRUE(config.stop.surplus.empty());
    EXPECT_EQ(config.stop.command, (std::vector{StopMethod::silence, StopMethod::contactor}));
    EXPECT_EQ(config.control.current_step, 1_A);
    EXPECT_EQ(config.control.solar_share_percent, 99);
    EXPECT_EQ(config.control.switch_wh, 0);
    EXPECT_EQ(config.control.min_on, seconds{0});
    EXPECT_EQ(config.control.min_off, seconds{86400});
    EXPECT_EQ(config.control.max_stops, 2);
    EXPECT_TRUE(config.control.spike16);
    EXPECT_EQ(config.settings_path, "/srv/twc");
    EXPECT_EQ(config.defaulted, std::vector<std::string>{});
}

TEST(Load, EmptyGridObjectMeansTheDefaultTopic) {
    const auto config = good(with(R"(, "mqtt": {"baseTopic": "a/b"}, "inputs": {"grid": {}})"));
    ASSERT_TRUE(config.inputs.grid);
    EXPECT_EQ(config.inputs.grid->topic, "a/b/input/grid");
}

TEST(Load, WholeNumbersMayBeWrittenWithPointOrExponent) {
    for (const std::string number : {"32", "32.0", "3.2e1", "320E-1", "32.000000000000000000000000"}) {
        EXPECT_EQ(good(with(R"(, "wiringMaxAmpsAllTWCs": )" + number)).wiring_max_all, 32_A) << number;
        EXPECT_EQ(good(with(R"(, "control": {"minOn": )" + number + "}")).control.min_on, seconds{32})
            << number;
    }
}

TEST(Load, AmpsAreReadByTheirDigits) {
    EXPECT_EQ(good(with(R"(, "wiringMaxAmpsPerTWC": 16.1)")).wiring_max_each, 1610_cA);
    EXPECT_EQ(good(with(R"(, "wiringMaxAmpsPerTWC": 79.99)")).wiring_max_each, 7999_cA);
}

TEST(Load, ChargerWiringAboveTheSharedSupplyIsNoProblem) {
    const auto config = good(with(R"(, "wiringMaxAmpsAllTWCs": 16, "wiringMaxAmpsPerTWC": 32)"));
    EXPECT_EQ(config.wiring_max_each, 32_A);
}

TEST(Load, TopicsMayOverlapWhileDiscoveryIsOff) {
    const auto config =
        good(with(R"(, "mqtt": {"baseTopic": "homeassistant/twc"}, "homeAssistant": {"discovery": "off"})"));
    EXPECT_EQ(config.mqtt.base_topic, "homeassistant/twc");
}

TEST(Load, InputsMayShareATopicButNotAValue) {
    const auto config = good(with(R"(, "inputs": {
        "generation": {"topic": "a", "jsonPointer": "/sun"}, "grid": {"topic": "a", "jsonPointer": "/grid"},
        "battery": {"topic": "twcbridge/input/battery"},
        "gridCurrents": [{"topic": "a", "jsonPointer": "/1"}, {"topic": "a", "jsonPointer": "/2"}, {"topic": "a"}]})"));
    EXPECT_EQ(config.inputs.grid->topic, "a");
    EXPECT_EQ(sentences_about(R"(, "inputs": {"gridCurrents": [{}, {}, {}]})").size(), 3U)
        << "what has no topic has none in common";
}

TEST(Load, MainFuseMayBeWatchedByAnyOfThreeInputs) {
    for (const std::string inputs :
         {R"({"grid": {}, "consumption": null})", R"({"consumption": {}})",
          R"({"consumption": null, "gridCurrents": [{"topic": "a"}, {"topic": "b"}, {"topic": "c"}]})"}) {
        EXPECT_EQ(good(with(R"(, "maxAmpsAllowedFromGrid": 25, "inputs": )" + inputs)).main_fuse, 25_A)
            << inputs;
    }
}

struct BadFile {
    std::string text;
    Problem problem;
};

void PrintTo(const BadFile& file, std::ostream* out) { *out << file.text; }

class BadFiles : public testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, AreDescribedByPlaceExpectationAndFinding) {
    EXPECT_EQ(problems_of(GetParam().text), Problems{GetParam().problem});
}

/// `value` as the value of one key of the top level.
BadFile top(const std::string& key, const std::string& value, const std::string& expected,
            const std::string& found) {
    return {with(", \"" + key + "\": " + value), {"/" + key, expected, found}};
}
/// `value` as the value of one key of a section.
BadFile in(const std::string& section, const std::string& key, const std::string& value,
           const std::string& expected, const std::string& found) {
    return {with(", \"" + section + "\": {\"" + key + "\": " + value + "}"),
            {"/" + section + "/" + key, expected, found}};
}

const std::string topic_of_an_input =
    R"(a topic that means nothing else (of those below "twcbridge" only what is below "twcbridge/input", "set" excepted))";
const std::string other_value = "a topic, or a jsonPointer in it, that no other input has";
const std::string all_amps = "a number of amps from 6 to 1000";
/// Where the range is kept only the step can be wrong.
const std::string fine_amps = all_amps + " in steps of 0.01";
const std::string url_words = "mqtt://host:port or mqtts://host:port (port 1 to 65535, may be left out)";
const std::string port_words = "the absolute path of a serial device, or tcp://host:port";
const std::string base_words = "a topic of 1 to 200 bytes without +, #, empty levels and a leading $";
const std::string topic_words = "a topic without the wildcards + and #";

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadFiles,
    testing::Values(top("wiringMaxAmpsAllTWCs", "\"32\"", all_amps, "\"32\""),
                    top("wiringMaxAmpsAllTWCs", "null", all_amps, "null"),
                    top("wiringMaxAmpsAllTWCs", "true", all_amps, "true"),
                    top("wiringMaxAmpsAllTWCs", "5.99", all_amps, "5.99"),
                    top("wiringMaxAmpsAllTWCs", "1000.01", all_amps, "1000.01"),
                    top("wiringMaxAmpsAllTWCs", "5.995", all_amps, "5.995"),
                    top("wiringMaxAmpsAllTWCs", "-32", all_amps, "-32"),
                    top("wiringMaxAmpsAllTWCs", "16.005", fine_amps, "16.005"),
                    top("wiringMaxAmpsAllTWCs", "32.0000000000000000000001", fine_amps,
                        "32.0000000000000000000001"),
                    top("wiringMaxAmpsAllTWCs", "18446744073709551648", all_amps, "18446744073709551648"),
                    top("wiringMaxAmpsAllTWCs", "1e300", all_amps, "1e300"),
                    top("wiringMaxAmpsPerTWC", "81", "a number of amps from 6 to 80", "81"),
                    top("minAmpsPerTWC", "4.9", "a number of amps from 5 to 32", "4.9"),
                    top("maxAmpsAllowedFromGrid", "0", all_amps, "0"),
                    top("defaultVoltage", "230.5", "a whole number of volts from 100 to 300", "230.5"),
                    top("defaultVoltage", "400", "a whole number of volts from 100 to 300", "400"),
                    top("numberOfPhases", "0", "a whole number from 1 to 3", "0"),
                    in("control", "currentStep", "0.005", "a number of amps from 0.01 to 2", "0.005"),
                    in("control", "solarShare", "1", "a number from 0 to 0.99", "1"),
                    in("control", "solarShare", "0.505", "a number from 0 to 0.99 in steps of 0.01", "0.505"),
                    in("control", "switchWh", "-1", "a whole number of watt-hours from 0 to 10000", "-1"),
                    in("control", "minOn", "86401", "a whole number of seconds from 0 to 86400", "86401"),
                    in("control", "minOff", "null", "a whole number of seconds from 0 to 86400", "null"),
                    in("control", "maxStops", "1001", "a whole number from 0 to 1000", "1001"),
                    in("control", "spike16", "1", "true or false", "1"),
                    in("inputs", "maxAge", "0", "a whole number of seconds from 1 to 3600", "0")));

INSTANTIATE_TEST_SUITE_P(
    Words, BadFiles,
    testing::Values(
        top("mode", "\"Solar\"", R"(one of "off", "solar", "solar_min", "fast")", "\"Solar\""),
        top("mode", "null", R"(one of "off", "solar", "solar_min", "fast")", "null"),
        top("subtractChargerLoad", "\"yes\"", "true or false", "\"yes\""),
        top("settingsPath", "\"lib/twc\"", "the absolute path of a folder", "\"lib/twc\""),
        in("homeAssistant", "discovery", "\"on\"", R"(one of "device", "component", "off")", "\"on\""),
        in("homeAssistant", "prefix", "\"\"", base_words, "\"\""),
        in("mqtt", "version", "5", R"(one of "auto", "3.1.1", "5")", "5"),
        in("mqtt", "publishVin", "1", "true or false", "1"),
        in("mqtt", "clientId", "\"\"", "a text of 1 to 100 bytes without control characters", "\"\""),
        in("mqtt", "username", R"("a\u0000b")", "a text of 1 to 100 bytes without control characters",
           R"("a\u0000b")"),
        in("stop", "command", "\"zero\"", "an array", "\"zero\""),
        BadFile{with(R"(, "stop": {"surplus": ["zero", "pause"]})"),
                {"/stop/surplus/1", R"(one of "zero", "vehicle", "contactor", "silence")", "\"pause\""}},
        BadFile{with(R"(, "stop": {"surplus": ["zero", "zero"]})"),
                {"/stop/surplus/1", "each method once", "\"zero\""}}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, BadFiles,
    testing::Values(
        in("mqtt", "url", "\"http://localhost\"", url_words, "\"http://localhost\""),
        in("mqtt", "url", "\"mqtt://\"", url_words, "\"mqtt://\""),
        in("mqtt", "url", "\"mqtt://:1883\"", url_words, "\"mqtt://:1883\""),
        in("mqtt", "url", "\"mqtt://host:0\"", url_words, "\"mqtt://host:0\""),
        in("mqtt", "url", "\"mqtt://host:65536\"", url_words, "\"mqtt://host:65536\""),
        in("mqtt", "url", "\"mqtt://host:\"", url_words, "\"mqtt://host:\""),
        in("mqtt", "url", "\"mqtt://[::1\"", url_words, "\"mqtt://[::1\""),
        in("mqtt", "url", "\"mqtt://host/path\"", url_words, "\"mqtt://host/path\""),
        in("mqtt", "url", "\"mqtt://me:secret@host\"",
           "mqtt://host:port or mqtts://host:port; user and password have their own keys", "an @"),
        in("mqtt", "baseTopic", "\"twc/\"", base_words, "\"twc/\""),
        in("mqtt", "baseTopic", "\"/twc\"", base_words, "\"/twc\""),
        in("mqtt", "baseTopic", "\"twc/+\"", base_words, "\"twc/+\""),
        in("mqtt", "baseTopic", "\"a//b\"", base_words, "\"a//b\""),
        in("mqtt", "baseTopic", "\"$SYS\"", base_words, "\"$SYS\""),
        BadFile{R"({"bus": {"port": "ttyUSB0"}})", {"/bus/port", port_words, "\"ttyUSB0\""}},
        BadFile{R"({"bus": {"port": "tcp://host"}})", {"/bus/port", port_words, "\"tcp://host\""}},
        BadFile{R"({"bus": {"port": "tcp://[::g]:1"}})", {"/bus/port", port_words, "\"tcp://[::g]:1\""}},
        BadFile{with(R"(, "inputs": {"battery": {"topic": "a/#"}})"),
                {"/inputs/battery/topic", topic_words, "\"a/#\""}},
        BadFile{with(R"(, "inputs": {"grid": {"jsonPointer": "power"}})"),
                {"/inputs/grid/jsonPointer", "a JSON pointer, as \"/house/power\"", "\"power\""}},
        BadFile{with(R"(, "inputs": {"grid": {"jsonPointer": "/a~2"}})"),
                {"/inputs/grid/jsonPointer", "a JSON pointer, as \"/house/power\"", "\"/a~2\""}},
        BadFile{with(R"(, "inputs": {"grid": {"unit": "A"}})"),
                {"/inputs/grid/unit", R"(one of "W", "kW", "MW")", "\"A\""}},
        BadFile{with(R"(, "inputs": {"grid": {"scale": 0}})"),
                {"/inputs/grid/scale", "a number other than 0, from 1e-9 to 1e9 in size", "0"}},
        BadFile{
            with(
                R"(, "inputs": {"gridCurrents": [{"topic": "a"}, {"topic": "b"}, {"topic": "c", "unit": "W"}]})"),
            {"/inputs/gridCurrents/2/unit", R"(one of "A", "mA")", "\"W\""}}));

INSTANTIATE_TEST_SUITE_P(
    Structure, BadFiles,
    testing::Values(
        BadFile{"[]", {"", "an object", "an empty array"}},
        BadFile{"{}", {"", R"("bus" or "buses")", "neither"}},
        BadFile{R"({"bus": {}})", {"/bus", "an object with \"port\"", "an object"}},
        BadFile{R"({"bus": "/dev/ttyUSB0"})", {"/bus", "an object", "\"/dev/ttyUSB0\""}},
        BadFile{R"({"bus": {"port": "/dev/a"}, "buses": [{"port": "/dev/b"}]})",
                {"/buses", R"(either "bus" or "buses")", "both"}},
        BadFile{R"({"buses": []})", {"/buses", "at least one bus", "an empty array"}},
        BadFile{R"({"buses": [{"port": "/dev/a", "name": "a"}, {"port": "/dev/b"}]})",
                {"/buses/1", "\"name\", because there are several buses", "none"}},
        BadFile{R"({"buses": [{"port": "/dev/a", "name": "a"}, {"port": "/dev/b", "name": "a"}]})",
                {"/buses/1/name", "a name that no other bus has", "\"a\""}},
        BadFile{R"({"buses": [{"port": "/dev/a", "name": "a"}, {"port": "/dev/a", "name": "b"}]})",
                {"/buses/1/port", "a port that no other bus has", "\"/dev/a\""}},
        BadFile{R"({"buses": [{"port": "/dev/a", "name": "Garage"}]})",
                {"/buses/0/name", "a text of 1 to 32 letters a-z, digits, _ and -", "\"Garage\""}},
        top("mqtt", "[1]", "an object", "an array"),
        top("wiringMaxAmpPerTWC", "32", "a known key",
            R"(an unknown one; did you mean "wiringMaxAmpsPerTWC"?)"),
        in("mqtt", "baseTopics", "\"a\"", "a known key", R"(an unknown one; did you mean "baseTopic"?)"),
        in("mqtt", "password", "\"hunter2\"", "a known key",
           R"(an unknown one; a password has a file of its own: "passwordFile")"),
        in("inputs", "grid", "\"smartmeter/state\"", R"(an object, as { "topic": "smartmeter/state" })",
           "\"smartmeter/state\""),
        in("inputs", "grid", "5", "an object", "5"),
        in("homeAssistant", "colour", "\"red\"", R"(one of the keys "discovery", "prefix", "entityIds")",
           "an unknown one"),
        BadFile{with(R"(, "mode": "off", "mode": "fast")"),
                {"/mode", "each key once", "the same key again in line 1"}},
        BadFile{with(R"(, "control": {"minOn": 1, "minOn": {"a": [{}]}})"),
                {"/control/minOn", "each key once", "the same key again in line 1"}},
        BadFile{
            R"({"buses": [{"port": "/dev/a", "name": "a"}, {"port": "/dev/b", "name": "b", "name": "c"}]})",
            {"/buses/1/name", "each key once", "the same key again in line 1"}},
        in("chargers", "589", "{}", R"(four hex digits, as "5893")", "\"589\""),
        in("chargers", "589G", "{}", R"(four hex digits, as "5893")", "\"589G\""),
        in("chargers", "5893", "null", "an object", "null"),
        BadFile{with(R"(, "chargers": {"abcd": {}, "ABCD": {}})"),
                {"/chargers/ABCD", "each charger once", "charger abcd again"}},
        BadFile{with(R"(, "chargers": {"5893": {"vin": "5YJ3E7EB0KF12345O"}})"),
                {"/chargers/5893/vin", "17 characters: digits and capital letters other than I, O and Q",
                 "\"5YJ3E7EB0KF12345O\""}},
        BadFile{with(R"(, "chargers": {"5893": {"priority": 11}})"),
                {"/chargers/5893/priority", "a whole number from 1 to 10", "11"}},
        BadFile{with(R"(, "inputs": {"battery": {}})"),
                {"/inputs/battery", "an object with \"topic\"", "an object"}},
        BadFile{with(R"(, "inputs": {"gridCurrents": [{"topic": "a"}]})"),
                {"/inputs/gridCurrents", "an array of three inputs, one for each phase", "an array of 1"}}));

const std::string roomy = R"(, "wiringMaxAmpsAllTWCs": 32, "wiringMaxAmpsPerTWC": 32)";

INSTANTIATE_TEST_SUITE_P(
    Contradictions, BadFiles,
    testing::Values(
        BadFile{with(R"(, "wiringMaxAmpsPerTWC": 32, "minAmpsPerTWC": 6.5)"),
                {"/minAmpsPerTWC", "at most 6, the value of /wiringMaxAmpsAllTWCs (its default)", "6.5"}},
        BadFile{with(roomy + R"(, "minAmpsPerTWC": 32.5)"),
                {"/minAmpsPerTWC", "a number of amps from 5 to 32", "32.5"}},
        BadFile{with(R"(, "wiringMaxAmpsAllTWCs": 6, "wiringMaxAmpsPerTWC": 32, "minAmpsPerTWC": 6.5)"),
                {"/minAmpsPerTWC", "at most 6, the value of /wiringMaxAmpsAllTWCs", "6.5"}},
        BadFile{with(roomy + R"(, "minAmpsPerTWC": 10, "chargers": {"ABCD": {"maxAmps": 8.25}})"),
                {"/minAmpsPerTWC", "at most 8.25, the value of /chargers/ABCD/maxAmps", "10"}},
        BadFile{with(roomy + R"(, "minAmpsPerTWC": 10, "maxAmpsAllowedFromGrid": 9)"),
                {"/minAmpsPerTWC", "at most 9, the value of /maxAmpsAllowedFromGrid", "10"}},
        BadFile{R"({"buses": [{"port": "/dev/a", "wiringMaxAmps": 12}], "minAmpsPerTWC": 16)" + roomy + "}",
                {"/minAmpsPerTWC", "at most 12, the value of /buses/0/wiringMaxAmps", "16"}},
        BadFile{with(R"(, "vehicles": {"5YJ3E1EA7JF000317": {"maxAmps": 5.5}})"),
                {"/vehicles/5YJ3E1EA7JF000317/maxAmps", "at least 6, the value of minAmpsPerTWC", "5.5"}},
        BadFile{with(roomy + R"(, "minAmpsPerTWC": 11, "guests": {"rule": "limit"})"),
                {"/guests/maxAmps", "at least 11, the value of minAmpsPerTWC", "10"}},
        BadFile{with(R"(, "chargers": {"5893": {"vin": "5YJ3E1EA7JF000317"},
                                       "ABCD": {"vin": "5YJ3E1EA7JF000317"}})"),
                {"/chargers/ABCD/vin", "a VIN that no other charger has", R"("5YJ3E1EA7JF000317")"}},
        // A ceiling that cannot be read is one problem, not two.
        BadFile{with(R"(, "wiringMaxAmpsAllTWCs": "32", "wiringMaxAmpsPerTWC": 32, "minAmpsPerTWC": 10)"),
                {"/wiringMaxAmpsAllTWCs", all_amps, "\"32\""}},
        BadFile{
            with(R"(, "maxAmpsAllowedFromGrid": 25, "inputs": {"consumption": null})"),
            {"/maxAmpsAllowedFromGrid", "an input grid, gridCurrents or consumption to watch it", "none"}},
        BadFile{with(R"(, "inputs": {"grid": {"topic": "twcbridge/mode/set"}})"),
                {"/inputs/grid/topic", topic_of_an_input, "\"twcbridge/mode/set\""}},
        BadFile{with(R"(, "inputs": {"battery": {"topic": "twcbridge/power"}})"),
                {"/inputs/battery/topic", topic_of_an_input, "\"twcbridge/power\""}},
        BadFile{with(R"(, "inputs": {"battery": {"topic": "twcbridge/input/set"}})"),
                {"/inputs/battery/topic", topic_of_an_input, "\"twcbridge/input/set\""}},
        BadFile{with(R"(, "inputs": {"grid": {"topic": "meter"}, "battery": {"topic": "meter"}})"),
                {"/inputs/battery", other_value, "that of /inputs/grid"}},
        BadFile{with(R"(, "inputs": {"consumption": {"topic": "twcbridge/input/generation"}})"),
                {"/inputs/consumption", other_value, "that of /inputs/generation"}},
        BadFile{
            with(
                R"(, "inputs": {"grid": {"topic": "meter", "jsonPointer": ""}, "battery": {"topic": "meter"}})"),
            {"/inputs/battery", other_value, "that of /inputs/grid"}},
        BadFile{
            with(
                R"(, "inputs": {"gridCurrents": [{"topic": "a", "jsonPointer": "/l1"}, {"topic": "a", "jsonPointer": "/l2"},
                                                  {"topic": "a", "jsonPointer": "/l1", "invert": true}]})"),
            {"/inputs/gridCurrents/2", other_value, "that of /inputs/gridCurrents/0"}},
        BadFile{with(R"(, "inputs": {"generation": {"topic": "$share/a/b"}})"),
                {"/inputs/generation/topic", topic_of_an_input, "\"$share/a/b\""}},
        BadFile{with(R"(, "inputs": {"consumption": {"topic": "homeassistant/status"}})"),
                {"/inputs/consumption/topic", topic_of_an_input, "\"homeassistant/status\""}},
        BadFile{
            with(
                R"(, "inputs": {"gridCurrents": [{"topic": "a"}, {"topic": "homeassistant/x/y/config"}, {"topic": "c"}]})"),
            {"/inputs/gridCurrents/1/topic", topic_of_an_input, "\"homeassistant/x/y/config\""}},
        BadFile{
            with(R"(, "mqtt": {"baseTopic": "homeassistant"})"),
            {"/mqtt/baseTopic", R"(a topic neither above nor below /homeAssistant/prefix, "homeassistant")",
             "\"homeassistant\""}},
        BadFile{
            with(R"(, "mqtt": {"baseTopic": "homeassistant/twc"})"),
            {"/mqtt/baseTopic", R"(a topic neither above nor below /homeAssistant/prefix, "homeassistant")",
             "\"homeassistant/twc\""}},
        BadFile{
            with(R"(, "homeAssistant": {"prefix": "twcbridge/ha"})"),
            {"/mqtt/baseTopic", R"(a topic neither above nor below /homeAssistant/prefix, "twcbridge/ha")",
             "\"twcbridge\""}},
        BadFile{with(R"(, "mqtt": {"url": "mqtts://a", "certFile": "/a"})"),
                {"/mqtt/certFile", "\"keyFile\" beside it", "none"}},
        BadFile{with(R"(, "mqtt": {"url": "mqtts://a", "keyFile": "/a"})"),
                {"/mqtt/keyFile", "\"certFile\" beside it", "none"}},
        BadFile{with(R"(, "mqtt": {"passwordFile": "/a"})"),
                {"/mqtt/passwordFile", "\"username\" beside it", "none"}},
        BadFile{with(R"(, "mqtt": {"caFile": "/a"})"),
                {"/mqtt/caFile", "a url with mqtts:// beside it", "\"mqtt://localhost:1883\""}},
        BadFile{with(R"(, "vehicleApi": {})"), {"/vehicleApi", "an object with \"url\"", "an object"}},
        BadFile{
            with(R"(, "vehicleApi": {"url": "127.0.0.1:8080"})"),
            {"/vehicleApi/url", "http://host:port or https://host:port (port 1 to 65535, may be left out)",
             "\"127.0.0.1:8080\""}},
        BadFile{with(R"(, "vehicleApi": {"url": "http://me:secret@a"})"),
                {"/vehicleApi/url", "http://host:port or https://host:port; a token has a file of its own",
                 "an @"}},
        BadFile{with(R"(, "vehicleApi": {"url": "http://127.0.0.1", "caFile": "/a"})"),
                {"/vehicleApi/caFile", "a url with https:// beside it", "\"http://127.0.0.1\""}},
        BadFile{with(R"(, "vehicleApi": {"url": "http://proxy.lan:8080", "tokenFile": "/a"})"),
                {"/vehicleApi/tokenFile", "a url with https:// beside it, or one of this machine",
                 "\"http://proxy.lan:8080\""}}));

TEST(Load, AVehicleApiNeedsNothingButItsUrl) {
    EXPECT_FALSE(parse(with("")).value().vehicle_api);
    EXPECT_FALSE(parse(with(R"(, "vehicleApi": null)")).value().vehicle_api);
    const auto ble = parse(with(R"(, "vehicleApi": {"url": "http://proxy.lan:8080"})")).value().vehicle_api;
    ASSERT_TRUE(ble);
    EXPECT_EQ(ble->url, "http://proxy.lan:8080");
    EXPECT_EQ(ble->token_file, std::nullopt);
    const auto fleet =
        parse(with(R"(, "vehicleApi": {"url": "https://proxy.lan", "tokenFile": "/t", "caFile": "/c"})"))
            .value()
            .vehicle_api;
    ASSERT_TRUE(fleet);
    EXPECT_EQ(fleet->token_file, "/t");
    EXPECT_EQ(fleet->ca_file, "/c");
    EXPECT_TRUE(parse(with(R"(, "vehicleApi": {"url": "http://127.0.0.1:8080", "tokenFile": "/t"})")));
}

TEST(Load, AllProblemsAreSaidAtOnce) {
    const auto problems =
        problems_of(R"({"bus": {"port": 5}, "wiringMaxAmpsAllTWCs": 5, "mode": "fast", "mode": "off",
        "mqtt": {"password": "hunter2"}, "inputs": {"generation": {"unit": "hp"}}, "minimum": 6})");
    std::vector<std::string> pointers;
    for (const auto& problem : problems) pointers.push_back(problem.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/mode", "/bus/port", "/wiringMaxAmpsAllTWCs",
                                                  "/mqtt/password", "/inputs/generation/unit", "/minimum"}));
}

TEST(Load, ValueOfAnUnknownKeyIsNotShown) {
    for (const auto& problem : problems_of(with(R"(, "mqtt": {"password": "hunter2"})"))) {
        EXPECT_EQ(to_sentence(problem).find("hunter2"), std::string::npos) << to_sentence(problem);
    }
}

TEST(Load, ShowsNoTextThatMayBeASecret) {
    for (const std::string section : {"mqtt", "vehicleApi"}) {
        for (const std::string wrong :
             {R"("hunter2")", R"({"url": "u:hunter2"})", R"({"url": "mqtt://u:hunter2"})",
              R"({"url": "http://u:hunter2"})", R"({"url": "mqtt://hunter2:hunter2:1883"})",
              R"({"url": "mqtt://host:1883/hunter2?a"})", R"({"url": "mqtt://host:hunter2/a"})",
              R"({"url": "mqtt://host:1883:hunter2"})", R"({"url": "mqtt://[::1]:hunter2"})",
              R"({"url": "mqtt://[u:hunter2"})", R"({"url": "mqtt://[u:1]:hunter2]"})",
              R"({"passwordFile": "hunter2\n", "tokenFile": "hunter2\n"})",
              R"({"caFile": "hunter2\n", "certFile": "hunter2\n", "keyFile": "hunter2\n"})"}) {
            const auto sentences = sentences_about(", \"" + section + "\": " + wrong);
            EXPECT_FALSE(sentences.empty()) << wrong;
            for (const auto& sentence : sentences)
                EXPECT_THAT(sentence, testing::Not(testing::HasSubstr("hunter2"))) << wrong;
        }
    }
    EXPECT_THAT(sentences_about(R"(, "mqtt": 271828)"),
                testing::ElementsAre("/mqtt: expected an object, found a number"));
    EXPECT_THAT(
        sentences_about(R"(, "mqtt": {"username": "u", "passwordFile": 271828})"),
        testing::ElementsAre("/mqtt/passwordFile: expected the absolute path of a file, found a number"));
    EXPECT_EQ(problems_of("271828"), (Problems{{"", "an object", "a number"}}));
    EXPECT_EQ(problems_of(R"("hunter2")"), (Problems{{"", "an object", "a text"}}));
}

TEST(Load, FilesAreNamedByTheirAbsolutePath) {
    const auto all_of = [](const std::string& section, std::initializer_list<std::string_view> keys) {
        std::vector<std::string> sentences;
        for (const auto key : keys)
            sentences.push_back("/" + section + "/" + std::string{key} +
                                ": expected the absolute path of a file, found a text");
        return sentences;
    };
    EXPECT_EQ(sentences_about(
                  R"(, "mqtt": {"url": "mqtts://a", "username": "u", "passwordFile": "p", "caFile": "../c",
                                  "certFile": "./c", "keyFile": ""})"),
              all_of("mqtt", {"passwordFile", "caFile", "certFile", "keyFile"}));
    EXPECT_EQ(sentences_about(R"(, "vehicleApi": {"url": "https://a", "tokenFile": "t", "caFile": "~/c"})"),
              all_of("vehicleApi", {"tokenFile", "caFile"}));
}

TEST(Load, SentenceNamesPlaceExpectationAndFinding) {
    EXPECT_EQ(to_sentence({"/a/b", "a number", "\"x\""}), "/a/b: expected a number, found \"x\"");
    EXPECT_EQ(to_sentence({"", "an object", "null"}), "expected an object, found null");
    EXPECT_EQ(to_sentence({"/a", "", "it is gone"}), "/a: it is gone");
}

TEST(Load, TextThatIsNoJsonIsPlacedByLineAndColumn) {
    const auto at = [](const std::string& text) {
        const auto problems = problems_of(text);
        return problems.size() == 1 && problems[0].expected == "valid JSON" ? problems[0].pointer : "";
    };
    EXPECT_EQ(at(""), "line 1, column 1");
    EXPECT_EQ(at("{\n  \"bus\" 5}"), "line 2, column 9");
    EXPECT_EQ(at(with("") + "\n}"), "line 2, column 1");
    EXPECT_EQ(at(with(",")), "line 1, column 34");
    EXPECT_EQ(at(with("") + '\0'), "line 1, column 34");
    EXPECT_EQ(at("{\"a\xFF\": 1}"), "line 1, column 4");
    EXPECT_EQ(at("{\"a\": 1e999}"), "line 1, column 11");
}

TEST(Load, SlipsInJsonAreSaidInTheWordsOfWhoMadeThem) {
    const auto found = [](const std::string& text) {
        const auto problems = problems_of(text);
        return problems.size() == 1 ? problems[0].pointer + ": " + problems[0].found : "";
    };
    EXPECT_EQ(found("{\n  \"mode\": \"off\",\n}"), "line 3, column 1: one comma too many before this");
    EXPECT_EQ(found(R"({"a": 1,,)"), "line 1, column 9: one comma too many before this");
    EXPECT_EQ(found("[1, ]"), "line 1, column 5: one comma too many before this, or no value");
    EXPECT_EQ(found("{\"a\": 1 // one\n\"b\": 2}"),
              "line 2, column 3: a text: a comma is missing before this?");
    EXPECT_EQ(found(R"(["a" "b"])"), "line 1, column 8: a text: a comma is missing before this?");
    EXPECT_EQ(found("[{} {}]"), "line 1, column 5: a {: a comma is missing before this?");
    EXPECT_EQ(found("{\"a\": \"b,\n\"c\": 1}"),
              "line 1, column 10: the end of the line: a quotation mark is missing in this line");
    EXPECT_EQ(found("{\"a\": \"b,\r\n\"c\": 1}"),
              "line 1, column 10: the end of the line: a quotation mark is missing in this line");
    EXPECT_EQ(found("{\"a\": \"b"),
              "line 1, column 9: the end of the file: a quotation mark is missing in this line");
    EXPECT_EQ(found("{'a': 1}"), R"(line 1, column 2: a ': use " in place of ')");
    EXPECT_EQ(found("{\"a\": 'b'}"), R"(line 1, column 7: a ': use " in place of ')");
    EXPECT_EQ(found(""), "line 1, column 1: nothing: the file is empty");
    EXPECT_EQ(found("  // nothing yet\n"), "line 2, column 1: nothing: the file is empty");
    EXPECT_EQ(found("{\"a\": {}"), "line 1, column 9: the end of the file: a } is missing");
    EXPECT_EQ(found("[1"), "line 1, column 3: the end of the file: a ] is missing");
}

TEST(Load, ProblemsNameTheLineOfTheirKey) {
    const auto config = parse(R"({ // a comment
  "bus": { "port": "/dev/ttyUSB0" },
  "wiringMaxAmpsAllTWCs":
    5
  ,
  "schedule": [ "1:00-2:00 off",
                "at night" ],
  "control": { "minOn": "a", /* more
    lines */ "speed": 1 }, "mode": "off",
  "mode": "fast",
  "guests": { "rule": "limit", "maxAmps": 5 }
})");
    ASSERT_FALSE(config);
    std::vector<std::pair<std::string, std::size_t>> lines;
    for (const auto& problem : config.error()) lines.emplace_back(problem.pointer, problem.line.value_or(0));
    EXPECT_EQ(lines, (std::vector<std::pair<std::string, std::size_t>>{{"/mode", 9},
                                                                       {"/wiringMaxAmpsAllTWCs", 3},
                                                                       {"/control/minOn", 8},
                                                                       {"/control/speed", 9},
                                                                       {"/guests/maxAmps", 11},
                                                                       {"/schedule/1", 7}}));
    EXPECT_EQ(config.error().front().found, "the same key again in line 10");
    EXPECT_THAT(to_sentence(config.error()[1]), testing::EndsWith("found 5 (line 3)"));
}

TEST(Load, AProblemOfWhatIsMissingNamesTheLineOfTheObjectOrNone) {
    const auto missing = parse("{\n\"bus\": {}}");
    EXPECT_EQ(missing.error().front().line, 2U);
    const auto other = parse(with(R"(, "minAmpsPerTWC": 11, "wiringMaxAmpsAllTWCs": 32,
        "wiringMaxAmpsPerTWC": 32, "guests": {"rule": "limit"})"));
    EXPECT_EQ(other.error().front().pointer, "/guests/maxAmps");
    EXPECT_EQ(other.error().front().line, std::nullopt) << "it is the default";
}

TEST(Load, AsManyBusesChargersAndVehiclesAsAnyHouseHas) {
    const auto list = [](std::size_t count, const auto& one) {
        std::string text;
        for (std::size_t index = 0; index < count; ++index) text += (index == 0 ? "" : ",") + one(index);
        return text;
    };
    const auto buses = [&](std::size_t count) {
        return R"({"buses": [)" +
               list(count,
                    [](std::size_t index) {
                        const auto number = std::to_string(index);
                        return R"({"port": "/dev/tty)" + number + R"(", "name": "b)" + number + "\"}";
                    }) +
               "]}";
    };
    const auto chargers = [&](std::size_t count) {
        return with(R"(, "chargers": {)" +
                    list(count,
                         [](std::size_t index) {
                             return '"' + TwcId{static_cast<std::uint16_t>(index + 1)}.text() + R"(": {})";
                         }) +
                    "}");
    };
    const auto vehicles = [&](std::size_t count) {
        return with(R"(, "vehicles": {)" +
                    list(count,
                         [](std::size_t index) {
                             return R"("5YJ3E1EA7JF)" + std::to_string(100000 + index) + R"(": {})";
                         }) +
                    "}");
    };
    EXPECT_EQ(good(buses(100)).buses.size(), 100U);
    EXPECT_EQ(problems_of(buses(101)), (Problems{{"/buses", "at most 100 buses", "101"}}));
    EXPECT_EQ(good(chargers(1000)).chargers.size(), 1000U);
    EXPECT_EQ(problems_of(chargers(1001)), (Problems{{"/chargers", "at most 1000 chargers", "1001"}}));
    EXPECT_EQ(good(vehicles(1000)).vehicles.size(), 1000U);
    EXPECT_EQ(problems_of(vehicles(1001)), (Problems{{"/vehicles", "at most 1000 vehicles", "1001"}}));
}

TEST(Load, DepthIsLimited) {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    EXPECT_EQ(problems_of(nested(20)), (Problems{{"", "an object", "an array"}}));
    EXPECT_EQ(problems_of(R"({"a": )" + nested(20) + "}"),
              (Problems{{"/a/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0",
                         "at most 20 levels of arrays and objects", "more"}}));
    EXPECT_EQ(problems_of(std::string(500'000, '[')).size(), 1U);
}

TEST(Load, SizeIsLimited) {
    const std::string most(1024UL * 1024 - with("").size(), ' ');
    expect_defaults(good(with("") + most));
    EXPECT_EQ(problems_of(with("") + most + ' '), (Problems{{"", "at most 1048576 bytes", "more"}}));
}

TEST(Load, UnreadableFileIsASentenceOfItsOwn) {
    const auto missing = load("/nonexistent/config.json");
    ASSERT_FALSE(missing);
    ASSERT_EQ(missing.error().size(), 1U);
    EXPECT_EQ(to_sentence(missing.error()[0]),
              "there is no such file; sudo scripts/install puts one at /etc/twcbridge/config.json, "
              "--config names another");
    const auto folder = load("/tmp");
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error(), (Problems{{"", "", "Is a directory"}}));
}

TEST(Load, ShowsNoPartOfATextThatItCannotParse) {
    for (const std::string text :
         {R"({"mqtt": {"password": "hunter2\x9"}})", "{\"mqtt\": {\"password\": \"hunter2\t\"}}",
          R"({"mqtt": {"password": "hun\q2"}})", R"({"mqtt": {"password": "hunter2)"}) {
        const auto loaded = parse(text);
        ASSERT_FALSE(loaded);
        for (const auto& problem : loaded.error()) {
            EXPECT_EQ(problem.found.find("hun"), std::string::npos) << problem.found;
            EXPECT_EQ(problem.expected.find("hun"), std::string::npos) << problem.expected;
        }
    }
}

/// What load() says as another user, whom permissions bind.
std::string said_to_nobody(const std::filesystem::path& file) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return "no pipe";
    const auto child = ::fork();
    if (child == 0) {
        if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
        const auto config = load(file);
        const auto text = config ? "no problem" : to_sentence(config.error().front());
        const auto written = ::write(ends[1], text.data(), text.size());
        ::_exit(written < 0 ? 1 : 0);
    }
    ::close(ends[1]);
    std::string text(500, '\0');
    const auto count = ::read(ends[0], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return text;
}

TEST(Load, SaysWhoMayReadAFileThatWeMayNot) {
    const auto file =
        std::filesystem::temp_directory_path() / ("secret_" + std::to_string(getpid()) + ".json");
    std::ofstream{file} << with("");
    std::filesystem::permissions(file, std::filesystem::perms::none);
    EXPECT_EQ(said_to_nobody(file),
              "Permission denied; as installed, root and the group twcbridge may read it: use sudo");
    std::filesystem::remove(file);
}

TEST(Load, NamedFilesMustBeReadable) {
    const auto file =
        std::filesystem::path{testing::TempDir()} / ("config_" + std::to_string(getpid()) + ".json");
    std::ofstream{file} << with(
        R"(, "mqtt": {"url": "mqtts://a", "username": "u", "passwordFile": "/nonexistent/p",
        "caFile": "/nonexistent/c", "certFile": "/tmp", "keyFile": "/etc/passwd"},
        "vehicleApi": {"url": "https://a", "tokenFile": "/nonexistent/t", "caFile": "/tmp"}, "mode": 1)");
    const auto config = load(file);
    std::filesystem::remove(file);
    ASSERT_FALSE(config);
    const std::string expected = "a file that can be read";
    EXPECT_EQ(config.error(),
              (Problems{{"/mode", R"(one of "off", "solar", "solar_min", "fast")", "1", 3},
                        {"/mqtt/passwordFile", expected, "/nonexistent/p: No such file or directory", 1},
                        {"/mqtt/caFile", expected, "/nonexistent/c: No such file or directory", 2},
                        {"/mqtt/certFile", expected, "/tmp: Is a directory", 2},
                        {"/vehicleApi/tokenFile", expected, "/nonexistent/t: No such file or directory", 3},
                        {"/vehicleApi/caFile", expected, "/tmp: Is a directory", 3}}));
}

TEST(Load, APasswordHasAsManyBytesAsMqttCanCarryAndATokenNoMore) {
    const auto file =
        std::filesystem::path{testing::TempDir()} / ("endless_" + std::to_string(getpid()) + ".json");
    std::ofstream{file} << with(R"(, "mqtt": {"username": "u", "passwordFile": "/dev/zero"},
        "vehicleApi": {"url": "https://a", "tokenFile": "/dev/zero"})");
    const auto config = load(file);
    std::filesystem::remove(file);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error(),
              (Problems{{"/mqtt/passwordFile", "a file whose first line has no more than 65535 bytes",
                         "/dev/zero", 1},
                        {"/vehicleApi/tokenFile", "a file whose first line has no more than 65535 bytes",
                         "/dev/zero", 2}}));
}

/// Whatever is accepted keeps what the rest of the program relies on.
void expect_sound(const Config& config) {
    ASSERT_FALSE(config.buses.empty());
    for (const auto& bus : config.buses) ASSERT_TRUE(is_bus_port(bus.port));
    ASSERT_TRUE(config.wiring_max_all >= 6_A && config.wiring_max_all <= 1000_A);
    ASSERT_TRUE(config.wiring_max_each >= 6_A && config.wiring_max_each <= 80_A);
    ASSERT_TRUE(config.minimum >= 5_A && config.minimum <= config.wiring_max_all);
    ASSERT_TRUE(config.control.current_step > 0_A);
    ASSERT_TRUE(is_base_topic(config.mqtt.base_topic));
    ASSERT_TRUE(is_absolute_path(config.settings_path));
}

TEST(Load, DamagedFilesNeverCrashAndNeverGiveAnUnsoundConfig) {
    std::mt19937 random{20240601};  // NOLINT(*-msc51-cpp): the same files on every run
    const auto original = example();
    const std::string alphabet = "{}[]\",:/*\\0123456789.eE+-nulltruefalse \n\xC3\xFF";
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
        auto text = original;
        for (auto changes = random() % 4 + 1; changes > 0; --changes) {
            const auto at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text[at] = alphabet[random() % alphabet.size()];
                    break;
                case 1:
                    text.insert(at, 1, static_cast<char>(random() % 256));
                    break;
                case 2:
                    text.erase(at, random() % 20 + 1);
                    break;
                default:
                    text.insert(at, text.substr(random() % text.size(), random() % 40));
                    break;
            }
        }
        const auto config = parse(text);
        if (config) {
            ++accepted;
            ASSERT_NO_FATAL_FAILURE(expect_sound(*config)) << text;
        } else {
            ++refused;
            ASSERT_FALSE(config.error().empty()) << text;
        }
    }
    EXPECT_GT(accepted, 100);
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace config

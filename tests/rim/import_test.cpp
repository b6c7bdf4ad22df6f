// What becomes of TWCManager's settings; the sample files hold every one that it knows.
#include "bridge/import_twcmanager.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bridge/import_remedies.hpp"
#include "bridge/relaxed_json.hpp"
#include "config/json.hpp"
#include "config/load.hpp"

namespace bridge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TextFile sample(const std::string& name) {
    std::ifstream file{std::filesystem::path{TEST_SOURCE_DIR} / "vectors/twcmanager" / name};
    return {name, {std::istreambuf_iterator<char>{file}, {}}};
}

/// The result; fails unless it is a configuration of ours.
Imported imported(const std::string& config, const std::optional<TextFile>& settings = {}) {
    const auto result = import_twcmanager({"config.json", config}, settings);
    if (!result) {
        ADD_FAILURE() << config::to_sentence(result.error().front());
        return {};
    }
    const auto checked = config::parse(result->config);
    EXPECT_TRUE(checked) << result->config;
    return *result;
}

std::string problem(const std::string& config, const std::optional<TextFile>& settings = {}) {
    const auto result = import_twcmanager({"config.json", config}, settings);
    return result ? "none" : config::to_sentence(result.error().front());
}

std::string all(const Imported& result) {
    std::string text = result.config;
    for (const auto& remark : result.remarks) text += remark + '\n';
    return text;
}

TEST(Import, TakesOverWhatHasACounterpart) {
    const auto result = imported(sample("config.json").text, sample("settings.json"));
    EXPECT_EQ(result.config, R"({
  "bus": { "port": "tcp://192.168.1.20:4000" },
  "wiringMaxAmpsAllTWCs": 32,
  "wiringMaxAmpsPerTWC": 16,
  "maxAmpsAllowedFromGrid": 25,
  "minAmpsPerTWC": 12,
  "defaultVoltage": 230,
  "numberOfPhases": 3,
  "mqtt": { "url": "mqtt://192.168.1.2:1883", "username": "house" },
  "inputs": { "generation": { "topic": "inverter/power" }, "consumption": { "topic": "meter/house" } },
  "subtractChargerLoad": true,
  "stop": { "surplus": ["zero", "contactor"], "command": ["zero", "contactor"] },
  "control": { "solarShare": 0.75 },
  "schedule": [ "22:00-07:00 fast 16 A" ]
}
)");
}

std::string schedule_of(const std::string& members) {
    const auto text = imported("{}", TextFile{"settings.json", "{" + members + "}"}).config;
    const auto at = text.find("\"schedule\": ");
    return at == std::string::npos ? "" : text.substr(at + 12, text.find('\n', at) - at - 12);
}

TEST(Import, MakesALineOfTheSchedule) {
    const std::string hours = R"("scheduledAmpsStartHour": 22.5, "scheduledAmpsEndHour": 6, )";
    EXPECT_EQ(schedule_of(hours + R"("scheduledAmpsDaysBitmap": 19, "scheduledAmpsMax": 100)"),
              R"([ "mon,tue,fri 22:30-06:00 fast 80 A" ])");
    EXPECT_EQ(schedule_of(hours + R"("scheduledAmpsDaysBitmap": 0, "scheduledAmpsMax": 16)"), "");
    EXPECT_EQ(schedule_of(hours + R"("scheduledAmpsDaysBitmap": 127, "scheduledAmpsMax": -1)"), "");
    EXPECT_EQ(schedule_of(
                  R"("scheduledAmpsStartHour": -1, "scheduledAmpsEndHour": -1, "scheduledAmpsDaysBitmap": 127,
                             "scheduledAmpsMax": 16)"),
              "");
}

/// Paths of a section's settings: of modules the module and its keys, elsewhere the keys.
void collect(const config::Json& root, std::vector<std::string>& paths) {
    for (const auto& section : std::get<config::Json::Object>(root.content)) {
        for (const auto& entry : std::get<config::Json::Object>(section.value.content)) {
            paths.push_back(section.key + '.' + entry.key);
        }
    }
}

TEST(Import, NamesEverySettingThatHasNoCounterpart) {
    const auto text = all(imported(sample("config.json").text, sample("settings.json")));
    const auto config = config::parse_json(to_strict_json(sample("config.json").text).text);
    const auto settings = config::parse_json(to_strict_json(sample("settings.json").text).text);
    ASSERT_TRUE(config && settings);
    std::vector<std::string> paths;
    collect(config->root, paths);
    for (const auto& setting : std::get<config::Json::Object>(settings->root.content))
        paths.push_back("settings." + setting.key);
    EXPECT_GE(paths.size(), 100U);
    for (const auto& path : paths) {
        const auto key = path.substr(path.find('.') + 1);
        const bool mapped = text.find('"' + key + "\":") != std::string::npos;
        const bool silent =
            path == "config.treatGenerationAsGridDelivery" || path == "interface.RS485";  // as here
        EXPECT_TRUE(mapped || silent || text.find(path) != std::string::npos) << path << " is not named";
    }
}

TEST(Import, KnowsARemedyForEverySettingOfTheSample) {
    for (const auto& remark : imported(sample("config.json").text, sample("settings.json")).remarks) {
        EXPECT_THAT(remark, Not(HasSubstr("not known to this import")));
    }
    EXPECT_THAT(all(imported(R"({"config": {"newThing": 5}})")),
                HasSubstr("config.newThing (5): not known to this import"));
}

TEST(Import, NeverShowsASecret) {
    const auto text = all(imported(sample("config.json").text, sample("settings.json")));
    EXPECT_THAT(text, Not(HasSubstr("hush")));
    EXPECT_THAT(text, HasSubstr("control.MQTT.password: not copied"));
}

TEST(Import, ReckonsOffsetsAsAReserve) {
    const auto text = all(imported(sample("config.json").text, sample("settings.json")));
    // 1.05 A and 0.5 A on three phases of 230 V are 724 W and 345 W, and 200 W for the pool.
    EXPECT_THAT(text, HasSubstr("set grid_reserve to 1269 W"));
    EXPECT_THAT(all(imported(R"({"config": {"greenEnergyAmpsOffset": -2, "defaultVoltage": 240}})")),
                HasSubstr("mosquitto_pub -t twcbridge/grid_reserve/set -m -480"));
}

TEST(Import, KeepsItsDefaultsForWhatIsNotThere) {
    const auto result = imported("{}");
    EXPECT_EQ(result.config, "{\n  \"bus\": { \"port\": \"/dev/ttyUSB0\" }\n}\n");
    EXPECT_THAT(result.remarks, Contains(StartsWith("interface: none")));
    EXPECT_THAT(result.remarks, Contains(StartsWith("mqtt: no broker")));
}

TEST(Import, LowersAMinimumThatTheWiringDoesNotCarry) {
    // As shipped: 6 A of wiring and a minimum of 12 A.
    const auto result =
        imported(R"({"config": {"wiringMaxAmpsAllTWCs": 6, "wiringMaxAmpsPerTWC": 6, "minAmpsPerTWC": 12}})");
    EXPECT_THAT(result.config, HasSubstr("\"minAmpsPerTWC\": 6"));
    EXPECT_THAT(result.remarks, Contains(StartsWith("config.minAmpsPerTWC (12): lowered to 6 A")));
    EXPECT_THAT(imported(R"({"config": {"minAmpsPerTWC": 1}})").remarks,
                Contains(StartsWith("config.minAmpsPerTWC (1): raised to 6 A")));
}

TEST(Import, NeverRaisesAWiringLimit) {
    EXPECT_EQ(
        problem(R"({"config": {"wiringMaxAmpsAllTWCs": 5}})"),
        "config.json: /config/wiringMaxAmpsAllTWCs: expected a number of amps from 6 to 100000, found 5");
    EXPECT_THAT(problem(R"({"config": {"wiringMaxAmpsPerTWC": "32"}})"),
                StartsWith("config.json: /config/wiringMaxAmpsPerTWC: expected a number of amps"));
    const auto result =
        imported(R"({"config": {"wiringMaxAmpsAllTWCs": 2000, "wiringMaxAmpsPerTWC": 100.5}})");
    EXPECT_THAT(result.config, HasSubstr("\"wiringMaxAmpsAllTWCs\": 1000"));
    EXPECT_THAT(result.config, HasSubstr("\"wiringMaxAmpsPerTWC\": 80"));
    EXPECT_THAT(result.remarks, Contains(StartsWith("config.wiringMaxAmpsPerTWC (100.5): lowered to 80 A")));
}

TEST(Import, FindsThePortOfTheAdapter) {
    const auto port = [](const std::string& interface) {
        const auto result = imported("{\"interface\": " + interface + '}');
        return result.config.substr(0, result.config.find('\n', 2));
    };
    EXPECT_THAT(port(R"({"RS485": {"enabled": true, "port": "/dev/ttyACM0"}})"), HasSubstr("/dev/ttyACM0"));
    EXPECT_THAT(port(R"({"RS485": {"enabled": true, "port": "socket://adapter:8899"}})"),
                HasSubstr("tcp://adapter:8899"));
    EXPECT_THAT(port(R"({"RS485": {"enabled": true, "port": "COM3"}})"), HasSubstr("/dev/ttyUSB0"));
    EXPECT_THAT(port(R"({"RS485": {"enabled": false}, "TCP": {"enabled": true, "server": "adapter"}})"),
                HasSubstr("tcp://adapter:6000"));
}

TEST(Import, TurnsEachStopModeIntoMethods) {
    const auto stop = [](const std::string& mode) {
        return all(imported("{}", TextFile{"settings.json", "{\"chargeStopMode\": " + mode + '}'}));
    };
    EXPECT_THAT(stop("\"1\""), Not(HasSubstr("\"stop\"")));
    EXPECT_THAT(stop("\"1\""), HasSubstr("settings.chargeStopMode: not needed: no account"));
    EXPECT_THAT(stop("2"), HasSubstr(R"("surplus": ["zero", "silence"])"));
    EXPECT_THAT(stop("2"), HasSubstr("became the stop method silence; a Tesla may want its plug pulled"));
    EXPECT_THAT(stop("\"3\""), HasSubstr(R"("surplus": ["zero", "contactor"])"));
}

TEST(Import, TakesPowerAtTheMeterForGeneration) {
    const auto result = imported(R"({"config": {"treatGenerationAsGridDelivery": true},
        "sources": {"MQTT": {"enabled": true, "brokerIP": "b", "topicGeneration": "export", "topicConsumption": ""}}})");
    EXPECT_THAT(result.config, HasSubstr(R"("inputs": { "grid": { "topic": "export", "invert": true } })"));
    EXPECT_THAT(result.remarks, Contains(StartsWith("sources.MQTT.topicConsumption: no topic")));
    EXPECT_THAT(result.remarks, Contains(StartsWith("config.treatGenerationAsGridDelivery: ")));
}

TEST(Import, MendsTheBracketAndTheCommasOfAnOlderShippedFile) {
    const auto result = imported(R"({
  "config": { "wiringMaxAmpsAllTWCs": 20, },
  "policy": {
    "extend": { "webhooks": { } }
    "override": [ ],
  "sources": { "MQTT": { "enabled": true, "brokerIP": "b", "topicGeneration": "sun" "topicConsumption": "house" } }
}
)");
    EXPECT_THAT(result.config, HasSubstr(R"("generation": { "topic": "sun" })"));
    EXPECT_THAT(result.remarks, Contains("config.json, line 5, column 5: a comma is missing"));
    EXPECT_THAT(result.remarks, Contains(HasSubstr("a closing bracket is missing")));
}

TEST(Import, SaysWhereAFileCannotBeRead) {
    EXPECT_THAT(problem("{\n  \"config\": {\n    \"a\" 5\n  }\n}"),
                StartsWith("config.json: line 3, column "));
    EXPECT_THAT(problem("[]"), StartsWith("config.json: expected an object"));
    EXPECT_THAT(problem("\"hunter2\""), StartsWith("config.json: expected an object, found a text"));
    EXPECT_THAT(problem(""), StartsWith("config.json: line 1, column 1: expected valid JSON"));
    EXPECT_THAT(problem("{}", TextFile{"settings.json", "{\n}}"}), StartsWith("settings.json: line 2"));
    EXPECT_THAT(problem(std::string(2'000'000, ' ')), HasSubstr("at most 1048576 bytes"));
}

TEST(Import, SaysWhichOfTwoEqualKeysHolds) {
    EXPECT_THAT(imported(R"({"config": {"logLevel": 1, "logLevel": 2}})").remarks,
                Contains("config.json: /config/logLevel: there twice, the first one holds"));
}

// ---- JSON as people write it

std::string strict(const std::string& text) { return to_strict_json(text).text; }

TEST(RelaxedJson, LeavesJsonAsItIs) {
    const std::string text = R"({"a": [1, -2.5e3, true, null, "x"], "b": {"c": "#, // /* ,}"}, "d": "\"\\"})";
    EXPECT_EQ(strict(text), text);
    EXPECT_THAT(to_strict_json(text).repairs, IsEmpty());
}

TEST(RelaxedJson, BlanksCommentsAndLastCommas) {
    EXPECT_EQ(strict("{ # one\n\"a\": 1, // two\n\"b\": [2,], /* three\n */ }"),
              "{      \n\"a\": 1,       \n\"b\": [2 ]          \n    }");
    EXPECT_THAT(to_strict_json("{\"a\": 1,}").repairs, IsEmpty());
}

TEST(RelaxedJson, TakesSingleQuotes) { EXPECT_EQ(strict("{'a': 'b'}"), R"({"a": "b"})"); }

TEST(RelaxedJson, PutsInCommasAndBracketsAndSaysSo) {
    const auto mended = to_strict_json("{\"a\": 1\n \"b\": [1 2]\n\"c\": {\"d\": 3");
    EXPECT_EQ(mended.text, "{\"a\": 1\n,\"b\": [1,2]\n,\"c\": {\"d\": 3}}");
    EXPECT_THAT(mended.repairs,
                ElementsAre("line 2, column 2: a comma is missing", "line 2, column 10: a comma is missing",
                            "line 3, column 1: a comma is missing",
                            "line 3, column 14: 2 closing brackets are missing"));
}

TEST(RelaxedJson, NeverFailsOnHalfAText) {
    const auto text = sample("config.json").text;
    for (std::size_t length = 0; length < text.size(); length += 7) {
        const auto mended = to_strict_json(text.substr(0, length));
        EXPECT_GE(mended.text.size(), length);
        // Whether it can be read is the parser's to say.
        static_cast<void>(config::parse_json(mended.text).has_value());
    }
}

}  // namespace
}  // namespace bridge

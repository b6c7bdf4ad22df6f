// Every announcement that the running bridge makes, against the validator, and the states that it names.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "tests/bridge/site.hpp"
#include "tests/mqtt/discovery_validator.hpp"

namespace bridge::tests {
namespace {

using nlohmann::json;
using testing::IsEmpty;

const UnitSpec version_2{TwcId{0x1A2B}, twc::Protocol::v2, {}, 3};
const UnitSpec version_1{TwcId{0x3C4D}, twc::Protocol::v1};
const UnitSpec third{TwcId{0x5E6F}, twc::Protocol::v2};

/// What is announced at the broker, the bridge first, as it is published.
std::vector<broker::Publication> announcements(const Site& site) {
    std::vector<broker::Publication> all;
    for (const bool of_bridge : {true, false}) {
        for (const auto& topic : site.topics()) {
            if (!topic.starts_with("homeassistant/")) continue;
            if ((topic.find("twcbridge_bridge") != std::string::npos) != of_bridge) continue;
            all.push_back({topic, site.topic_at(topic), true});
        }
    }
    return all;
}

std::vector<json> components_of(const Site& site) {
    std::vector<json> all;
    for (const auto& message : announcements(site)) {
        auto document = json::parse(message.payload);
        if (document.contains("components")) {
            for (auto& component : document["components"]) all.push_back(component);
        } else {
            const auto kind = message.topic.substr(message.topic.find('/') + 1);
            document["platform"] = kind.substr(0, kind.find('/'));
            all.push_back(document);
        }
    }
    return all;
}

/// What Home Assistant would say to this state; empty if it takes it.
std::string fault_of(const json& component, const std::string& state) {
    const auto platform = component["platform"].get<std::string>();
    if (platform == "switch" || platform == "binary_sensor") {
        return component["payload_on"] == state || component["payload_off"] == state ? ""
                                                                                     : "neither on nor off";
    }
    if (component.contains("options")) {
        const auto& options = component["options"];
        return std::ranges::find(options, json(state)) != options.end() ? "" : "no option";
    }
    static const std::regex number{R"(-?\d+(\.\d{1,3})?)"};
    if (component.contains("unit_of_measurement") || platform == "number") {
        if (!std::regex_match(state, number)) return "no number";
        if (platform == "sensor") return "";
        const auto value = std::stod(state);
        return value >= component["min"] && value <= component["max"] ? "" : "out of range";
    }
    static const std::regex printable{R"([ -~]{0,255})"};
    return std::regex_match(state, printable) ? "" : "no text";
}

void expect_states(const Site& site) {
    for (const auto& component : components_of(site)) {
        const auto id = component["unique_id"].get<std::string>();
        for (const auto& entry : component.value("availability", json::array()))
            EXPECT_EQ(site.topic_at(entry["topic"]), "online") << id;
        if (component["platform"] == "event") continue;
        const auto topic = component["state_topic"].get<std::string>();
        // Not every firmware tells what is disabled; and where there is no problem there is no reason.
        const bool may_be_absent =
            !component.value("enabled_by_default", true) || topic.ends_with("problem_reason");
        if (may_be_absent && site.topic_at(topic).empty()) continue;
        EXPECT_EQ(fault_of(component, site.topic_at(topic)), "")
            << id << " is \"" << site.topic_at(topic) << '"';
    }
}

std::vector<std::string> legal_commands(const json& component) {
    const auto platform = component["platform"].get<std::string>();
    if (platform == "switch") return {component["payload_off"], component["payload_on"]};
    if (platform == "select") return component["options"];
    if (component["unique_id"].get<std::string>().ends_with("target_time"))
        return {"06:30", "00:00", "23:59"};
    if (platform == "text") return {"none", "mon-fri 23:00-06:00 fast 16 A; sat 12:00-14:00 solar"};
    const auto middle = (component["min"].get<int>() + component["max"].get<int>()) / 2 + 1;
    return {component["min"].dump(), std::to_string(middle), component["max"].dump()};
}

void expect_commands_to_be_obeyed(Site& site) {
    for (const auto& component : components_of(site)) {
        if (!component.contains("command_topic")) continue;
        const auto state = component["state_topic"].get<std::string>();
        for (const auto& command : legal_commands(component)) {
            site.send(component["command_topic"], command);
            EXPECT_TRUE(site.run_until([&] { return site.topic_at(state) == command; }, 2s))
                << state << " is " << site.topic_at(state) << ", not " << command;
        }
    }
}

struct House {
    config::Config config = quick_config();
    std::vector<UnitSpec> units;
};

/// 1 to 3 units of both protocols, every kind of input, each form and option of discovery.
std::vector<House> houses() {
    std::vector<House> all;
    const std::vector<std::vector<UnitSpec>> buses{
        {version_2}, {version_1}, {version_2, version_1}, {version_2, version_1, third}};
    for (const auto& units : buses) {
        for (const auto form : {config::Discovery::device, config::Discovery::component}) {
            for (const int inputs : {0, 1, 2}) {
                House house{quick_config(), units};
                house.config.home_assistant.discovery = form;
                house.config.home_assistant.entity_ids = inputs != 1;
                house.config.mqtt.publish_vin = inputs != 2;
                house.config.mqtt.username = "secretary";
                house.config.default_phases = 1 + inputs;
                if (inputs == 1)
                    house.config.inputs.grid = config::Input{"twcbridge/input/grid", std::nullopt, 1};
                if (inputs == 2)
                    house.config.inputs.generation = house.config.inputs.consumption = std::nullopt;
                all.push_back(std::move(house));
            }
        }
    }
    return all;
}

// Home Assistant loses components of documents that follow one another within 2 s; what it has not heard does
// not count.
TEST(Announcements, FollowOneAnotherSlowlyWheneverTheBrokerComesBack) {
    int changes = 0;
    for (Duration away = 0s; away < 8s; away += 100ms) {
        Site site{quick_config(), {version_2}};
        site.broker(false);
        site.run_for(away);
        site.broker(true);
        std::map<std::string, std::pair<std::string, TimePoint>> heard;
        for (const auto end = site.now() + 10s; site.now() < end; site.run_for(50ms)) {
            for (const auto& [topic, payload, retain] : announcements(site)) {
                auto& [before, when] = heard[topic];
                if (before == payload) continue;
                if (!before.empty()) {
                    ++changes;
                    EXPECT_GE(site.now() - when, 2s) << topic << " after " << away / 1ms << " ms";
                }
                before = payload;
                when = site.now();
            }
        }
    }
    EXPECT_GT(changes, 20);
}

TEST(Announcements, OfEveryHouseAreValidAndNameStatesThatHomeAssistantTakes) {
    for (const auto& house : houses()) {
        Site site{house.config, house.units};
        site.send("twcbridge/mode/set", "fast");
        site.sun(3000, 500);
        site.run_for(180s);
        broker::DiscoveryValidator validator{"homeassistant", "twcbridge"};
        for (const auto& message : announcements(site)) {
            validator.check(message);
            EXPECT_EQ(message.payload.find("secretary"), std::string::npos) << message.topic;
            EXPECT_EQ(message.payload.find(simulator::tesla_vin(317)), std::string::npos) << message.topic;
        }
        EXPECT_THAT(validator.complaints(), IsEmpty());
        EXPECT_GE(components_of(site).size(), 25U);
        expect_states(site);
    }
}

TEST(Announcements, NameCommandsThatAreObeyedAndEchoed) {
    for (const auto form : {config::Discovery::device, config::Discovery::component}) {
        auto config = quick_config();
        config.home_assistant.discovery = form;
        Site site{config, {version_2, version_1}};
        site.run_for(30s);
        expect_commands_to_be_obeyed(site);
    }
}

TEST(Announcements, OfOneDeviceAreTwoSecondsApart) {
    Site site{quick_config(), {version_2, version_1, third}};
    std::map<std::string, std::pair<std::string, TimePoint>> last;
    for (int step = 0; step < 1200; ++step) {
        site.run_for(100ms);
        for (const auto& message : announcements(site)) {
            auto& [payload, when] = last[message.topic];
            if (payload == message.payload) continue;
            EXPECT_TRUE(payload.empty() || site.now() - when >= 2s) << message.topic;
            last[message.topic] = {message.payload, site.now()};
        }
    }
    EXPECT_EQ(last.size(), 4U);
}

TEST(Announcements, AnswerTwoBirthsWithinFiveSecondsOnce) {
    Site site{quick_config(), {version_2}};
    site.run_for(60s);
    const auto everything = site.topics().size();
    const auto sent = site.publications();
    site.send("homeassistant/status", "online", true);
    site.run_for(10s);
    EXPECT_LT(site.publications() - sent, everything) << "a stored copy is no birth";
    const auto before = site.publications();
    site.send("homeassistant/status", "online");
    site.run_for(4s);
    site.send("homeassistant/status", "online");
    site.run_for(8s);
    EXPECT_GE(site.publications() - before, everything);
    EXPECT_LT(site.publications() - before, 2 * everything);
}

}  // namespace
}  // namespace bridge::tests

// What the house is told: every topic, in its form.
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

const std::string published_amps = R"(\d+(\.\d{1,2})?)";
const std::string published_watts = R"(-?\d+)";
const std::string published_switch = "ON|OFF";

const std::map<std::string, std::string> site_topics{
    {"status", "online"},
    {"mode", "off|solar|solar_min|fast"},
    {"total_limit", published_amps},
    {"grid_reserve", published_watts},
    {"schedule", "none"},
    {"schedule_active", published_switch},
    {"solar_power", published_watts},
    {"house_power", published_watts},
    {"grid_power", published_watts},
    {"surplus_power", published_watts},
    {"offered_current", published_amps},
    {"current", published_amps},
    {"power", R"(\d+)"},
    {"energy", published_amps},
    {"input_stale", published_switch},
    {"problem", published_switch},
    {"problem_reason", ".*"},
    {"rs485", "online|offline"},
};

const std::map<std::string, std::string> charger_topics{
    {"status", "online|offline"},
    {"state", "idle|connected|waiting|starting|charging|paused|error"},
    {"iec_state", "[ABCEF]"},
    {"vehicle_connected", published_switch},
    {"charging", published_switch},
    {"fault", published_switch},
    {"current", published_amps},
    {"offered_current", published_amps},
    {"limit_in_force", published_amps},
    {"reason", R"([a-z].*[^.])"},
    {"power", R"(\d+)"},
    {"session_energy", published_amps},
    {"energy", published_amps},
    {"max_current", published_amps},
    {"protocol", "1|2"},
    {"raw_state", "[0-9A-F]{2}"},
    {"limit", published_amps},
    {"charge", published_switch},
    {"enabled", "true|false"},
    {"mode", "site|off|solar|solar_min|fast"},
    {"priority", "[1-9]|10"},
    {"boost_minutes", R"(\d+)"},
    {"boost_energy", published_amps},
    {"target_energy", published_amps},
    {"target_time", "07:00"},
    {"vehicle_name", "None"},
    {"guest", "OFF"},
    {"guest_allowed", "OFF"},
};

/// What only version 2 units tell.
const std::map<std::string, std::string> meter_topics{
    {"meter_energy", R"(\d+)"},     {"voltage_l1", R"(\d+)"},
    {"voltage_l2", R"(\d+)"},       {"voltage_l3", R"(\d+)"},
    {"current_l1", published_amps}, {"current_l2", published_amps},
    {"current_l3", published_amps}, {"firmware", R"(\d+(\.\d+){3})"},
    {"serial", R"([A-Z0-9]{11})"},  {"vehicle_vin", "[A-Z0-9]{17}|None"},
};

void expect_forms(const Site& site, const std::string& prefix,
                  const std::map<std::string, std::string>& forms) {
    for (const auto& [leaf, form] : forms) {
        const auto payload = site.topic(prefix + leaf);
        EXPECT_TRUE(std::regex_match(payload, std::regex{form}))
            << prefix << leaf << " says \"" << payload << '"';
    }
}

config::Config told_config() {
    auto config = quick_config();
    config.inputs.grid = config::Input{"grid", std::nullopt, 1};
    return config;
}

const std::vector<UnitSpec> both_generations{{TwcId{0x1A2B}, twc::Protocol::v2},
                                             {TwcId{0x3C4D}, twc::Protocol::v1}};

TEST(Publications, CoverEveryTopicInItsForm) {
    Site site{told_config(), both_generations};
    site.send("twcbridge/mode/set", "fast");
    site.sun(3000, 500);
    for (int minute = 0; minute < 30; ++minute) {
        site.run_for(60s);
        expect_forms(site, "", site_topics);
        expect_forms(site, "charger/1a2b/", charger_topics);
        expect_forms(site, "charger/3c4d/", charger_topics);
        expect_forms(site, "charger/1a2b/", meter_topics);
    }
    EXPECT_EQ(site.charger("protocol", "1a2b"), "2");
    EXPECT_EQ(site.charger("protocol", "3c4d"), "1");
    EXPECT_NE(site.charger("energy", "1a2b"), "0");
    EXPECT_EQ(site.charger("vehicle_vin", "1a2b"), simulator::tesla_vin(317));
}

TEST(Publications, NeverContainATopicThatIsNotListedHere) {
    Site site{told_config(), both_generations};
    site.sun(3000, 500);
    site.run_for(300s);
    for (const auto& topic : site.topics()) {
        const std::string_view rest{topic};
        if (rest.starts_with("homeassistant/")) continue;
        ASSERT_TRUE(rest.starts_with("twcbridge/")) << topic;
        const bool of_charger = rest.starts_with("twcbridge/charger/");
        const std::string leaf{rest.substr(rest.rfind('/') + 1)};
        if (of_charger)
            EXPECT_TRUE(charger_topics.contains(leaf) || meter_topics.contains(leaf)) << topic;
        else
            EXPECT_TRUE(site_topics.contains(leaf)) << topic;
    }
}

TEST(Publications, SumsAreTheSumsOfTheChargers) {
    Site site{told_config(), both_generations};
    site.send("twcbridge/mode/set", "fast");
    site.run_for(600s);
    for (const std::string leaf : {"offered_current", "current", "power", "energy"}) {
        const auto sum = std::stod(site.charger(leaf, "1a2b")) + std::stod(site.charger(leaf, "3c4d"));
        EXPECT_NEAR(std::stod(site.topic(leaf)), sum, 0.001) << leaf;
        EXPECT_GT(sum, 0) << leaf;
    }
}

TEST(Publications, KeepTheVinToThemselvesWhenToldTo) {
    auto config = told_config();
    config.mqtt.publish_vin = false;
    Site site{config, both_generations};
    site.run_for(120s);
    EXPECT_EQ(site.charger("vehicle_vin", "1a2b"), "");
    EXPECT_EQ(site.charger("serial", "1a2b"), "A18G0001A2B");
}

TEST(Publications, TakeAVinBackThatWasToldBefore) {
    auto config = told_config();
    Site site{config, both_generations};
    site.strict_gaps = false;
    site.run_for(120s);
    ASSERT_EQ(site.charger("vehicle_vin", "1a2b").size(), 17u);
    config.mqtt.publish_vin = false;
    site.configure(config);
    site.restart_bridge(2s);
    site.run_for(30s);
    EXPECT_EQ(site.charger("vehicle_vin", "1a2b"), "");
}

TEST(Publications, TheVinGoesWithTheCar) {
    Site site{told_config(), both_generations};
    site.run_for(120s);
    EXPECT_EQ(site.charger("vehicle_vin", "1a2b").size(), 17u);
    site.unit(0x1A2B).car().unplug();
    site.run_for(10s);
    EXPECT_EQ(site.charger("vehicle_vin", "1a2b"), "None");
    EXPECT_EQ(site.charger("vehicle_connected", "1a2b"), "OFF");
}

void let_a_car_visit(Site& site) {
    site.send("twcbridge/mode/set", "fast");
    site.run_for(30s);
    site.unit(0x1A2B).car().plug();
    site.run_for(600s);
    site.unit(0x1A2B).car().unplug();
    site.run_for(20s);
}

TEST(Publications, EventsTellACarsWholeVisitInOrder) {
    Site site{told_config(), {{TwcId{0x1A2B}, twc::Protocol::v2, {.plugged = false}}}};
    let_a_car_visit(site);
    std::vector<std::string> events;
    double energy = 0;
    for (const auto& payload : site.passing("charger/1a2b/event")) {
        const auto event = nlohmann::json::parse(payload);
        events.push_back(event.at("event_type"));
        if (event.contains("energy")) energy = event.at("energy");
    }
    EXPECT_EQ(events, (std::vector<std::string>{"vehicle_connected", "charging_started", "session_ended",
                                                "vehicle_disconnected", "charging_stopped"}));
    EXPECT_NEAR(energy, static_cast<double>(site.unit(0x1A2B).lifetime_wh()) / 1000, 0.03);
}

TEST(Publications, TellAVisitInTheLettersOfIec61851) {
    Site site{told_config(), {{TwcId{0x1A2B}, twc::Protocol::v2, {.plugged = false}}}};
    const auto comes_to = [&](const std::string& letter) {
        return site.run_until([&] { return site.charger("iec_state", "1a2b") == letter; }, 90s);
    };
    EXPECT_TRUE(comes_to("A"));
    site.unit(0x1A2B).car().plug();
    EXPECT_TRUE(comes_to("B"));
    site.send("twcbridge/mode/set", "fast");
    EXPECT_TRUE(comes_to("C"));
    site.mute(TwcId{0x1A2B}, true);
    EXPECT_TRUE(comes_to("F"));
    site.mute(TwcId{0x1A2B}, false);
    EXPECT_TRUE(comes_to("C"));
    site.unit(0x1A2B).show_state(0x02);
    EXPECT_TRUE(comes_to("E"));
}

TEST(Publications, SayWhetherAChargerIsEnabledInBothForms) {
    Site site{told_config(), both_generations};
    site.run_for(30s);
    EXPECT_EQ(site.charger("enabled", "1a2b"), "true");
    site.send("twcbridge/charger/1a2b/enabled/set", "false");
    site.run_for(1s);
    EXPECT_EQ(site.charger("enabled", "1a2b"), "false");
    EXPECT_EQ(site.charger("charge", "1a2b"), "OFF");
    site.send("twcbridge/charger/1a2b/charge/set", "ON");
    site.run_for(1s);
    EXPECT_EQ(site.charger("enabled", "1a2b"), "true");
}

// Home Assistant adds up sessions by the falls of this counter; a session that began at 0.4 kWh would be
// missed.
TEST(Publications, SayZeroWhenASessionBegins) {
    Site site{told_config(), {{TwcId{0x1A2B}, twc::Protocol::v2, {.plugged = false}}}};
    let_a_car_visit(site);
    EXPECT_NE(site.charger("session_energy", "1a2b"), "0");
    site.unit(0x1A2B).car().plug();
    EXPECT_TRUE(site.run_until([&] { return site.charger("session_energy", "1a2b") == "0"; }, 5s));
}

TEST(Publications, AreSentOnceAndNotAgainWhileNothingChanges) {
    Site site{told_config(), {{TwcId{0x1A2B}, twc::Protocol::v2, {.plugged = false}}}};
    site.run_for(120s);
    const auto sent = site.publications();
    site.run_for(3600s);
    EXPECT_LE(site.publications() - sent, 2u);
}

TEST(Publications, AreAllSentAgainToABrokerThatIsBack) {
    Site site{told_config(), both_generations};
    site.run_for(120s);
    const auto before = site.topics().size();
    site.broker(false);
    site.run_for(10s);
    const auto sent = site.publications();
    site.broker(true);
    EXPECT_GE(site.publications() - sent, before);
}

}  // namespace
}  // namespace bridge::tests

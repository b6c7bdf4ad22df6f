// What …/set topics do, and what nothing that arrives there can do.
#include <nlohmann/json.hpp>

#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

config::Config commanded_config() {
    auto config = quick_config();
    config.wiring_max_all = 25_A;
    config.chargers[TwcId{0x5893}].max_current = 16_A;
    return config;
}

struct CommandCase {
    std::string topic;  ///< below the base, without /set
    std::string payload;
    std::string state;   ///< what the topic says afterwards
    std::string reason;  ///< on error; "": no error
};

void expect_effect(const CommandCase& example) {
    SCOPED_TRACE(example.topic + " " + example.payload);
    Site site{commanded_config(), {{}}};
    site.run_for(20s);
    const auto errors = site.passing("error").size();
    site.send("twcbridge/" + example.topic + "/set", example.payload);
    EXPECT_EQ(site.topic(example.topic), example.state);
    const auto told = site.passing("error");
    ASSERT_EQ(told.size(), errors + (example.reason.empty() ? 0 : 1));
    if (example.reason.empty()) return;
    const auto error = nlohmann::json::parse(told.back());
    EXPECT_EQ(error.at("topic"), "twcbridge/" + example.topic + "/set");
    EXPECT_EQ(error.at("payload"), example.payload);
    EXPECT_EQ(error.at("reason"), example.reason);
    EXPECT_EQ(error.size(), 3u);
}

TEST(Commands, ThatAreGoodAreCarriedOutAndEchoed) {
    for (const auto& example : std::vector<CommandCase>{
             {"mode", "off", "off", ""},
             {"mode", "solar", "solar", ""},
             {"mode", "solar_min", "solar_min", ""},
             {"mode", " fast\n", "fast", ""},
             {"total_limit", "12", "12", ""},
             {"total_limit", "12.349", "12.34", ""},
             {"total_limit", "0", "0", ""},
             {"total_limit", "25.0", "25", ""},
             {"grid_reserve", "-50000", "-50000", ""},
             {"grid_reserve", "50000", "50000", ""},
             {"charger/5893/limit", "0", "0", ""},
             {"charger/5893/limit", "7.5", "7.5", ""},
             {"charger/5893/charge", "OFF", "OFF", ""},
             {"charger/5893/charge", "ON", "ON", ""},
             {"charger/5893/mode", "fast", "fast", ""},
             {"charger/5893/mode", "site", "site", ""},
             {"charger/5893/priority", "10", "10", ""},
             {"charger/5893/priority", "1", "1", ""},
         })
        expect_effect(example);
}

TEST(Commands, AboveACeilingAreClampedAndSayWhatClampedThem) {
    for (const auto& example : std::vector<CommandCase>{
             {"total_limit", "25.01", "25", "above wiringMaxAmpsAllTWCs: set to 25 A"},
             {"total_limit", "999999999999", "25", "above wiringMaxAmpsAllTWCs: set to 25 A"},
             {"charger/5893/limit", "20", "16", "above maxAmps: set to 16 A"},
         })
        expect_effect(example);
}

TEST(Commands, ThatMeanNothingChangeNothingAndSayWhy) {
    const std::string amps = "expected a number of amps, 0 or more, found ";
    for (const auto& example : std::vector<CommandCase>{
             {"mode", "Fast", "solar", R"(expected off, solar, solar_min or fast, found "Fast")"},
             {"mode", "", "solar", R"(expected off, solar, solar_min or fast, found "")"},
             {"total_limit", "-1", "25", amps + R"("-1")"},
             {"total_limit", "nan", "25", amps + R"("nan")"},
             {"total_limit", "inf", "25", amps + R"("inf")"},
             {"total_limit", "1e1", "25", amps + R"("1e1")"},
             {"total_limit", "", "25", amps + R"("")"},
             {"grid_reserve", "50001", "0", R"(expected a whole number from -50000 to 50000, found "50001")"},
             {"grid_reserve", "0.5", "0", R"(expected a whole number from -50000 to 50000, found "0.5")"},
             {"charger/5893/limit", "16 A", "16", amps + R"("16 A")"},
             {"charger/5893/charge", "on", "ON", R"(expected ON or OFF, found "on")"},
             {"charger/5893/mode", "boost", "site",
              R"(expected site, off, solar, solar_min or fast, found "boost")"},
             {"charger/5893/priority", "0", "5", R"(expected a whole number from 1 to 10, found "0")"},
             {"charger/5893/priority", "11", "5", R"(expected a whole number from 1 to 10, found "11")"},
             {"charger/dead/limit", "10", "", R"(there is no charger "dead")"},
             {"energy", "0", "0", R"(expected a topic of a setting, found "twcbridge/energy/set")"},
             {"charger/5893/energy", "0", "0",
              R"(expected a topic of a setting, found "twcbridge/charger/5893/energy/set")"},
         })
        expect_effect(example);
}

TEST(Commands, OnALongTopicAreRefusedInFewWords) {
    Site site{commanded_config(), {{}}};
    site.send("twcbridge/" + std::string(60'000, 'x') + "/set", "1");
    EXPECT_LT(site.passing("error").back().size(), 500U);
}

TEST(Commands, ThatAreRefusedLeaveSettingsWiresAndOffersAsTheyWere) {
    Site site{commanded_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 15_A; }, 120s));
    const auto settings = to_json(site.bridge().settings());
    const auto offers = site.charger("offered_current");
    const std::vector<std::string> topics{"mode",
                                          "total_limit",
                                          "grid_reserve",
                                          "charger/5893/limit",
                                          "charger/5893/charge",
                                          "charger/5893/mode",
                                          "charger/5893/priority",
                                          "charger/dead/charge",
                                          "charger//limit",
                                          "charger/5893/limit/limit",
                                          "status",
                                          "nothing"};
    const std::vector<std::string> payloads{"",
                                            "\xff\xfe\x80",
                                            "{}",
                                            "null",
                                            std::string(1, '\0'),
                                            std::string(1 << 20, '1'),
                                            std::string(1 << 20, '\xff')};
    for (const auto& topic : topics) {
        for (const auto& payload : payloads) {
            site.send("twcbridge/" + topic + "/set", payload);
            ASSERT_TRUE(nlohmann::json::accept(site.passing("error").back()));
            ASSERT_LE(site.passing("error").back().size(), 2000u);
        }
    }
    EXPECT_EQ(site.passing("error").size(), topics.size() * payloads.size());
    EXPECT_EQ(to_json(site.bridge().settings()), settings);
    EXPECT_EQ(site.charger("offered_current"), offers);
    EXPECT_EQ(site.unit().limit_in_force(), 16_A);
}

TEST(Commands, ThatTheBrokerHadStoredAreDroppedWithoutAnAnswer) {
    Site site{commanded_config(), {{}}};
    site.run_for(20s);
    const auto settings = to_json(site.bridge().settings());
    for (const auto& [topic, payload] : std::vector<std::pair<std::string, std::string>>{
             {"mode", "fast"}, {"total_limit", "7"}, {"charger/5893/charge", "OFF"}, {"mode", "garbage"}}) {
        site.send("twcbridge/" + topic + "/set", payload, true);
    }
    EXPECT_EQ(to_json(site.bridge().settings()), settings);
    EXPECT_TRUE(site.passing("error").empty());
}

TEST(Commands, OutliveARestart) {
    Site site{commanded_config(), {{}}};
    site.strict_gaps = false;
    site.run_for(20s);
    site.send("twcbridge/mode/set", "solar_min");
    site.send("twcbridge/total_limit/set", "11.5");
    site.send("twcbridge/grid_reserve/set", "-200");
    site.send("twcbridge/charger/5893/limit/set", "9");
    site.send("twcbridge/charger/5893/charge/set", "OFF");
    site.send("twcbridge/charger/5893/mode/set", "fast");
    site.send("twcbridge/charger/5893/priority/set", "8");
    const auto settings = to_json(site.bridge().settings());
    site.restart_bridge(2s);
    EXPECT_EQ(to_json(site.bridge().settings()), settings);
    EXPECT_EQ(site.topic("total_limit"), "11.5");
    EXPECT_EQ(site.charger("mode"), "fast");
}

TEST(Commands, NeverLetACeilingPassTheConfiguredWiring) {
    Site site{commanded_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    site.send("twcbridge/total_limit/set", "600");
    site.run_for(20s);
    site.send("twcbridge/charger/5893/limit/set", "600");
    site.run_for(60s);
    EXPECT_EQ(site.bridge().ceiling().amps, 25_A);
    EXPECT_EQ(site.unit().limit_in_force(), 16_A);
}

}  // namespace
}  // namespace bridge::tests

// Topic and payload of a …/set message → Command.
#include "mqtt/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace broker;
using config::Mode;
using testing::HasSubstr;
using twc::Centiamps;
using twc::Watts;

const Topics home_topics{"home/twc"};

Command command(std::string_view topic, std::string_view payload) {
    return parse_command(home_topics, topic, payload).value();
}

TEST(ParseCommand, KnowsTheSettingsOfTheBridge) {
    EXPECT_EQ(command("home/twc/mode/set", "solar_min"), Command{SetMode{Mode::solar_min}});
    EXPECT_EQ(command("home/twc/total_limit/set", "20.505"), Command{SetTotalLimit{Centiamps{2050}}});
    EXPECT_EQ(command("home/twc/grid_reserve/set", "-200"), Command{SetGridReserve{Watts{-200}}});
}

TEST(ParseCommand, KnowsTheSettingsOfACharger) {
    EXPECT_EQ(command("home/twc/charger/5893/limit/set", "10"),
              (Command{SetChargerLimit{"5893", Centiamps{1000}}}));
    EXPECT_EQ(command("home/twc/charger/garage_5893/charge/set", "OFF"),
              (Command{SetCharge{"garage_5893", false}}));
    EXPECT_EQ(command("home/twc/charger/5893/enabled/set", "true"), (Command{SetCharge{"5893", true}}));
    EXPECT_EQ(command("home/twc/charger/5893/mode/set", "fast"),
              (Command{SetChargerMode{"5893", Mode::fast}}));
    EXPECT_EQ(command("home/twc/charger/5893/mode/set", "site"),
              (Command{SetChargerMode{"5893", std::nullopt}}));
    EXPECT_EQ(command("home/twc/charger/5893/priority/set", "10"), (Command{SetPriority{"5893", 10}}));
}

TEST(ParseCommand, RefusesPayloadsWithTheParsersReason) {
    const auto refused = [](std::string_view topic, std::string_view payload) {
        const auto parsed = parse_command(home_topics, topic, payload);
        return parsed ? std::string{} : parsed.error();
    };
    EXPECT_THAT(refused("home/twc/mode/set", "site"), HasSubstr("off, solar, solar_min or fast"));
    EXPECT_THAT(refused("home/twc/total_limit/set", "nan"), HasSubstr("amps"));
    EXPECT_THAT(refused("home/twc/grid_reserve/set", "50001"), HasSubstr("-50000 to 50000"));
    EXPECT_THAT(refused("home/twc/charger/5893/limit/set", ""), HasSubstr("amps"));
    EXPECT_THAT(refused("home/twc/charger/5893/charge/set", "on"), HasSubstr("ON or OFF"));
    EXPECT_THAT(refused("home/twc/charger/5893/mode/set", "auto"), HasSubstr("site, off"));
    EXPECT_THAT(refused("home/twc/charger/5893/priority/set", "0"), HasSubstr("1 to 10"));
}

TEST(ParseCommand, RefusesTopicsThatAreNoSetting) {
    for (const auto* topic : {"",
                              "/set",
                              "set",
                              "home/twc",
                              "home/twc/set",
                              "home/twc//set",
                              "home/twc/mode",
                              "home/twc/mode/set/",
                              "home/twcmode/set",
                              "home/twc/power/set",
                              "home/twc/limit/set",
                              "home/twc/charger/set",
                              "home/twc/charger//set",
                              "home/twc/charger//limit/set",
                              "home/twc/charger/5893/set",
                              "home/twc/charger/5893/total_limit/set",
                              "home/twc/charger/5893/x/limit/set",
                              "home/other/mode/set",
                              "x/home/twc/mode/set",
                              "home/twc/charger/5893/current/set"}) {
        const auto parsed = parse_command(home_topics, topic, "10");
        ASSERT_FALSE(parsed) << topic;
        EXPECT_THAT(parsed.error(), HasSubstr("expected a topic of a setting")) << topic;
    }
}

TEST(Topics, MatchTheirOwnWildcards) {
    EXPECT_EQ(home_topics.site("mode"), "home/twc/mode");
    EXPECT_EQ(home_topics.status(), "home/twc/status");
    EXPECT_EQ(home_topics.charger("5893", "limit"), "home/twc/charger/5893/limit");
    EXPECT_EQ(home_topics.site_commands(), "home/twc/+/set");
    EXPECT_EQ(home_topics.charger_commands(), "home/twc/charger/+/+/set");
}

}  // namespace

// What the log tells of commands, reasons and strangers, and that none of them fills it.
#include <gmock/gmock.h>

#include "tests/bridge/listener.hpp"
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

TEST(CommandLines, TellOfARefusalAndOfAClampEachByItself) {
    Site site{quick_config(), {{}}};
    Listener log;
    site.run_for(10s);
    site.send("twcbridge/total_limit/set", "abc");
    site.send("twcbridge/total_limit/set", "99");
    site.send("twcbridge/total_limit/set", "99");
    EXPECT_THAT(log.take_with("total_limit/set"),
                ElementsAre(MatchesRegex(".*expected .* found \"abc\".*"),
                            MatchesRegex(".*above wiringMaxAmpsAllTWCs: set to 32 A.*")));
}

TEST(CommandLines, TellOfChangesOnly) {
    Site site{quick_config(), {{}}};
    Listener log;
    site.send("twcbridge/total_limit/set", "20");
    site.send("twcbridge/total_limit/set", "20");
    site.send("twcbridge/total_limit/set", "21");
    EXPECT_THAT(log.take_with("total_limit/set"),
                ElementsAre("twcbridge/total_limit/set: \"20\"", "twcbridge/total_limit/set: \"21\""));
}

TEST(CommandLines, OfAFloodAreSummedUp) {
    Site site{quick_config(), {{}}};
    Listener log;
    for (int number = 0; number < 1000; ++number)
        site.send("twcbridge/total_limit/set", number % 2 == 0 ? "20" : "21");
    EXPECT_EQ(log.take_with("total_limit/set").size(), 20U);
    site.run_for(15s);
    EXPECT_THAT(log.take_with("more commands"), ElementsAre("980 more commands have changed something"));
}

TEST(ReasonLines, ComeOnceForEachChangeAndNotForItsNumbers) {
    Site site{quick_config(), {{}}};
    Listener log;
    site.send("twcbridge/mode/set", "fast");
    site.run_for(60s);
    EXPECT_THAT(log.take_with("reason:").back(), MatchesRegex("5893: reason: .*32 A.*"));
    site.run_for(600s);
    EXPECT_THAT(log.take_with("reason:"), ElementsAre());
    site.send("twcbridge/total_limit/set", "12");
    site.run_for(60s);
    EXPECT_THAT(log.take_with("reason:"), ElementsAre(MatchesRegex("5893: reason: .*total_limit 12 A.*")));
    site.send("twcbridge/total_limit/set", "13");
    site.run_for(60s);
    EXPECT_THAT(log.take_with("reason:"), ElementsAre()) << "the same ceiling, another number";
    site.send("twcbridge/mode/set", "off");
    site.run_for(60s);
    EXPECT_FALSE(log.take_with("reason:").empty());
}

TEST(ReasonLines, LeaveOutWhatHeldForAMoment) {
    Site site{quick_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    site.run_for(60s);
    Listener log;
    site.send("twcbridge/total_limit/set", "12");
    site.run_for(500ms);
    site.send("twcbridge/total_limit/set", "32");
    site.run_for(60s);
    EXPECT_THAT(log.take_with("reason:"), ElementsAre());
}

TEST(Warnings, OfTheBusAreNotHiddenByStrangersWhoInventTopics) {
    Site site{quick_config(), {{}}};
    Listener log;
    for (int topic = 0; topic < 1000; ++topic)
        site.send("twcbridge/" + std::to_string(topic) + "\x1b/set", "1", topic % 2 == 0);
    EXPECT_LE(log.take_with("").size(), 210U);
    site.noise({.flip = 3000});
    site.run_for(120s);
    const auto lines = log.take_with("frame dropped");
    ASSERT_FALSE(lines.empty());
    EXPECT_THAT(lines.front(), testing::Not(testing::HasSubstr("times since"))) << "told for itself";
}

TEST(Warnings, AboutAnnouncementsOfOthersAreSummedUp) {
    Site site{quick_config(), {{}}};
    site.run_for(60s);
    Listener log;
    const auto announced = "homeassistant/device/twcbridge_5893/config";
    for (int time = 0; time < 100; ++time) {
        site.send(announced, "");
        site.send("homeassistant/status", "online");
        site.run_for(10s);
    }
    EXPECT_LE(log.take_with("deleted by somebody").size(), 18U);
}

}  // namespace
}  // namespace bridge::tests

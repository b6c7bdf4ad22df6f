// What nobody achieves by messages that come too fast: a full log, an announcement without end.
#include <gmock/gmock.h>

#include "tests/bridge/listener.hpp"
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

TEST(Flood, OfTopicsThatAreNoneOfOursIsOneKindOfLineAndHidesNoRefusal) {
    Site site{quick_config(), {{}}};
    site.run_for(20s);
    Listener log;
    for (int topic = 0; topic < 5000; ++topic) {
        const auto number = std::to_string(topic);
        site.send("twcbridge/" + number + "/set", "1", topic % 2 == 0);
        site.send("twcbridge/charger/" + number + "/limit/set", "1");
        site.send("twcbridge/charger/5893/" + number + "/set", "1");
        site.send("homeassistant/sensor/twcbridge_5893/" + number + "/config", "{}", true);
    }
    EXPECT_EQ(log.lines_with("/set").size(), 1U);
    EXPECT_LE(log.lines_with("/config").size(), 201U);
    site.send("twcbridge/mode/set", "loud");
    site.send("twcbridge/charger/5893/limit/set", "loud");
    site.send("twcbridge/charger/5893/limit/set", "6", true);
    EXPECT_EQ(log.lines_with("twcbridge/mode/set: expected").size(), 1U);
    EXPECT_EQ(log.lines_with("twcbridge/charger/5893/limit/set: expected").size(), 1U);
    EXPECT_EQ(log.lines_with("twcbridge/charger/5893/limit/set: a stored command").size(), 1U);
}

TEST(Flood, OfBirthsIsAnsweredEverMoreSeldom) {
    Site site{quick_config(), {{}}};
    site.run_for(60s);
    Listener log;
    for (int millisecond = 0; millisecond < 600'000; millisecond += 10) {
        site.send("homeassistant/status", "online");
        site.run_for(10ms);
    }
    EXPECT_LE(log.lines_with("Home Assistant has started").size(), 14U);
    site.run_for(120s);
    (void)log.take_with("");
    site.send("homeassistant/status", "online");
    site.run_for(4s);
    EXPECT_EQ(log.lines_with("Home Assistant has started").size(), 1U) << "and after a while at once again";
}

}  // namespace
}  // namespace bridge::tests

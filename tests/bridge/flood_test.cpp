// What nobody achieves by commands that come too fast: worn contactors, cars called without end, a full log.
#include <gmock/gmock.h>

#include "tests/bridge/listener.hpp"
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

using config::StopMethod;

struct Flood {
    std::string topic;
    std::string no;
    std::string yes;
    Duration pause;
    Duration length;
};

const Flood charge_switch{"twcbridge/charger/5893/charge/set", "OFF", "ON", 3ms, 30s};
const Flood mode_switch{"twcbridge/mode/set", "off", "fast", 50ms, 30s};

void pour(Site& site, const Flood& flood) {
    for (const auto end = site.now() + flood.length; site.now() < end;) {
        site.send(flood.topic, flood.no);
        site.run_for(flood.pause);
        site.send(flood.topic, flood.yes);
        site.run_for(flood.pause);
    }
}

config::Config commanded_by_contactor() {
    auto config = quick_config();
    config.stop.command = {StopMethod::contactor};
    return config;
}

void expect_to_charge(Site& site) {
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
}

void start_to_charge(Site& site) {
    site.send("twcbridge/mode/set", "fast");
    expect_to_charge(site);
}

TEST(Flood, OfCommandsOpensAContactorUnderLoadOnceAndMovesItSeldom) {
    for (auto flood : {charge_switch, Flood{mode_switch.topic, "off", "fast", 200ms, 60s}}) {
        Site site{commanded_by_contactor(), {{.car = {.plugged = true, .bears_open_contactors = 1}}}};
        start_to_charge(site);
        Listener log;
        pour(site, flood);
        const auto rounds = static_cast<std::uint64_t>(flood.length / 10s);
        EXPECT_LE(site.unit().contactor_switched(), 2 * rounds + 1) << flood.topic;
        EXPECT_FALSE(site.unit().car().refuses()) << "opened under load more than once";
        EXPECT_EQ(log.lines_with("stopping by").size(), 1U);
        EXPECT_LE(log.lines_with("opening the contactor").size(), rounds + 1);
        EXPECT_LE(log.lines_with("may charge").size(), rounds + 1);
        expect_to_charge(site);
    }
}

TEST(Flood, ThatEndsWithOffLeavesTheCarStopped) {
    for (const auto& methods : {std::vector{StopMethod::contactor}, std::vector{StopMethod::zero}}) {
        auto config = quick_config();
        config.stop.command = methods;
        const bool zero = methods.front() == StopMethod::zero;
        Site site{config, {{.protocol = zero ? twc::Protocol::v1 : twc::Protocol::v2}}};
        start_to_charge(site);
        pour(site, mode_switch);
        site.send("twcbridge/mode/set", "off");
        site.run_for(5s);
        for (int second = 0; second < 60; ++second) {
            site.run_for(1s);
            ASSERT_EQ(site.unit().drawn(), 0_A) << second;
        }
    }
}

TEST(Flood, OfCommandsAsksTheVehicleSeldomAndItsLastWishCounts) {
    for (const std::string last : {"start", "stop"}) {
        Site site{quick_config(), {{}}};
        start_to_charge(site);
        Listener log;
        pour(site, {mode_switch.topic, "off", "fast", 25ms, 60s});
        if (last == "stop") site.send(mode_switch.topic, "off");
        site.run_for(11s);
        const auto asked = site.passing("charger/5893/vehicle_request");
        ASSERT_FALSE(asked.empty());
        EXPECT_EQ(asked.front(), "stop");
        EXPECT_EQ(asked.back(), last);
        EXPECT_LE(std::ranges::count(asked, "start"), 8);
        EXPECT_LE(std::ranges::count(asked, "stop"), 8);
        EXPECT_LE(log.lines_with("stopping by").size(), 8U);
        EXPECT_LE(log.lines_with("may charge").size(), 8U);
    }
}

TEST(Flood, OfCommandsForACarThatSleepsIsToldSeldom) {
    Site site{quick_config(), {{.car = {.plugged = true, .asleep = true}}}};
    site.run_for(20s);
    Listener log;
    pour(site, mode_switch);
    EXPECT_LE(log.lines_with("may charge").size(), 4U);
    EXPECT_LE(log.lines_with("5893").size(), 20U);
}

TEST(Flood, AMistakeThatIsTakenBackAtOnceCostsNoTime) {
    Site site{quick_config(), {{}}};
    start_to_charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(1s);
    site.send("twcbridge/mode/set", "fast");
    EXPECT_EQ(site.charger("offered_current"), "32");
    EXPECT_EQ(site.passing("charger/5893/vehicle_request"), (std::vector<std::string>{"stop", "start"}));
    site.send("twcbridge/mode/set", "off");
    EXPECT_EQ(site.charger("offered_current"), "0");
    site.send("twcbridge/mode/set", "fast");
    EXPECT_EQ(site.charger("reason"), "waiting: stopped only a moment ago");
    site.run_for(11s);
    EXPECT_EQ(site.charger("offered_current"), "32");
    EXPECT_EQ(site.passing("charger/5893/vehicle_request"),
              (std::vector<std::string>{"stop", "start", "stop", "start"}));
}

TEST(Flood, APermissionThatIsWithdrawnBeforeCurrentFlowsOpensTheContactorAgain) {
    for (const auto pause : {Duration{0s}, Duration{50ms}, Duration{4s}}) {
        Site site{commanded_by_contactor(), {{}}};
        start_to_charge(site);
        site.send("twcbridge/mode/set", "off");
        site.run_for(60s);
        ASSERT_EQ(site.unit().drawn(), 0_A);
        site.send("twcbridge/mode/set", "fast");
        site.run_for(pause);
        site.send("twcbridge/mode/set", "off");
        for (int step = 0; step < 600; ++step) {
            site.run_for(100ms);
            ASSERT_EQ(site.unit().drawn(), 0_A) << step;
        }
        EXPECT_FALSE(site.unit().contactor_closed());
        site.send("twcbridge/mode/set", "fast");
        expect_to_charge(site);
    }
}

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

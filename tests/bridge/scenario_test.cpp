// What a user sees and what the wire does, from plugging in to stopping.
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

TEST(Scenario, FastModeChargesUpToTheWiring) {
    Site site{quick_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 90s));
    EXPECT_EQ(site.unit().limit_in_force(), 32_A);
    EXPECT_EQ(site.topic("mode"), "fast");
    EXPECT_EQ(site.charger("state"), "charging");
    EXPECT_EQ(site.charger("offered_current"), "32");
    EXPECT_EQ(site.charger("limit_in_force"), "32");
    EXPECT_EQ(site.charger("charging"), "ON");
    EXPECT_EQ(site.charger("reason"), "limited by wiringMaxAmpsPerTWC 32 A");
    EXPECT_EQ(site.topic("problem"), "OFF");
    EXPECT_EQ(site.topic("rs485"), "online");
}

TEST(Scenario, SolarModeWaitsForTheSunAndFollowsIt) {
    Site site{quick_config(), {{}}};
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.topic("input_stale"), "ON");
    site.sun(500);
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.charger("reason"), "waiting for surplus");
    EXPECT_EQ(site.charger("state"), "paused");
    site.sun(4600 + 300, 300);
    site.run_for(120s);
    EXPECT_EQ(site.unit().limit_in_force(), 21_A) << "it draws an ampere less than it may";
    EXPECT_NEAR(static_cast<double>(site.unit().drawn().count()), 2000, 20);
    EXPECT_EQ(site.topic("surplus_power"), "4600");
    EXPECT_EQ(site.charger("reason"), "following the surplus");
    site.sun(2300 + 300, 300);
    site.run_for(12s);
    EXPECT_EQ(site.unit().limit_in_force(), 11_A);
    EXPECT_NEAR(static_cast<double>(site.unit().drawn().count()), 1000, 20);
}

TEST(Scenario, StaleInputsMeanTheMinimumAtOnceAndAStopAfterFiveMinutes) {
    auto config = quick_config();
    config.stop.surplus = {config::StopMethod::contactor};
    Site site{config, {{}}};
    site.sun(5000);
    site.run_for(120s);
    ASSERT_GT(site.unit().limit_in_force(), 20_A);
    site.meter_dies();
    site.run_for(25s);
    EXPECT_EQ(site.topic("input_stale"), "ON");
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason"), "input stale");
    site.run_for(280s);
    EXPECT_GT(site.unit().drawn(), 1_A);
    site.run_for(30s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
}

TEST(Scenario, ALimitCommandReachesTheWireInTheNextHeartbeatBothWays) {
    Site site{quick_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    site.run_for(60s);
    site.send("twcbridge/charger/5893/limit/set", "10");
    site.run_for(1500ms);
    EXPECT_EQ(site.unit().limit_in_force(), 10_A);
    EXPECT_EQ(site.charger("limit"), "10");
    EXPECT_EQ(site.charger("reason"), "limited by limit 10 A");
    site.send("twcbridge/total_limit/set", "24.5");
    site.send("twcbridge/charger/5893/limit/set", "40");
    site.run_for(1500ms);
    EXPECT_EQ(site.unit().limit_in_force(), Centiamps{2450});
    EXPECT_EQ(site.charger("limit"), "32");
    EXPECT_FALSE(site.passing("error").empty());
}

TEST(Scenario, ThreeCarsShareEquallyAndTheSumNeverExceedsTheWiring) {
    Site site{quick_config(), {{TwcId{0x1111}}, {TwcId{0x2222}}, {TwcId{0x3333}}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.bus().drawn() > 27_A; }, 180s));
    site.run_for(10s);
    for (const auto id : {0x1111, 0x2222, 0x3333}) EXPECT_EQ(site.unit(id).limit_in_force(), Centiamps{1060});
    site.send("twcbridge/charger/1111/priority/set", "9");
    site.run_for(10s);
    EXPECT_EQ(site.unit(0x1111).limit_in_force(), 20_A);
    EXPECT_EQ(site.unit(0x2222).limit_in_force(), 6_A);
    EXPECT_EQ(site.unit(0x3333).limit_in_force(), 6_A);
}

TEST(Scenario, AFallingCeilingStopsTheCarThatStopsCleanlyFirst) {
    Site site{quick_config(), {{TwcId{0x1111}, twc::Protocol::v2}, {TwcId{0x2222}, twc::Protocol::v1}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 10_A && site.unit(0x2222).drawn() > 10_A; }, 180s));
    site.send("twcbridge/total_limit/set", "10");
    site.run_for(100ms);
    EXPECT_EQ(site.topic("problem"), "ON");
    site.run_for(10s);
    EXPECT_EQ(site.unit(0x2222).drawn(), 0_A);
    EXPECT_GE(site.unit(0x1111).limit_in_force(), 6_A);
    EXPECT_GT(site.unit(0x1111).drawn(), 1_A);
    EXPECT_EQ(site.unit(0x1111).contactor_switched(), 0u);
    EXPECT_EQ(site.topic("problem"), "OFF");
    EXPECT_EQ(site.charger("reason", "2222"), "waiting: no room for the minimum under total_limit 10 A");
}

TEST(Scenario, ModeOffStopsVersionTwoByTheContactorAfterTheVehicleWasAsked) {
    Site site{quick_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/mode/set", "off");
    site.run_for(5s);
    EXPECT_EQ(site.passing("charger/5893/vehicle_request"), std::vector<std::string>{"stop"});
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_GT(site.unit().drawn(), 1_A);
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.charger("reason"), "mode is off");
    EXPECT_EQ(site.topic("problem"), "OFF");
    site.run_for(600s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
}

TEST(Scenario, ACarThatNothingStopsStaysAtTheMinimumAndIsAProblem) {
    auto config = quick_config();
    config.stop.command = {config::StopMethod::vehicle};
    Site site{config, {{}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/charger/5893/charge/set", "OFF");
    site.run_for(70s);
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason").substr(0, 18), "cannot be stopped:");
    EXPECT_EQ(site.topic("problem"), "ON");
    EXPECT_EQ(site.charger("offered_current"), "6");
}

TEST(Scenario, VersionOneStopsByZeroAndStaysStopped) {
    Site site{quick_config(), {{TwcId{0x5893}, twc::Protocol::v1}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/charger/5893/charge/set", "OFF");
    site.run_for(10s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    site.run_for(600s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_LE(site.unit().contactor_switched(), 3u);
    site.send("twcbridge/charger/5893/charge/set", "ON");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
}

TEST(Scenario, ARestartDuringAChargeInterruptsNothing) {
    Site site{quick_config(), {{TwcId{0x1111}}, {TwcId{0x2222}, twc::Protocol::v1}}};
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 14_A && site.unit(0x2222).drawn() > 14_A; }, 180s));
    site.strict_gaps = false;
    site.restart_bridge(10s);
    for (int second = 0; second < 60; ++second) {
        site.run_for(1s);
        EXPECT_EQ(site.unit(0x1111).limit_in_force(), 16_A);
        EXPECT_GT(site.unit(0x2222).drawn(), 14_A);
    }
    EXPECT_LE(site.bus().statistics().worst_heartbeat_gap, 12s);
}

TEST(Scenario, ALostAdapterIsAProblemAndComesBackByItself) {
    Site site{quick_config(), {{}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 14_A; }, 180s));
    site.unplug_adapter();
    site.run_for(60s);
    EXPECT_EQ(site.topic("rs485"), "offline");
    EXPECT_EQ(site.topic("problem"), "ON");
    EXPECT_EQ(site.charger("status"), "offline");
    EXPECT_EQ(site.unit().drawn(), 0_A);
    site.plug_adapter();
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 14_A; }, 180s));
    EXPECT_EQ(site.charger("status"), "online");
    EXPECT_EQ(site.topic("problem"), "OFF");
}

TEST(Scenario, WhatACommandChangesIsStoredBeforeItIsEchoed) {
    Site site{quick_config(), {{}}};
    site.run_for(20s);
    site.disk("no space left on device");
    site.send("twcbridge/total_limit/set", "12");
    site.run_for(5s);
    EXPECT_EQ(site.topic("total_limit"), "32");
    EXPECT_EQ(site.topic("problem"), "ON");
    EXPECT_EQ(site.bridge().ceiling().amps, 12_A);
    site.disk(std::nullopt);
    site.run_for(15s);
    EXPECT_EQ(site.topic("total_limit"), "12");
    EXPECT_EQ(site.topic("problem"), "OFF");
}

TEST(Scenario, EnergyIsTheIntegralOfPower) {
    Site site{quick_config(), {{}}};
    site.send("twcbridge/mode/set", "fast");
    site.run_for(std::chrono::hours{2});
    const auto wh = site.unit().lifetime_wh();
    const auto published = std::stod(site.charger("energy")) * 1000;
    EXPECT_NEAR(published, static_cast<double>(wh), static_cast<double>(wh) / 100);
    EXPECT_EQ(site.charger("energy"), site.charger("session_energy"));
}

}  // namespace
}  // namespace bridge::tests

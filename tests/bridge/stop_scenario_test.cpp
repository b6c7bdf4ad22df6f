// How a charge stops and starts again, with cars that take some ways amiss (protocol.md 9).
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

using config::StopMethod;

config::Config stopping_by(std::vector<StopMethod> methods) {
    auto config = quick_config();
    config.stop.surplus = config.stop.command = std::move(methods);
    return config;
}

void charge(Site& site, int id = 0x5893) {
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit(id).drawn() > 10_A; }, 120s));
}

TEST(Stop, SilenceStopsTheCarOfThatUnitAloneAndHeartbeatsComeBack) {
    Site site{stopping_by({StopMethod::silence}), {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 10_A && site.unit(0x2222).drawn() > 10_A; }, 120s));
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.run_for(10s);
    const auto heartbeats = site.unit(0x1111).heartbeats();
    EXPECT_EQ(site.unit(0x1111).limit_in_force(), 6_A);
    site.run_for(25s);
    EXPECT_EQ(site.unit(0x1111).heartbeats(), heartbeats);
    EXPECT_EQ(site.charger("status", "1111"), "online");
    site.run_for(20s);
    EXPECT_GT(site.unit(0x1111).heartbeats(), heartbeats) << "and again";
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.charger("state", "1111"), "paused");
    EXPECT_EQ(site.charger("reason", "1111"), "charging is not allowed for this charger");
    EXPECT_EQ(site.topic("problem"), "OFF");
    EXPECT_GT(site.unit(0x2222).drawn(), 10_A);
    EXPECT_LE(site.unit(0x2222).worst_heartbeat_gap(), 1500ms);
    site.run_for(600s);
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.stored().chargers.at("1111").session_silences, 1);
    site.send("twcbridge/charger/1111/charge/set", "ON");
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).drawn() > 10_A; }, 120s));
}

TEST(Stop, NoCarHasToBearMoreSilencesThanItDoes) {
    Site site{stopping_by({StopMethod::silence}), {{.car = {.plugged = true, .bears_silences = 3}}}};
    site.strict_gaps = false;
    for (int time = 1; time <= 3; ++time) {
        charge(site);
        site.send("twcbridge/mode/set", "off");
        site.run_for(60s);
        EXPECT_EQ(site.unit().drawn(), 0_A) << time;
        EXPECT_EQ(site.topic("problem"), "OFF");
    }
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(120s);
    EXPECT_FALSE(site.unit().car().refuses());
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason").substr(0, 18), "cannot be stopped:");
    EXPECT_EQ(site.topic("problem"), "ON");
    site.unit().car().unplug();
    site.run_for(10s);
    site.unit().car().plug();
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A) << "the next plug bears as many again";
}

TEST(Stop, ForWantOfSunSilenceIsTriedAsOftenAsTheBudgetSays) {
    for (const auto& [budget, silences] : {std::pair{std::optional<int>{}, 2}, {std::optional{1}, 1}}) {
        auto config = stopping_by({StopMethod::silence});
        config.control.max_stops = budget;
        Site site{config, {{}}};
        site.strict_gaps = false;
        for (int day = 0; day < 4; ++day) {
            site.sun(5000);
            site.run_for(600s);
            site.sun(-3000);
            site.run_for(900s);
        }
        EXPECT_EQ(site.stored().chargers.at("5893").session_silences, silences);
        EXPECT_GT(site.unit().drawn(), 1_A);
        EXPECT_EQ(site.unit().limit_in_force(), 6_A);
        EXPECT_EQ(site.charger("reason"), "held at the minimum: the surplus is too small");
    }
}

TEST(Stop, AUnitThatKeepsItsLimitOverASilenceIsNotSilencedForEver) {
    Site site{stopping_by({StopMethod::silence}), {{.keeps_limit = true}}};
    site.strict_gaps = false;
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(900s);
    EXPECT_EQ(site.stored().chargers.at("5893").session_silences, 3);
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason").substr(0, 18), "cannot be stopped:");
}

TEST(Stop, OffDoesNotWaitForASilenceForWantOfSun) {
    auto config = quick_config();
    config.stop = {{StopMethod::silence}, {StopMethod::contactor}};
    Site site{config, {{}}};
    site.strict_gaps = false;
    site.sun(5000);
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 300s));
    site.sun(-3000);
    ASSERT_TRUE(
        site.run_until([&] { return site.stored().chargers.at("5893").session_silences == 1; }, 900s));
    site.run_for(2s);
    EXPECT_GT(site.unit().drawn(), 1_A);
    site.send("twcbridge/mode/set", "off");
    site.run_for(3s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
}

TEST(Stop, ARestartInTheMiddleOfASilenceForgetsNeitherTheStopNorItsCount) {
    Site site{stopping_by({StopMethod::silence}), {{}}};
    site.strict_gaps = false;
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(15s);
    site.restart_bridge(1s);
    const auto heartbeats = site.unit().heartbeats();
    site.run_for(1s);
    EXPECT_GT(site.unit().heartbeats(), heartbeats) << "heartbeats before anything else";
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.stored().chargers.at("5893").session_silences, 2);
}

TEST(Stop, WhatASilentUnitMayUseIsGivenToNobodyUntilItIsHeardAgain) {
    auto config = stopping_by({StopMethod::silence});
    config.wiring_max_all = 16_A;
    Site site{config, {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 6_A && site.unit(0x2222).drawn() > 6_A; }, 180s));
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.run_for(38s);
    EXPECT_EQ(site.unit(0x2222).limit_in_force(), 10_A);
    site.run_for(30s);
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.unit(0x2222).limit_in_force(), 16_A);
}

TEST(Stop, AnOpenedContactorMayCostAPlugAndTheCarIsNotAskedAgainAndAgain) {
    Site site{stopping_by({StopMethod::contactor}), {{.car = {.plugged = true, .bears_open_contactors = 0}}}};
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(5s);
    ASSERT_TRUE(site.unit().car().refuses());
    site.send("twcbridge/mode/set", "fast");
    site.run_for(180s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    site.unit().car().unplug();
    site.run_for(10s);
    site.unit().car().plug();
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
}

/// TWCManager issue 369: plugged in while it was told zero, a car never started.
TEST(Stop, ACarThatIsPluggedInWhileItMayNotChargeStartsWhenItMay) {
    for (const auto protocol : {twc::Protocol::v1, twc::Protocol::v2}) {
        for (const auto& methods : {std::vector{StopMethod::zero, StopMethod::contactor},
                                    std::vector{StopMethod::contactor, StopMethod::silence}}) {
            Site site{stopping_by(methods),
                      {{.protocol = protocol,
                        .car = {.bears_open_contactors = 0, .bears_silences = 0, .bears_first_zeros = 0}}}};
            site.send("twcbridge/mode/set", "off");
            site.run_for(60s);
            site.unit().car().plug();
            site.run_for(3600s);
            EXPECT_FALSE(site.unit().car().refuses());
            EXPECT_EQ(site.unit().drawn(), 0_A);
            EXPECT_EQ(site.unit().limit_in_force(), 0_A);
            EXPECT_EQ(site.charger("state"), "paused");
            charge(site);
        }
    }
}

}  // namespace
}  // namespace bridge::tests

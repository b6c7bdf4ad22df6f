// Old cars that fall back to 6 A: the spike that helps them, and what it never does.
#include "bridge/core/spike.hpp"

#include <array>
#include <functional>

#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

constexpr std::array ids{TwcId{0x1111}, TwcId{0x2222}};

config::Config sunny_config(bool spike) {
    auto config = quick_config();
    config.mode = config::Mode::solar;
    config.control.spike16 = spike;
    return config;
}

UnitSpec old_car(TwcId id) { return {.id = id, .car = {.plugged = true, .falls_back_below = 16_A}}; }

TEST(Spike, IsNeededOnlyBelowTheThresholdOfTheUnitAndWhereItFits) {
    EXPECT_EQ(spike_before(10_A, 32_A, 32_A, 10_cA), 16_A);
    EXPECT_EQ(spike_before(1590_cA, 16_A, std::nullopt, 10_cA), 16_A);
    EXPECT_EQ(spike_before(16_A, 32_A, 32_A, 10_cA), std::nullopt);
    EXPECT_EQ(spike_before(10_A, 1599_cA, 32_A, 10_cA), std::nullopt);
    EXPECT_EQ(spike_before(16_A, 40_A, 80_A, 10_cA), 21_A);
    EXPECT_EQ(spike_before(16_A, 20_A, 80_A, 10_cA), std::nullopt);
}

TEST(Spike, IsAWholeNumberOfStepsAndNeverBelowTheThreshold) {
    EXPECT_EQ(spike_before(10_A, 32_A, 32_A, 30_cA), 1620_cA);
    EXPECT_EQ(spike_before(10_A, 32_A, 32_A, 150_cA), 1650_cA);
    EXPECT_EQ(spike_before(10_A, 32_A, 80_A, 200_cA), 22_A);
    EXPECT_EQ(spike_before(10_A, 1650_cA, 32_A, 150_cA), 1650_cA);
    EXPECT_EQ(spike_before(10_A, 1649_cA, 32_A, 150_cA), std::nullopt);
    EXPECT_EQ(spike_before(1590_cA, 32_A, 32_A, 30_cA), 1620_cA);
}

TEST(Spike, EndsAfterEightSecondsOrWhenClearlyLessIsWanted) {
    Spike spike;
    const twc::TimePoint begin{1h};
    EXPECT_FALSE(spike.lasts(10_A, begin));
    spike.begin(10_A, begin);
    EXPECT_TRUE(spike.lasts(10_A, begin + 7s));
    EXPECT_TRUE(spike.lasts(11_A, begin + 7s));
    EXPECT_TRUE(spike.lasts(9_A, begin + 7s));
    EXPECT_FALSE(spike.lasts(899_cA, begin + 1s));
    EXPECT_FALSE(spike.lasts(10_A, begin + 8s));
}

TEST(Spike, GetsAnOldCarToFollowTheSun) {
    for (const bool spike : {false, true}) {
        Site site{sunny_config(spike), {old_car(ids[0])}};
        site.sun(2300);
        site.run_for(2min);
        site.sun(3200);
        Centiamps most;
        for (int second = 0; second < 40; ++second) {
            site.run_for(1s);
            most = std::max(most, site.unit(0x1111).limit_in_force());
        }
        EXPECT_EQ(most >= 16_A, spike);
        EXPECT_EQ(site.unit(0x1111).drawn() > 12_A, spike);
        EXPECT_EQ(site.unit(0x1111).drawn() < 6_A, !spike) << "this is the fault, without its remedy";
        EXPECT_LT(site.unit(0x1111).limit_in_force(), 16_A);
        EXPECT_EQ(site.charger("reason", "1111"), "following the surplus");
    }
}

TEST(Spike, SaysWhyTheOfferIsAboveTheSun) {
    Site site{sunny_config(true), {old_car(ids[0])}};
    site.sun(2300);
    site.run_for(2min);
    site.sun(3200);
    ASSERT_TRUE(site.run_until([&] { return site.charger("offered_current", "1111") == "16"; }, 15s));
    EXPECT_EQ(site.charger("reason", "1111"),
              "offered more for a moment, so that the car does not fall back to 6 A");
}

TEST(Spike, IsNotWorthARaiseOfLessThanAnAmpere) {
    Site site{sunny_config(true), {old_car(ids[0])}};
    site.sun(2300);
    site.run_for(2min);
    for (const int watts : {2320, 2340, 2360}) {
        site.sun(watts);
        Centiamps most;
        for (int second = 0; second < 60; ++second) {
            site.run_for(1s);
            most = std::max(most, site.unit(0x1111).limit_in_force());
        }
        EXPECT_LT(most, 16_A) << watts;
    }
}

// Ceilings of each kind 0.1 A too low, and exactly high enough.
TEST(Spike, IsLeftOutWhereAnyCeilingLeavesLessThanItNeeds) {
    using Lower = std::function<void(config::Config&, Centiamps)>;
    for (const Lower& lower :
         {Lower{[](config::Config& config, Centiamps to) { config.wiring_max_all = to; }},
          Lower{[](config::Config& config, Centiamps to) { config.wiring_max_each = to; }},
          Lower{[](config::Config& config, Centiamps to) { config.buses.at(0).wiring_max = to; }},
          Lower{[](config::Config& config, Centiamps to) { config.chargers[ids[0]].max_current = to; }}}) {
        for (const auto ceiling : {1590_cA, 16_A}) {
            auto config = sunny_config(true);
            lower(config, ceiling);
            Site site{config, {old_car(ids[0])}};
            site.sun(2300);
            site.run_for(2min);
            site.sun(3200);
            Centiamps most;
            for (int second = 0; second < 40; ++second) {
                site.run_for(1s);
                most = std::max(most, site.unit(0x1111).limit_in_force());
            }
            EXPECT_EQ(most == 16_A, ceiling == 16_A) << most;
            EXPECT_LE(most, ceiling);
        }
    }
}

TEST(Spike, EndsAtOnceWhenACeilingFallsThatLeavesRoomForWhatItIsFor) {
    Site site{sunny_config(true), {old_car(ids[0])}};
    site.sun(2300);
    site.run_for(2min);
    site.sun(3000);
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).limit_in_force() == 16_A; }, 30s));
    site.send("twcbridge/total_limit/set", "15.5");
    site.run_for(1500ms);
    EXPECT_LE(site.unit(0x1111).limit_in_force(), 1550_cA);
}

TEST(Spike, ReachesTheThresholdWhateverTheStep) {
    for (const auto step : {30_cA, 150_cA}) {
        auto config = sunny_config(true);
        config.control.current_step = step;
        Site site{config, {old_car(ids[0])}};
        site.sun(2300);
        site.run_for(2min);
        site.sun(3200);
        site.run_for(40s);
        EXPECT_GT(site.unit(0x1111).drawn(), 11_A) << step;
    }
}

// A car needs 5 s of it, and most inputs speak more often than that.
TEST(Spike, LastsThoughTheSunWobbles) {
    Site site{sunny_config(true), {old_car(ids[0])}};
    site.sun(2300);
    site.run_for(2min);
    site.sun(3200);
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).limit_in_force() == 16_A; }, 30s));
    for (const int watts : {3150, 3180, 3120, 3160, 3130}) {
        EXPECT_EQ(site.unit(0x1111).limit_in_force(), 16_A);
        site.sun(watts);
        site.run_for(1s);
    }
    site.run_for(10s);
    EXPECT_LT(site.unit(0x1111).limit_in_force(), 15_A);
    EXPECT_GT(site.unit(0x1111).drawn(), 12_A);
}

config::Config fused_config(Centiamps main_fuse) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.control.spike16 = true;
    config.main_fuse = main_fuse;
    return config;
}

Centiamps most_in_force(Site& site, Duration time) {
    Centiamps most;
    for (const auto end = site.now() + time; site.now() < end; site.run_for(100ms))
        most = std::max(most, site.unit(0x1111).limit_in_force());
    return most;
}

/// While the car still draws.
void call_off_a_stop(Site& site) {
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.run_for(2s);
    ASSERT_GT(site.unit(0x1111).drawn(), 1_A) << "the stop is too quick for this test";
    site.send("twcbridge/charger/1111/charge/set", "ON");
}

TEST(Spike, IsNeverOfferedWhileTheMeterOfTheMainFuseIsSilent) {
    Site site{fused_config(40_A), {old_car(ids[0])}};
    site.sun(0, 500);
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).drawn() > 20_A; }, 60s));
    site.meter_dies();
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).limit_in_force() == 6_A; }, 150s));
    call_off_a_stop(site);
    EXPECT_EQ(most_in_force(site, 60s), 6_A);
}

TEST(Spike, IsNeverOfferedToAnOldUnitAtItsFiveAmpsWhileThatMeterIsSilent) {
    auto config = fused_config(25_A);
    config.minimum = 5_A;
    auto car = old_car(ids[0]);
    car.protocol = twc::Protocol::v1;
    Site site{config, {car}};
    site.sun(0, 2300);
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).drawn() > 10_A; }, 60s));
    site.sun(0, 4485);
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).limit_in_force() == 5_A; }, 60s));
    site.meter_dies();
    EXPECT_EQ(most_in_force(site, 150s), 6_A);
}

// The plan then wants the minimum, which is hardly less than what the spike was for.
TEST(Spike, EndsAtOnceWhenTheInputsBecomeTooOld) {
    for (const bool fuse : {true, false}) {
        auto config = sunny_config(true);
        config.mode = config::Mode::solar_min;
        config.inputs.max_age = 10s;
        config.control.current_step = 1_A;  // 7 A, then
        if (fuse) config.main_fuse = 40_A;
        Site site{config, {old_car(ids[0])}};
        site.sun(1000);
        site.run_for(90s);
        ASSERT_EQ(site.unit(0x1111).limit_in_force(), 6_A);
        site.sun(1000);
        site.run_for(1s);
        site.meter_dies();
        site.run_for(5s);
        site.send("twcbridge/grid_reserve/set", "-600");
        site.run_for(2s);
        ASSERT_EQ(site.unit(0x1111).limit_in_force(), 16_A);
        site.run_for(4s);
        EXPECT_EQ(site.unit(0x1111).limit_in_force(), 6_A);
    }
}

TEST(Spike, IsNotNeededWhereAStopIsCalledOff) {
    auto config = sunny_config(true);
    config.mode = config::Mode::solar_min;
    Site site{config, {old_car(ids[0])}};
    site.sun(0);
    site.run_for(2min);
    call_off_a_stop(site);
    EXPECT_EQ(most_in_force(site, 60s), 6_A);
}

// That it does so in time, and that others are not raised into it, is asserted by the site at every step.
TEST(Spike, EndsAtOnceWhenACeilingFalls) {
    for (const int second : {1, 2, 3, 5, 7}) {
        Site site{sunny_config(true), {old_car(ids[0]), old_car(ids[1])}};
        site.sun(4600);
        site.run_for(3min);
        site.sun(6000);
        const auto spiked = [&] {
            return site.unit(0x1111).limit_in_force() >= 16_A || site.unit(0x2222).limit_in_force() >= 16_A;
        };
        ASSERT_TRUE(site.run_until(spiked, 30s));
        site.run_for(second * 1s);
        site.send("twcbridge/total_limit/set", "14");
        site.run_for(1500ms);
        EXPECT_LE(site.bus().limits_in_force(), 14_A);
        site.run_for(30s);
        EXPECT_LE(site.bus().limits_in_force(), 14_A);
    }
}

}  // namespace
}  // namespace bridge::tests

// What a day was worth, the best it could have been, and the rules that play it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "bridge/backtest/optimum.hpp"
#include "bridge/backtest/replay.hpp"
#include "tests/backtest/support.hpp"
#include "tests/backtest/synthetic.hpp"

namespace backtest {
namespace {

using tests::day_of;
using tests::offers_of;
using tests::small_site;
using tests::synthetic_day;

constexpr double volts = 230;
const double least = drawn_under(6) * volts;  // 1191 W
const double most = drawn_under(32) * volts;

TEST(Harvest, SplitsWhatCarsTakeIntoSunAndImport) {
    Harvest harvest;
    for (int i = 0; i < 3600; ++i) harvest.add(3000, 2000);
    for (int i = 0; i < 3600; ++i) harvest.add(1000, 2000);
    for (int i = 0; i < 3600; ++i) harvest.add(500, -2000);
    harvest.starts = 2;
    EXPECT_NEAR(harvest.solar, 3, 1e-9);
    EXPECT_NEAR(harvest.import, 1.5, 1e-9);
    EXPECT_NEAR(harvest.worth(), 3 - 1.5 - 0.1, 1e-9);
}

TEST(Excess, KnowsTheLongestStretch) {
    Excess excess;
    for (const bool above : {true, false, true, true, false, true}) excess.add(above);
    EXPECT_EQ(excess.seconds, 4);
    EXPECT_EQ(excess.longest, 2);
}

TEST(Optimum, IsNothingOnADayThatCarriesNoStart) {
    // An hour at the minimum whose sun lacks just too much: 0.05 kWh for the start.
    const auto nothing = optimum(small_site(), day_of({{3600, (least + 40) / 2, 0}}));
    EXPECT_EQ(nothing.worth(), 0);
    EXPECT_EQ(nothing.starts, 0);
    const auto something = optimum(small_site(), day_of({{3600, (least + 60) / 2, 0}}));
    EXPECT_NEAR(something.worth(), 0.01, 1e-6);
    EXPECT_EQ(something.starts, 1);
}

TEST(Optimum, TakesAllOfAGoodSunButNoMoreThanTheCeiling) {
    const auto day = day_of({{3600, 3100, 100}, {3600, 20'000, 100}});
    const auto best = optimum(small_site(), day);
    EXPECT_NEAR(best.solar, 3 + most / 1000, 1e-9);
    EXPECT_EQ(best.import, 0);
    EXPECT_EQ(best.starts, 1);
}

TEST(Optimum, HoldsThroughAShortCloudAndStopsForALongOne) {
    // Holding costs least W of import; stopping and starting again costs 0.05 kWh, that is 151 s of it.
    EXPECT_EQ(optimum(small_site(), day_of({{3600, 3000, 0}, {140, 0, 0}, {3600, 3000, 0}})).starts, 1);
    EXPECT_EQ(optimum(small_site(), day_of({{3600, 3000, 0}, {160, 0, 0}, {3600, 3000, 0}})).starts, 2);
}

TEST(Optimum, PaysForEveryCarThatStartsAndUsesASecondOnlyForWhatTheFirstCannotTake) {
    auto site = small_site(3);
    for (auto& car : site.cars) car.ceiling = twc::Centiamps{1600};
    const auto day = day_of({{3600, 2 * drawn_under(16) * volts, 0}});
    const auto best = optimum(site, day);
    EXPECT_EQ(best.starts, 2);
    EXPECT_NEAR(best.solar, 2 * drawn_under(16) * volts / 1000, 1e-9);
    EXPECT_EQ(optimum(site, day_of({{3600, 3000, 0}})).starts, 1);
}

TEST(Optimum, LetsNobodyChargeUnderACeilingBelowSixAmperes) {
    auto site = small_site();
    site.ceiling = twc::Centiamps{599};
    EXPECT_EQ(optimum(site, day_of({{3600, 3000, 0}})).worth(), 0);
}

TEST(Optimum, IsNeverBelowASchedule) {
    std::mt19937 random{7};
    const auto below = [&](double end) { return std::uniform_real_distribution{0.0, end}(random); };
    for (int round = 0; round < 200; ++round) {
        std::vector<tests::Stretch> stretches;
        for (int i = 0; i < 10; ++i)
            stretches.push_back({static_cast<int>(below(600)) + 1, below(5000), below(1500)});
        const auto day = day_of(stretches);
        Harvest harvest;
        bool on = false;
        for (std::size_t second = 0; second < day.seconds(); ++second) {
            const auto surplus = day.solar_per_kwp[second] - day.house[second];
            if (below(1) < 0.005) on = !on;
            if (on && (second == 0 || harvest.starts == 0)) harvest.starts = 1;
            if (!on) continue;
            harvest.add(std::clamp(surplus + below(100), least, most), surplus);
        }
        EXPECT_LE(harvest.worth(), optimum(small_site(), day).worth() + 1e-9) << "round " << round;
    }
}

TEST(Replay, CountsStartsSetPointsAndHoursOfCharging) {
    const auto site = small_site();
    const auto day = day_of({{7200, 3000, 0}});
    const auto score = replay(
        site, day,
        [](const bridge::Second& second) {
            const bool pause = second.t >= 3000 && second.t < 4200;
            return offers_of(second, pause ? 0 : second.t < 6000 ? 1000 : 1200);
        },
        nullptr);
    EXPECT_EQ(score.harvest.starts, 2);
    EXPECT_EQ(score.set_points, 3);
    EXPECT_EQ(score.running_seconds, 6000);
    EXPECT_NEAR(*score.set_points_per_hour(), 1.8, 1e-9);
}

TEST(Replay, SeesEverySecondAboveALimit) {
    auto site = small_site(2);
    site.main_fuse = twc::Centiamps{2000};
    const auto score = replay(
        site, day_of({{100, 0, 0}, {10, 0, 5000}}),
        [](const bridge::Second& second) {
            return offers_of(second, second.t < 40   ? 1600
                                     : second.t < 50 ? 1700
                                     : second.t < 60 ? 3300
                                                     : 600);
        },
        nullptr);
    EXPECT_EQ(score.charger.seconds, 10);
    EXPECT_EQ(score.site.seconds, 20);
    EXPECT_EQ(score.fuse_of_house.seconds, 10);
    EXPECT_GT(score.fuse.seconds, 10);
    EXPECT_GE(score.fuse.longest, 10);
    EXPECT_LT(score.fuse.longest, score.fuse.seconds);
}

struct Scene {
    const char* name;
    int phases;
    int centiamps;
    double kwp;
    std::size_t cars;
};

TEST(Rules, NeverBeatTheOptimum) {
    constexpr Scene scenes[] = {{"A", 1, 3200, 6.5, 1}, {"B", 3, 1600, 11, 1}, {"D", 1, 3200, 6.5, 3}};
    for (const auto& scene : scenes) {
        SiteSpec site;
        site.plant_kwp = scene.kwp;
        site.phases = scene.phases;
        site.ceiling = twc::Centiamps{scene.centiamps};
        site.cars.assign(scene.cars, {.charger = "0001", .ceiling = site.ceiling});
        std::map<std::string, double> sums;
        for (std::uint32_t seed = 1; seed <= 4; ++seed) {
            const auto day = synthetic_day(seed);
            const auto best = optimum(site, day);
            for (const auto& other : other_rules(site)) {
                const auto score = replay(site, day, other.rule, nullptr);
                EXPECT_LE(score.harvest.worth(), best.worth())
                    << scene.name << ' ' << seed << ' ' << other.name;
                sums[other.name] += score.harvest.worth() / best.worth();
                EXPECT_EQ(score.site.seconds, 0) << scene.name << ' ' << seed << ' ' << other.name;
            }
        }
        for (const auto& [name, sum] : sums) EXPECT_GT(sum, 1) << scene.name << ' ' << name;
    }
}

TEST(Rules, TimersStartAfterAMinuteAndStopAfterThree) {
    const auto site = small_site();
    std::vector<std::pair<int, bool>> switches;
    bool charging = false;
    replay(site, day_of({{100, 0, 0}, {1000, 3000, 0}, {1000, 0, 0}}), fixed_timers(site),
           [&](const Moment& moment) {
               if (std::exchange(charging, moment.offers[0].charge) != charging)
                   switches.emplace_back(moment.t, charging);
           });
    EXPECT_THAT(switches, testing::ElementsAre(std::pair{161, true}, std::pair{1281, false}));
}

TEST(Synthetic, DaysAreReproducibleDifferentAndCloudEdgesSteep) {
    EXPECT_EQ(synthetic_day(3).solar_per_kwp, synthetic_day(3).solar_per_kwp);
    EXPECT_NE(synthetic_day(3).solar_per_kwp, synthetic_day(4).solar_per_kwp);
    const auto day = synthetic_day(2);
    EXPECT_EQ(day.seconds(), 86'400U);
    EXPECT_GE(std::ranges::min(day.solar_per_kwp), 0);
    EXPECT_GT(std::ranges::max(day.house), 2000);
}

}  // namespace
}  // namespace backtest

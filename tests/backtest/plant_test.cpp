// The modelled car, house and meter: lags, ramps and what arrives when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "bridge/backtest/plant.hpp"
#include "tests/backtest/support.hpp"

namespace backtest {
namespace {

using testing::ElementsAre;
using tests::day_of;
using tests::offers_of;
using tests::small_site;

/// A of each second, from the one in which the first of these offers is made.
std::vector<double> drawn(Car& car, const std::vector<std::optional<double>>& offers) {
    std::vector<double> amps;
    int t = 0;
    for (const auto& offer : offers) {
        amps.push_back(car.drawn());
        car.advance(offer, ++t);
    }
    return amps;
}

TEST(PlantCar, DrawsALittleLessThanItsLimitAndNothingBelowSix) {
    EXPECT_NEAR(drawn_under(6), 5.178, 1e-9);
    EXPECT_NEAR(drawn_under(32), 30.866, 1e-9);
    EXPECT_EQ(drawn_under(5.99), 0);
    EXPECT_NEAR(limit_for(drawn_under(11)), 11, 1e-9);
}

TEST(PlantCar, StartsTwelveSecondsAfterTheOfferReachedItAndRisesByOneAmpereASecond) {
    Car car{{.charger = "0001"}};
    const auto amps = drawn(car, std::vector<std::optional<double>>(25, 10));
    // 1 s until the limit is in force, 2 s until the car knows, 12 s to start.
    for (std::size_t t = 0; t <= 14; ++t) EXPECT_EQ(amps[t], 0) << t;
    EXPECT_EQ(amps[15], 1);
    EXPECT_EQ(amps[16], 2);
    EXPECT_NEAR(amps[24], drawn_under(10), 1e-9);
}

TEST(PlantCar, FollowsALowerLimitAfterThreeSecondsByEightAmperesASecond) {
    Car car{{.charger = "0001"}};
    drawn(car, std::vector<std::optional<double>>(60, 32));
    const auto amps = drawn(car, std::vector<std::optional<double>>(8, 6));
    EXPECT_THAT(std::vector<double>(amps.begin(), amps.begin() + 3), testing::Each(drawn_under(32)));
    EXPECT_NEAR(amps[3], drawn_under(32) - 8, 1e-9);
    EXPECT_NEAR(amps[4], drawn_under(32) - 16, 1e-9);
    EXPECT_NEAR(amps[7], drawn_under(6), 1e-9);
}

TEST(PlantCar, StopsWithoutAnOfferAndNeedsItsTimeToStartAgain) {
    Car car{{.charger = "0001"}};
    drawn(car, std::vector<std::optional<double>>(30, 6));
    drawn(car, std::vector<std::optional<double>>(4, std::nullopt));
    EXPECT_EQ(car.drawn(), 0);
    const auto amps = drawn(car, std::vector<std::optional<double>>(20, 6));
    EXPECT_EQ(amps[14], 0);
    EXPECT_EQ(amps[15], 1);
}

TEST(PlantCar, TakesNoMoreThanItWantsItself) {
    Car car{{.charger = "0001", .own_maximum = 8}};
    drawn(car, std::vector<std::optional<double>>(60, 32));
    EXPECT_EQ(car.drawn(), 8);
    EXPECT_EQ(car.limit_in_force(), 32);
}

TEST(PlantCar, DrawsNothingBeforeItComesAndAfterItHasGone) {
    Car car{{.charger = "0001", .plugged = {10, 40}}};
    for (int t = 1; t < 60; ++t) {
        car.advance(6, t);
        const bool here = t >= 10 && t < 40;
        EXPECT_EQ(here && t >= 24, car.drawn() > 0) << t;
    }
}

/// Grid values by the second in which they arrive.
std::vector<std::pair<int, int>> arrivals(const SiteSpec& site, const Day& day, int centiamps = 0) {
    Plant plant{site, day};
    std::vector<std::pair<int, int>> heard;
    for (std::size_t index = 0; index < day.seconds(); ++index) {
        const auto second = plant.observe(index);
        if (second.grid) heard.emplace_back(second.t, second.grid->count());
        plant.advance(index, offers_of(second, centiamps));
    }
    return heard;
}

TEST(PlantMeter, SpeaksAtItsIntervalAndArrivesLate) {
    auto site = small_site();
    const auto day = day_of({{3, 0, 100}, {6, 500, 100}, {6, 0, 200}});
    EXPECT_THAT(arrivals(site, day), ElementsAre(std::pair{2, 100}, std::pair{7, -400}, std::pair{12, 200}));
    site.meter.least_delay = site.meter.most_delay = 0;
    site.meter.interval = 10;
    EXPECT_THAT(arrivals(site, day), ElementsAre(std::pair{0, 100}, std::pair{10, 200}));
}

TEST(PlantMeter, DrawsEachDelayFromItsRange) {
    auto site = small_site();
    site.meter.interval = 60;
    site.meter.most_delay = 5;
    std::vector<int> delays(6);
    for (const auto& [t, watts] : arrivals(site, day_of({{60 * 200, 0, 100}})))
        ++delays[static_cast<std::size_t>(t % 60)];
    EXPECT_THAT(delays,
                ElementsAre(0, 0, testing::Gt(20), testing::Gt(20), testing::Gt(20), testing::Gt(20)));
}

TEST(PlantMeter, SeesTheCarAndSaysNothingDuringAnOutage) {
    auto site = small_site();
    site.meter.outages = {{10, 40}};
    const auto heard = arrivals(site, day_of({{60, 0, 100}}), 600);
    ASSERT_EQ(heard.size(), 6U);
    EXPECT_EQ(heard[1], (std::pair{7, 100}));
    EXPECT_EQ(heard[2], (std::pair{42, 1291}));  // 100 W and 5.178 A
}

TEST(PlantMeter, MayTellGenerationAndConsumptionInstead) {
    auto site = small_site();
    site.meter.net = false;
    site.meter.consumption_includes_cars = true;
    const auto day = day_of({{60, 700, 100}});
    Plant plant{site, day};
    bridge::Second last;
    for (std::size_t index = 0; index < 58; ++index) {
        last = plant.observe(index);
        plant.advance(index, offers_of(last, 600));
    }
    EXPECT_EQ(last.grid, std::nullopt);
    EXPECT_EQ(last.generation, twc::Watts{700});
    EXPECT_EQ(last.consumption, twc::Watts{1291});
}

TEST(PlantMeter, SpreadsTheHouseUnevenlyOverThreePhases) {
    auto site = small_site();
    site.phases = 3;
    site.meter.phase_currents = true;
    site.meter.least_delay = site.meter.most_delay = 0;
    const auto day = day_of({{1, 690, 2300}});
    Plant plant{site, day};
    const auto second = plant.observe(0);
    EXPECT_THAT(second.grid_currents,
                ElementsAre(twc::Centiamps{500}, twc::Centiamps{150}, twc::Centiamps{50}));
    EXPECT_THAT(second.chargers.front().volts, ElementsAre(230, 230, 230));
}

}  // namespace
}  // namespace backtest

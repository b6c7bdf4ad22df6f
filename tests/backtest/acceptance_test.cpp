// The code of the service on measured and on made-up days: what it makes of the sun, and what it never does.
//
// With TWCBRIDGE_ALL_DAYS set the figures are printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bridge/backtest/optimum.hpp"
#include "bridge/backtest/replay.hpp"
#include "bridge/backtest/report.hpp"
#include "tests/backtest/days.hpp"
#include "tests/backtest/sites.hpp"

namespace backtest {
namespace {

using namespace tests;

struct Season {
    Score sum;
    double days = 0;

    [[nodiscard]] double starts_a_day() const { return sum.harvest.starts / days; }
};

Season play(const char* name, const SiteSpec& site) {
    Season season;
    std::vector<Result> results;
    for (const auto& day : days_to_play()) {
        auto score = replay(site, day, our_rule(fitted({}, site)), nullptr);
        score.optimum = optimum(site, day);
        EXPECT_LE(score.harvest.worth(), score.optimum.worth()) << name << ", " << day.name;
        EXPECT_EQ(score.site.seconds, 0) << name << ", " << day.name;
        EXPECT_EQ(score.charger.seconds, 0) << name << ", " << day.name;
        season.sum += score;
        ++season.days;
        results.push_back({day.name, name, score});
    }
    results.push_back({"sum", name, season.sum});
    if (all_days_wanted()) std::puts(to_table(site, results).c_str());
    return season;
}

TEST(Acceptance, OneCarOnOnePhaseGetsNearlyAllThatItCould) {
    const auto season = play("A", one_phase());
    EXPECT_GE(*season.sum.worth_percent(), 95);
    EXPECT_LE(season.starts_a_day(), 2.5);
}

TEST(Acceptance, OneCarOnThreePhasesGetsNearlyAllThatItCould) {
    const auto season = play("B", three_phases());
    EXPECT_GE(*season.sum.worth_percent(), 95);
    EXPECT_LE(season.starts_a_day(), 2.5);
}

TEST(Acceptance, AMeterThatSpeaksOnceAMinuteCostsLittle) {
    const auto season = play("C", with_slow_meter(one_phase()));
    EXPECT_GE(*season.sum.worth_percent(), 90);
    EXPECT_LE(season.starts_a_day(), 2.5);
}

TEST(Acceptance, ThreeCarsShareTheSun) {
    EXPECT_GE(*play("three cars", three_cars()).sum.worth_percent(), 93);
}

TEST(Acceptance, ACarThatLimitsItselfAndOnesThatComeAndGoCostLittle) {
    // The optimum knows nothing of that; so much is left of what three willing cars could have.
    EXPECT_GE(*play("D", cars_that_come_and_go()).sum.worth_percent(), 90);
}

TEST(Acceptance, AMeterThatDiesCostsNextToNothing) {
    auto site = one_phase();
    site.meter.outages = {{11 * 3600, 12 * 3600}, {14 * 3600, 16 * 3600}};
    Harvest dead;
    const auto days = days_to_play();
    for (const auto& day : days) {
        replay(site, day, our_rule(fitted({}, site)), [&](const Moment& moment) {
            for (const auto& outage : site.meter.outages) {
                if (moment.t >= outage.begin && moment.t < outage.end)
                    dead.add(moment.truth.cars, moment.truth.surplus());
            }
        });
    }
    if (all_days_wanted())
        std::printf("dead meter: %.3f kWh imported on %zu days\n", dead.import, days.size());
    EXPECT_GT(dead.solar, 0);  // it went on for a while
    EXPECT_LE(dead.import, 0.5 / 12 * static_cast<double>(days.size()));
}

TEST(Acceptance, TheMainFuseIsNeverExceededForLongerThanAMinute) {
    auto site = three_phases();
    site.main_fuse = twc::Centiamps{2000};
    site.meter.phase_currents = true;
    config::Config config;
    config.mode = config::Mode::fast;
    Score sum;
    for (const auto& day : days_to_play()) {
        const auto score = replay(site, day, our_rule(fitted(config, site)), nullptr);
        EXPECT_LE(score.fuse.longest, 60) << day.name;
        sum += score;
    }
    if (all_days_wanted())
        std::printf("main fuse: exceeded for %d s, %d s at a time; the house alone %d s, %d s\n",
                    sum.fuse.seconds, sum.fuse.longest, sum.fuse_of_house.seconds, sum.fuse_of_house.longest);
    EXPECT_GT(sum.harvest.solar + sum.harvest.import, 0);
}

}  // namespace
}  // namespace backtest

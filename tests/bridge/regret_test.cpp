// What a switch must have been worth before it is made.
#include "bridge/core/regret.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using twc::TimePoint;
using twc::Watts;

constexpr TimePoint start{1h};

/// Second by second, as the plan does.
void pass(Regret& regret, TimePoint from, std::chrono::seconds duration) {
    for (auto second = 1s; second <= duration; ++second) regret.pass(from + second);
}

TEST(Regret, AddsUpWhatEachChoiceWouldHaveGained) {
    Regret regret;
    regret.pass(start);
    regret.expect(Watts{3600}, Watts{-500});
    pass(regret, start, 10s);
    EXPECT_EQ(regret.more(), 10 * watt_hour);
    EXPECT_EQ(regret.fewer(), 0) << "what would have lost is no debt";
}

TEST(Regret, ForgetsInTheMeasureInWhichTheOtherChoiceWasBetter) {
    Regret regret;
    regret.pass(start);
    regret.expect(Watts{3600}, Watts{});
    pass(regret, start, 10s);
    regret.expect(Watts{-1800}, Watts{});
    pass(regret, start + 10s, 4s);
    EXPECT_EQ(regret.more(), 8 * watt_hour);
    pass(regret, start + 14s, 100s);
    EXPECT_EQ(regret.more(), 0);
}

TEST(Regret, CountsAGapForTenSecondsAtMost) {
    Regret regret;
    regret.pass(start);
    regret.expect(Watts{3600}, Watts{});
    regret.pass(start + 1h);
    EXPECT_EQ(regret.more(), 10 * watt_hour);
}

TEST(Regret, ForgetsAllAtOnceOrOnlyWhatSpeaksForMore) {
    Regret regret;
    regret.pass(start);
    regret.expect(Watts{3600}, Watts{1800});
    pass(regret, start, 10s);
    regret.forget_more();
    EXPECT_EQ(regret.more(), 0);
    EXPECT_EQ(regret.fewer(), 5 * watt_hour);
    regret.forget();
    pass(regret, start + 10s, 10s);
    EXPECT_EQ(regret.more(), 0) << "what was expected is forgotten too";
    EXPECT_EQ(regret.fewer(), 0);
}

TEST(Regret, IsWorthAQuarterMoreForEachStartOfTheLastHourFourAtMost) {
    Regret regret;
    regret.pass(start);
    EXPECT_EQ(regret.worth(100), 100 * watt_hour);
    regret.note_start(start);
    EXPECT_EQ(regret.worth(100), 125 * watt_hour);
    for (auto later = 1min; later <= 5min; ++later) regret.note_start(start + later);
    EXPECT_EQ(regret.worth(100), 100 * watt_hour * 625 / 256);
    regret.pass(start + 1h + 3min);
    EXPECT_EQ(regret.worth(100), 100 * watt_hour * 25 / 16) << "two of the six are not older than an hour";
    regret.pass(start + 1h + 5min);
    EXPECT_EQ(regret.worth(100), 100 * watt_hour);
}

}  // namespace
}  // namespace bridge

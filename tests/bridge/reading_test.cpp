// How old one value may grow.
#include "bridge/core/reading.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using twc::Duration;
using twc::TimePoint;

constexpr TimePoint listening{100s};

/// The age up to which it counts after a hundred messages this far apart.
Duration age_allowed_at(Duration interval, std::optional<Duration> max_age = std::nullopt) {
    Reading reading{max_age, listening};
    auto now = listening;
    for (int count = 0; count < 100; ++count) reading.receive(1, false, now += interval);
    return reading.stale_from() - now;
}

TEST(Reading, CountsForThreeOfTheSendersIntervalsWithinTenToAHundredAndTwentySeconds) {
    EXPECT_EQ(age_allowed_at(100ms), 10s);
    EXPECT_EQ(age_allowed_at(1s), 10s);
    EXPECT_NEAR(std::chrono::duration<double>(age_allowed_at(5s)).count(), 15, 0.01);
    EXPECT_NEAR(std::chrono::duration<double>(age_allowed_at(20s)).count(), 60, 0.01);
    EXPECT_EQ(age_allowed_at(60s), 120s);
    EXPECT_EQ(age_allowed_at(600s), 120s);
}

TEST(Reading, KeepsToTheAgeThatTheOwnerSet) {
    EXPECT_EQ(age_allowed_at(1s, 45s), 45s);
    EXPECT_EQ(age_allowed_at(60s, 5s), 5s);
    EXPECT_EQ(age_allowed_at(60s, 600s), 600s);
}

TEST(Reading, IsFreshUpToAndIncludingItsLastMoment) {
    Reading reading{30s, listening};
    reading.receive(4200, false, listening);
    EXPECT_TRUE(reading.fresh(listening + 30s));
    EXPECT_FALSE(reading.fresh(listening + 30s + 1us));
    EXPECT_EQ(reading.thousandths(), 4200);
}

TEST(Reading, OneLateMessageHardlyStretchesTheAge) {
    Reading reading{std::nullopt, listening};
    auto now = listening;
    for (int count = 0; count < 100; ++count) reading.receive(1, false, now += 5s);
    reading.receive(1, false, now += 100s);
    EXPECT_LE(reading.stale_from() - now, 75s);
    for (int count = 0; count < 20; ++count) reading.receive(1, false, now += 5s);
    EXPECT_LE(reading.stale_from() - now, 16s);
}

TEST(Reading, AStoredCopyIsShownButNeverFresh) {
    Reading reading{std::nullopt, listening};
    reading.receive(4200, true, listening);
    EXPECT_EQ(reading.thousandths(), 4200);
    EXPECT_FALSE(reading.fresh(listening));
    EXPECT_FALSE(reading.heard_live());
}

TEST(Reading, AStoredCopyNeitherReplacesNorRefreshesALiveValue) {
    Reading reading{30s, listening};
    reading.receive(1000, false, listening);
    reading.receive(9000, true, listening + 20s);
    EXPECT_EQ(reading.thousandths(), 1000);
    EXPECT_EQ(reading.stale_from(), listening + 30s);
}

TEST(Reading, BeforeAnythingIsHeardAgeCountsFromTheStart) {
    const Reading reading{20s, listening};
    EXPECT_EQ(reading.stale_from(), listening + 20s);
    EXPECT_FALSE(reading.fresh(listening));
    EXPECT_FALSE(reading.thousandths());
}

}  // namespace
}  // namespace bridge

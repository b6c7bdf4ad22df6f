// The main fuse: down at once, up only after thirty seconds.
#include "bridge/core/fuse.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "bridge/simulator/random.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::TimePoint;

TEST(FuseCeiling, IsUnknownUntilTheMeterSpeaks) {
    FuseCeiling fuse;
    EXPECT_EQ(fuse.ceiling(), std::nullopt);
    fuse.observe(20_A, TimePoint{});
    EXPECT_EQ(fuse.ceiling(), 20_A);
}

TEST(FuseCeiling, FallsAtOnceAndRisesAfterThirtySeconds) {
    FuseCeiling fuse;
    TimePoint now{};
    fuse.observe(20_A, now);
    fuse.observe(8_A, now += 1s);
    EXPECT_EQ(fuse.ceiling(), 8_A);
    for (int second = 1; second <= 30; ++second) {
        fuse.observe(20_A, now += 1s);
        ASSERT_EQ(fuse.ceiling(), 8_A) << second;
    }
    fuse.observe(20_A, now += 1s);
    EXPECT_EQ(fuse.ceiling(), 20_A);
}

TEST(FuseCeiling, ForgetsEverythingWhenTheMeterFallsSilent) {
    FuseCeiling fuse;
    fuse.observe(8_A, TimePoint{});
    fuse.observe(std::nullopt, TimePoint{1s});
    EXPECT_EQ(fuse.ceiling(), std::nullopt);
    fuse.observe(20_A, TimePoint{2s});
    EXPECT_EQ(fuse.ceiling(), 20_A);
}

TEST(FuseCeiling, IsAlwaysTheLeastOfTheLastThirtySeconds) {
    simulator::Random random{7};
    FuseCeiling fuse;
    std::vector<std::pair<TimePoint, Centiamps>> all;
    TimePoint now{};
    for (int step = 0; step < 2000; ++step) {
        now += random.between(0s, 5s);
        all.emplace_back(now, Centiamps{random.next() % 4000});
        fuse.observe(all.back().second, now);
        Centiamps least = all.back().second;
        for (const auto& [when, headroom] : all) {
            if (when >= now - 30s) least = std::min(least, headroom);
        }
        ASSERT_EQ(fuse.ceiling(), least) << "step " << step;
    }
}

}  // namespace
}  // namespace bridge

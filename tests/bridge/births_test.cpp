// How often everything is announced again while Home Assistant says that it has started.
#include "bridge/core/births.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using twc::TimePoint;

TEST(Births, AreAnsweredAfterAMomentAndThoseUntilThenAreOne) {
    Births births;
    EXPECT_EQ(births.due(), std::nullopt);
    births.heard(TimePoint{10s}, 1500ms);
    births.heard(TimePoint{11s}, 1500ms);
    EXPECT_EQ(births.due(), TimePoint{11500ms});
    births.told(TimePoint{11500ms});
    EXPECT_EQ(births.due(), std::nullopt);
}

TEST(Births, ThatFollowWaitButAreNotForgotten) {
    Births births;
    births.heard(TimePoint{10s}, 1s);
    births.told(TimePoint{11s});
    births.heard(TimePoint{14s}, 1s);
    EXPECT_EQ(births.due(), std::nullopt) << "one with the first";
    births.heard(TimePoint{15s}, 1s);
    EXPECT_EQ(births.due(), TimePoint{16s});
    births.told(TimePoint{16s});
    births.heard(TimePoint{20s}, 1s);
    EXPECT_EQ(births.due(), TimePoint{26s});
    births.told(TimePoint{26s});
    births.heard(TimePoint{40s}, 1s);
    EXPECT_EQ(births.due(), TimePoint{46s}) << "twenty seconds after the last time";
}

TEST(Births, ThatKeepComingAreAnsweredEverMoreSeldomUntilAMinuteOfQuiet) {
    Births births;
    std::string times;
    for (int second = 0; second <= 400; ++second) {
        const TimePoint now{std::chrono::seconds{second}};
        if (second <= 260 || second >= 380) births.heard(now, 1s);
        if (!births.due() || *births.due() > now) continue;
        births.told(now);
        times += std::to_string(second) + " ";
    }
    EXPECT_EQ(times, "1 6 16 36 76 136 196 256 316 381 386 396 ");
}

}  // namespace
}  // namespace bridge

// Civil time and moments, also where clocks are put forward and back.
#include "bridge/core/calendar.hpp"

#include <gtest/gtest.h>

#include "tests/bridge/zones.hpp"

namespace bridge::tests {
namespace {

TEST(Calendar, IsUtcUnlessToldOtherwise) {
    EXPECT_EQ(Calendar{}.civil(utc(7, 1, 12h)), civil(7, 1, 12h));
    EXPECT_EQ(Calendar{}.moment(civil(7, 1, 12h)), utc(7, 1, 12h));
}

TEST(Calendar, TellsSummerFromWinter) {
    EXPECT_EQ(berlin().civil(utc(1, 1, 12h)), civil(1, 1, 13h));
    EXPECT_EQ(berlin().civil(utc(7, 1, 12h)), civil(7, 1, 14h));
    EXPECT_EQ(new_york().moment(civil(1, 1, 7h)), utc(1, 1, 12h));
    EXPECT_EQ(lord_howe().moment(civil(7, 1, 22h + 30min)), utc(7, 1, 12h));
}

TEST(Calendar, TakesAnHourThatIsSkippedForTheMomentOfTheJump) {
    EXPECT_EQ(berlin().moment(civil(3, 29, 2h - 1s)), utc(3, 29, 1h - 1s));
    for (const std::chrono::seconds time : {7200s, 9000s, 10799s, 10800s})
        EXPECT_EQ(berlin().moment(civil(3, 29, time)), utc(3, 29, 1h));
    EXPECT_EQ(new_york().moment(civil(3, 8, 2h + 30min)), utc(3, 8, 7h));
    EXPECT_EQ(lord_howe().moment(civil(10, 4, 2h + 15min)), utc(10, 3, 15h + 30min));
}

TEST(Calendar, TakesTheFirstOfTwoMomentsThatAreCalledTheSame) {
    EXPECT_EQ(berlin().moment(civil(10, 25, 2h + 30min)), utc(10, 25, 30min));
    EXPECT_EQ(berlin().moment(civil(10, 25, 3h)), utc(10, 25, 2h));
    EXPECT_EQ(new_york().moment(civil(11, 1, 1h + 30min)), utc(11, 1, 5h + 30min));
    EXPECT_EQ(lord_howe().moment(civil(4, 5, 1h + 45min)), utc(4, 4, 14h + 45min));
}

TEST(Calendar, FindsTheNextTimeOfDay) {
    EXPECT_EQ(berlin().next(7h, utc(7, 1, 4h)), utc(7, 1, 5h));
    EXPECT_EQ(berlin().next(7h, utc(7, 1, 5h)), utc(7, 2, 5h));
    EXPECT_EQ(berlin().next(0min, utc(7, 1, 12h)), utc(7, 1, 22h));
    // 02:30 does not exist on the 29th, and is there twice on the 25th.
    EXPECT_EQ(berlin().next(150min, utc(3, 28, 12h)), utc(3, 29, 1h));
    EXPECT_EQ(berlin().next(150min, utc(3, 29, 1h)), utc(3, 30, 30min));
    EXPECT_EQ(berlin().next(150min, utc(10, 25, 0h)), utc(10, 25, 30min));
    EXPECT_EQ(berlin().next(150min, utc(10, 25, 30min)), utc(10, 26, 1h + 30min));
}

}  // namespace
}  // namespace bridge::tests

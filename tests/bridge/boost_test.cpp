// A boost ends with what is used up first.
#include "bridge/core/boost.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;

const twc::TimePoint start{5s};

TEST(Boost, CountsItsMinutesDownAndEnds) {
    BoostTimer timer;
    Boost boost{.minutes = 2, .until = {}};
    for (const auto& [passed, left] : std::initializer_list<std::pair<twc::Duration, int>>{
             {0s, 2}, {59s, 2}, {60s, 1}, {119s, 1}, {120s, 0}}) {
        boost = timer.pass(boost, 0, start + passed);
        EXPECT_EQ(boost.minutes, left);
    }
    EXPECT_FALSE(boost.on());
}

TEST(Boost, EndsWhenTheCounterHasReachedItsEnergy) {
    BoostTimer timer;
    const Boost boost{.minutes = 0, .until = 1500};
    EXPECT_EQ(timer.pass(boost, 1499, start + 9h), boost);
    EXPECT_EQ(boost.energy_left(1400), 100);
    EXPECT_EQ(boost.energy_left(1600), 0);
    EXPECT_EQ(timer.pass(boost, 1500, start), Boost{});
}

TEST(Boost, EndsWithWhatIsUsedUpFirst) {
    const Boost boost{.minutes = 10, .until = 1500};
    for (const auto& [passed, counter] :
         std::initializer_list<std::pair<twc::Duration, int>>{{10min, 1000}, {1min, 1500}}) {
        BoostTimer timer;
        EXPECT_TRUE(timer.pass(boost, 1000, start).on());
        EXPECT_EQ(timer.pass(boost, counter, start + passed), Boost{});
    }
}

TEST(Boost, BeginsAnewWhenItIsSetAgain) {
    BoostTimer timer;
    auto boost = timer.pass({.minutes = 2, .until = {}}, 0, start);
    timer.restart();
    boost = timer.pass({.minutes = 2, .until = {}}, 0, start + 100s);
    EXPECT_EQ(timer.pass(boost, 0, start + 219s).minutes, 1);
    EXPECT_EQ(timer.pass(boost, 0, start + 220s), Boost{});
}

TEST(Boost, ThatEndedLeavesNothingToTheNext) {
    BoostTimer timer;
    EXPECT_EQ(timer.pass({.minutes = 1, .until = 10}, 10, start), Boost{});
    EXPECT_EQ(timer.pass({.minutes = 5, .until = {}}, 10, start + 2min).minutes, 5);
}

}  // namespace
}  // namespace bridge

// A flood of bad input is told without flooding the log.
#include "bridge/core/complaints.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using twc::TimePoint;

TEST(Complaints, AreLoggedOnceAndThenSummedUpEveryMinute) {
    Complaints complaints;
    EXPECT_EQ(complaints.report("topic", "bad", TimePoint{}), "bad");
    for (int second = 1; second < 60; ++second) {
        ASSERT_EQ(complaints.report("topic", "bad", TimePoint{std::chrono::seconds{second}}), std::nullopt);
    }
    EXPECT_EQ(complaints.report("topic", "bad", TimePoint{60s}), "bad (60 times since it was last logged)");
    EXPECT_EQ(complaints.report("topic", "bad", TimePoint{119s}), std::nullopt);
    EXPECT_EQ(complaints.report("topic", "bad", TimePoint{120s}), "bad (2 times since it was last logged)");
}

TEST(Complaints, OfDifferentThingsDoNotHideEachOther) {
    Complaints complaints;
    EXPECT_TRUE(complaints.report("a", "a is bad", TimePoint{}));
    EXPECT_TRUE(complaints.report("b", "b is bad", TimePoint{}));
    EXPECT_FALSE(complaints.report("a", "a is bad", TimePoint{1s}));
}

TEST(Complaints, AboutThousandsOfTopicsDoNotFloodTheLogEither) {
    Complaints complaints;
    int lines = 0;
    for (int round = 0; round < 3; ++round) {
        for (int topic = 0; topic < 5000; ++topic) {
            if (complaints.report(std::to_string(topic), "bad", TimePoint{std::chrono::seconds{round}}))
                ++lines;
        }
    }
    EXPECT_LE(lines, 201);
    EXPECT_EQ(complaints.report("another topic", "bad", TimePoint{60s}),
              "bad (14400 times since it was last logged)");
}

TEST(Complaints, AboutWhatIsOverMakeRoomForNewOnes) {
    Complaints complaints;
    for (int topic = 0; topic < 200; ++topic) complaints.report(std::to_string(topic), "bad", TimePoint{});
    EXPECT_EQ(complaints.report("a", "a is bad", TimePoint{59min}), "a is bad") << "as one of the others";
    EXPECT_EQ(complaints.report("b", "b is bad", TimePoint{59min}), std::nullopt);
    EXPECT_EQ(complaints.report("c", "c is bad", TimePoint{1h}), "c is bad");
    EXPECT_EQ(complaints.report("d", "d is bad", TimePoint{1h}), "d is bad");
}

}  // namespace
}  // namespace bridge

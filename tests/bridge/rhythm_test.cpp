// Measured values: not too often, never the last one lost.
#include "bridge/core/rhythm.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge;
using namespace std::chrono_literals;

class RhythmOfPower : public testing::Test {
  protected:
    RhythmOfPower() { projection_.set_online(true); }
    /// What is told when the meter shows `watts` now; empty if nothing is.
    std::string shows(int watts) {
        rhythm_.set("power", watts, 25, std::to_string(watts), projection_, now_);
        return told();
    }
    std::string after(twc::Duration pause) {
        now_ += pause;
        rhythm_.handle_timeout(projection_, now_);
        return told();
    }
    std::string told() {
        std::string all;
        while (const auto publication = projection_.poll()) all += publication->payload;
        return all;
    }
    broker::Projection projection_;
    Rhythm rhythm_;
    twc::TimePoint now_{};
};

TEST_F(RhythmOfPower, TellsTheFirstValueAndEveryGreatChangeAtOnce) {
    EXPECT_EQ(shows(0), "0");
    EXPECT_EQ(after(2s), "");
    EXPECT_EQ(shows(25), "25");
    EXPECT_EQ(after(10s), "");
    EXPECT_EQ(shows(0), "0");
}

TEST_F(RhythmOfPower, HoldsABurstToOneMessageInTwoSecondsAndTellsItsEnd) {
    shows(1000);
    after(2s);
    int messages = 0;
    for (int step = 1; step <= 100; ++step) {
        if (!shows(1000 + 50 * step).empty()) ++messages;
        if (!after(100ms).empty()) ++messages;
    }
    EXPECT_LE(messages, 6);
    EXPECT_EQ(shows(0), "");
    EXPECT_EQ(after(2s), "0");
    EXPECT_EQ(after(1h), "");
}

TEST_F(RhythmOfPower, LetsSmallChangesWaitForTenSeconds) {
    shows(1000);
    after(5s);
    EXPECT_EQ(shows(1024), "");
    EXPECT_EQ(after(4s), "");
    EXPECT_EQ(after(1s), "1024");
}

TEST_F(RhythmOfPower, HasAWiderBandAtGreatPower) {
    shows(11000);
    after(5s);
    EXPECT_EQ(shows(11109), "");
    EXPECT_EQ(shows(11110), "11110");
}

TEST_F(RhythmOfPower, SaysNothingOfAValueThatCameBack) {
    shows(1000);
    after(1s);
    EXPECT_EQ(shows(2000), "");
    EXPECT_EQ(shows(1000), "");
    EXPECT_EQ(after(1h), "");
}

}  // namespace

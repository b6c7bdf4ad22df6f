// What each topic says, and what of that the broker still has to hear.
#include "mqtt/projection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace {

using broker::Projection;
using broker::Publication;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Publication> drained(Projection& projection) {
    std::vector<Publication> all;
    while (auto publication = projection.poll()) all.push_back(std::move(*publication));
    return all;
}

class ProjectionOnline : public testing::Test {
  protected:
    ProjectionOnline() { projection_.set_online(true); }
    Projection projection_;
};

TEST_F(ProjectionOnline, YieldsAChangeOnce) {
    projection_.set({"a", "1", true});
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "1", true}));
    projection_.set({"a", "1", true});
    EXPECT_THAT(drained(projection_), IsEmpty());
    projection_.set({"a", "2", true});
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "2", true}));
}

TEST_F(ProjectionOnline, YieldsOnlyTheNewestOfSeveralChanges) {
    for (int number = 0; number < 10'000; ++number) projection_.set({"a", std::to_string(number), true});
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "9999", true}));
}

TEST_F(ProjectionOnline, LeavesAWithdrawnTopicEmptyUntilItIsReinstated) {
    projection_.set({"a", "1", true});
    drained(projection_);
    EXPECT_TRUE(projection_.withdraw("a"));
    EXPECT_FALSE(projection_.withdraw("a"));
    EXPECT_FALSE(projection_.withdraw("b"));
    projection_.set({"a", "2", true});
    projection_.resend_all();
    EXPECT_THAT(drained(projection_), IsEmpty());
    projection_.reinstate();
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "2", true}));
    projection_.reinstate();
    EXPECT_THAT(drained(projection_), IsEmpty());
}

TEST_F(ProjectionOnline, CannotWithdrawWhatItClearedItself) {
    projection_.set({"a", "1", true});
    projection_.clear("a");
    EXPECT_FALSE(projection_.withdraw("a"));
}

TEST_F(ProjectionOnline, KeepsTheOrderOfFirstSetting) {
    projection_.set({"b", "1", true});
    projection_.set({"a", "1", true});
    projection_.set({"b", "2", true});
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"b", "2", true}, Publication{"a", "1", true}));
    projection_.resend_all();
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"b", "2", true}, Publication{"a", "1", true}));
}

TEST_F(ProjectionOnline, RepeatsEqualMessagesThatAreNotRetained) {
    projection_.set({"event", "x", false});
    projection_.set({"event", "x", false});
    EXPECT_THAT(drained(projection_),
                ElementsAre(Publication{"event", "x", false}, Publication{"event", "x", false}));
    EXPECT_EQ(projection_.find("event"), nullptr);
}

TEST_F(ProjectionOnline, DropsTheOldestOfTooManyPassingMessages) {
    for (int number = 0; number < 1003; ++number) projection_.set({"event", std::to_string(number), false});
    const auto all = drained(projection_);
    ASSERT_EQ(all.size(), 1000U);
    EXPECT_EQ(all.front().payload, "3");
    EXPECT_EQ(all.back().payload, "1002");
}

TEST_F(ProjectionOnline, FindsWhatATopicIsAboutToSay) {
    EXPECT_EQ(projection_.find("a"), nullptr);
    projection_.set({"a", "1", true});
    ASSERT_NE(projection_.find("a"), nullptr);
    EXPECT_EQ(*projection_.find("a"), "1");
}

TEST_F(ProjectionOnline, ClearsATopicEvenIfAnEarlierRunSetIt) {
    projection_.clear("old");
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"old", "", true}));
}

TEST_F(ProjectionOnline, ForgetsAClearedTopicAndTakesItUpAgain) {
    projection_.set({"a", "1", true});
    drained(projection_);
    projection_.clear("a");
    EXPECT_EQ(projection_.find("a"), nullptr);
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "", true}));
    projection_.clear("a");
    EXPECT_THAT(drained(projection_), IsEmpty());
    projection_.set({"a", "1", true});
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "1", true}));
}

TEST_F(ProjectionOnline, ClearsAgainWhenTheLinkComesBack) {
    projection_.clear("a");
    drained(projection_);
    projection_.resend_all();
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "", true}));
}

TEST_F(ProjectionOnline, ResendsOneTopic) {
    projection_.set({"a", "1", true});
    projection_.set({"b", "1", true});
    drained(projection_);
    projection_.resend("a");
    projection_.resend("unknown");
    EXPECT_THAT(drained(projection_), ElementsAre(Publication{"a", "1", true}));
}

TEST(ProjectionOffline, HoldsBackUntilOnline) {
    Projection projection;
    projection.set({"a", "1", true});
    projection.set({"event", "x", false});
    EXPECT_EQ(projection.poll(), std::nullopt);
    projection.set_online(true);
    EXPECT_THAT(drained(projection),
                ElementsAre(Publication{"a", "1", true}, Publication{"event", "x", false}));
}

TEST(ProjectionOffline, DropsOldEventsWhenEverythingIsSentAgain) {
    Projection projection;
    projection.set({"a", "1", true});
    projection.set({"event", "x", false});
    projection.resend_all();
    projection.set_online(true);
    EXPECT_THAT(drained(projection), ElementsAre(Publication{"a", "1", true}));
}

}  // namespace

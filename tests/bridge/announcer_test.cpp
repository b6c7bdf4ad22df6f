// Our announcements at the broker: taken back by others, or left behind by an earlier run.
#include "bridge/core/announcer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mqtt/discovery.hpp"

namespace {

using namespace bridge;
using namespace std::chrono_literals;
using broker::Projection;
using broker::Publication;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string topic = "homeassistant/device/twcbridge_5893/config";
const std::string announced = R"({"components":{"power":{"platform":"sensor"}}})";
const std::string earlier =
    R"({"components":{"power":{"platform":"sensor"},"vehicle_vin":{"platform":"sensor","name":"VIN"}}})";
const std::string farewell =
    R"({"components":{"power":{"platform":"sensor"},"vehicle_vin":{"platform":"sensor"}}})";

class AnnouncerAtABroker : public testing::Test {
  protected:
    AnnouncerAtABroker() {
        projection_.set_online(true);
        projection_.set({topic, announced, true});
        drained();
    }
    std::vector<Publication> drained() {
        std::vector<Publication> all;
        while (auto publication = projection_.poll()) all.push_back(std::move(*publication));
        return all;
    }
    std::vector<Publication> after(twc::Duration pause) {
        now_ += pause;
        announcer_.handle_timeout(projection_, now_);
        return drained();
    }
    Announcer announcer_{config::HomeAssistant{}};
    Projection projection_;
    twc::TimePoint now_{};
};

TEST_F(AnnouncerAtABroker, ListensWhereEitherFormWouldBe) {
    EXPECT_THAT(announcer_.topics_of("twcbridge_5893"),
                UnorderedElementsAre(topic, "homeassistant/+/twcbridge_5893/+/config"));
    config::HomeAssistant off;
    off.discovery = config::Discovery::off;
    EXPECT_THAT(Announcer{off}.topics_of("twcbridge_5893"), IsEmpty());
}

TEST_F(AnnouncerAtABroker, LetsWhatAUserDeletedRestAndSaysSoOnce) {
    EXPECT_TRUE(announcer_.handle({topic, "", false}, projection_, now_));
    EXPECT_FALSE(announcer_.handle({topic, "", false}, projection_, now_));
    announcer_.resend_all(projection_, now_);
    EXPECT_THAT(after(1h), IsEmpty());
    projection_.reinstate();
    EXPECT_THAT(drained(), ElementsAre(Publication{topic, announced, true}));
}

TEST_F(AnnouncerAtABroker, TakesItsOwnWordsForNothingElse) {
    EXPECT_FALSE(announcer_.handle({topic, announced, false}, projection_, now_));
    EXPECT_FALSE(announcer_.handle({topic, announced, true}, projection_, now_));
    EXPECT_EQ(announcer_.next_deadline(), std::nullopt);
    EXPECT_THAT(drained(), IsEmpty());
}

TEST_F(AnnouncerAtABroker, ClearsWhatAnEarlierRunAnnouncedAndThenSaysEverythingAgain) {
    const std::string left = "homeassistant/sensor/twcbridge_5893/power/config";
    EXPECT_TRUE(announcer_.handle({left, "{}", true}, projection_, now_));
    EXPECT_THAT(drained(), ElementsAre(Publication{left, "", true}));
    EXPECT_FALSE(announcer_.handle({left, "", false}, projection_, now_));
    EXPECT_THAT(after(2s), IsEmpty());
    EXPECT_THAT(after(1s), testing::Contains(Publication{topic, announced, true}));
    EXPECT_EQ(announcer_.next_deadline(), std::nullopt);
}

TEST_F(AnnouncerAtABroker, ClearsNoMoreThanAThousandThingsThatOthersLeftInItsName) {
    const auto left = [](int number) {
        return "homeassistant/sensor/twcbridge_5893/" + std::to_string(number) + "/config";
    };
    for (int number = 0; number < 3000; ++number)
        EXPECT_TRUE(announcer_.handle({left(number), "{}", true}, projection_, now_));
    EXPECT_EQ(drained().size(), 1000U);
    EXPECT_THAT(*announcer_.handle({left(2000), "{}", true}, projection_, now_),
                testing::HasSubstr("left alone"));
}

TEST_F(AnnouncerAtABroker, LeavesTopicsAloneThatAreLongerThanItsOwnCouldBe) {
    const auto line = announcer_.handle(
        {"homeassistant/" + std::string(60'000, 'x') + "/twcbridge_5893/a\nb/config", "{}", true},
        projection_, now_);
    ASSERT_TRUE(line);
    EXPECT_LT(line->size(), 200U);
    EXPECT_THAT(drained(), IsEmpty());
}

TEST_F(AnnouncerAtABroker, SaysTheFirstVersionAtOnceAndTheLastOfManyChangesAfterAPause) {
    const std::string other = "homeassistant/device/twcbridge_0417/config";
    for (const auto* version : {"1", "2", "3"})
        announcer_.announce({other, version, true}, projection_, now_);
    EXPECT_THAT(drained(), ElementsAre(Publication{other, "1", true}));
    EXPECT_THAT(after(2s), IsEmpty());
    announcer_.announce({other, "4", true}, projection_, now_);
    EXPECT_THAT(after(1s), ElementsAre(Publication{other, "4", true}));
    announcer_.announce({other, "4", true}, projection_, now_);
    EXPECT_EQ(announcer_.next_deadline(), std::nullopt);
    EXPECT_THAT(after(1h), IsEmpty());
    announcer_.announce({other, "5", true}, projection_, now_);
    EXPECT_THAT(drained(), ElementsAre(Publication{other, "5", true}));
}

TEST_F(AnnouncerAtABroker, EndsAFarewellWithWhatWasAnnouncedMeanwhile) {
    EXPECT_TRUE(announcer_.handle({topic, earlier, true}, projection_, now_));
    announcer_.announce({topic, "newer", true}, projection_, now_);
    EXPECT_THAT(after(3s), ElementsAre(Publication{topic, farewell, true}));
    EXPECT_THAT(after(3s), ElementsAre(Publication{topic, "newer", true}));
}

TEST_F(AnnouncerAtABroker, RemovesVanishedComponentsInTwoStepsWithPausesBetween) {
    EXPECT_TRUE(announcer_.handle({topic, earlier, true}, projection_, now_));
    EXPECT_THAT(after(2s), IsEmpty());
    EXPECT_THAT(after(1s), ElementsAre(Publication{topic, farewell, true}));
    EXPECT_THAT(after(2s), IsEmpty());
    EXPECT_THAT(after(1s), ElementsAre(Publication{topic, announced, true}));
    EXPECT_EQ(announcer_.next_deadline(), std::nullopt);
}

// Home Assistant counts from when it hears a version, which is not when it was announced.
TEST_F(AnnouncerAtABroker, WaitsForItsTurnAfterABrokerHasComeBack) {
    const std::string other = "homeassistant/device/twcbridge_0417/config";
    projection_.set_online(false);
    announcer_.announce({other, "1", true}, projection_, now_);
    announcer_.announce({other, "2", true}, projection_, now_);
    EXPECT_THAT(after(2900ms), IsEmpty());
    projection_.set_online(true);
    announcer_.resend_all(projection_, now_);
    EXPECT_THAT(drained(), testing::Contains(Publication{other, "1", true}));
    EXPECT_THAT(after(2900ms), IsEmpty());
    EXPECT_THAT(after(100ms), ElementsAre(Publication{other, "2", true}));

    after(1h);
    announcer_.resend_all(projection_, now_);
    drained();
    announcer_.announce({other, "3", true}, projection_, now_);
    EXPECT_THAT(after(2900ms), IsEmpty());
    EXPECT_THAT(after(100ms), ElementsAre(Publication{other, "3", true}));
}

TEST_F(AnnouncerAtABroker, KeepsThePausesOfAFarewellWhenEverythingIsSaidAgain) {
    EXPECT_TRUE(announcer_.handle({topic, earlier, true}, projection_, now_));
    EXPECT_THAT(after(2900ms), IsEmpty());
    announcer_.resend_all(projection_, now_);
    EXPECT_THAT(drained(), ElementsAre(Publication{topic, announced, true}));
    EXPECT_THAT(after(2900ms), IsEmpty());
    EXPECT_THAT(after(100ms), ElementsAre(Publication{topic, farewell, true}));
    EXPECT_THAT(after(2900ms), IsEmpty());
    EXPECT_THAT(after(100ms), ElementsAre(Publication{topic, announced, true}));
}

}  // namespace

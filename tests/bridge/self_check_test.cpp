// What our own steps tell of signs and wiring.
#include "bridge/core/self_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bridge/site.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using twc::TimePoint;

TEST(Response, IsTheShareOfAStepThatAnInputShows) {
    EXPECT_EQ(response_of(2000, 2000), Response::full);
    EXPECT_EQ(response_of(-2000, -1900), Response::full);
    EXPECT_EQ(response_of(-1500, 2000), Response::falls);
    EXPECT_EQ(response_of(300, -2000), Response::none);
    EXPECT_EQ(response_of(700, 2100), Response::third);
    EXPECT_EQ(response_of(1000, 2000), Response::half);
    EXPECT_EQ(response_of(4000, 2000), Response::twice);
    EXPECT_EQ(response_of(6000, 2000), Response::threefold);
    EXPECT_EQ(response_of(3000, 2000), std::nullopt) << "between two of them";
    EXPECT_EQ(response_of(20'000, 2000), std::nullopt);
}

/// A charger of 2000 W and one input of a quiet house, a value every 5 s.
struct Quiet {
    StepWatch watch{800};
    TimePoint now{1000s};
    std::int64_t load = 0;
    std::int64_t value = 300;

    Quiet& hear() {
        watch.hear(value, LoadRange{load, load}, now += 5s);
        return *this;
    }
    /// The chargers begin or end; the input moves by so much with their beginning.
    Quiet& step(std::int64_t by) {
        hear();
        const bool begin = load == 0;
        load = begin ? 2000 : 0;
        value += begin ? by : -by;
        watch.hear(value, LoadRange{0, 2000}, now += 5s);  // on the move: says nothing
        return hear();
    }
};

TEST(StepWatch, BelievesThreeStepsThatAgree) {
    Quiet quiet;
    quiet.step(2000).step(2000);
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
    EXPECT_EQ(quiet.step(2000).watch.response(), Response::full);
}

TEST(StepWatch, OneStepThatAKettleSpoiltStartsTheCountAgain) {
    Quiet quiet;
    quiet.step(-2000).step(-2000).step(400).step(-2000).step(-2000);
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
    EXPECT_EQ(quiet.step(-2000).watch.response(), Response::falls);
    EXPECT_EQ(quiet.step(2000).step(2000).watch.response(), Response::falls) << "until three say otherwise";
    EXPECT_EQ(quiet.step(2000).watch.response(), Response::full);
}

TEST(StepWatch, LearnsNothingFromSmallStepsNorBetweenTwoLevelsOfACharge) {
    Quiet quiet;
    for (int i = 0; i < 10; ++i) {
        quiet.load = i % 2 == 0 ? 2000 : 5000;  // follows the sun
        quiet.hear();
    }
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
    for (int i = 0; i < 10; ++i) {
        quiet.load = i % 2 == 0 ? 0 : 790;
        quiet.hear();
    }
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
}

TEST(StepWatch, LearnsNothingWhenItTookTooLongOrWhenTheLoadIsNotKnown) {
    Quiet quiet;
    for (int i = 0; i < 10; ++i) {
        quiet.load = i % 2 == 0 ? 0 : 2000;
        quiet.now += 180s;
        quiet.hear();
    }
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
    for (int i = 0; i < 10; ++i) quiet.watch.hear(i % 2 * 2000, std::nullopt, quiet.now += 5s);
    EXPECT_EQ(quiet.watch.response(), std::nullopt);
}

TEST(StepWatch, TakesADrawOfIdleUnitsForRest) {
    for (const int idle : {172, 260}) {  // 0.25 A on three phases, one unit and nearly two
        StepWatch watch{800};
        TimePoint now{};
        for (int i = 0; i < 4; ++i) {
            const int load = i % 2 == 0 ? idle : 2000 + idle;
            watch.hear(300 + load, LoadRange{load, load}, now += 5s);
        }
        EXPECT_EQ(watch.response(), Response::full) << idle;
    }
}

TEST(StepWatch, ValuesFarBelowZeroTellAfterAMinuteWithoutABreakAndOnlyWhileTheyLast) {
    StepWatch watch{800};
    TimePoint now{};
    const auto hear_for = [&](twc::Duration time, int value) {
        for (const auto end = now + time; now < end; watch.hear(value, std::nullopt, now += 5s)) {
        }
    };
    hear_for(60s, -3000);
    EXPECT_FALSE(watch.negative());
    hear_for(5s, -400);
    hear_for(60s, -401);
    EXPECT_FALSE(watch.negative());
    hear_for(5s, -401);
    EXPECT_TRUE(watch.negative());
    hear_for(1h, -3000);
    EXPECT_TRUE(watch.negative());
    hear_for(1h, -90);
    hear_for(5s, 3000);
    EXPECT_TRUE(watch.negative()) << "a wrong sign has calm hours";
    hear_for(61s, 3000);
    EXPECT_FALSE(watch.negative()) << "mended";
}

std::string suspected(const Evidence& evidence) { return suspicion(evidence).value_or(""); }

TEST(Suspicion, IsNoneWhereInputsRespondAsConfigured) {
    EXPECT_EQ(suspected({}), "");
    EXPECT_EQ(suspected({.grid = Response::full}), "");
    EXPECT_EQ(suspected({.consumption = Response::none, .generation = Response::none}), "");
    EXPECT_EQ(suspected({.consumption = Response::full, .subtract_charger_load = true}), "");
    EXPECT_EQ(suspected({.grid_currents = {Response::full, {}, {}}}), "");
    EXPECT_EQ(suspected({.grid = Response::none, .battery = true}), "") << "a battery levels it out";
}

TEST(Suspicion, SaysWhatToChange) {
    EXPECT_THAT(suspected({.grid = Response::falls}), HasSubstr("inputs.grid falls"));
    EXPECT_THAT(suspected({.grid = Response::none}), HasSubstr("inputs.grid does not move"));
    EXPECT_THAT(suspected({.grid = Response::third}), HasSubstr("moves by a third"));
    EXPECT_THAT(suspected({.grid = Response::threefold}), HasSubstr("numberOfPhases"));
    EXPECT_THAT(suspected({.consumption = Response::full}), HasSubstr("set subtractChargerLoad to true"));
    EXPECT_THAT(suspected({.consumption = Response::half}), HasSubstr("set subtractChargerLoad to true"));
    EXPECT_THAT(suspected({.consumption = Response::none, .subtract_charger_load = true}),
                HasSubstr("set subtractChargerLoad to false"));
    EXPECT_THAT(suspected({.consumption = Response::half, .subtract_charger_load = true}),
                HasSubstr("moves by half"));
    EXPECT_THAT(suspected({.consumption = Response::falls, .subtract_charger_load = true}),
                testing::AllOf(HasSubstr("inputs.consumption falls"), Not(HasSubstr("subtractChargerLoad"))));
    EXPECT_THAT(suspected({.consumption = Response::falls}),
                testing::AllOf(HasSubstr("invert"), HasSubstr("subtractChargerLoad to true")));
    EXPECT_THAT(suspected({.consumption_negative = true}), HasSubstr("inputs.grid"));
    EXPECT_THAT(suspected({.consumption = Response::none, .generation = Response::full}),
                HasSubstr("swapped with inputs.consumption"));
    EXPECT_THAT(suspected({.generation = Response::falls}), HasSubstr("solar plant alone"));
    EXPECT_THAT(suspected({.generation_negative = true}), HasSubstr("inputs.generation is far below zero"));
    EXPECT_THAT(suspected({.grid_currents = {Response::full, Response::falls, Response::full}}),
                HasSubstr("L2, falls"));
    EXPECT_THAT(suspected({.grid_currents = {Response::none, {}, {}}}), HasSubstr("L1, does not move"));
}

}  // namespace

namespace tests {
namespace {

TEST(Scenario, AConsumptionThatIncludesTheChargersIsAProblemThatNamesTheSetting) {
    auto config = quick_config();
    config.inputs.generation.reset();
    Site site{config, {{}}};
    // A meter in front of the charger, whatever the configuration believes.
    const auto live = [&](Duration time) {
        for (const auto end = site.now() + time; site.now() < end; site.run_for(5s)) {
            const auto drawn = site.unit().drawn().count() * 230 / 100;
            site.send("twcbridge/input/consumption", std::to_string(300 + drawn));
        }
    };
    live(30s);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(site.topic("problem"), "OFF");
        site.send("twcbridge/mode/set", "fast");
        live(120s);
        site.send("twcbridge/charger/5893/charge/set", "OFF");
        site.unit().car().stop_itself();
        live(60s);
        site.unit().car().start_itself();
        site.send("twcbridge/charger/5893/charge/set", "ON");
    }
    EXPECT_EQ(site.topic("problem"), "ON");
    EXPECT_EQ(site.topic("problem_reason"),
              "inputs.consumption includes the chargers: set subtractChargerLoad to true");
}

}  // namespace
}  // namespace tests
}  // namespace bridge

// Who decides the mode of a charger, and which ceilings come with it.
#include "bridge/core/intent.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using config::Mode;

Wishes everything() {
    Wishes wishes;
    wishes.site_mode = Mode::solar;
    wishes.own_mode = Mode::solar_min;
    wishes.scheduled = {Mode::solar, 6h, 10_A};
    wishes.boost = {.minutes = 43, .until = 1000};
    wishes.counter = 675;
    return wishes;
}

TEST(Intent, OffByCommandBeatsEverything) {
    for (const bool of_site : {true, false}) {
        auto wishes = everything();
        (of_site ? wishes.site_mode : *wishes.own_mode) = Mode::off;
        const auto intent = weigh(wishes);
        EXPECT_EQ(intent.mode, Mode::off);
        EXPECT_EQ(intent.because, Because{});
    }
}

TEST(Intent, BoostBeatsScheduleAndModes) {
    auto wishes = everything();
    wishes.scheduled.mode = Mode::off;
    const auto intent = weigh(wishes);
    EXPECT_EQ(intent.mode, Mode::fast);
    EXPECT_EQ(to_sentence(intent.because, Reason::Kind::following_surplus),
              "boost: 43 min or 3.3 kWh left; following the surplus");
    wishes.boost.minutes = 0;
    EXPECT_EQ(to_sentence(weigh(wishes).because, Reason::Kind::no_vehicle),
              "boost: 3.3 kWh left; no vehicle connected");
    wishes.boost = {.minutes = 1, .until = {}};
    EXPECT_EQ(to_sentence(weigh(wishes).because, Reason::Kind::no_vehicle),
              "boost: 1 min left; no vehicle connected");
}

TEST(Intent, ScheduleBeatsModes) {
    auto wishes = everything();
    wishes.boost = {};
    wishes.scheduled.mode = Mode::fast;
    const auto intent = weigh(wishes);
    EXPECT_EQ(intent.mode, Mode::fast);
    EXPECT_EQ(to_sentence(intent.because, Reason::Kind::following_surplus),
              "schedule until 06:00; following the surplus");
}

TEST(Intent, TheChargersModeBeatsThatOfTheSite) {
    auto wishes = everything();
    wishes.boost = {};
    wishes.scheduled = {};
    EXPECT_EQ(weigh(wishes).mode, Mode::solar_min);
    wishes.own_mode.reset();
    EXPECT_EQ(weigh(wishes).mode, Mode::solar);
    EXPECT_EQ(weigh(wishes).because, Because{});
}

TEST(Intent, ATargetThatPressesBeatsTheSchedule) {
    auto wishes = everything();
    wishes.boost = {};
    wishes.target = TargetState{.pressing = true, .left = 1234, .missing = 0, .by = 7h};
    EXPECT_EQ(weigh(wishes).mode, Mode::fast);
    EXPECT_EQ(to_sentence(weigh(wishes).because, Reason::Kind::resuming),
              "target: 12.4 kWh by 07:00; found charging at start, kept as it was");
    wishes.target->missing = 310;
    EXPECT_EQ(to_sentence(weigh(wishes).because, Reason::Kind::resuming),
              "target: 12.4 kWh by 07:00, 3.1 kWh will be missing; found charging at start, kept as it was");
    wishes.target->pressing = false;
    EXPECT_EQ(weigh(wishes).because.kind, Because::Kind::schedule);
    wishes.scheduled = {};
    EXPECT_EQ(weigh(wishes).mode, Mode::solar_min);
    EXPECT_EQ(weigh(wishes).because.kind, Because::Kind::target);
}

TEST(Intent, TheCarsModeBeatsThatOfTheSiteAndItsLimitIsACeiling) {
    Wishes wishes;
    wishes.admission.vehicle = config::Vehicle{"Red", Mode::fast, 8, 13_A};
    EXPECT_EQ(weigh(wishes).mode, Mode::fast);
    EXPECT_EQ(weigh(wishes).priority, 8);
    EXPECT_EQ(weigh(wishes).vehicle_name, "Red");
    EXPECT_EQ(weigh(wishes).ceiling, (Ceiling{13_A, "maxAmps of the vehicle"}));
    wishes.own_mode = Mode::solar_min;
    EXPECT_EQ(weigh(wishes).mode, Mode::solar_min);
    wishes.scheduled.limit = 14_A;
    EXPECT_EQ(weigh(wishes).ceiling->amps, 13_A);
    wishes.admission.ceiling = Ceiling{10_A, "guests.maxAmps"};
    EXPECT_EQ(weigh(wishes).ceiling, (Ceiling{10_A, "guests.maxAmps"}));
}

TEST(Intent, CeilingsHoldWhateverTheMode) {
    EXPECT_EQ(weigh(everything()).ceiling, (Ceiling{10_A, "the schedule"}));
    EXPECT_EQ(weigh({}).ceiling, std::nullopt);
}

TEST(Intent, SaysThatTheClockIsMissing) {
    auto wishes = everything();
    wishes.clock_missing = true;
    EXPECT_EQ(weigh(wishes).because.kind, Because::Kind::boost);
    wishes.boost = {};
    wishes.scheduled = {};
    EXPECT_EQ(to_sentence(weigh(wishes).because, Reason::Kind::following_surplus),
              "the clock is not set, so that schedule and target rest; following the surplus");
}

}  // namespace
}  // namespace bridge

// Stopping one car: which method when, for how long, and what the wire carries meanwhile.
#include "bridge/core/stopping.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using Status = Stopping::Status;
using config::StopMethod;
using twc::Protocol;
using twc::TimePoint;
using twc::Wish;

const std::vector<StopMethod> all_methods{StopMethod::zero, StopMethod::vehicle, StopMethod::contactor,
                                          StopMethod::silence};

const Acts nothing{};
const Acts ask_to_stop{.ask_vehicle_to_stop = true};
const Acts ask_to_start{.ask_vehicle_to_start = true};
const Acts open_contactor{.open_contactor = true};
const Acts close_contactor{.close_contactor = true};
const Acts fall_silent{.fall_silent = true};

std::string word(const Acts& acts) {
    if (acts == ask_to_stop) return "vehicle";
    if (acts == open_contactor) return "open";
    if (acts == fall_silent) return "silence";
    return acts == nothing ? "" : "?";
}

StopFacts charging(Protocol protocol) {
    return {.protocol = protocol,
            .minimum = floor_of(protocol),
            .limit_in_force = 16_A,
            .may_be_in_force = {},
            .zeroed = false,
            .vehicle_connected = true,
            .drawing = true,
            .asks_for_limit = false};
}

StopFacts stopped(Protocol protocol) {
    auto facts = charging(protocol);
    facts.limit_in_force = facts.minimum;
    facts.drawing = false;
    return facts;
}

/// One stop of a car that nothing impresses, second by second, without repetitions: "0:vehicle 60:open
/// 120:exhausted".
std::string course_of(Stopping& stopping, StopCause cause, const StopFacts& facts) {
    std::string course;
    std::string last;
    auto status = stopping.status();
    for (int second = 0; second <= 300; ++second) {
        const auto act = stopping.demand(cause, facts, TimePoint{std::chrono::seconds{second}});
        const bool gave_up = stopping.status() == Status::exhausted && status != Status::exhausted;
        status = stopping.status();
        const auto what = gave_up ? "exhausted" : word(act);
        if (what == last) continue;
        if (!what.empty()) last = what;
        if (!what.empty()) course += (course.empty() ? "" : " ") + std::to_string(second) + ":" + what;
    }
    return course;
}

TEST(Stopping, TriesTheMethodsOfItsGenerationInTheirOrderWithPatience) {
    struct Case {
        StopCause cause;
        Protocol protocol;
        std::vector<StopMethod> surplus;
        std::vector<StopMethod> command;
        std::string course;
    };
    using enum StopCause;
    using enum StopMethod;
    const auto v1 = Protocol::v1;
    const auto v2 = Protocol::v2;
    const std::vector<Case> cases{
        {surplus, v2, {zero, vehicle}, {contactor}, "0:vehicle 60:exhausted"},
        {surplus, v1, {zero, vehicle}, {contactor}, "60:vehicle 120:exhausted"},
        {surplus, v2, {}, {vehicle, contactor}, "0:exhausted"},
        {surplus, v2, {contactor}, {}, "0:open 60:exhausted"},
        {command, v2, {}, {zero, vehicle, contactor}, "0:vehicle 60:open 120:exhausted"},
        {command, v1, {}, {zero, vehicle, contactor}, "60:vehicle 120:exhausted"},
        {command, v2, {}, {contactor, vehicle}, "0:open 60:vehicle 120:exhausted"},
        {command, v1, {}, {contactor, vehicle}, "0:vehicle 60:exhausted"},
        {command, v2, {vehicle}, {}, "0:exhausted"},
        {command, v1, {vehicle}, {contactor}, "0:exhausted"},
        {command, v2, {vehicle}, {silence}, "0:exhausted"},
        {ceiling, v2, {}, {zero, vehicle, contactor}, "0:vehicle 10:open 20:exhausted"},
        {ceiling, v1, {}, {zero, vehicle, contactor}, "10:vehicle 20:exhausted"},
        {ceiling, v2, {}, {silence, contactor}, "0:open 10:exhausted"},
    };
    for (const auto& example : cases) {
        const config::Stop methods{example.surplus, example.command};
        Stopping stopping{methods, {}};
        EXPECT_EQ(course_of(stopping, example.cause, charging(example.protocol)), example.course)
            << "cause " << static_cast<int>(example.cause) << ", version "
            << static_cast<int>(example.protocol);
    }
}

TEST(Stopping, SilenceBeginsAtTheMinimumAndHasItsOwnPatience) {
    using enum StopMethod;
    const config::Stop methods{{silence, vehicle}, {silence, contactor}};
    auto facts = charging(Protocol::v2);
    facts.silences_left = facts.silences_left_for_sun = 1;
    for (const auto cause : {StopCause::surplus, StopCause::command, StopCause::ceiling}) {
        const bool sun = cause == StopCause::surplus;
        const std::string patience = cause == StopCause::ceiling ? "68" : "118";
        facts.limit_in_force = 6_A;
        Stopping at_minimum{methods, {}};
        EXPECT_EQ(course_of(at_minimum, cause, facts),
                  (sun ? "0:silence 48:vehicle 108:exhausted"
                       : "0:silence 48:open " + std::to_string(std::stoi(patience) - 10) + ":exhausted"));
        facts.limit_in_force = 16_A;
        Stopping disobedient{methods, {}};
        EXPECT_EQ(
            course_of(disobedient, cause, facts),
            (sun ? "10:silence 58:vehicle 118:exhausted" : "10:silence 58:open " + patience + ":exhausted"));
    }
}

TEST(Stopping, SilenceWithholdsHeartbeatsForFortySecondsAndNotLonger) {
    const config::Stop methods{{}, {StopMethod::silence}};
    auto facts = charging(Protocol::v2);
    facts.limit_in_force = 6_A;
    facts.silences_left = 1;
    Stopping stopping{methods, {}};
    for (int second = 0; second < 60; ++second) {
        (void)stopping.demand(StopCause::command, facts, TimePoint{std::chrono::seconds{second}});
        ASSERT_EQ(stopping.wish(facts).kind == Wish::Kind::silence, second < 40) << second;
    }
    EXPECT_EQ(stopping.status(), Status::exhausted);
}

TEST(Stopping, SilenceIsSkippedWhenTheCarHasBorneEnoughOfIt) {
    const config::Stop methods{{StopMethod::silence}, {StopMethod::silence}};
    auto facts = charging(Protocol::v2);
    facts.limit_in_force = 6_A;
    facts.silences_left = 1;
    facts.silences_left_for_sun = 0;
    Stopping sun{methods, {}};
    EXPECT_EQ(course_of(sun, StopCause::surplus, facts), "0:exhausted");
    Stopping command{methods, {}};
    EXPECT_EQ(course_of(command, StopCause::command, facts), "0:silence 48:exhausted");
    facts.silences_left = -1;
    Stopping too_many{methods, {}};
    EXPECT_EQ(course_of(too_many, StopCause::command, facts), "0:exhausted");
}

TEST(Stopping, WhateverEndsAStopEndsItsSilence) {
    const config::Stop methods{{StopMethod::silence}, {StopMethod::vehicle}};
    auto facts = charging(Protocol::v2);
    facts.limit_in_force = 6_A;
    facts.silences_left_for_sun = 1;
    const auto silent = [&] {
        Stopping stopping{methods, {}};
        EXPECT_EQ(stopping.demand(StopCause::surplus, facts, TimePoint{}), fall_silent);
        EXPECT_EQ(stopping.wish(facts).kind, Wish::Kind::silence);
        return stopping;
    };
    auto permitted = silent();
    EXPECT_EQ(permitted.permit(facts, TimePoint{1s}), nothing);
    EXPECT_NE(permitted.wish(facts).kind, Wish::Kind::silence);
    auto commanded = silent();
    EXPECT_EQ(commanded.demand(StopCause::command, facts, TimePoint{1s}), ask_to_stop);
    EXPECT_NE(commanded.wish(facts).kind, Wish::Kind::silence);
    auto stopped_itself = silent();
    (void)stopped_itself.demand(StopCause::surplus, stopped(Protocol::v2), TimePoint{1s});
    EXPECT_NE(stopped_itself.wish(stopped(Protocol::v2)).kind, Wish::Kind::silence);
    auto lost = silent();
    lost.withdraw();
    EXPECT_NE(lost.wish(facts).kind, Wish::Kind::silence);
    auto gone = silent();
    gone.unit_gone();
    EXPECT_NE(gone.wish(facts).kind, Wish::Kind::silence);
}

TEST(Stopping, ASilenceThatAnotherCauseTakesOverGoesOnAndCountsOnce) {
    const config::Stop methods{{StopMethod::silence}, {StopMethod::silence}};
    auto facts = charging(Protocol::v2);
    facts.limit_in_force = 6_A;
    facts.silences_left_for_sun = facts.silences_left = 1;
    Stopping stopping{methods, {}};
    EXPECT_EQ(stopping.demand(StopCause::surplus, facts, TimePoint{}), fall_silent);
    facts.silences_left_for_sun = facts.silences_left = 0;
    EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{20s}), nothing);
    EXPECT_EQ(stopping.wish(facts).kind, Wish::Kind::silence);
    (void)stopping.demand(StopCause::command, facts, TimePoint{40s});
    EXPECT_NE(stopping.wish(facts).kind, Wish::Kind::silence);
}

TEST(Stopping, AZeroedUnitFallsSilentOnlyWhereThereIsRoomForWhatItReturnsTo) {
    const config::Stop methods{{}, {StopMethod::zero, StopMethod::silence}};
    auto facts = charging(Protocol::v1);
    facts.limit_in_force = 0_A;
    facts.zeroed = true;
    facts.silences_left = 1;
    Stopping crowded{methods, {}};
    EXPECT_EQ(course_of(crowded, StopCause::ceiling, facts), "20:exhausted");
    facts.room = true;
    Stopping alone{methods, {}};
    EXPECT_EQ(course_of(alone, StopCause::ceiling, facts), "10:silence 58:exhausted");
}

TEST(Stopping, AVehicleThatNobodyCanNameIsNotAskedAndThatIsTold) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    auto facts = charging(Protocol::v2);
    facts.vehicle_reachable = false;
    Stopping stopping{methods, {}};
    EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{}),
              (Acts{.open_contactor = true, .skip_unreachable_vehicle = true}));
    EXPECT_EQ(stopping.permit(facts, TimePoint{5s}).ask_vehicle_to_start, false);
}

TEST(Stopping, AVehicleThatWillBeNamedInAMomentIsWaitedFor) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    auto facts = charging(Protocol::v2);
    for (const bool named : {true, false}) {
        facts.vehicle_reachable.reset();
        Stopping stopping{methods, {}};
        EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{}), nothing);
        EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{1s}), nothing);
        facts.vehicle_reachable = named;
        EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{2s}),
                  named ? ask_to_stop : (Acts{.open_contactor = true, .skip_unreachable_vehicle = true}));
        EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{3s}), nothing);
    }
}

TEST(Stopping, ACarThatIsPluggedInWhileItMayNotChargeIsToldNothingAtAll) {
    const config::Stop methods{{}, {StopMethod::zero}};
    Stopping stopping{methods, {}};
    auto facts = stopped(Protocol::v1);
    facts.limit_in_force = 0_A;
    const auto wish = [&] {
        (void)stopping.demand(StopCause::command, facts, TimePoint{});
        return stopping.wish(facts).kind;
    };
    EXPECT_EQ(wish(), Wish::Kind::withhold) << "nobody saw it come";
    facts.limit_in_force = 5_A;
    EXPECT_EQ(wish(), Wish::Kind::zero) << "an earlier run has told it";
    facts.limit_in_force = 0_A;
    stopping.vehicle_left();
    stopping.vehicle_came();
    EXPECT_EQ(wish(), Wish::Kind::withhold);
    facts.drawing = true;
    EXPECT_EQ(wish(), Wish::Kind::zero) << "it draws nevertheless";
    facts.drawing = false;
    EXPECT_EQ(wish(), Wish::Kind::zero);
    stopping.vehicle_came();
    EXPECT_EQ(wish(), Wish::Kind::withhold);
    (void)stopping.permit(facts, TimePoint{1s});
    EXPECT_EQ(wish(), Wish::Kind::zero) << "it has been told a limit";
}

TEST(Stopping, AStopForWantOfSunThatBecomesACommandStartsOverWithItsMethods) {
    for (const auto cause : {StopCause::command, StopCause::ceiling}) {
        const config::Stop methods{{StopMethod::vehicle}, {StopMethod::contactor}};
        Stopping stopping{methods, {}};
        const auto facts = charging(Protocol::v2);
        EXPECT_EQ(stopping.demand(StopCause::surplus, facts, TimePoint{}), ask_to_stop);
        EXPECT_EQ(stopping.demand(cause, facts, TimePoint{1s}), open_contactor);
        EXPECT_EQ(stopping.method(), StopMethod::contactor);
        EXPECT_EQ(stopping.cause(), cause);
    }
}

TEST(Stopping, AStopByCommandThatBecomesUrgentKeepsItsMethodAndLosesItsPatience) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    Stopping stopping{methods, {}};
    const auto facts = charging(Protocol::v2);
    EXPECT_EQ(stopping.demand(StopCause::command, facts, TimePoint{}), ask_to_stop);
    EXPECT_EQ(stopping.demand(StopCause::ceiling, facts, TimePoint{5s}), nothing);
    EXPECT_EQ(stopping.demand(StopCause::ceiling, facts, TimePoint{10s}), open_contactor);
}

TEST(Stopping, WhileCurrentFlowsAWeakerCauseChangesNothing) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    Stopping stopping{methods, {}};
    const auto facts = charging(Protocol::v2);
    EXPECT_EQ(stopping.demand(StopCause::ceiling, facts, TimePoint{}), ask_to_stop);
    EXPECT_EQ(stopping.demand(StopCause::surplus, facts, TimePoint{10s}), open_contactor);
    EXPECT_EQ(stopping.cause(), StopCause::ceiling);
    EXPECT_EQ(stopping.demand(StopCause::surplus, stopped(Protocol::v2), TimePoint{11s}), nothing);
    EXPECT_EQ(stopping.cause(), StopCause::surplus);
}

TEST(Stopping, ACarThatStopsNeedsNoFurtherMethod) {
    const config::Stop methods{{}, all_methods};
    Stopping stopping{methods, {}};
    EXPECT_EQ(stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{}), ask_to_stop);
    for (int second = 1; second < 300; ++second) {
        ASSERT_EQ(stopping.demand(StopCause::command, stopped(Protocol::v2),
                                  TimePoint{std::chrono::seconds{second}}),
                  nothing);
        ASSERT_EQ(stopping.status(), Status::stopped);
    }
    EXPECT_EQ(stopping.method(), std::nullopt);
}

TEST(Stopping, ACarThatBeginsAgainIsStoppedAgainFromTheFirstMethodOn) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    Stopping stopping{methods, {}};
    (void)stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{});
    (void)stopping.demand(StopCause::command, stopped(Protocol::v2), TimePoint{59s});
    EXPECT_EQ(stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{60s}), ask_to_stop);
    EXPECT_EQ(stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{119s}), nothing);
    EXPECT_EQ(stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{120s}), open_contactor);
}

TEST(Stopping, AnOpenContactorIsRepeatedEveryTenSecondsWhileTheUnitAsksForALimit) {
    const config::Stop methods{{}, {StopMethod::contactor}};
    Stopping stopping{methods, {}};
    (void)stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{});
    auto asks = stopped(Protocol::v2);
    EXPECT_EQ(stopping.demand(StopCause::command, asks, TimePoint{10s}), nothing);
    asks.asks_for_limit = true;
    std::string times;
    for (int second = 1; second <= 35; ++second) {
        if (stopping.demand(StopCause::command, asks, TimePoint{std::chrono::seconds{second}}) ==
            open_contactor)
            times += std::to_string(second) + " ";
    }
    EXPECT_EQ(times, "10 20 30 ");
}

TEST(Stopping, AContactorThatDoesNotOpenIsToldAgainEveryThreeSeconds) {
    const config::Stop methods{{}, {StopMethod::contactor}};
    Stopping stopping{methods, {}};
    std::string times;
    for (int second = 0; second < 12; ++second) {
        if (stopping.demand(StopCause::command, charging(Protocol::v2),
                            TimePoint{std::chrono::seconds{second}}) == open_contactor)
            times += std::to_string(second) + " ";
    }
    EXPECT_EQ(times, "0 3 6 9 ");
}

TEST(Stopping, AContactorOpenedInAnEarlierRunIsClosedWithThePermission) {
    const config::Stop methods{{}, {StopMethod::contactor}};
    Stopping stopping{methods, {.contactor_open = true}};
    EXPECT_EQ(stopping.permit(stopped(Protocol::v2), TimePoint{}), close_contactor);
    EXPECT_TRUE(stopping.contactor_open()) << "until the unit says so";
    stopping.contactor_answered(true);
    EXPECT_FALSE(stopping.contactor_open());
}

TEST(Stopping, ClosingTheContactorIsRepeatedUntilConfirmedOrUntilCurrentFlows) {
    const config::Stop methods{{}, {StopMethod::contactor}};
    for (const bool confirmed : {true, false}) {
        Stopping stopping{methods, {}};
        (void)stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{});
        (void)stopping.demand(StopCause::command, stopped(Protocol::v2), TimePoint{1s});
        EXPECT_EQ(stopping.permit(stopped(Protocol::v2), TimePoint{2s}), close_contactor);
        EXPECT_EQ(stopping.permit(stopped(Protocol::v2), TimePoint{11s}), nothing);
        EXPECT_EQ(stopping.permit(stopped(Protocol::v2), TimePoint{12s}), close_contactor);
        if (confirmed)
            stopping.contactor_answered(true);
        else
            EXPECT_EQ(stopping.permit(charging(Protocol::v2), TimePoint{15s}), nothing);
        EXPECT_FALSE(stopping.contactor_open());
        EXPECT_EQ(stopping.permit(stopped(Protocol::v2), TimePoint{30s}), nothing);
    }
}

TEST(Stopping, ClosingTheContactorIsGivenUpWhenAnOldUnitNeverConfirms) {
    const config::Stop methods{{}, {StopMethod::contactor}};
    Stopping stopping{methods, {.contactor_open = true}};
    int closings = 0;
    for (int second = 0; second < 600; ++second) {
        if (stopping.permit(stopped(Protocol::v2), TimePoint{std::chrono::seconds{second}}) ==
            close_contactor)
            ++closings;
    }
    EXPECT_EQ(closings, 6);
}

TEST(Stopping, PermissionAsksTheVehicleThatWasAskedToStopToStartOnce) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    Stopping stopping{methods, {}};
    (void)stopping.demand(StopCause::ceiling, charging(Protocol::v2), TimePoint{});
    EXPECT_EQ(stopping.permit(charging(Protocol::v2), TimePoint{1s}), ask_to_start);
    EXPECT_EQ(stopping.status(), Status::not_wanted);
    EXPECT_EQ(stopping.permit(charging(Protocol::v2), TimePoint{2s}), nothing);
}

TEST(Stopping, TheNextVehicleIsNeitherAskedToStartNorCutOff) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    Stopping stopping{methods, {}};
    (void)stopping.demand(StopCause::ceiling, charging(Protocol::v2), TimePoint{});
    (void)stopping.demand(StopCause::ceiling, charging(Protocol::v2), TimePoint{10s});
    stopping.vehicle_left();
    auto asks = stopped(Protocol::v2);
    asks.asks_for_limit = true;
    EXPECT_EQ(stopping.demand(StopCause::ceiling, asks, TimePoint{60s}), nothing);
    EXPECT_EQ(stopping.permit(asks, TimePoint{70s}), close_contactor);
}

TEST(Stopping, AUnitThatIsGoneNeedsNoFurtherMethod) {
    const config::Stop methods{{}, {StopMethod::vehicle}};
    Stopping stopping{methods, {}};
    (void)stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{});
    (void)stopping.demand(StopCause::command, charging(Protocol::v2), TimePoint{60s});
    ASSERT_EQ(stopping.status(), Status::exhausted);
    stopping.unit_gone();
    EXPECT_EQ(stopping.status(), Status::stopped);
}

TEST(Stopping, TheWireCarriesZeroForVersionOneAsLongAsAVehicleIsThere) {
    const config::Stop methods{{}, {StopMethod::zero}};
    Stopping stopping{methods, {}};
    const Wish zero{Wish::Kind::zero, {}};
    const Wish minimum{Wish::Kind::limit, 5_A};
    auto low = charging(Protocol::v1);
    low.limit_in_force = 5_A;
    (void)stopping.demand(StopCause::command, charging(Protocol::v1), TimePoint{});
    EXPECT_EQ(stopping.wish(charging(Protocol::v1)), minimum)
        << "what a unit falls back to when a zero is lost";
    EXPECT_EQ(stopping.wish(low), zero);
    (void)stopping.demand(StopCause::command, stopped(Protocol::v1), TimePoint{2s});
    EXPECT_EQ(stopping.wish(stopped(Protocol::v1)), zero) << "and after the current has gone";
    auto unplugged = stopped(Protocol::v1);
    unplugged.vehicle_connected = false;
    EXPECT_EQ(stopping.wish(unplugged).kind, Wish::Kind::withhold);
    (void)stopping.demand(StopCause::command, charging(Protocol::v1), TimePoint{3s});
    (void)stopping.demand(StopCause::command, charging(Protocol::v1), TimePoint{300s});
    EXPECT_EQ(stopping.status(), Status::exhausted);
    EXPECT_EQ(stopping.wish(low), zero) << "no room for more";
    low.room = true;
    EXPECT_EQ(stopping.wish(low), minimum) << "a car that ignores zero is held at the minimum";
}

TEST(Stopping, WithoutZeroTheWireCarriesTheMinimumUntilItIsInForceAndTheCurrentHasGone) {
    const config::Stop methods{{}, {StopMethod::vehicle, StopMethod::contactor}};
    for (const auto protocol : {Protocol::v1, Protocol::v2}) {
        Stopping stopping{methods, {}};
        const Wish minimum{Wish::Kind::limit, floor_of(protocol)};
        (void)stopping.demand(StopCause::command, charging(protocol), TimePoint{});
        EXPECT_EQ(stopping.wish(charging(protocol)), minimum);
        auto high = stopped(protocol);
        high.limit_in_force = 16_A;
        EXPECT_EQ(stopping.wish(high), minimum);
        auto low = charging(protocol);
        low.limit_in_force = floor_of(protocol);
        EXPECT_EQ(stopping.wish(low), minimum);
        EXPECT_EQ(stopping.wish(stopped(protocol)).kind, Wish::Kind::withhold);
    }
}

TEST(Stopping, OnVersionTwoZeroNeverGoesOutWhateverTheMethods) {
    const config::Stop methods{all_methods, all_methods};
    for (const auto cause : {StopCause::surplus, StopCause::command, StopCause::ceiling}) {
        Stopping stopping{methods, {}};
        for (int second = 0; second < 200; ++second) {
            (void)stopping.demand(cause, charging(Protocol::v2), TimePoint{std::chrono::seconds{second}});
            ASSERT_EQ(stopping.wish(charging(Protocol::v2)), (Wish{Wish::Kind::limit, 6_A}));
        }
    }
}

TEST(Stopping, OnlyVersionOneWithZeroStopsCleanly) {
    const config::Stop with{{}, {StopMethod::vehicle, StopMethod::zero}};
    const config::Stop without{{StopMethod::zero}, {StopMethod::vehicle, StopMethod::contactor}};
    EXPECT_TRUE((Stopping{with, {}}.stops_cleanly(Protocol::v1)));
    EXPECT_FALSE((Stopping{with, {}}.stops_cleanly(Protocol::v2)));
    EXPECT_FALSE((Stopping{without, {}}.stops_cleanly(Protocol::v1)));
}

TEST(Stopping, TheCarThatAnEarlierRunStoppedIsAskedToStartOnceItIsKnown) {
    const config::Stop methods{{StopMethod::vehicle}, {StopMethod::vehicle}};
    Stopping stopping{methods, {.vehicle_asked = true}};
    StopFacts facts;
    facts.vehicle_reachable.reset();
    EXPECT_EQ(stopping.permit(facts, TimePoint{0s}), Acts{});
    facts.vehicle_reachable = true;
    EXPECT_EQ(stopping.permit(facts, TimePoint{5s}), ask_to_start);
    EXPECT_EQ(stopping.permit(facts, TimePoint{6s}), Acts{});
    EXPECT_FALSE(stopping.vehicle_asked());
}

}  // namespace
}  // namespace bridge

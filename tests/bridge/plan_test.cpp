// The rule, from facts alone: who charges, with how much, and why.
#include "bridge/core/plan.hpp"

#include <gtest/gtest.h>

#include "bridge/simulator/random.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using Kind = Reason::Kind;
using config::Mode;
using twc::Centiamps;
using twc::TimePoint;
using twc::Watts;

constexpr TimePoint noon{43'200s};

CarFacts waiting_car(Mode mode = Mode::fast) {
    CarFacts car;
    car.online = car.vehicle_connected = true;
    car.mode = mode;
    car.ceiling = {32_A, "wiringMaxAmpsPerTWC"};
    car.volts = 230_V;
    return car;
}

CarFacts charging_car(Mode mode = Mode::fast, Centiamps offered = 16_A) {
    auto car = waiting_car(mode);
    car.offered = car.drawn = offered;
    car.drawing = true;
    return car;
}

SiteFacts site_of(std::vector<CarFacts> cars, Watts surplus = 0_W, Centiamps ceiling = 32_A) {
    SiteFacts facts;
    facts.cars = std::move(cars);
    facts.ceiling = {ceiling, "total_limit"};
    facts.buses = {std::nullopt};
    facts.surplus = surplus;
    facts.inputs_fresh = facts.inputs_heard = true;
    facts.inputs_stale_from = TimePoint::max();
    return facts;
}

config::Config rule() {
    config::Config config;
    config.control.switch_wh = 0;
    config.control.min_on = 0s;
    config.control.min_off = 0s;
    return config;
}

Decision decide(const CarFacts& car, Watts surplus = 0_W, Centiamps ceiling = 32_A) {
    return Planner{rule()}.plan(site_of({car}, surplus, ceiling), noon).front();
}

TEST(Plan, NobodyChargesWithoutUnitVehiclePermissionOrMode) {
    const auto refusal = [](auto change) {
        auto car = waiting_car();
        change(car);
        const auto decision = decide(car, 20'000_W);
        EXPECT_FALSE(decision.target);
        return decision.reason.kind;
    };
    EXPECT_EQ(refusal([](CarFacts& car) { car.online = false; }), Kind::unit_silent);
    EXPECT_EQ(refusal([](CarFacts& car) { car.vehicle_connected = false; }), Kind::no_vehicle);
    EXPECT_EQ(refusal([](CarFacts& car) { car.allowed = false; }), Kind::not_allowed);
    EXPECT_EQ(refusal([](CarFacts& car) { car.mode = Mode::off; }), Kind::mode_off);
    EXPECT_EQ(refusal([](CarFacts& car) { car.ceiling = {599_cA, "limit"}; }), Kind::limit_below_minimum);
}

TEST(Plan, FastTakesAllThatTheLowestCeilingLeavesAndNamesIt) {
    auto decision = decide(waiting_car(), 0_W, 20_A);
    EXPECT_EQ(decision.target, 20_A);
    EXPECT_EQ(decision.reason, (Reason{Kind::limited, "total_limit", 20_A}));
    decision = decide(waiting_car(), 0_W, 60_A);
    EXPECT_EQ(decision.target, 32_A);
    EXPECT_EQ(decision.reason, (Reason{Kind::limited, "wiringMaxAmpsPerTWC", 32_A}));
    EXPECT_FALSE(decision.follows_surplus);
}

TEST(Plan, SolarStartsWhenTheShareOfTheMinimumIsSunAndFollowsFromThere) {
    struct Case {
        std::int64_t surplus;
        std::optional<Centiamps> target;
        Kind reason;
    };
    for (const auto& [surplus, target, reason] :
         {Case{-5000, std::nullopt, Kind::waiting_for_surplus},
          Case{690, std::nullopt, Kind::waiting_for_surplus}, Case{691, 6_A, Kind::held_at_minimum},
          Case{2300, 10_A, Kind::following_surplus}, Case{2303, 1001_cA, Kind::following_surplus},
          Case{7360, 32_A, Kind::limited}, Case{50'000, 32_A, Kind::limited}}) {
        const auto decision = decide(waiting_car(Mode::solar), Watts{surplus});
        EXPECT_EQ(decision.target, target) << surplus;
        EXPECT_EQ(decision.reason.kind, reason) << surplus;
        EXPECT_EQ(decision.stop_cause, target ? StopCause::command : StopCause::surplus) << surplus;
    }
}

TEST(Plan, ThreePhasesNeedThreeTimesThePower) {
    auto car = waiting_car(Mode::solar);
    car.volts = 690_V;
    EXPECT_FALSE(decide(car, 2070_W).target);
    EXPECT_EQ(decide(car, 6900_W).target, 10_A);
}

TEST(Plan, ARunningCarIsHeldWhileTheSolarShareOfItsMinimumIsThere) {
    auto config = rule();
    for (const int percent : {0, 50, 80}) {
        config.control.solar_share_percent = percent;
        const Watts least{1380 * percent / 100};
        EXPECT_TRUE(Planner{config}.plan(site_of({charging_car(Mode::solar)}, least), noon).front().target);
        const auto decision =
            Planner{config}.plan(site_of({charging_car(Mode::solar)}, least - 1_W), noon).front();
        EXPECT_FALSE(decision.target) << percent;
        EXPECT_EQ(decision.stop_cause, StopCause::surplus);
    }
}

TEST(Plan, WithoutAStopMethodForTheSunARunningCarIsHeldAtTheMinimum) {
    auto config = rule();
    config.stop.surplus.clear();
    const auto decision = Planner{config}.plan(site_of({charging_car(Mode::solar)}, -9000_W), noon).front();
    EXPECT_EQ(decision.target, 6_A);
    EXPECT_EQ(decision.reason.kind, Kind::held_at_minimum);
}

TEST(Plan, SolarMinAlwaysHasTheMinimumAndMoreWithTheSun) {
    EXPECT_EQ(decide(waiting_car(Mode::solar_min), -9000_W).target, 6_A);
    EXPECT_EQ(decide(waiting_car(Mode::solar_min), 2300_W).target, 10_A);
}

TEST(Plan, AStartedCarRunsForItsMinimumTimeAndAStoppedOnePauses) {
    auto config = rule();
    config.control.min_on = 300s;
    config.control.min_off = 120s;
    Planner planner{config};
    const auto at = [&](twc::Duration after, Watts surplus, const CarFacts& car) {
        return planner.plan(site_of({car}, surplus), noon + after).front();
    };
    EXPECT_TRUE(at(0s, 3000_W, waiting_car(Mode::solar)).target);
    EXPECT_TRUE(at(299s, -9000_W, charging_car(Mode::solar)).target);
    EXPECT_FALSE(at(300s, -9000_W, charging_car(Mode::solar)).target);
    EXPECT_EQ(at(419s, 9000_W, waiting_car(Mode::solar)).reason.kind, Kind::waiting_after_stop);
    EXPECT_TRUE(at(420s, 9000_W, waiting_car(Mode::solar)).target);
}

TEST(Plan, OffAndChargeOffIgnoreTheMinimumTime) {
    auto config = rule();
    config.control.min_on = 300s;
    Planner planner{config};
    auto car = charging_car(Mode::solar);
    EXPECT_TRUE(planner.plan(site_of({car}, 3000_W), noon).front().target);
    car.allowed = false;
    const auto decision = planner.plan(site_of({car}, 3000_W), noon + 1s).front();
    EXPECT_FALSE(decision.target);
    EXPECT_EQ(decision.stop_cause, StopCause::command);
}

TEST(Plan, StaleInputsMeanNoStartTheMinimumAtOnceAndAStopAfterThreeHundredSeconds) {
    Planner planner{rule()};
    auto facts = site_of({charging_car(Mode::solar), waiting_car(Mode::solar), charging_car(Mode::fast)},
                         9000_W, 60_A);
    (void)planner.plan(site_of({facts.cars[0], facts.cars[1], facts.cars[2]}, 4000_W, 60_A), noon - 1s);
    facts.cars[1].vehicle_connected = false;
    facts.inputs_fresh = false;
    facts.inputs_stale_from = noon;
    auto decisions = planner.plan(facts, noon);
    EXPECT_EQ(decisions[0].target, 6_A);
    EXPECT_EQ(decisions[2].target, 32_A) << "fast needs no sun";
    facts.cars[1].vehicle_connected = true;
    decisions = planner.plan(facts, noon + 299s);
    EXPECT_EQ(decisions[0].target, 6_A);
    EXPECT_FALSE(decisions[1].target);
    EXPECT_EQ(decisions[1].reason.kind, Kind::inputs_stale);
    decisions = planner.plan(facts, noon + 300s);
    EXPECT_FALSE(decisions[0].target);
    EXPECT_EQ(decisions[0].stop_cause, StopCause::surplus);
    EXPECT_TRUE(decisions[2].target);
}

TEST(Plan, AfterARestartARunningCarKeepsItsLimitUntilInputsAreHeardOrTooLate) {
    Planner planner{rule()};
    auto facts = site_of({charging_car(Mode::solar, 11_A), waiting_car(Mode::solar)});
    facts.surplus.reset();
    facts.inputs_fresh = facts.inputs_heard = false;
    facts.inputs_stale_from = noon + 30s;
    auto decisions = planner.plan(facts, noon);
    EXPECT_EQ(decisions[0].target, 11_A);
    EXPECT_EQ(decisions[0].reason.kind, Kind::resuming);
    EXPECT_EQ(decisions[1].reason.kind, Kind::waiting_for_inputs);
    decisions = planner.plan(facts, noon + 30s);
    EXPECT_EQ(decisions[0].target, 6_A);
}

TEST(Plan, ABlindMainFuseLeavesSixAmpsEach) {
    auto facts = site_of({charging_car(Mode::fast), charging_car(Mode::solar_min)}, 0_W, 60_A);
    facts.inputs_fresh = false;
    facts.fuse_blind = true;
    facts.inputs_stale_from = noon - 1s;
    for (const auto& decision : Planner{rule()}.plan(facts, noon)) EXPECT_EQ(decision.target, 6_A);
}

TEST(Plan, ACarThatDoesNotDrawKeepsTheMinimumAndLeavesTheRestToOthers) {
    auto idle = waiting_car();
    idle.offered = 16_A;
    idle.idle = true;
    const auto decisions = Planner{rule()}.plan(site_of({idle, charging_car()}), noon);
    EXPECT_EQ(decisions[0].target, 6_A);
    EXPECT_EQ(decisions[0].reason.kind, Kind::vehicle_not_drawing);
    EXPECT_EQ(decisions[1].target, 26_A);
}

TEST(Plan, SunIsSharedInWattsAndByPriority) {
    auto three_phases = charging_car(Mode::solar);
    three_phases.volts = 690_V;
    auto decisions =
        Planner{rule()}.plan(site_of({three_phases, charging_car(Mode::solar)}, 9660_W, 60_A), noon);
    EXPECT_EQ(decisions[0].target, 9_A) << "its minimum of 4140 W and half of what is left";
    EXPECT_EQ(decisions[1].target, 1500_cA);

    auto favourite = charging_car(Mode::solar);
    favourite.priority = 9;
    decisions = Planner{rule()}.plan(site_of({charging_car(Mode::solar), favourite}, 4600_W, 60_A), noon);
    EXPECT_EQ(decisions[0].target, 6_A);
    EXPECT_EQ(decisions[1].target, 14_A);
}

TEST(Plan, TheSunStartsTheFavouriteFirstThenTheOneThatGotLess) {
    auto hungry = waiting_car(Mode::solar);
    auto fed = waiting_car(Mode::solar);
    fed.session_energy = 500;
    auto decisions = Planner{rule()}.plan(site_of({fed, hungry}, 2000_W), noon);
    EXPECT_FALSE(decisions[0].target);
    EXPECT_TRUE(decisions[1].target);
    fed.priority = 6;
    decisions = Planner{rule()}.plan(site_of({fed, hungry}, 2000_W), noon);
    EXPECT_TRUE(decisions[0].target);
    EXPECT_FALSE(decisions[1].target);
}

TEST(Plan, NobodyStartsWithoutRoomForItsMinimum) {
    const auto decisions = Planner{rule()}.plan(site_of({waiting_car(), waiting_car()}, 0_W, 11_A), noon);
    EXPECT_EQ(decisions[0].target, 11_A);
    EXPECT_FALSE(decisions[1].target);
    EXPECT_EQ(decisions[1].reason, (Reason{Kind::no_room, "total_limit", 11_A}));
}

TEST(Plan, WhatACarThatIsBeingStoppedMayUseIsNotGivenAway) {
    auto stopping = waiting_car();
    stopping.allowed = false;
    stopping.drawing = true;
    stopping.occupied = 6_A;
    EXPECT_EQ(Planner{rule()}.plan(site_of({stopping, charging_car()}), noon)[1].target, 26_A);
}

TEST(Plan, WhenMinimaNoLongerFitTheCleanStopperGoesFirstThenTheLeastImportant) {
    auto important = charging_car();
    important.priority = 9;
    auto clean = charging_car();
    clean.priority = 9;
    clean.stops_cleanly = true;
    const auto plan = [&](Centiamps ceiling) {
        Planner planner{rule()};
        return planner.plan(site_of({important, charging_car(), clean}, 0_W, ceiling), noon);
    };
    EXPECT_FALSE(plan(17_A)[2].target);
    EXPECT_EQ(plan(17_A)[2].stop_cause, StopCause::ceiling);
    EXPECT_EQ(plan(17_A)[2].reason, (Reason{Kind::minima_do_not_fit, "total_limit", 17_A}));
    EXPECT_EQ(plan(17_A)[0].target, 6_A);
    EXPECT_EQ(plan(17_A)[1].target, 6_A);
    EXPECT_FALSE(plan(11_A)[1].target);
    EXPECT_TRUE(plan(11_A)[0].target);
    EXPECT_FALSE(plan(5_A)[0].target);
}

TEST(Plan, AMeasuredFuseMayBeOverloadedForTenSecondsAndThenPausesTheCar) {
    Planner planner{rule()};
    auto facts = site_of({charging_car()}, 0_W, 5_A);
    facts.ceiling_is_measured = true;
    EXPECT_EQ(planner.plan(facts, noon).front().target, 6_A);
    EXPECT_EQ(planner.plan(facts, noon + 9s).front().target, 6_A);
    EXPECT_FALSE(planner.plan(facts, noon + 10s).front().target);
    facts.cars = {waiting_car()};
    facts.ceiling.amps = 32_A;
    EXPECT_FALSE(planner.plan(facts, noon + 189s).front().target);
    EXPECT_TRUE(planner.plan(facts, noon + 190s).front().target);
}

TEST(Plan, EachBusKeepsToItsOwnCeiling) {
    auto far = charging_car();
    far.bus = 1;
    auto facts = site_of({charging_car(), far}, 0_W, 60_A);
    facts.buses = {Ceiling{10_A, "garage"}, std::nullopt};
    const auto decisions = Planner{rule()}.plan(facts, noon);
    EXPECT_EQ(decisions[0].target, 10_A);
    EXPECT_EQ(decisions[0].reason.limit, "garage");
    EXPECT_EQ(decisions[1].target, 32_A);
}

TEST(Plan, OfRandomFactsNeverExceedsACeilingNorOffersBelowAMinimum) {
    simulator::Random random{5};
    const auto below = [&](std::uint32_t end) { return static_cast<std::int64_t>(random.next() % end); };
    for (int round = 0; round < 20'000; ++round) {
        Planner planner{rule()};
        std::vector<CarFacts> cars;
        for (std::int64_t count = 1 + below(4); count > 0; --count) {
            auto car = below(2) != 0
                           ? waiting_car(static_cast<Mode>(below(4)))
                           : charging_car(static_cast<Mode>(below(4)), Centiamps{600 + below(2600)});
            car.vehicle_connected = below(5) != 0;
            car.priority = static_cast<int>(1 + below(3));
            car.ceiling.amps = Centiamps{below(3300)};
            car.stops_cleanly = below(2) != 0;
            if (!car.vehicle_connected) car.drawing = false;
            cars.push_back(car);
        }
        auto facts = site_of(cars, Watts{below(20'000) - 5000}, Centiamps{below(6000)});
        facts.inputs_fresh = below(4) != 0;
        facts.inputs_stale_from = noon - std::chrono::seconds{below(400)};
        for (int second = 0; second < 3; ++second) {
            const auto decisions = planner.plan(facts, noon + std::chrono::seconds{second});
            ASSERT_EQ(decisions.size(), cars.size());
            Centiamps sum;
            bool all_at_minimum = true;
            for (std::size_t i = 0; i < cars.size(); ++i) {
                if (!decisions[i].target) continue;
                ASSERT_GE(*decisions[i].target, cars[i].minimum);
                ASSERT_LE(*decisions[i].target, std::max(cars[i].ceiling.amps, cars[i].minimum));
                ASSERT_NE(cars[i].mode, Mode::off);
                ASSERT_TRUE(cars[i].vehicle_connected);
                sum += *decisions[i].target;
                all_at_minimum = all_at_minimum && *decisions[i].target == cars[i].minimum;
            }
            ASSERT_TRUE(sum <= facts.ceiling.amps || all_at_minimum) << "round " << round << ": " << sum;
        }
    }
}

TEST(Plan, ACarThatDrawsTooMuchIsOfferedNoMoreThanTheCeilingLeaves) {
    auto defiant = charging_car(Mode::fast, 16_A);
    defiant.excess = defiant.drawn = 20_A;
    const auto decisions =
        Planner{rule()}.plan(site_of({defiant, charging_car(Mode::fast, 10_A)}, 0_W, 28_A), noon);
    EXPECT_EQ(decisions[0].target, 21_A) << "half of what is left beside both";
    EXPECT_EQ(decisions[1].target, 7_A) << "the other one is counted with what it draws";
    // Measured by the main fuse: for ten seconds nobody is stopped.
    auto site = site_of({defiant}, 0_W, 8_A);
    site.ceiling_is_measured = true;
    EXPECT_EQ(Planner{rule()}.plan(site, noon).front().target, 8_A);
}

TEST(Plan, NothingIsMadeUpForAtTheMinimum) {
    auto car = charging_car(Mode::solar, 8_A);
    car.offset = 115_cA;
    car.least_drawn = 523_cA;
    auto config = rule();
    config.control.solar_share_percent = 99;
    config.control.min_on = 300s;
    Planner planner{config};
    EXPECT_EQ(planner.plan(site_of({car}, 1300_W), noon).front().target, 680_cA) << "5.65 A shall flow";
    EXPECT_EQ(planner.plan(site_of({car}, 1000_W), noon).front().target, 6_A);
    EXPECT_EQ(planner.plan(site_of({car}, -500_W), noon).front().target, 6_A);
    // Nor does one that takes no more than that keep a little above, while there is no sun for it.
    car.takes = car.least_drawn;
    car.wants = 8_A;
    EXPECT_EQ(planner.plan(site_of({car}, -500_W), noon).front().target, 6_A);
    EXPECT_EQ(planner.plan(site_of({car}, 3000_W), noon).front().target, 8_A);
}

SiteFacts under_main_fuse(std::vector<CarFacts> cars, Centiamps ceiling) {
    auto site = site_of(std::move(cars), 0_W, ceiling);
    site.ceiling_is_measured = true;
    return site;
}

TEST(Plan, TheMainFuseBearsMinimaForTenSecondsButNotFarTooMuch) {
    Planner planner{rule()};
    const auto car = charging_car(Mode::fast, 6_A);
    EXPECT_TRUE(planner.plan(under_main_fuse({car}, 3_A), noon).front().target);
    EXPECT_TRUE(planner.plan(under_main_fuse({car}, 3_A), noon + 9s).front().target);
    EXPECT_FALSE(planner.plan(under_main_fuse({car}, 3_A), noon + 10s).front().target);
    EXPECT_FALSE(Planner{rule()}.plan(under_main_fuse({car}, 299_cA), noon).front().target) << "at once";
}

TEST(Plan, ACarThatOnlyWaitsUsesUpNoneOfTheMainFusesPatience) {
    Planner planner{rule()};
    const auto plan = [&](Centiamps ceiling, TimePoint now) {
        return planner.plan(under_main_fuse({charging_car(Mode::fast, 6_A), waiting_car()}, ceiling), now);
    };
    for (auto second = 0s; second < 60s; second += 1s) ASSERT_FALSE(plan(950_cA, noon + second)[1].target);
    EXPECT_TRUE(plan(550_cA, noon + 60s)[0].target);
    EXPECT_TRUE(plan(550_cA, noon + 69s)[0].target);
    EXPECT_FALSE(plan(550_cA, noon + 70s)[0].target);
}

TEST(Plan, AfterAStopByTheMainFuseACarRestsAndNeedsTwoAmperesToSpare) {
    Planner planner{rule()};
    ASSERT_FALSE(planner.plan(under_main_fuse({charging_car(Mode::fast, 6_A)}, 2_A), noon).front().target);
    const auto car = waiting_car();
    EXPECT_FALSE(planner.plan(under_main_fuse({car}, 20_A), noon + 179s).front().target);
    EXPECT_FALSE(planner.plan(under_main_fuse({car}, 799_cA), noon + 180s).front().target);
    EXPECT_TRUE(planner.plan(under_main_fuse({car}, 8_A), noon + 181s).front().target);
    EXPECT_TRUE(Planner{rule()}.plan(under_main_fuse({car}, 6_A), noon).front().target) << "the first time";
}

TEST(Plan, TheCarThatTheMainFuseStoppedIsNotOvertakenByALessImportantOne) {
    auto important = charging_car(Mode::fast, 6_A);
    important.priority = 9;
    const auto starters = [&](Centiamps ceiling, Centiamps minimum = 6_A) {
        Planner planner{rule()};
        EXPECT_FALSE(planner.plan(under_main_fuse({important, waiting_car()}, 2_A), noon)[0].target);
        auto waiting = waiting_car();
        waiting.priority = 9;
        auto other = waiting_car();
        other.minimum = minimum;
        const auto plan = planner.plan(under_main_fuse({waiting, other}, ceiling), noon + 180s);
        return std::pair{plan[0].target.has_value(), plan[1].target.has_value()};
    };
    EXPECT_EQ(starters(799_cA), std::pair(false, false));
    EXPECT_EQ(starters(799_cA, 5_A), std::pair(false, false)) << "of version 1";
    EXPECT_EQ(starters(8_A), std::pair(true, false));
    EXPECT_EQ(starters(12_A), std::pair(true, true));
}

TEST(Plan, StopsByContactorAreTwoUnlessTheOwnerSaysOtherwise) {
    const auto stops_after = [](std::vector<config::StopMethod> methods, std::optional<int> most, int stops) {
        auto config = rule();
        config.stop.surplus = std::move(methods);
        config.control.max_stops = most;
        auto car = charging_car(Mode::solar);
        car.stops = stops;
        return !Planner{config}.plan(site_of({car}, -5000_W), noon).front().target;
    };
    using enum config::StopMethod;
    EXPECT_TRUE(stops_after({vehicle, contactor}, std::nullopt, 1));
    EXPECT_FALSE(stops_after({vehicle, contactor}, std::nullopt, 2));
    EXPECT_TRUE(stops_after({vehicle, contactor}, 9, 2));
    EXPECT_TRUE(stops_after({zero, vehicle}, std::nullopt, 100));
}

}  // namespace
}  // namespace bridge

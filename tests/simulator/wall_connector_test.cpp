// A wall connector against recorded buses and the state sequences that were seen on them.
#include "bridge/simulator/wall_connector.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace simulator {
namespace {

using namespace std::chrono_literals;

/// Unit 3495 of captures/22: firmware 4.5.10.2, one phase, no car.
WallConnectorOptions recorded_unit() {
    return {.id = TwcId{0x3495}, .serial = "A17A0003495", .volts = Volts{247}, .lifetime_wh = 6'782'400};
}

CarOptions plugged_car() { return {.plugged = true}; }

TEST(WallConnector, AnswersTheRecordedDialogueByteForByte) {
    Line line;
    line.add(recorded_unit());
    line.pass(10s);
    const struct {
        const char* request;
        const char* answer;
    } dialogue[] = {
        {"C0 FB E0 79 73 34 95 00 00 00 00 00 00 00 00 00 95 C0",
         "C0 FD E0 34 95 79 73 00 00 00 00 00 00 00 00 00 95 C0 FC"},
        {"C0 FB EB 79 73 34 95 00 00 00 00 00 00 00 00 00 A0 C0",
         "C0 FD EB 34 95 00 00 1A 7E 00 F7 00 00 00 00 00 00 00 00 00 43 C0 FE"},
        {"C0 FB EC 79 73 34 95 00 00 00 00 00 00 00 00 00 A1 C0",
         "C0 FD EC 34 95 04 05 0A 02 00 00 00 00 00 00 00 CA C0 FC"},
        {"C0 FB EE 79 73 34 95 00 00 00 00 00 00 00 00 00 A3 C0",
         "C0 FD EE 34 95 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 B7 C0 FE"},
        {"C0 FB EF 79 73 34 95 00 00 00 00 00 00 00 00 00 A4 C0",
         "C0 FD EF 34 95 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 B8 C0 FE"},
        {"C0 FB F1 79 73 34 95 00 00 00 00 00 00 00 00 00 A6 C0",
         "C0 FD F1 34 95 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 BA C0 FE"},
        {"C0 FB ED 79 73 34 95 00 00 00 00 00 00 00 00 00 A2 C0",
         "C0 FD ED 34 95 41 31 37 41 30 30 30 33 34 39 35 00 00 00 00 05 C0 FE"},
    };
    for (const auto& [request, answer] : dialogue) EXPECT_EQ(line.ask(request), answer) << request;
    EXPECT_EQ(line.statistics().master.violations(), 0U);
}

TEST(WallConnector, AnnouncesItselfAsRecorded) {
    Line line;
    line.add(recorded_unit());
    line.pass(1600ms);
    EXPECT_EQ(hex_of(line.take_received(line.now())).substr(0, 56),
              "C0 FD E2 34 95 81 0C 80 00 00 00 00 00 00 00 00 B8 C0 FC");
}

TEST(WallConnector, AsksForALimitThenStartsThenCharges) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.heartbeat(unit);
    EXPECT_EQ(unit.state(), state::plugged);
    line.serve(unit, 3s);
    EXPECT_EQ(unit.state(), state::wants_limit);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{0});
    line.heartbeat(unit, 0x05, 1600);
    EXPECT_EQ(unit.state(), state::starting);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1600});
    line.serve(unit, 11s);
    EXPECT_EQ(unit.state(), state::charging);
    line.serve(unit, 30s);
    EXPECT_EQ(unit.drawn(), Centiamps{1505});
}

TEST(WallConnector, ShowsANewLimitInTheAnswerAfterTheOneThatBroughtIt) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    EXPECT_EQ(hex_of(line.heartbeat(unit, 0x05, 1600)),
              "C0 FD E0 34 95 77 77 04 00 00 00 00 00 00 00 00 9B C0 FC");
    EXPECT_EQ(hex_of(line.heartbeat(unit)), "C0 FD E0 34 95 77 77 08 06 40 00 00 00 00 00 00 E5 C0 FC");
}

TEST(WallConnector, EscapesADelimiterAmongItsValues) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.heartbeat(unit, 0x05, 0x12C0);
    EXPECT_EQ(hex_of(line.heartbeat(unit)), "C0 FD E0 34 95 77 77 08 12 DB DC 00 00 00 00 00 00 71 C0 FC");
    EXPECT_EQ(unit.limits_above_rating(), 1U);
}

TEST(WallConnector, KeepsNoLimitWithoutACar) {
    Line line;
    auto& unit = line.add(recorded_unit());
    line.serve(unit, 5s, 0x09, 1400);
    EXPECT_EQ(unit.state(), state::ready);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{0});
}

TEST(WallConnector, AdjustsForTenSecondsAfterANewLimitWhileCharging) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 600);
    ASSERT_EQ(unit.state(), state::charging);
    EXPECT_EQ(unit.drawn(), Centiamps{517});
    line.heartbeat(unit, 0x09, 1900);
    EXPECT_EQ(unit.state(), state::adjusting);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1900});
    line.serve(unit, 9s);
    EXPECT_EQ(unit.state(), state::adjusting);
    line.serve(unit, 2s);
    EXPECT_EQ(unit.state(), state::charging);
    line.serve(unit, 10s);
    EXPECT_EQ(unit.drawn(), Centiamps{1802});
}

TEST(WallConnector, VersionTwoIgnoresFiveWhileCharging) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    line.heartbeat(unit, 0x05, 1000);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1600});
    line.heartbeat(unit, 0x09, 1000);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1000});
}

TEST(WallConnector, VersionTwoClampsToSixAmpsAndCountsIt) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    line.heartbeat(unit, 0x09, 0);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{600});
    EXPECT_EQ(unit.limits_below_floor(), 1U);
    line.serve(unit, 30s);
    EXPECT_EQ(unit.drawn(), Centiamps{517});
}

WallConnectorOptions old_unit() { return {.id = TwcId{0x022C}, .protocol = Protocol::v1}; }

TEST(WallConnector, VersionOneSpeaksInFourteenBytes) {
    Line line;
    auto& unit = line.add(old_unit(), plugged_car());
    line.serve(unit, 3s);
    line.heartbeat(unit, 0x05, 2200);
    EXPECT_EQ(hex_of(line.heartbeat(unit)), "C0 FD E0 02 2C 77 77 08 08 98 00 00 00 00 A4 C0 FE");
    EXPECT_TRUE(line.command(unit, 0xFB, 0xEB).empty());
}

TEST(WallConnector, VersionOneZeroStopsATeslaAsLongAsItIsRepeated) {
    Line line;
    auto& unit = line.add(old_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 2000);
    ASSERT_EQ(unit.drawn(), Centiamps{1901});
    line.serve(unit, 20s, 0x05, 0);
    EXPECT_EQ(unit.state(), state::plugged);
    EXPECT_FALSE(unit.contactor_closed());
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    EXPECT_EQ(unit.contactor_switched(), 1U);
    line.serve(unit, 4s);
    EXPECT_TRUE(unit.contactor_closed());
    EXPECT_EQ(unit.limit_in_force(), Centiamps{2000});
    EXPECT_EQ(unit.contactor_switched(), 2U);
}

TEST(WallConnector, VersionOneZeroDoesNotStopOtherCars) {
    Line line;
    auto& unit = line.add(old_unit(), {.plugged = true, .tesla = false});
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 2000);
    line.serve(unit, 60s, 0x05, 0);
    EXPECT_EQ(unit.drawn(), Centiamps{419});
}

TEST(WallConnector, ContactorCommandsCutAtOnceAndAskAgain) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    EXPECT_EQ(hex_of(line.command(unit, 0xFC, 0xB2)),
              "C0 FD B2 34 95 00 00 00 00 00 00 00 00 00 00 00 7B C0 FC");
    EXPECT_FALSE(unit.contactor_closed());
    EXPECT_EQ(unit.state(), state::plugged);
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1600});
    line.command(unit, 0xFC, 0xB1);
    EXPECT_TRUE(unit.contactor_closed());
    EXPECT_EQ(unit.state(), state::starting);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{0});
    line.serve(unit, 40s, 0x08, 1000);
    EXPECT_EQ(unit.drawn(), Centiamps{913});
}

TEST(WallConnector, LosesItsMasterAfterSilenceAndComesBackWithHeartbeats) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    line.take_received(line.now());
    line.pass(9s);
    EXPECT_TRUE(line.take_received(line.now()).empty());
    line.pass(2s);
    EXPECT_EQ(hex_of(line.take_received(line.now())).substr(0, 8), "C0 FD E2");
    line.pass(14s);
    EXPECT_EQ(unit.state(), state::charging);
    line.pass(6s);
    EXPECT_EQ(unit.state(), state::error);
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    line.heartbeat(unit);
    EXPECT_EQ(unit.state(), state::starting);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{0});
    EXPECT_GT(unit.worst_heartbeat_gap(), 31s);
}

TEST(WallConnector, ACarThatWasCutOffUnderLoadMayRefuseUntilItIsPluggedAnew) {
    Line line;
    auto options = plugged_car();
    options.bears_open_contactors = 0;
    auto& unit = line.add(recorded_unit(), options);
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    line.command(unit, 0xFC, 0xB2);
    line.command(unit, 0xFC, 0xB1);
    line.serve(unit, 60s, 0x08, 1000);
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    EXPECT_EQ(unit.state(), state::plugged);
    unit.car().unplug();
    line.serve(unit, 3s);
    unit.car().plug();
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1000);
    EXPECT_EQ(unit.drawn(), Centiamps{913});
}

TEST(WallConnector, ACarBearsThreeSilences) {
    Line line;
    auto options = plugged_car();
    options.bears_silences = 3;
    auto& unit = line.add(recorded_unit(), options);
    line.serve(unit, 3s);
    for (int silence = 1; silence <= 4; ++silence) {
        line.serve(unit, 60s, 0x05, 1600);
        EXPECT_GT(unit.drawn(), Centiamps{100}) << silence;
        line.pass(31s);
        line.serve(unit, 3s);
        EXPECT_EQ(unit.car().refuses(), silence == 4) << silence;
    }
}

TEST(WallConnector, AZeroRightAfterPluggingInIsTakenAmissAndLaterOnIsNot) {
    for (const auto protocol : {Protocol::v1, Protocol::v2}) {
        Line line;
        auto options = plugged_car();
        options.bears_first_zeros = 0;
        auto& unit = line.add({.id = TwcId{0x0359}, .protocol = protocol}, options);
        line.serve(unit, 5s);
        line.serve(unit, 3s, 0x05, 1600);
        line.serve(unit, 3s, 0x05, 0);
        EXPECT_FALSE(unit.car().refuses());
        unit.car().unplug();
        line.serve(unit, 3s);
        unit.car().plug();
        line.serve(unit, 3s, 0x05, 0);
        EXPECT_TRUE(unit.car().refuses());
    }
}

TEST(WallConnector, MayKeepItsLimitOverALostMaster) {
    Line line;
    auto recorded = recorded_unit();
    recorded.keeps_limit = true;
    auto& unit = line.add(recorded, plugged_car());
    line.serve(unit, 3s);
    line.serve(unit, 60s, 0x05, 1600);
    line.pass(31s);
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    line.serve(unit, 40s);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1600});
    EXPECT_EQ(unit.drawn(), Centiamps{1505});
}

TEST(WallConnector, AsksForALimitWhileItsCarWaitsForATimer) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    unit.car().set_timer(TimePoint{120s});
    line.serve(unit, 60s, 0x05, 1600);
    EXPECT_EQ(unit.state(), state::wants_limit);
    EXPECT_EQ(unit.limit_in_force(), Centiamps{1600});
    EXPECT_EQ(unit.drawn(), Centiamps{0});
    line.serve(unit, 100s);
    EXPECT_EQ(unit.state(), state::charging);
    EXPECT_EQ(unit.drawn(), Centiamps{1505});
}

TEST(WallConnector, TellsTheVinOfATeslaOnly) {
    Line line;
    auto& tesla = line.add(recorded_unit(), plugged_car());
    auto& other = line.add({.id = TwcId{0x0359}}, {.plugged = true, .tesla = false});
    line.serve(tesla, 1s);
    line.serve(other, 1s);
    std::string vin;
    for (const int code : {0xEE, 0xEF, 0xF1}) {
        const auto answer = line.command(tesla, 0xFB, static_cast<std::uint8_t>(code));
        ASSERT_EQ(answer.size(), 23U);
        for (std::size_t at = 5; at < 12 && answer[at] != 0; ++at) vin += static_cast<char>(answer[at]);
    }
    EXPECT_EQ(vin, tesla.car().options().vin);
    EXPECT_EQ(hex_of(line.command(other, 0xFB, 0xEE)),
              "C0 FD EE 03 59 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 4A C0 FE");
}

TEST(WallConnector, MetersWhatTheCarDraws) {
    Line line;
    auto& unit = line.add({.id = TwcId{0x0359}, .phases = 3}, {.plugged = true, .phases = 2});
    line.serve(unit, 3s);
    line.serve(unit, std::chrono::hours{1}, 0x05, 1600);
    EXPECT_NEAR(static_cast<double>(unit.lifetime_wh()), 15.05 * 230 * 2, 60);
    EXPECT_EQ(hex_of(line.command(unit, 0xFB, 0xEB)),
              "C0 FD EB 03 59 00 00 00 06 00 E6 00 E6 00 E6 1E 1E 00 00 00 3B C0 FE");
}

TEST(WallConnector, OlderVersionTwoUnitsKnowOnlyTheShortMeterAnswer) {
    Line line;
    auto& unit =
        line.add({.id = TwcId{0x1111}, .queries = Queries::meter, .phases = 3, .lifetime_wh = 56'000});
    line.serve(unit, 3s);
    EXPECT_EQ(hex_of(line.command(unit, 0xFB, 0xEB)),
              "C0 FD EB 11 11 00 00 00 38 00 E6 00 E6 00 E6 00 F7 C0 FC");
    EXPECT_TRUE(line.command(unit, 0xFB, 0xEC).empty());
}

TEST(WallConnector, SecondMasterLinkreadyBringsFiveAnnouncements) {
    Line line;
    auto& unit = line.add(recorded_unit());
    line.serve(unit, 5s);
    EXPECT_EQ(line.ask("C0 FB E2 77 77 77 00 00 00 00 00 00 00 00 47 C0"), "");
    line.transmit(bytes_of("C0 FB E2 77 77 77 00 00 00 00 00 00 00 00 47 C0"), line.now());
    line.pass(700ms);
    EXPECT_EQ(line.take_received(line.now()).size(), 5U * 19U);
}

TEST(WallConnector, SwitchesForTestsDoWhatTheySay) {
    Line line;
    auto& unit = line.add(recorded_unit(), plugged_car());
    line.serve(unit, 3s);
    const auto good = line.heartbeat(unit);
    unit.corrupt_answers(1);
    EXPECT_NE(line.heartbeat(unit), good);
    EXPECT_EQ(line.heartbeat(unit), good);
    unit.set_answer_time(400ms);
    EXPECT_TRUE(line.heartbeat(unit).empty());
    line.pass(200ms);
    EXPECT_EQ(line.take_received(line.now()), good);
    unit.set_answer_time(std::nullopt);
    unit.set_mute(true);
    EXPECT_TRUE(line.heartbeat(unit).empty());
    unit.set_mute(false);
    unit.power_off();
    EXPECT_TRUE(line.heartbeat(unit).empty());
    EXPECT_FALSE(unit.contactor_closed());
    unit.restart();
    line.pass(2s);
    EXPECT_EQ(hex_of(line.take_received(line.now())).substr(0, 8), "C0 FD E2");
}

}  // namespace
}  // namespace simulator

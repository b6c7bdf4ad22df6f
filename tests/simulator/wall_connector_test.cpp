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

}  // namespace
}  // namespace simulator

// The line itself: time, collisions, a master that misbehaves, noise, and a whole day.
#include "bridge/simulator/bus.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "support.hpp"

namespace simulator {
namespace {

using namespace std::chrono_literals;

constexpr const char* heartbeat_to_3495 = "C0 FB E0 79 73 34 95 00 00 00 00 00 00 00 00 00 95 C0";

/// A linked unit, shortly after a heartbeat and its answer.
struct Linked : ::testing::Test {
    Line line;
    WallConnector& unit = line.add({.id = TwcId{0x3495}});
    WallConnector& other = line.add({.id = TwcId{0x0359}});

    void SetUp() override {
        line.pass(3s);
        line.heartbeat(unit);
        line.heartbeat(other);
    }
    /// Events as they come until the master has the first bytes of a frame.
    void wait_for_somebody_to_talk() {
        for (int step = 0; step < 100; ++step) {
            line.pass(line.next_event() - line.now());
            if (!line.take_received(line.now()).empty()) return;
        }
        FAIL() << "nobody talked";
    }
};

TEST_F(Linked, AnswerStartsAfter150To200MillisecondsAndComesByteByByte) {
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    const auto sent = line.now();
    wait_for_somebody_to_talk();
    const auto latency = line.now() - sent - line_time(18) - line_time(2);
    EXPECT_GE(latency, 150ms);
    EXPECT_LE(latency, 200ms);
    line.pass(line_time(5) + 1us);
    EXPECT_EQ(line.take_received(line.now()).size(), 5U);
    line.pass(line_time(12));
    EXPECT_EQ(line.take_received(line.now()).size(), 12U);
}

TEST_F(Linked, MasterThatWaitsIsBlamedForNothing) {
    for (int round = 0; round < 100; ++round) {
        EXPECT_EQ(line.heartbeat(unit).size(), 19U);
        EXPECT_EQ(line.heartbeat(other).size(), 19U);
    }
    EXPECT_EQ(line.statistics().master.frames, 202U);
    EXPECT_EQ(line.statistics().master.violations(), 0U);
    EXPECT_EQ(line.statistics().master.short_pauses, 0U);
}

TEST_F(Linked, TalkingOverAnAnswerIsACollisionAndSpoilsBoth) {
    const auto undisturbed = line.ask(heartbeat_to_3495);
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    wait_for_somebody_to_talk();
    line.pass(3ms);
    const auto beats = unit.heartbeats();
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    line.pass(1s);
    EXPECT_EQ(line.statistics().collisions, 1U);
    EXPECT_EQ(line.statistics().unit_collisions, 0U);
    EXPECT_EQ(line.statistics().master.collisions, 1U);
    EXPECT_EQ(unit.heartbeats(), beats);
    const auto rest = hex_of(line.take_received(line.now()));
    ASSERT_GT(rest.size(), 20U);
    EXPECT_FALSE(undisturbed.ends_with(rest));
    EXPECT_EQ(line.statistics().master.bad_frames(), 0U);
}

TEST_F(Linked, NotWaitingForTheAnswerIsACollisionEvenIfNothingIsSpoilt) {
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    line.pass(60ms);
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    line.pass(1s);
    EXPECT_EQ(line.statistics().master.collisions, 1U);
}

TEST_F(Linked, ATwoFrameBurstIsACollision) {
    auto burst = bytes_of(heartbeat_to_3495);
    const auto second = bytes_of("C0 FB E0 77 77 03 59 00 00 00 00 00 00 00 00 00 2A C0");
    burst.insert(burst.end(), second.begin(), second.end());
    line.transmit(burst, line.now());
    line.pass(1s);
    EXPECT_EQ(line.statistics().master.collisions, 1U);
}

TEST_F(Linked, ALinkreadyThatInterruptsTheMasterIsNotItsFault) {
    unit.restart();
    const auto linkready = unit.next_event();
    line.pass(linkready - line.now() - 10ms);
    line.transmit(bytes_of(heartbeat_to_3495), line.now());
    line.pass(100ms);
    EXPECT_EQ(line.statistics().collisions, 1U);
    EXPECT_EQ(line.statistics().unit_collisions, 1U);
    EXPECT_EQ(line.statistics().master.collisions, 0U);
}

TEST_F(Linked, LateAnswersAreNotTheMastersFault) {
    unit.set_answer_time(290ms);
    for (int round = 0; round < 3; ++round) line.heartbeat(unit);
    EXPECT_GT(line.statistics().collisions, 0U);
    EXPECT_EQ(line.statistics().collisions, line.statistics().unit_collisions);
    EXPECT_EQ(line.statistics().master.collisions, 0U);
}

TEST_F(Linked, CountsBadFramesByTheirKind) {
    line.ask("C0 FB E0 79 73 34 95 00 00 00 00 00 00 00 00 00 96 C0");  // checksum
    line.ask("C0 FB E0 79 73 34 95 00 00 00 00 00 DB 00 00 00 95 C0");  // escape
    line.ask("C0 FB E0 79 73 34 95 C0");                                // short
    line.ask("C0 FB E0 79 73 34 95 00 00 00 00 00 00 00 95 C0");        // 14 bytes to version 2
    line.ask("FB E0 79 73 34 95 00 00 00 00 00 00 00 00 00 95 C0");     // no opening delimiter
    const auto record = line.statistics().master;
    EXPECT_EQ(record.bad_checksum, 1U);
    EXPECT_EQ(record.bad_slip, 2U);
    EXPECT_EQ(record.bad_length, 2U);
}

TEST_F(Linked, OneByteAfterAFrameIsNoFault) {
    line.ask(std::string{heartbeat_to_3495} + " FE");
    EXPECT_EQ(line.statistics().master.bad_frames(), 0U);
}

TEST_F(Linked, CountsForbiddenCodes) {
    const Bytes forbidden[] = {
        {0xFC, 0x19}, {0xFC, 0x1A}, {0xFB, 0xE8}, {0xFB, 0x19}, {0xFD, 0xE0}, {0xFC, 0xA1}, {0xFB, 0xA4},
    };
    for (auto body : forbidden) {
        body.insert(body.end(), {0x77, 0x77, 0x34, 0x95});
        body.resize(15);
        line.transmit(to_line(body), line.now());
        line.pass(300ms);
    }
    line.heartbeat(unit, 0x02, 0x0500);
    line.heartbeat(unit, 0x01);
    line.heartbeat(unit, 0x06);
    EXPECT_EQ(line.statistics().master.forbidden, 10U);
    EXPECT_EQ(line.statistics().master.bad_frames(), 0U);
}

TEST_F(Linked, CountsShortPausesAndTheWorstGap) {
    line.transmit(bytes_of("C0 FC E1 77 77 77 00 00 00 00 00 00 00 00 46 C0"), line.now());
    line.transmit(bytes_of("C0 FC E1 77 77 77 00 00 00 00 00 00 00 00 46 C0"), line.now());
    line.pass(100ms);
    EXPECT_EQ(line.statistics().master.short_pauses, 1U);
    line.serve(unit, 10s);
    line.pass(3s);
    EXPECT_GE(unit.worst_heartbeat_gap(), 3s);
    EXPECT_GE(line.statistics().worst_heartbeat_gap, 13s);  // the other one was not served
}

TEST(Bus, EchoGivesTheMasterItsOwnBytes) {
    Line line{BusOptions{.echo = true}};
    EXPECT_EQ(line.ask(heartbeat_to_3495), heartbeat_to_3495);
}

TEST(Bus, NoiseSpoilsSomeAndIsTheSameInEveryRun) {
    const auto run = [] {
        Line line{BusOptions{.noise = {.drop = 2000, .flip = 2000, .insert = 2000}}};
        auto& unit = line.add({.id = TwcId{0x3495}});
        Bytes all;
        for (int round = 0; round < 500; ++round) {
            for (const auto byte : line.heartbeat(unit)) all.push_back(byte);
        }
        EXPECT_GT(unit.heartbeats(), 400U);
        EXPECT_LT(unit.heartbeats(), 500U);
        EXPECT_EQ(line.statistics().master.bad_frames(), 0U);  // the cable's, not the master's
        return all;
    };
    EXPECT_EQ(run(), run());
}

TEST(Bus, SumsWhatIsInForceAndWhatFlows) {
    Line line;
    auto& first = line.add({.id = TwcId{0x0001}}, {.plugged = true});
    auto& second = line.add({.id = TwcId{0x0002}}, {.plugged = true});
    line.pass(3s);
    for (int second_passed = 0; second_passed < 60; ++second_passed) {
        line.heartbeat(first, 0x05, 1000);
        line.heartbeat(second, 0x05, 1200);
        line.pass(400ms);
    }
    EXPECT_EQ(line.limits_in_force(), Centiamps{2200});
    EXPECT_EQ(line.drawn(), Centiamps{913 + 1110});
}

TEST(Bus, ServesThreeUnitsForADayInLittleTime) {
    const auto begin = std::clock();
    Line line;
    for (const int id : {1, 2, 3}) line.add({.id = TwcId{static_cast<std::uint16_t>(id)}}, {.plugged = true});
    for (int second = 0; second < 24 * 3600; ++second) {
        for (auto* unit : line.units()) line.heartbeat(*unit, 0x05, 1000);
        line.pass(100ms);
    }
    const auto seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_EQ(line.statistics().master.violations(), 0U);
    EXPECT_EQ(line.unit(TwcId{3}).heartbeats(), 24U * 3600U);
    EXPECT_LT(seconds, 30.0);  // far less without sanitizers
    RecordProperty("seconds", std::to_string(seconds));
}

}  // namespace
}  // namespace simulator

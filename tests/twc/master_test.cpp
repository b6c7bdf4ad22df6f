// The master on a simulated bus: when it speaks, what it says, what it believes.
#include "twc/master.hpp"

#include <gtest/gtest.h>

#include "wire.hpp"

namespace twc {
namespace {

using namespace std::chrono_literals;

constexpr TwcId one{0x1839};
constexpr TwcId two{0x2118};
constexpr TwcId three{0x3495};

MasterSettings knowing(std::vector<TwcId> ids, Protocol protocol = Protocol::v2) {
    MasterSettings settings;
    for (const TwcId id : ids)
        settings.known.push_back({.id = id, .protocol = protocol, .max_current = 32_A});
    return settings;
}

Wish limit(Centiamps current) { return {.kind = Wish::Kind::limit, .limit = current}; }

std::string order_in(const Bytes& body) { return hex_of({body[6], body[7], body[8]}); }

TEST(Master, AddressesKnownUnitsAtOnceAndBeforeAnythingElse) {
    Wire wire{knowing({one, two})};
    wire.add("1839");
    wire.add("2118");
    wire.open();
    ASSERT_EQ(wire.sent.size(), 1U);
    EXPECT_EQ(wire.sent[0].body, bytes_of("FB E0 77 77 18 39 00 00 00 00 00 00 00 00 00"));
    wire.run(1200ms);
    EXPECT_EQ(wire.heard<UnitFound>(), (std::vector{UnitFound{one}, UnitFound{two}}));
    EXPECT_EQ(wire.count("FC E1"), 0);
    EXPECT_TRUE(wire.master.unit(one)->online);
}

TEST(Master, SendsVersionOneItsShortHeartbeatAndNoQuestions) {
    Wire wire{knowing({one}, Protocol::v1)};
    wire.add("1839", 14);
    wire.open();
    wire.run(5min);
    EXPECT_EQ(wire.sent[0].body.size(), 13U);
    EXPECT_EQ(wire.count("FB E0"), static_cast<std::int64_t>(wire.sent.size()));
    EXPECT_LE(wire.longest_gap("1839"), 1010ms);
}

TEST(Master, KeepsTheIntervalOfASecondForOneUnitWithQuestions) {
    Wire wire{knowing({one})};
    wire.add("1839").status = "0106400604";
    wire.open();
    wire.run(10min);
    EXPECT_LE(wire.longest_gap("1839"), 1050ms);
    EXPECT_GE(wire.heartbeats("1839").size(), 590U);
    EXPECT_LE(wire.heartbeats("1839").size(), 602U);  // one more when they met
    EXPECT_NEAR(static_cast<double>(wire.count("FB EB")), 60, 2);
    EXPECT_EQ(wire.count("FB EC"), 1);
    EXPECT_EQ(wire.count("FB ED"), 1);
    EXPECT_EQ(wire.master.unit(one)->serial, "A18G0005893");
    EXPECT_EQ(wire.master.unit(one)->vin, "1M8GDM9AXKP042788");
    EXPECT_EQ(wire.master.unit(one)->meter->lifetime, KilowattHours{924});
    EXPECT_EQ(wire.master.unit(one)->firmware->version, (std::array<std::uint8_t, 4>{4, 5, 3, 2}));
}

// Which of the three units stay silent, bit by bit, and how long the others take.
TEST(Master, KeepsTheBoundWithThreeUnitsWhoeverIsSilent) {
    for (const Duration delay : {150ms, 200ms, 280ms, 299ms}) {
        for (int silent = 0; silent < 8; ++silent) {
            SCOPED_TRACE(silent);
            Wire wire{knowing({one, two, three})};
            int bit = 1;
            for (const char* id : {"1839", "2118", "3495"}) {
                Wire::Station& station = wire.add(id);
                station.status = "0106400604";
                station.delay = delay;
            }
            wire.open();
            wire.run(5s);
            for (auto& [id, station] : wire.stations) {
                station.silent = (silent & bit) != 0;
                bit *= 2;
            }
            wire.run(20s);
            for (const auto& [id, station] : wire.stations) EXPECT_LE(wire.longest_gap(id), 1500ms) << id;
            // Three units that take 0.28 s each leave no room for questions: heartbeats come first.
            if (silent != 0 || delay > 200ms) continue;
            wire.run(10min);
            for (const auto& [id, station] : wire.stations) EXPECT_LE(wire.longest_gap(id), 1500ms) << id;
            EXPECT_GE(wire.count("FB EB"), 100);
            EXPECT_EQ(wire.master.unit(three)->vin, "1M8GDM9AXKP042788");
        }
    }
}

TEST(Master, AsksAtMostOneQuestionBetweenTwoHeartbeats) {
    Wire wire{knowing({one, two, three})};
    for (const char* id : {"1839", "2118", "3495"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(5min);
    std::map<std::string, int> questions_since;
    for (const auto& frame : wire.sent) {
        const std::string id = hex_of({frame.body[4], frame.body[5]});
        if (frame.body[1] == 0xE0) {
            questions_since[id] = 0;
        } else {
            for (auto& [unit, count] : questions_since) EXPECT_LE(++count, 1) << unit;
        }
    }
}

TEST(Master, TellsALoweredLimitInTheFirstGap) {
    Wire wire{knowing({one, two, three})};
    for (const char* id : {"1839", "2118", "3495"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(60s);
    for (int step = 0; step < 200; ++step) {
        wire.run(37ms);
        const bool low = step % 2 == 0;
        wire.master.set_wish(two, limit(low ? 6_A : 16_A), low ? Urgency::out_of_turn : Urgency::in_turn);
        const TimePoint asked = wire.now;
        wire.drain();
        wire.run(2s);
        if (!low) continue;
        const auto heartbeats = wire.heartbeats("2118");
        const auto told =
            std::ranges::find_if(heartbeats, [&](const Wire::Sent& frame) { return frame.when >= asked; });
        ASSERT_NE(told, heartbeats.end());
        EXPECT_EQ(order_in(told->body), "090258");
        // One exchange that is under way, and at most two heartbeats that would otherwise come too late.
        EXPECT_LE(told->when - asked, 3 * 260ms);
    }
    for (const auto& [id, station] : wire.stations) EXPECT_LE(wire.longest_gap(id), 1500ms) << id;
}

TEST(Master, DoesNotStarveOthersWhenOneWishChangesWithoutEnd) {
    for (const bool silent : {false, true}) {
        Wire wire{knowing({one, two, three})};
        for (const char* id : {"1839", "2118", "3495"}) wire.add(id).status = "0106400604";
        wire.open();
        wire.run(10s);
        wire.stations["1839"].silent = silent;
        const auto opened = wire.count("FC B2");
        for (int step = 0; step < 20'000; ++step) {
            wire.master.set_wish(one, limit(step % 2 == 0 ? 6_A : 16_A), Urgency::out_of_turn);
            if (step == 10'000) wire.master.send_contactor(three, false);
            wire.run(1ms);
        }
        for (const auto& [id, station] : wire.stations) EXPECT_LE(wire.longest_gap(id), 1500ms) << id;
        EXPECT_EQ(wire.count("FC B2") - opened, 1);
    }
}

TEST(Master, LosesAUnitAfterTwentySixSecondsAndTakesItBackByItsLinkready) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(10s);
    wire.stations["1839"].silent = true;
    wire.run(24s);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
    wire.run(3s);
    EXPECT_EQ(wire.heard<UnitLost>(), std::vector{UnitLost{one}});
    EXPECT_FALSE(wire.master.unit(one)->online);
    EXPECT_EQ(wire.master.units(), std::vector{one});
    wire.run(3s);
    EXPECT_EQ(wire.count("FC E1"), 5);
    EXPECT_EQ(wire.count("FB E2"), 2);
    const auto before = wire.sent.size();
    wire.run(10min);
    EXPECT_EQ(wire.sent.size(), before);

    wire.stations["1839"].silent = false;
    wire.link_ready("1839");
    wire.run(600ms);
    EXPECT_EQ(wire.heard<UnitFound>().size(), 2U);
    EXPECT_TRUE(wire.master.unit(one)->online);
}

TEST(Master, GivesUpOnAKnownUnitThatNeverAnswersWithoutCallingItLost) {
    Wire wire{knowing({one})};
    wire.open();
    wire.run(40s);
    EXPECT_TRUE(wire.events.empty());
    EXPECT_EQ(wire.count("FB E0"), 26);
    EXPECT_EQ(wire.count("FC E1"), 5);
    EXPECT_EQ(wire.master.counters().unanswered, 26U);
    EXPECT_EQ(wire.master.next_deadline(), TimePoint::max());
}

TEST(Master, AnnouncesItselfOnlyWhenItKnowsNobody) {
    Wire wire{MasterSettings{}};
    wire.open();
    wire.run(10s);
    EXPECT_EQ(wire.count("FC E1 77 77 77"), 5);
    EXPECT_EQ(wire.count("FB E2 77 77 77"), 2);
    EXPECT_EQ(wire.sent.size(), 7U);
}

TEST(Master, LinksAUnitAtOnceByItsLinkready) {
    Wire wire{MasterSettings{}};
    wire.add("1839");
    wire.open();
    wire.run(5s);
    wire.link_ready("1839");
    wire.run(60ms);
    ASSERT_EQ(wire.heartbeats("1839").size(), 1U);
    EXPECT_LE(wire.heartbeats("1839")[0].when - wire.now, 0ms);
    wire.run(1s);
    EXPECT_EQ(wire.master.unit(one)->known,
              (KnownUnit{.id = one, .protocol = Protocol::v2, .max_current = 32_A}));
    EXPECT_EQ(wire.heard<UnitFound>(), std::vector{UnitFound{one}});
}

TEST(Master, LearnsTheGenerationFromTheLength) {
    Wire wire{MasterSettings{}};
    wire.add("022c", 14);
    wire.open();
    wire.run(5s);
    wire.link_ready("022c", "1F 40", 14);
    wire.run(1s);
    EXPECT_EQ(wire.master.unit(TwcId{0x022C})->known,
              (KnownUnit{.id = TwcId{0x022C}, .protocol = Protocol::v1, .max_current = 80_A}));
    EXPECT_EQ(wire.heartbeats("022c").at(0).body.size(), 13U);
}

TEST(Master, KeepsARestartedUnitAndTakesALowerRatingAtOnceAHigherOneWhenItCameTwice) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(10s + 500ms);
    const auto before = wire.heartbeats("1839").size();
    wire.link_ready("1839", "06 40");
    wire.run(100ms);
    EXPECT_EQ(wire.heartbeats("1839").size(), before + 1);
    EXPECT_EQ(wire.master.unit(one)->known.max_current, 16_A);
    wire.link_ready("1839", "0F A0");
    EXPECT_EQ(wire.master.unit(one)->known.max_current, 16_A);
    wire.link_ready("1839", "0F A0");
    EXPECT_EQ(wire.master.unit(one)->known.max_current, 40_A);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
}

TEST(Master, NeverBelievesAnImplausibleRatingButTwiceThatThereIsAUnit) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.add("2118");
    wire.open();
    wire.run(1s);
    wire.link_ready("1839", "2E 69");
    wire.link_ready("2118", "00 64");
    wire.run(1s);
    EXPECT_EQ(wire.master.unit(one)->known.max_current, 32_A);
    EXPECT_EQ(wire.master.unit(two), nullptr);
    wire.link_ready("2118", "00 64");
    wire.run(1s);
    ASSERT_NE(wire.master.unit(two), nullptr);
    EXPECT_EQ(wire.master.unit(two)->known.max_current, std::nullopt);
}

TEST(Master, IgnoresAFourthUnitUntilAPlaceIsFree) {
    Wire wire{knowing({one, two, three})};
    for (const char* id : {"1839", "2118", "3495", "4085"}) wire.add(id);
    wire.open();
    wire.run(5s);
    wire.link_ready("4085");
    wire.run(5s);
    EXPECT_EQ(wire.heard<FourthUnitIgnored>(), std::vector{FourthUnitIgnored{TwcId{0x4085}}});
    EXPECT_EQ(wire.heartbeats("4085").size(), 0U);
    wire.stations["2118"].silent = true;
    wire.run(28s);
    wire.link_ready("4085");
    wire.run(1s);
    EXPECT_TRUE(wire.master.unit(TwcId{0x4085})->online);
    wire.stations["2118"].silent = false;
    wire.link_ready("2118");
    wire.run(1s);
    EXPECT_FALSE(wire.master.unit(two)->online);
}

TEST(Master, DropsItsOwnEcho) {
    Wire wire{MasterSettings{}};
    wire.add("1839");
    wire.echo = true;
    wire.open();
    wire.run(4s);
    wire.link_ready("1839");
    wire.run(20s);
    EXPECT_TRUE(wire.heard<OtherMasterHeard>().empty());
    EXPECT_TRUE(wire.heard<FrameRejected>().empty());
    EXPECT_EQ(wire.master.counters().echoes, wire.sent.size());
    EXPECT_TRUE(wire.master.unit(one)->online);
    EXPECT_LE(wire.longest_gap("1839"), 1050ms);
}

TEST(Master, DoesNotTakeItsEchoForASignOfLife) {
    Wire wire{knowing({one})};
    wire.echo = true;
    wire.open();
    wire.run(5s);
    EXPECT_GT(wire.master.counters().echoes, 0U);
    EXPECT_EQ(wire.master.valid_frame_heard(), std::nullopt);
}

TEST(Master, ReportsAnotherMaster) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(500ms);
    for (const char* frame : {"FC E1 79 73 76", "FB E2 79 73 76", "FB E0 79 73 34 95"}) {
        wire.say(frame_of(frame, 16));
        wire.run(0s);
    }
    const OtherMasterHeard other{TwcId{0x7973}};
    EXPECT_EQ(wire.heard<OtherMasterHeard>(), (std::vector{other, other, other}));
}

TEST(Master, IgnoresAStrangerAndASlaveWithItsOwnId) {
    Wire wire{knowing({one})};
    wire.open();
    wire.run(500ms);
    wire.say(frame_of("FD E0 90 90 77 77", 16));
    wire.run(0s);
    wire.link_ready("7777");
    EXPECT_EQ(wire.master.units(), std::vector{one});
    ASSERT_EQ(wire.events.size(), 1U);
    EXPECT_EQ(wire.heard<OwnIdHeard>().size(), 1U);
    EXPECT_EQ(wire.master.counters().frames_received, 2U);
    EXPECT_EQ(wire.master.valid_frame_heard(), wire.now);
}

TEST(Master, ConfirmsAWishOnlyByTheAnswerToTheHeartbeatThatToldIt) {
    Wire wire{knowing({one})};
    wire.add("1839").status = "0106400604";
    wire.open();
    wire.run(10s + 750ms);
    wire.events.clear();
    wire.master.set_wish(one, limit(10_A), Urgency::out_of_turn);
    wire.drain();
    wire.master.set_wish(one, limit(6_A), Urgency::in_turn);
    wire.run(300ms);
    const auto first = wire.heard<HeartbeatHeard>();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].answers, limit(10_A));
    EXPECT_EQ(first[0].heartbeat.limit, 10_A);
}

TEST(Master, TakesALateOrUnaskedHeartbeatForAFactButForNoAnswer) {
    Wire wire{knowing({one})};
    wire.stations.clear();
    wire.open();
    wire.master.set_wish(one, limit(10_A), Urgency::in_turn);
    wire.run(1400ms);  // nobody answers within the window of either heartbeat
    for (int times = 0; times < 2; ++times) wire.say(frame_of("FD E0 18 39 77 77 01 06 40 06 04", 16));
    wire.run(0s);
    const auto heard = wire.heard<HeartbeatHeard>();
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].answers, std::nullopt);
    EXPECT_EQ(wire.master.unit(one)->drawn, 1540_cA);
}

TEST(Master, DoesNotTakeAnAnswerToSomebodyElseForItsOwn) {
    Wire wire{knowing({one, two})};
    for (const char* id : {"1839", "2118"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(2s + 600ms);
    for (auto& [id, station] : wire.stations) station.silent = true;
    wire.run(wire.heartbeats("1839").back().when + 1s - wire.now);
    wire.events.clear();
    wire.say(wire.now + 200ms, frame_of("FD E0 21 18 77 77 01 06 40 06 04", 16));
    wire.say(wire.now + 250ms, frame_of("FD E0 18 39 79 73 01 06 40 06 04", 16));
    wire.say(wire.now + 300ms, frame_of("FD E0 18 39 00 00 01 06 40 06 04", 16));
    wire.run(310ms);
    const auto heard = wire.heard<HeartbeatHeard>();
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_EQ(heard[1].answers, std::nullopt);
    EXPECT_EQ(heard[2].answers, Wish{});
}

TEST(Master, SaysNothingToAUnitInSilenceAndServesTheOthersAsBefore) {
    const Wish silence{.kind = Wish::Kind::silence, .limit = {}};
    Wire wire{knowing({one, two, three})};
    wire.add("1839").status = "0106400604";
    wire.add("2118").status = "0106400604";
    wire.add("3495").status = "0106400604";
    wire.open();
    wire.run(5min);
    wire.master.send_contactor(two, false);
    wire.master.set_wish(two, silence, Urgency::out_of_turn);
    wire.run(1s);
    wire.sent.clear();
    for (int second = 0; second < 40; ++second) {
        if (second >= 10) wire.link_ready("2118");
        wire.master.send_contactor(two, false);
        wire.run(1s);
    }
    for (const auto& frame : wire.sent) EXPECT_NE(hex_of({frame.body[4], frame.body[5]}), "2118");
    EXPECT_LE(std::max(wire.longest_gap("1839"), wire.longest_gap("3495")), 1100ms);
    EXPECT_GT(wire.count("FB EB 77 77 18 39"), 0);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
    EXPECT_TRUE(wire.master.unit(two)->online);

    wire.sent.clear();
    wire.master.set_wish(two, {}, Urgency::out_of_turn);
    wire.run(60s);
    EXPECT_LE(wire.sent.front().when, wire.now - 59s);
    EXPECT_EQ(hex_of({wire.sent.front().body[4], wire.sent.front().body[5]}), "2118");
    for (const char* unit : {"1839", "2118", "3495"}) EXPECT_LE(wire.longest_gap(unit), 1500ms) << unit;
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
}

TEST(Master, LosesAUnitThatDoesNotComeBackFromASilence) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(10s);
    wire.master.set_wish(one, {.kind = Wish::Kind::silence, .limit = {}}, Urgency::in_turn);
    wire.run(60s);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
    wire.stations.at("1839").silent = true;
    wire.master.set_wish(one, {}, Urgency::in_turn);
    wire.run(25s);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
    wire.run(2s);
    EXPECT_EQ(wire.heard<UnitLost>(), std::vector{UnitLost{one}});
}

TEST(Master, SendsAContactorCommandOnceAndInTheFirstGap) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(5s + 750ms);
    wire.master.send_contactor(one, false);
    const auto before = wire.sent.size();
    wire.run(270ms);
    ASSERT_GT(wire.sent.size(), before);
    EXPECT_EQ(wire.sent[before].body, bytes_of("FC B2 77 77 18 39 00 00 00 00 00 00 00 00 00"));
    wire.run(10s);
    EXPECT_EQ(wire.count("FC B2"), 1);
    wire.master.send_contactor(one, true);
    wire.run(1s);
    EXPECT_EQ(wire.count("FC B1"), 1);
    wire.master.send_contactor(two, true);
    wire.run(1s);
    EXPECT_EQ(wire.count("FC B1"), 1);
}

TEST(Master, OnlyListensWhenItObserves) {
    MasterSettings settings = knowing({one});
    settings.observe = true;
    Wire wire{settings};
    wire.open();
    wire.run(1s);
    for (int times = 0; times < 2; ++times) {
        wire.say(frame_of("FB E0 79 73 02 2C", 14));
        wire.run(200ms);
        wire.say(frame_of("FD E0 02 2C 79 73 01 06 40 06 04", 14));
        wire.run(1s);
    }
    wire.link_ready("2118");
    wire.run(1min);
    EXPECT_TRUE(wire.sent.empty());
    EXPECT_EQ(wire.heard<UnitFound>(), std::vector{UnitFound{TwcId{0x022C}}});
    EXPECT_EQ(wire.heard<UnitLost>(), std::vector{UnitLost{TwcId{0x022C}}});
    EXPECT_EQ(wire.master.unit(TwcId{0x022C})->known.protocol, Protocol::v1);
    EXPECT_EQ(wire.master.unit(two)->known.max_current, 32_A);
    EXPECT_EQ(wire.heard<OtherMasterHeard>().size(), 2U);
}

TEST(Master, IsSilentWhileThePortIsClosedAndResumesAtOnce) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.open();
    wire.run(5s + 100ms);
    wire.master.handle_closed(wire.now);
    const auto before = wire.sent.size();
    wire.master.send_contactor(one, false);
    wire.run(10s);
    EXPECT_EQ(wire.sent.size(), before);
    wire.open();
    EXPECT_EQ(wire.sent.size(), before + 1);
    EXPECT_EQ(wire.sent.back().body.at(1), 0xE0);
    wire.run(1s);
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
    wire.master.handle_closed(wire.now);
    wire.run(1min);
    EXPECT_EQ(wire.heard<UnitLost>().size(), 1U);
    wire.open();
    wire.run(1s);
    EXPECT_TRUE(wire.master.unit(one)->online);
}

TEST(Master, NeitherStoresNorPursuesAVinWithAWrongCheckDigit) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.damage = [](Bytes bytes) {
        return bytes.at(2) == 0xF1 ? frame_of("FD F1 18 39 37 38 39", 20) : bytes;
    };
    wire.open();
    wire.run(1h);
    EXPECT_EQ(wire.master.unit(one)->vin, std::nullopt);
    EXPECT_EQ(wire.count("FB F1"), 3);
    wire.damage = [](Bytes bytes) { return bytes; };
    wire.master.ask_vin(one);
    wire.run(10s);
    EXPECT_EQ(wire.master.unit(one)->vin, "1M8GDM9AXKP042788");
    EXPECT_EQ(wire.count("FB F1"), 4);
}

TEST(Master, BelievesAUnitThatItKnowsOfNoVin) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.damage = [](Bytes bytes) {
        const bool vin = bytes.at(2) == 0xEE || bytes.at(2) == 0xEF || bytes.at(2) == 0xF1;
        return vin ? frame_of("FD " + hex_of({bytes[2]}) + "18 39", 20) : bytes;
    };
    wire.open();
    wire.run(1h);
    EXPECT_EQ(wire.master.unit(one)->vin, "");
    EXPECT_GE(wire.count("FB EE"), 3);
    EXPECT_LE(wire.count("FB EE"), 5);
    EXPECT_LE(wire.longest_gap("1839"), 1050ms);
}

TEST(Master, AsksAgainForAVinThatTheUnitDoesNotKnowYet) {
    Wire wire{knowing({one})};
    wire.add("1839");
    bool known = false;
    wire.damage = [&known](Bytes bytes) {
        const bool vin = bytes.at(2) == 0xEE || bytes.at(2) == 0xEF || bytes.at(2) == 0xF1;
        return vin && !known ? frame_of("FD " + hex_of({bytes[2]}) + "18 39", 20) : bytes;
    };
    wire.open();
    wire.run(15s);
    EXPECT_GE(wire.count("FB F1"), 1);
    EXPECT_EQ(wire.master.unit(one)->vin, std::nullopt);
    known = true;
    wire.run(15s);
    EXPECT_EQ(wire.master.unit(one)->vin, "1M8GDM9AXKP042788");
    const auto asked = wire.count("FB EE");
    wire.run(1h);
    EXPECT_EQ(wire.count("FB EE"), asked);
}

TEST(Master, AnObserverBelievesAtOnceThatAUnitKnowsOfNoVin) {
    auto settings = knowing({one});
    settings.observe = true;
    Wire wire{settings};
    wire.open();
    for (const auto* part : {"FD EE 18 39", "FD EF 18 39", "FD F1 18 39"}) {
        wire.say(frame_of(part, 20));
        wire.run(1s);
    }
    EXPECT_EQ(wire.master.unit(one)->vin, "");
}

TEST(Master, AUnitThatWasAwayMayComeBackWithAnotherCar) {
    Wire wire{knowing({one})};
    auto& station = wire.add("1839");
    wire.open();
    wire.run(30s);
    ASSERT_EQ(wire.master.unit(one)->vin, "1M8GDM9AXKP042788");
    station.silent = true;
    wire.run(30s);
    ASSERT_FALSE(wire.master.unit(one)->online);
    station.silent = false;
    wire.link_ready("1839");
    wire.run(2s);
    ASSERT_TRUE(wire.master.unit(one)->online);
    EXPECT_EQ(wire.master.unit(one)->vin, std::nullopt);
    wire.run(30s);
    EXPECT_EQ(wire.master.unit(one)->vin, "1M8GDM9AXKP042788");
}

TEST(Master, AsksAUnitThatAnswersNoQuestionsEverLessOften) {
    Wire wire{knowing({one})};
    wire.add("1839").answers_questions = false;
    wire.open();
    wire.run(3h);
    EXPECT_LE(wire.count("FB E") - wire.count("FB E0"), 3 * 12);
    EXPECT_LE(wire.longest_gap("1839"), 1500ms);
    EXPECT_TRUE(wire.master.unit(one)->online);
}

TEST(Master, SurvivesEveryFlippedByteOfADialogue) {
    for (std::size_t flipped = 0; flipped < 25 * 19; flipped += 1) {
        SCOPED_TRACE(flipped);
        Wire wire{knowing({one, two})};
        wire.add("1839").status = "0106400604";
        wire.add("2118").status = "0106400604";
        std::size_t passed = 0;
        wire.damage = [&](Bytes bytes) {
            for (std::uint8_t& byte : bytes) {
                if (passed++ == flipped) byte = static_cast<std::uint8_t>(~byte);
            }
            return bytes;
        };
        wire.open();
        wire.run(12s);
        EXPECT_TRUE(wire.heard<UnitLost>().empty());
        EXPECT_TRUE(wire.master.unit(one)->online);
        EXPECT_TRUE(wire.master.unit(two)->online);
        EXPECT_EQ(wire.master.units().size(), 2U);
        EXPECT_LE(wire.master.counters().frames_rejected, 2U);
        EXPECT_LE(wire.longest_gap("1839"), 1500ms);
    }
}

TEST(Master, HearsThroughGarbageBetweenFrames) {
    Wire wire{knowing({one})};
    wire.add("1839");
    wire.damage = [](Bytes bytes) {
        const Bytes noise = bytes_of("00 02 C0 7C 00 C0 DB DB C0 55");
        bytes.insert(bytes.begin(), noise.begin(), noise.end());
        return bytes;
    };
    wire.open();
    wire.run(1min);
    EXPECT_TRUE(wire.master.unit(one)->online);
    EXPECT_EQ(wire.master.counters().frames_rejected, 0U);
    EXPECT_EQ(wire.master.counters().unanswered, 0U);
}

TEST(Master, DoesNotTransmitIntoAFrame) {
    Wire wire{knowing({one})};
    wire.open();
    wire.run(960ms);
    wire.say(bytes_of("C0 FD E0 18 39"));
    wire.run(99ms);
    EXPECT_EQ(wire.sent.size(), 1U);
    wire.run(1ms);
    EXPECT_EQ(wire.sent.size(), 2U);
}

TEST(Master, CountsAndReportsWhatIsNoFrame) {
    Wire wire{knowing({one})};
    wire.open();
    wire.run(500ms);
    wire.say(bytes_of("C0 FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 71 C0"));
    wire.run(0s);
    EXPECT_EQ(wire.heard<FrameRejected>(), std::vector{FrameRejected{DecodeError::checksum}});
    EXPECT_EQ(wire.master.counters().frames_rejected, 1U);
    EXPECT_EQ(wire.master.valid_frame_heard(), std::nullopt);
}

TEST(Master, WakesOnlyWhenThereIsSomethingToDo) {
    Wire wire{knowing({one, two, three})};
    for (const char* id : {"1839", "2118", "3495"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(1min);
    wire.wakes = 0;
    const auto before = wire.sent.size();
    wire.run(10min);
    const auto sent = static_cast<int>(wire.sent.size() - before);
    EXPECT_LE(wire.wakes, 2 * sent + 10);  // once to speak, once to hear
}

TEST(Master, RepeatsAnUnansweredHeartbeatAtOnceButNotForEver) {
    Wire wire{knowing({one, two})};
    for (const char* id : {"1839", "2118"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(30s);
    const auto silent_since = wire.heartbeats("1839").size();
    wire.stations["1839"].silent = true;
    wire.run(5s);
    EXPECT_GE(wire.heartbeats("1839").size() - silent_since, 9U);
    wire.run(1s);
    const auto given_up = wire.heartbeats("1839").size();
    wire.run(10s);
    EXPECT_LE(wire.heartbeats("1839").size() - given_up, 11U);
    EXPECT_LE(wire.longest_gap("2118"), 1500ms);
}

TEST(Master, RepeatsALoweredLimitBeforeOthersGetTheirsAgain) {
    Wire wire{knowing({one, two, three})};
    for (const char* id : {"1839", "2118", "3495"}) wire.add(id).status = "0106400604";
    wire.open();
    wire.run(30s);
    wire.stations["1839"].silent = true;
    const auto told = wire.heartbeats("1839").size();
    wire.master.set_wish(one, limit(6_A), Urgency::out_of_turn);
    wire.run(300ms);
    wire.stations["1839"].silent = false;
    wire.run(600ms);
    EXPECT_EQ(wire.master.unit(one)->limit_in_force, 6_A);
    const auto heartbeats = wire.heartbeats("1839");
    ASSERT_GT(heartbeats.size(), told + 1);
    EXPECT_LE(heartbeats[told + 1].when - heartbeats[told].when, 330ms);
}

TEST(Master, BelievesAUnitThatIsThereWhenItSaidTheSameTwice) {
    Wire wire{knowing({one})};
    int answers = 0;
    wire.add("1839").status = "0106400604";
    wire.damage = [&](Bytes bytes) {
        return ++answers == 1 ? frame_of("FD E0 18 39 77 77 01 0C 80 0C 00", 16) : bytes;
    };
    wire.open();
    wire.run(2s);
    EXPECT_EQ(wire.heard<UnitFound>().size(), 1U);
    ASSERT_FALSE(wire.heard<HeartbeatHeard>().empty());
    EXPECT_EQ(wire.heard<HeartbeatHeard>()[0].heartbeat.limit, 16_A);
}

TEST(Master, NeverBelievesOneOddMeterReportAndAsksAgainAtOnce) {
    Wire wire{knowing({one})};
    wire.add("1839").status = "0106400604";
    wire.open();
    wire.run(1min);
    int lies = 1;
    wire.damage = [&](Bytes bytes) {
        const bool meter = bytes.at(2) == 0xEB;
        return meter && lies-- > 0 ? frame_of("FD EB 18 39 00 00 03 9C 00 17 00 F0 00 F5 20 00 00", 20)
                                   : bytes;
    };
    wire.run(30s);
    EXPECT_LT(lies, 1);
    EXPECT_EQ(wire.master.unit(one)->meter->volts[0], Volts{244});
    lies = 1'000;
    const auto asked = wire.count("FB EB");
    wire.run(1min);
    EXPECT_EQ(wire.master.unit(one)->meter->volts[0], Volts{23});
    EXPECT_LE(wire.count("FB EB") - asked, 9);
}

TEST(Master, AMeterThatNeverSaysTheSameTwiceIsNoReasonForMoreQuestions) {
    Wire wire{knowing({one})};
    wire.add("1839").status = "0106400604";
    bool odd = false;
    wire.damage = [&](Bytes bytes) {
        if (bytes.at(2) != 0xEB) return bytes;
        odd = !odd;
        return odd ? frame_of("FD EB 18 39 00 00 03 9C 00 F4", 20)
                   : frame_of("FD EB 18 39 00 00 03 9C 00 50", 20);
    };
    wire.open();
    wire.run(10min);
    EXPECT_EQ(wire.master.unit(one)->meter, std::nullopt);
    EXPECT_LE(wire.count("FB EB"), 65);
    EXPECT_LE(wire.longest_gap("1839"), 1500ms);
}

TEST(Master, AnnouncesItselfToAUnitThatHasItsIdWhenItSpeaksToNobody) {
    Wire wire{MasterSettings{}};
    wire.open();
    wire.run(1min);
    const auto before = wire.count("FC E1");
    wire.link_ready("7777");
    wire.run(5s);
    EXPECT_EQ(wire.count("FC E1"), before + 5);
    EXPECT_EQ(wire.heard<OwnIdHeard>().size(), 1U);
    EXPECT_TRUE(wire.master.units().empty());
}

TEST(Master, TellsTwinsByTheirAnswersToOneHeartbeat) {
    Wire wire{knowing({one})};
    wire.add("1839").status = "0106400604";
    wire.open();
    wire.run(10s);
    EXPECT_TRUE(wire.heard<TwinsHeard>().empty());
    for (int times = 0; times < 3; ++times) {
        wire.run(2s);
        const auto answer = wire.heartbeats("1839").back().when + 1s + 215ms + 30ms;
        wire.say(answer, frame_of("FD E0 18 39 77 77 01 06 40 05 00", 16));
        wire.run(answer - wire.now + 100ms);
    }
    EXPECT_EQ(wire.heard<TwinsHeard>(), std::vector{TwinsHeard{one}});
}

TEST(Master, TellsTwinsByTheirSignsButNotAUnitThatRestarts) {
    Wire wire{MasterSettings{}};
    const auto announce = [&](const char* sign) {
        wire.say(frame_of("FD E2 18 39 " + std::string{sign} + " 0C 80", 16));
        wire.run(10s);
    };
    wire.open();
    for (const char* sign : {"11", "11", "22", "22", "33", "44"}) announce(sign);
    EXPECT_TRUE(wire.heard<TwinsHeard>().empty());
    for (const char* sign : {"33", "44"}) announce(sign);
    EXPECT_EQ(wire.heard<TwinsHeard>(), std::vector{TwinsHeard{one}});
}

TEST(Master, TheHalfFrameThatWasOnTheLineWhenThePortOpenedIsNoError) {
    const Bytes whole = frame_of("FD E0 18 39 77 77 01 06 40 06 04", 16);
    for (std::size_t begin = 1; begin < whole.size(); ++begin) {
        Wire wire{knowing({one})};
        wire.add("1839");
        const auto at = wire.now + 100ms;
        wire.say(at, {whole.begin() + static_cast<std::ptrdiff_t>(begin), whole.end()});
        wire.open();
        wire.run(1s);
        EXPECT_TRUE(wire.heard<FrameRejected>().empty()) << begin;
        EXPECT_TRUE(wire.master.unit(one)->online) << begin;
    }
}

// github.com/dracoventions/TWCManager/issues/9: the unit speaks 0.1 s after our first frame, with a stray
// byte and no closing delimiter of its own, and again 8 s later.
TEST(Replay, LinksTheUnitOfIssueNine) {
    Wire wire{MasterSettings{}};
    wire.add("1839");
    wire.open();
    wire.say(wire.now + 90ms, bytes_of("C0 FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 FF C0"));
    wire.run(8s);
    EXPECT_EQ(wire.heard<FrameRejected>(), std::vector{FrameRejected{DecodeError::checksum}});
    wire.say(bytes_of("C0 FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 C0"));
    wire.run(600ms);
    EXPECT_EQ(wire.heard<UnitFound>(), std::vector{UnitFound{one}});
    EXPECT_EQ(wire.heartbeats("1839").size(), 2U);
}

// github.com/ngardiner/TWCManager/pull/186: answers after 195 ms, another answer 155 ms later, unanswered
// heartbeats.
TEST(Replay, FollowsTheUnitOfPullOneHundredEightySix) {
    const TwcId unit{0x2433};
    Wire wire{knowing({unit})};
    wire.open();
    const Bytes charging = bytes_of("C0 FD E0 24 33 77 77 08 07 D0 01 62 00 00 00 00 67 C0 FC");
    wire.master.set_wish(unit, limit(16_A), Urgency::in_turn);
    wire.say(wire.now + 211ms, charging);
    wire.say(wire.now + 366ms, charging);
    wire.run(6s);
    const auto heard = wire.heard<HeartbeatHeard>();
    ASSERT_EQ(heard.size(), 1U);  // the first answer alone is not believed yet
    EXPECT_EQ(heard[0].answers, limit(16_A));
    EXPECT_EQ(order_in(wire.heartbeats("2433").back().body), "090640");
    wire.say(wire.heartbeats("2433").back().when + 1s + 205ms,
             bytes_of("C0 FD E0 24 33 77 77 03 02 58 00 00 00 00 00 00 82 C0 FC"));
    wire.run(2s);
    EXPECT_EQ(wire.heard<HeartbeatHeard>().at(1).answers, limit(16_A));
    EXPECT_EQ(order_in(wire.heartbeats("2433").back().body), "050640");
    EXPECT_TRUE(wire.heard<UnitLost>().empty());
}

// github.com/ngardiner/TWCManager/issues/395: a version 1 unit in error while 16.86 A still flow.
TEST(Replay, TellsTheUnitOfIssueThreeHundredNinetyFiveItsLimit) {
    const TwcId unit{0x022C};
    Wire wire{knowing({unit}, Protocol::v1)};
    wire.open();
    wire.master.set_wish(unit, limit(22_A), Urgency::in_turn);
    const auto said = bytes_of("FE C0 FD E0 02 2C 77 77 02 00 00 06 96 00 00 9A C0 FE");
    wire.say(wire.now + 200ms, said);
    wire.say(wire.now + 460ms, said);
    wire.run(1500ms);
    EXPECT_EQ(wire.master.unit(unit)->drawn, 1686_cA);
    EXPECT_EQ(wire.master.unit(unit)->state, 0x02);
    EXPECT_EQ(wire.sent.back().body, bytes_of("FB E0 77 77 02 2C 05 08 98 00 00 00 00"));
}

}  // namespace
}  // namespace twc

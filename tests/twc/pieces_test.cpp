// The small pure pieces behind the master, each by itself.
#include <gtest/gtest.h>

#include <algorithm>

#include "twc/announcement.hpp"
#include "twc/line.hpp"
#include "twc/meter_belief.hpp"
#include "twc/questions.hpp"
#include "twc/schedule.hpp"
#include "twc/twins.hpp"
#include "twc/vin.hpp"
#include "twc/wish.hpp"
#include "vectors.hpp"

namespace twc {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration since_start) { return TimePoint{since_start}; }

constexpr TwcId a{0x000A};
constexpr TwcId b{0x000B};
constexpr TwcId c{0x000C};

struct OrderRow {
    Protocol protocol;
    std::uint8_t state;
    Centiamps in_force;
    Wish wish;
    HeartbeatOrder order;
};

Wish limit_of(Centiamps current) { return {.kind = Wish::Kind::limit, .limit = current}; }
Wish zero() { return {.kind = Wish::Kind::zero, .limit = {}}; }

TEST(OrderFor, FollowsTheTable) {
    using enum Command;
    const auto v1 = Protocol::v1;
    const auto v2 = Protocol::v2;
    const HeartbeatOrder nothing{};
    const std::vector<OrderRow> rows{
        {v1, 0x01, 6_A, Wish{}, nothing},
        {v2, 0x01, 6_A, Wish{}, nothing},
        {v1, 0x01, 16_A, limit_of(16_A), nothing},
        {v2, 0x09, 16_A, limit_of(16_A), nothing},
        {v1, 0x00, 0_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v1, 0x01, 6_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v1, 0x08, 0_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v2, 0x00, 0_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v2, 0x03, 6_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v2, 0x04, 0_A, limit_of(16_A), {limit_before_charging, 16_A}},
        {v2, 0x08, 0_A, limit_of(16_A), {limit_at_start, 16_A}},
        {v2, 0x08, 20_A, limit_of(16_A), {limit_while_charging, 16_A}},
        {v2, 0x01, 6_A, limit_of(16_A), {limit_while_charging, 16_A}},
        {v2, 0x02, 0_A, limit_of(6_A), {limit_while_charging, 6_A}},
        {v2, 0x05, 6_A, limit_of(16_A), {limit_while_charging, 16_A}},
        {v2, 0x09, 6_A, limit_of(1605_cA), {limit_while_charging, 1605_cA}},
        {v2, 0x0A, 6_A, limit_of(16_A), {limit_while_charging, 16_A}},
        {v1, 0x01, 16_A, zero(), {limit_before_charging, 0_A}},
        {v1, 0x03, 0_A, zero(), {limit_before_charging, 0_A}},
        {v2, 0x01, 16_A, zero(), nothing},
    };
    for (const OrderRow& row : rows) {
        Unit unit;
        unit.known.protocol = row.protocol;
        unit.state = row.state;
        unit.limit_in_force = row.in_force;
        EXPECT_EQ(order_for(unit, row.wish), row.order)
            << "version " << static_cast<int>(row.protocol) << " state " << static_cast<int>(row.state)
            << " in force " << row.in_force << " wish " << row.wish.limit;
    }
}

TEST(Lowers, IsTrueForLessOfALimitAndForZero) {
    EXPECT_TRUE(lowers(limit_of(16_A), limit_of(10_A)));
    EXPECT_TRUE(lowers(Wish{}, zero()));
    EXPECT_FALSE(lowers(limit_of(10_A), limit_of(16_A)));
    EXPECT_FALSE(lowers(Wish{}, limit_of(6_A)));
    EXPECT_FALSE(lowers(limit_of(10_A), Wish{}));
}

TEST(Line, NeedsAMillisecondForAByte) {
    EXPECT_EQ(time_on_line(0), 0us);
    EXPECT_EQ(time_on_line(19), 19792us);
}

TEST(Line, ListensFirstWhenOpenedAndIsNeverFreeWhileClosed) {
    Line line;
    EXPECT_EQ(line.free_at(), TimePoint::max());
    line.open(at(5s));
    EXPECT_EQ(line.free_at(), at(5s + opening_time));
    (void)line.receive(bytes_of("18 39 77 77 01"),
                       at(5240ms));  // the rest of an answer to somebody before us
    EXPECT_EQ(line.free_at(), at(5240ms + quiet_time));
    line.close();
    EXPECT_EQ(line.free_at(), TimePoint::max());
    EXPECT_TRUE(line.receive(bytes_of("C0 FD"), at(6s)).empty());
}

TEST(Line, WaitsForAReplyAndThenForSilence) {
    Line line;
    line.open(at(0s));
    line.transmit(19, reply_window, at(0s));
    EXPECT_EQ(line.free_at(), at(19792us + 300ms));
    EXPECT_FALSE(line.done_listening(at(300ms)));
    EXPECT_EQ(
        line.receive(bytes_of("C0 FD E0 18 39 77 77 01 06 40 06 04 00 00 00 00 70 C0 FC"), at(200ms)).size(),
        1U);
    EXPECT_EQ(line.free_at(), at(19792us + 300ms));
    line.stop_listening(at(200ms));
    EXPECT_EQ(line.free_at(), at(230ms));
}

TEST(Line, StaysSilentAfterAFrameThatNobodyAnswers) {
    Line line;
    line.open(at(0s));
    line.transmit(17, Duration::zero(), at(0s));
    EXPECT_EQ(line.free_at(), at(time_on_line(17) + quiet_time));
}

TEST(Line, GivesUpOnAHalfFrame) {
    Line line;
    line.open(at(0s));
    (void)line.receive(bytes_of("C0 FD E0 18 39"), at(1s));
    EXPECT_EQ(line.free_at(), at(1100ms));
    EXPECT_EQ(line.receive(bytes_of("77 77 01 06 40 06 04 00 00 00 00 70 C0"), at(1100ms)).size(), 0U);
}

TEST(Line, ListensToAFrameThatBeganInTheWindow) {
    Line line;
    line.open(at(0s));
    line.transmit(19, reply_window, at(0s));
    (void)line.receive(bytes_of("C0 FD E0 18 39 77 77"), at(310ms));
    EXPECT_FALSE(line.done_listening(at(325ms)));
    EXPECT_EQ(line.receive(bytes_of("01 06 40 06 04 00 00 00 00 70 C0"), at(328ms)).size(), 1U);
    EXPECT_TRUE(line.done_listening(at(329ms)));
}

TEST(Schedule, HasRoundsOfASecondOrWhatThreeUnitsAndAQuestionNeed) {
    EXPECT_EQ(round_time(1), 1000ms);
    EXPECT_EQ(round_time(2), 1000ms);
    EXPECT_EQ(round_time(3), 1036ms);
    EXPECT_EQ(turn_time(1), 500ms);
    EXPECT_EQ(turn_time(3), 259ms);
}

TEST(Schedule, KeepsTheRhythmWhateverElseIsSaid) {
    EXPECT_EQ(turn_after(at(2s), at(2s), 3), at(3036ms));
    EXPECT_EQ(turn_after(at(2s), at(2100ms), 3), at(3036ms))
        << "a late heartbeat makes the next one no later";
    EXPECT_EQ(turn_after(at(2s), at(1s), 3), at(2s)) << "a command comes in addition";
    EXPECT_EQ(turn_after(at(2s), at(1800ms), 3), at(3036ms)) << "just before the turn it stands for it";
    EXPECT_EQ(turn_after(at(2s), at(9s), 1), at(10s)) << "what was missed is not made up for";
}

TEST(Schedule, ServesWhoeverHasHisTurnFirst) {
    const std::vector<Turn> turns{{a, at(1s), at(3s)}, {b, at(2s), at(2500ms)}};
    EXPECT_EQ(next_turn(turns)->id, b);
    EXPECT_EQ(next_turn({}), nullptr);
}

TEST(Schedule, PutsLoweredBeforeRaised) {
    const std::vector<Turn> turns{
        {a, at(1s), {}, Haste::raised}, {b, at(3s), {}, Haste::lowered}, {c, at(2s), {}, Haste::lowered}};
    EXPECT_EQ(most_hasty(turns)->id, c);
    EXPECT_EQ(most_hasty(std::span{turns}.first(1))->id, a);
    const std::vector<Turn> calm{{a, at(1s), {}}};
    EXPECT_EQ(most_hasty(calm), nullptr);
}

TEST(Schedule, LeavesTimeOnlyAsLongAsEveryBoundCanBeKept) {
    const std::vector<Turn> turns{{a, at(0ms), {}}, {b, at(255ms), {}}, {c, at(510ms), {}}};
    EXPECT_TRUE(leaves_time(turns, at(960ms), std::nullopt));
    EXPECT_FALSE(leaves_time(turns, at(961ms), std::nullopt));  // c would be reached at 2011 ms
    EXPECT_TRUE(leaves_time(turns, at(1055ms), c));
    EXPECT_FALSE(leaves_time(turns, at(1056ms), c));
    EXPECT_FALSE(leaves_time(std::vector<Turn>{{a, std::nullopt, {}}}, at(0s), std::nullopt));
}

TEST(Announcement, IsFiveOfTheFirstKindAndTwoOfTheSecond) {
    Announcement announcement;
    EXPECT_EQ(announcement.due(), std::nullopt);
    announcement.begin(at(1s));
    std::vector<int> rounds;
    std::vector<TimePoint> moments;
    while (announcement.due()) {
        const TimePoint now = *announcement.due();
        moments.push_back(now);
        rounds.push_back(announcement.take(now).round);
    }
    EXPECT_EQ(rounds, (std::vector{1, 1, 1, 1, 1, 2, 2}));
    EXPECT_EQ(moments.at(4), at(1400ms));
    EXPECT_EQ(moments.at(6) - moments.at(5), 600ms);
}

/// One heartbeat that both answer; returns the verdict.
bool answered_twice(Twins& twins, TimePoint now) {
    twins.answered(now);
    return twins.answered_again(now + 50ms);
}

TEST(Twins, AreToldByThreeDoubleAnswersWithinAMinute) {
    Twins twins;
    twins.answered(at(0s));
    EXPECT_FALSE(answered_twice(twins, at(1s)));
    EXPECT_FALSE(answered_twice(twins, at(2s)));
    EXPECT_TRUE(answered_twice(twins, at(3s)));

    Twins rarely;
    for (int minute = 0; minute < 10; ++minute) {
        rarely.answered(at(minute * 61s));
        EXPECT_FALSE(answered_twice(rarely, at(minute * 61s + 1s))) << minute;
    }
}

// Behind a missed heartbeat the answer to it may come late, and look like a second one.
TEST(Twins, AreNotToldByADoubleAnswerRightAfterASilence) {
    Twins twins;
    for (int second = 0; second < 20; ++second) {
        twins.unanswered();
        EXPECT_FALSE(answered_twice(twins, at(second * 1s))) << second;
    }
}

TEST(MeterBelief, DoubtsACounterThatJumpsUntilItSaysSoTwice) {
    MeterBelief belief;
    const auto report = [](int kilowatt_hours) {
        return MeterReport{.from = a,
                           .lifetime = KilowattHours{kilowatt_hours},
                           .volts = {Volts{230}, Volts{0}, Volts{0}},
                           .currents = std::nullopt};
    };
    EXPECT_EQ(belief.judge(report(924)), MeterBelief::Verdict::doubted);
    EXPECT_EQ(belief.judge(report(925)), MeterBelief::Verdict::believed);
    EXPECT_EQ(belief.judge(report(17'309)), MeterBelief::Verdict::doubted);
    EXPECT_EQ(belief.judge(report(925)), MeterBelief::Verdict::doubted);
    EXPECT_EQ(belief.judge(report(925)), MeterBelief::Verdict::believed);
}

TEST(Vin, IsBelievedOnlyWithARightCheckDigit) {
    EXPECT_TRUE(is_vin("1M8GDM9AXKP042788"));
    EXPECT_TRUE(is_vin("11111111111111111"));
    EXPECT_FALSE(is_vin("1M8GDM9A1KP042788"));
    EXPECT_FALSE(is_vin("1M8GDM9AXKP042789"));
    EXPECT_FALSE(is_vin("1M8GDM9AXKP04278"));
    EXPECT_FALSE(is_vin("1M8GDM9AXKP0427888"));
    EXPECT_FALSE(is_vin("IM8GDM9AXKP042788"));
    EXPECT_FALSE(is_vin("1M8GDM9AXKPO42788"));
    EXPECT_FALSE(is_vin("1M8GDM9AX P042788"));
    EXPECT_FALSE(is_vin("1m8gdm9axkp042788"));
    EXPECT_FALSE(is_vin(""));
}

VinReport part(Question question, std::string text) {
    return {.part = question, .from = a, .text = std::move(text)};
}

TEST(VinParts, MakeAVinFromThreeParts) {
    VinParts parts;
    EXPECT_EQ(parts.add(part(Question::vin_start, "1M8GDM9")), std::nullopt);
    EXPECT_EQ(parts.add(part(Question::vin_middle, "AXKP042")), std::nullopt);
    EXPECT_EQ(parts.add(part(Question::vin_end, "788")), "1M8GDM9AXKP042788");
    EXPECT_EQ(parts.add(part(Question::vin_end, "788")), std::nullopt);
}

TEST(VinParts, KnowNoVinWhenAllAreEmpty) {
    VinParts parts;
    (void)parts.add(part(Question::vin_start, ""));
    (void)parts.add(part(Question::vin_middle, ""));
    EXPECT_EQ(parts.add(part(Question::vin_end, "")), "");
}

TEST(VinParts, BelieveNeitherAWrongNorAMixedVin) {
    VinParts parts;
    (void)parts.add(part(Question::vin_start, "1M8GDM9"));
    (void)parts.add(part(Question::vin_middle, "AXKP042"));
    EXPECT_EQ(parts.add(part(Question::vin_end, "789")), std::nullopt);
    (void)parts.add(part(Question::vin_middle, "AXKP042"));
    (void)parts.add(part(Question::vin_start, "1M8GDM9"));
    EXPECT_EQ(parts.add(part(Question::vin_end, "788")), std::nullopt);
}

// Asks what is due, one question a second, for so long; returns what was asked and when.
template <class Answer>
std::vector<std::pair<Question, std::int64_t>> ask_for(Questions& questions, Duration time, Centiamps drawn,
                                                       Answer answer) {
    std::vector<std::pair<Question, std::int64_t>> asked;
    for (TimePoint now = at(0s); now < at(time); now += 1s) {
        const auto due = questions.next(drawn);
        if (!due || due->since > now) continue;
        asked.emplace_back(due->question, now.time_since_epoch() / 1s);
        questions.asked(due->question, now);
        if (answer(due->question)) {
            questions.answered(due->question);
        } else {
            questions.unanswered(due->question);
        }
    }
    return asked;
}

std::int64_t count_of(const std::vector<std::pair<Question, std::int64_t>>& asked, Question question) {
    return std::ranges::count(asked, question, &std::pair<Question, std::int64_t>::first);
}

TEST(Questions, AskNothingBeforeTheFirstContact) {
    Questions questions;
    EXPECT_FALSE(questions.next(0_A).has_value());
}

TEST(Questions, AskEverythingOnceAndTheMeterEveryMinute) {
    Questions questions;
    questions.begin(at(0s));
    const auto asked = ask_for(questions, 1h, 0_A, [&](Question question) {
        if (question == Question::vin_end) questions.vin_settled();
        return true;
    });
    EXPECT_EQ(asked.size(), 60U + 5U);
    EXPECT_EQ(count_of(asked, Question::meter), 60);
    EXPECT_EQ(asked[0], std::pair(Question::firmware, std::int64_t{0}));
    EXPECT_EQ(asked[1].first, Question::serial);
    EXPECT_EQ(asked[2].first, Question::meter);
    EXPECT_EQ(asked[5], std::pair(Question::vin_end, std::int64_t{5}));
}

TEST(Questions, ReadTheMeterMoreOftenWhileCharging) {
    Questions questions;
    questions.begin(at(0s));
    EXPECT_EQ(count_of(ask_for(questions, 10min, 1_A, [](Question) { return true; }), Question::meter), 60);
}

TEST(Questions, AskASilentUnitEverLessOften) {
    Questions questions;
    questions.begin(at(0s));
    const auto asked = ask_for(questions, 24h, 16_A, [](Question) { return false; });
    EXPECT_LE(count_of(asked, Question::firmware), 24 + 7);
    EXPECT_GE(count_of(asked, Question::firmware), 24);
    EXPECT_LE(count_of(asked, Question::meter), 24 + 10);
    EXPECT_EQ(count_of(asked, Question::vin_start), 3);
    EXPECT_EQ(count_of(asked, Question::vin_middle), 0);
}

TEST(Questions, TryAWrongVinThreeTimesAMinuteApart) {
    Questions questions;
    questions.begin(at(0s));
    const auto asked = ask_for(questions, 24h, 0_A, [](Question) { return true; });
    std::vector<std::int64_t> tries;
    for (const auto& [question, second] : asked) {
        if (question == Question::vin_start) tries.push_back(second);
    }
    ASSERT_EQ(tries.size(), 3U);
    EXPECT_EQ(tries[1] - tries[0], 60);
    EXPECT_EQ(tries[2] - tries[1], 60);
    questions.answered(Question::meter);
    questions.ask_vin(at(0s));
    EXPECT_EQ(questions.next(0_A)->question, Question::vin_start);
}

}  // namespace
}  // namespace twc

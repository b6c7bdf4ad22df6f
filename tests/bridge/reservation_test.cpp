// The upper bound of what one unit may have in force: never below the truth, whatever was lost.
#include "bridge/core/reservation.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace twc::literals;
using twc::Centiamps;

TEST(Reservation, ACommandCountsFromTheMomentItIsGiven) {
    Reservation reservation;
    EXPECT_EQ(reservation.held(), 0_A);
    reservation.command(10_A);
    EXPECT_EQ(reservation.held(), 10_A);
    reservation.command(16_A);
    EXPECT_EQ(reservation.held(), 16_A);
}

TEST(Reservation, ALowerCommandFreesNothingBeforeTwoAnswersInARowConfirmIt) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.command(6_A);
    EXPECT_EQ(reservation.held(), 16_A);
    reservation.report(16_A, true);  // the answer to a heartbeat shows what was in force before it
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.held(), 16_A);
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.held(), 6_A);
}

TEST(Reservation, OneLyingAnswerFreesNothing) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.report(16_A, true);
    reservation.report(16_A, true);
    reservation.command(6_A);
    reservation.report(6_A, true);
    reservation.report(16_A, true);
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.held(), 16_A);
}

TEST(Reservation, AnswersToOlderHeartbeatsConfirmNothing) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.command(6_A);
    for (int count = 0; count < 10; ++count) reservation.report(6_A, false);
    EXPECT_EQ(reservation.held(), 16_A);
}

TEST(Reservation, AnAnswerBetweenTwoCommandsDoesNotCountForTheSecond) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.report(10_A, true);
    reservation.command(10_A);
    reservation.report(10_A, true);
    EXPECT_EQ(reservation.held(), 16_A);
    reservation.report(10_A, true);
    EXPECT_EQ(reservation.held(), 10_A);
}

TEST(Reservation, TheSameCommandAgainDoesNotDelayItsConfirmation) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.command(6_A);
    reservation.report(6_A, true);
    reservation.command(6_A);
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.held(), 6_A);
}

TEST(Reservation, AHigherLimitThanCommandedCountsAtOnceAndLeavesLikeAnyOther) {
    Reservation reservation;
    reservation.command(10_A);
    reservation.report(32_A, false);
    EXPECT_EQ(reservation.held(), 32_A);
    reservation.report(10_A, true);
    EXPECT_EQ(reservation.held(), 32_A);
    reservation.report(10_A, true);
    EXPECT_EQ(reservation.held(), 10_A);
}

TEST(Reservation, AUnitThatRefusesALimitKeepsWhatItWasOffered) {
    Reservation reservation;
    reservation.command(16_A);
    for (int count = 0; count < 5; ++count) reservation.report(0_A, true);
    EXPECT_EQ(reservation.held(), 16_A);
}

TEST(Reservation, AUnitFromAnEarlierRunMayHaveItsWholeRatingUntilItTells) {
    Reservation reservation{32_A};
    EXPECT_EQ(reservation.held(), 32_A);
    reservation.report(8_A, true);
    EXPECT_EQ(reservation.held(), 32_A);
    reservation.report(8_A, true);
    EXPECT_EQ(reservation.held(), 8_A);
}

TEST(Reservation, ASilentUnitIsReleasedToItsRest) {
    Reservation reservation;
    reservation.command(16_A);
    reservation.command(0_A);
    reservation.release(6_A);
    EXPECT_EQ(reservation.held(), 6_A);
    reservation.report(0_A, true);
    EXPECT_EQ(reservation.held(), 6_A);
    reservation.report(0_A, true);
    EXPECT_EQ(reservation.held(), 0_A);
}

/// A unit at the end of a line on which answers get lost, and lie at times.
class LossyUnit {
  public:
    void command(Centiamps limit) { reservation_.command(wished_ = limit); }
    void heartbeat() {
        const auto before = in_force_;
        in_force_ = wished_;
        reservation_.report(before, true);
    }
    void answer_lost() { in_force_ = wished_; }
    void heartbeat_with_lie(Centiamps lie) {
        in_force_ = wished_;
        reservation_.report(lie, true);
    }
    void unasked_answer() { reservation_.report(in_force_, false); }
    [[nodiscard]] Centiamps in_force() const { return in_force_; }
    [[nodiscard]] Centiamps held() const { return reservation_.held(); }

  private:
    Reservation reservation_;
    Centiamps wished_;
    Centiamps in_force_;
};

TEST(Reservation, InEveryOrderOfSevenEventsItIsNeverBelowWhatIsInForce) {
    constexpr int events = 7;
    constexpr int kinds = 7;
    int orders = 1;
    for (int i = 0; i < events; ++i) orders *= kinds;
    for (int order = 0; order < orders; ++order) {
        LossyUnit unit;
        bool lied = false;
        int rest = order;
        for (int i = 0; i < events; ++i, rest /= kinds) {
            const int kind = rest % kinds;
            const bool lies = kind == 6 && !lied;
            switch (kind) {
                case 0:
                    unit.command(6_A);
                    break;
                case 1:
                    unit.command(10_A);
                    break;
                case 2:
                    unit.command(16_A);
                    break;
                case 3:
                    unit.heartbeat();
                    break;
                case 4:
                    unit.answer_lost();
                    break;
                case 5:
                    unit.unasked_answer();
                    break;
                default:
                    if (lies) unit.heartbeat_with_lie(6_A);
            }
            lied = lied || lies;
            ASSERT_GE(unit.held(), unit.in_force()) << "order " << order << ", event " << i;
        }
    }
}

TEST(Reservation, OfDoubtfulAnswersConfirmsNothing) {
    Reservation reservation{32_A, 2};
    for (int answer = 0; answer < 3; ++answer) {
        reservation.report(0_A, true);
        EXPECT_EQ(reservation.held(), 32_A) << answer;
    }
    reservation.report(0_A, true);
    EXPECT_EQ(reservation.held(), 0_A);
}

TEST(Reservation, KnowsWhatWeToldFromWhatAnEarlierRunMayHaveTold) {
    Reservation reservation{32_A};
    EXPECT_EQ(reservation.told(), 0_A);
    reservation.command(16_A);
    reservation.command(0_A);
    EXPECT_EQ(reservation.told(), 16_A);
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.told(), 16_A);
    reservation.report(6_A, true);
    EXPECT_EQ(reservation.told(), 6_A);
    reservation.command(10_A);
    reservation.lost();
    EXPECT_EQ(reservation.told(), 0_A);
    EXPECT_EQ(reservation.held(), 10_A);
}

}  // namespace
}  // namespace bridge

// What a car makes of its offers.
#include "bridge/core/appetite.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::TimePoint;

/// A car that is observed once a second.
class Observed {
  public:
    void offer(Centiamps offered, Centiamps drawn, std::chrono::seconds duration) {
        for (auto second = 1s; second <= duration; ++second) {
            now_ += 1s;
            appetite.observe({.offered = offered, .drawn = drawn, .minimum = 6_A, .follows_surplus = true},
                             now_);
        }
    }
    Appetite appetite;

  private:
    TimePoint now_{1h};
};

TEST(Appetite, TakesACarItHasNotSeenForAUsualOne) {
    const Appetite appetite;
    EXPECT_EQ(appetite.offset(), Centiamps{40});
    EXPECT_EQ(appetite.drawn_at(6_A), Centiamps{520});
    EXPECT_FALSE(appetite.wants());
}

TEST(Appetite, LearnsHowMuchLessIsDrawnThanOffered) {
    Observed car;
    car.offer(16_A, Centiamps{1510}, 60s);
    EXPECT_NEAR(static_cast<double>(car.appetite.offset().count()), 90, 1);
    car.offer(16_A, 16_A, 60s);
    EXPECT_NEAR(static_cast<double>(car.appetite.offset().count()), 0, 1);
}

TEST(Appetite, LearnsNothingWhileTheCarIsOnItsWay) {
    Observed car;
    car.offer(16_A, Centiamps{1510}, 8s);
    EXPECT_EQ(car.appetite.offset(), Centiamps{40});
    car.offer(0_A, 0_A, 60s);
    EXPECT_EQ(car.appetite.offset(), Centiamps{40});
}

TEST(Appetite, LearnsWhatIsDrawnAtTheMinimum) {
    Observed car;
    car.offer(6_A, Centiamps{480}, 60s);
    EXPECT_EQ(car.appetite.drawn_at(6_A), Centiamps{480});
    car.offer(6_A, Centiamps{620}, 60s);
    EXPECT_EQ(car.appetite.drawn_at(6_A), 6_A) << "never more than it was offered";
}

TEST(Appetite, SaysAfterTwentySecondsThatACarWantsLess) {
    Observed car;
    car.offer(16_A, 10_A, 29s);
    EXPECT_FALSE(car.appetite.wants());
    car.offer(16_A, 10_A, 1s);
    EXPECT_EQ(car.appetite.wants(), 11_A);
    EXPECT_EQ(car.appetite.takes(), 10_A);
}

TEST(Appetite, WaitsForACarThatIsStillClimbing) {
    Observed car;
    for (auto drawn = 6_A; drawn < 13_A; drawn += Centiamps{50}) car.offer(16_A, drawn, 15s);
    EXPECT_FALSE(car.appetite.wants());
}

TEST(Appetite, OffersMoreAgainWhenACarTakesAllItMayOrAfterFiveMinutes) {
    Observed taking;
    taking.offer(16_A, 10_A, 30s);
    ASSERT_EQ(taking.appetite.wants(), 11_A);
    taking.offer(11_A, Centiamps{1080}, 10s);
    EXPECT_EQ(taking.appetite.wants(), 13_A);

    Observed full;
    full.offer(16_A, 10_A, 30s);
    ASSERT_EQ(full.appetite.wants(), 11_A);
    full.offer(11_A, 10_A, 299s);
    EXPECT_EQ(full.appetite.wants(), 11_A);
    full.offer(11_A, 10_A, 2s);
    EXPECT_EQ(full.appetite.wants(), 13_A);
}

TEST(Appetite, ForgetsTheLimitOfACarWhenSomebodyWantsSomethingOfIt) {
    Observed car;
    car.offer(16_A, 10_A, 30s);
    ASSERT_TRUE(car.appetite.wants());
    car.appetite.forget_limit();
    EXPECT_FALSE(car.appetite.wants());
    EXPECT_FALSE(car.appetite.takes());
}

}  // namespace
}  // namespace bridge

// The latest start, and what cannot be reached.
#include "bridge/core/energy_target.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

TEST(EnergyTarget, PressesFromTheLatestStartWithSomeTimeToSpare) {
    // 10 kWh at 10 kW: an hour, and 8 % of it.
    EXPECT_FALSE(is_pressing(false, 1000, 10'000_W, 3889s));
    EXPECT_TRUE(is_pressing(false, 1000, 10'000_W, 3888s));
    EXPECT_TRUE(is_pressing(false, 1000, 10'000_W, -1s));
}

TEST(EnergyTarget, GoesOnUntilThereIsAnHourMoreThanItNeeds) {
    EXPECT_TRUE(is_pressing(true, 1000, 10'000_W, 3888s + 1h));
    EXPECT_FALSE(is_pressing(true, 1000, 10'000_W, 3889s + 1h));
}

TEST(EnergyTarget, PressesWhereThereIsNothingToBeHad) {
    EXPECT_TRUE(is_pressing(false, 1, 0_W, 24h));
    EXPECT_EQ(missing_energy(1234, 0_W, 24h), 1234);
}

TEST(EnergyTarget, MissesWhatTheTimeDoesNotGive) {
    EXPECT_EQ(missing_energy(1000, 10'000_W, 1h), 0);
    EXPECT_EQ(missing_energy(1000, 10'000_W, 30min), 500);
    EXPECT_EQ(missing_energy(1000, 10'000_W, -1s), 1000);
}

}  // namespace
}  // namespace bridge

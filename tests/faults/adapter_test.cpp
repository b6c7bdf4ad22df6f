// The RS-485 adapter goes and comes; the path stays, what is behind it does not.
#include "tests/faults/faults.hpp"

namespace faults {
namespace {

TEST_F(Faults, AnAdapterThatIsPulledOutForASecond) {
    start_charge();
    end_chargers();
    ASSERT_TRUE(watcher->sees_last("twc/rs485", "offline"));
    std::this_thread::sleep_for(1s);
    start_chargers();
    const auto since = Clock::now();
    ASSERT_TRUE(watcher->sees_last("twc/rs485", "online"));
    recovers("adapter pulled out for 1 s", since, 15s);
}

TEST_F(Faults, LongAnAdapterThatIsPulledOutForAMinute) {
    start_charge();
    end_chargers();
    std::this_thread::sleep_for(60s);
    EXPECT_LT(std::ranges::count(bridge->err(), '\n'), 40) << bridge->err();
    start_chargers();
    recovers("adapter pulled out for 60 s", Clock::now(), 20s);
}

TEST_F(Faults, AnAdapterThatComesUpAfterTheService) {
    start_broker();
    remember_charger();
    start_bridge();
    ASSERT_TRUE(logged(bus() + ": no such device"));
    ASSERT_TRUE(watcher->sees_last("twc/rs485", "offline"));
    start_chargers();
    recovers("adapter missing at start", Clock::now(), 15s);
}

}  // namespace
}  // namespace faults

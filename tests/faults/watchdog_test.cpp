// A loop that hangs while all other threads go on: the service manager hears of it, and a new start takes
// over before any wall connector stops its car.
#include <sys/ptrace.h>

#include <csignal>

#include "tests/faults/faults.hpp"
#include "tests/support/service_manager.hpp"

namespace faults {
namespace {

TEST_F(Faults, ALoopThatHangsIsNoticedByTheWatchdogAndReplaced) {
    constexpr auto watchdog = 1s;
    support::ServiceManager manager{folder() / "notify"};
    const std::vector<std::string> variables{manager.variable(), "WATCHDOG_USEC=1000000"};
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge({}, variables);
    ASSERT_TRUE(in_force("32.00"));
    ASSERT_TRUE(manager.receive("WATCHDOG=1"));
    if (ptrace(PTRACE_SEIZE, bridge->id(), nullptr, nullptr) != 0)
        GTEST_SKIP() << "not run: this machine does not let one thread be stopped";
    const auto hung = Clock::now();
    ASSERT_EQ(ptrace(PTRACE_INTERRUPT, bridge->id(), nullptr, nullptr), 0);  // this thread alone: the loop's
    while (manager.receive("WATCHDOG=1", watchdog)) {
        ASSERT_LT(Clock::now() - hung, 5s) << "something else than the loop feeds the watchdog";
    }
    bridge->send(SIGKILL);
    EXPECT_EQ(bridge->end_within(5s), 128 + SIGKILL);
    start_bridge({}, variables);
    recovers("loop hung, watchdog of 1 s", hung, 10s);
    EXPECT_LE(end_chargers().at("chargers").at("5893").at("worst_heartbeat_gap_ms"), 10'000);
}

}  // namespace
}  // namespace faults

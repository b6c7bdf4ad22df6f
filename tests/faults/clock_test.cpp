// The clock on the wall jumps, summer time begins, the machine sleeps: nothing that decides looks at it.
#include <csignal>

#include "tests/faults/faults.hpp"

namespace faults {
namespace {

/// Of the bridge alone.
class WallClock : public Faults {
  protected:
    void start() {
        jump(0);
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge({}, {"LD_PRELOAD=" JUMPING_CLOCK_LIBRARY, "JUMPING_CLOCK=" + file(),
                          "ASAN_OPTIONS=verify_asan_link_order=0"});
        ASSERT_TRUE(in_force("32.00"));
        ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    }
    void jump(long seconds, long suspended = 0) const {
        std::ofstream{file() + ".new"} << seconds << ' ' << suspended;
        std::filesystem::rename(file() + ".new", file());
    }
    [[nodiscard]] std::string file() const { return (folder() / "clock").string(); }
    void loses_the_broker() {
        broker.kill();
        ASSERT_TRUE(logged("lost the connection to the broker"));
        start_broker();
    }
};

constexpr long hour = 3600;

TEST_F(WallClock, ThatJumpsAheadChangesNothing) {
    start();
    jump(5 * hour);
    recovers("clock jumps 5 h ahead", Clock::now(), 5s);
    loses_the_broker();
    recovers("clock jumps 5 h ahead, then the broker is killed", Clock::now(), 10s);
    expect_steady_heartbeats();
}

TEST_F(WallClock, ThatJumpsBackChangesNothing) {
    start();
    jump(-5 * hour);
    recovers("clock jumps 5 h back", Clock::now(), 5s);
    loses_the_broker();
    recovers("clock jumps 5 h back, then the broker is killed", Clock::now(), 10s);
    expect_steady_heartbeats();
}

TEST_F(WallClock, ThatJumpsBackWhileTheBrokerIsAwayDoesNotKeepUsFromIt) {
    start();
    broker.kill();
    ASSERT_TRUE(logged("lost the connection to the broker"));
    jump(-hour);
    start_broker();
    recovers("clock jumps 1 h back while the broker is away", Clock::now(), 10s);
    expect_steady_heartbeats();
}

// A suspended machine: its steady clock stands still, the time since its start does not.
TEST_F(WallClock, OfASuspendedMachineMakesOldWhatWasHeardBefore) {
    config["inputs"]["maxAge"] = 20;
    start();
    watcher->publish("twc/input/generation", "3000");
    watcher->publish("twc/input/consumption", "500");
    ASSERT_TRUE(watcher->sees_last("twc/input_stale", "OFF"));
    const auto awake = Clock::now();
    jump(22, 22);
    ASSERT_TRUE(watcher->sees_last("twc/input_stale", "ON"));
    EXPECT_LT(Clock::now() - awake, 5s);
    recovers("machine suspended for 22 s", awake, 5s);
    expect_steady_heartbeats();
}

// The other half of it: the program does not run for a while.
TEST_F(Faults, ABridgeThatIsFrozenForSomeSeconds) {
    start_charge();
    bridge->send(SIGSTOP);
    std::this_thread::sleep_for(6s);
    bridge->send(SIGCONT);
    recovers("bridge frozen for 6 s", Clock::now(), 5s);
}

}  // namespace
}  // namespace faults

// What a service manager sees: exit status, READY, WATCHDOG, STOPPING.

#include <csignal>

#include "tests/e2e/site.hpp"
#include "tests/support/half_broker.hpp"
#include "tests/support/service_manager.hpp"

namespace {

using namespace e2e;
using testing::AllOf;
using testing::HasSubstr;

class Service : public Site {
  protected:
    support::ServiceManager manager{folder() / "notify"};
};

TEST_F(Service, IsReadyWhenPortAndBrokerAreThere) {
    start_broker();
    start_chargers();
    start_bridge({}, {manager.variable()});
    ASSERT_TRUE(manager.receive("READY=1"));
    EXPECT_TRUE(logged(bus() + ": open"));
    EXPECT_TRUE(logged("connected to the broker"));
    bridge->send(SIGTERM);
    EXPECT_TRUE(manager.receive("STOPPING=1"));
    EXPECT_EQ(bridge->end_within(3s), 0);
}

TEST_F(Service, IsReadyAfterTheFirstAttemptsThoughNothingIsThereAndKeepsTheWatchdogQuiet) {
    start_bridge({}, {manager.variable(), "WATCHDOG_USEC=1000000"});
    ASSERT_TRUE(manager.receive("READY=1"));
    EXPECT_TRUE(logged(bus() + ": no such device"));
    EXPECT_TRUE(logged("cannot reach the broker"));
    auto before = manager.receive("WATCHDOG=1");
    for (int time = 0; time < 5; ++time) {
        const auto next = manager.receive("WATCHDOG=1");
        ASSERT_TRUE(before && next);
        EXPECT_LT(*next - *before, 1s);
        before = next;
    }
}

TEST_F(Service, IsReadyThoughTheBrokerHangs) {
    broker.start();
    broker.pause();
    start_bridge({}, {manager.variable()});
    EXPECT_TRUE(manager.receive("READY=1"));
}

TEST_F(Service, IsReadyThoughTheBrokerHangsUpWhenItSubscribes) {
    const support::HalfBroker rude{support::Manners::hang_up};
    config["mqtt"]["url"] = rude.url();
    start_bridge({}, {manager.variable()});
    EXPECT_TRUE(manager.receive("READY=1"));
    EXPECT_TRUE(logged("lets us in and hangs up when we subscribe"));
}

TEST_F(Service, WritesItsLogNowhereRatherThanOnTheBusWhenStandardErrorIsClosed) {
    start_broker();
    remember_charger();
    start_chargers();
    const auto started = support::spawn(
        {"sh", "-c", "exec " TWCBRIDGE_PROGRAM " run --config " + write_config() + " <&- >&- 2>&-"});
    EXPECT_TRUE(in_force("32.00"));
    for (const auto* descriptor : {"0", "1", "2"}) {
        EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(started) + "/fd/" + descriptor),
                  "/dev/null");
    }
    kill(started, SIGTERM);
    int status = -1;
    EXPECT_EQ(waitpid(started, &status, 0), started);
    EXPECT_EQ(status, 0);
}

TEST_F(Service, EndsForGoodOverAWrongConfiguration) {
    config["colour"] = "red";
    config["wiringMaxAmpsPerTWC"] = "plenty";
    config["mqtt"]["url"] = "localhost";
    start_bridge({}, {manager.variable()});
    EXPECT_EQ(bridge->end_within(5s), 78);
    EXPECT_THAT(bridge->err(),
                AllOf(HasSubstr("/colour: expected "), HasSubstr("/wiringMaxAmpsPerTWC: expected "),
                      HasSubstr("/mqtt/url: expected ")));
    bridge.reset();
    Process missing{{"run", "--config", (folder() / "none.json").string()}, folder() / "missing"};
    EXPECT_EQ(missing.end_within(5s), 78);
    Process confused{{"run", "--configuration", "x"}, folder() / "confused"};
    EXPECT_EQ(confused.end_within(5s), 64);
}

}  // namespace

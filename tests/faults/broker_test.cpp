// Everything a broker and the way to it can do wrong; heartbeats never notice.
#include "tests/faults/faults.hpp"
#include "tests/faults/relay.hpp"

namespace faults {
namespace {

/// With a relay between bridge and broker.
class Network : public Faults {
  protected:
    Network() { config["mqtt"]["url"] = relay.url(); }
    Relay relay{broker.port()};
};

TEST_F(Faults, ABrokerThatIsKilledAndStartedAgain) {
    start_charge();
    broker.kill();
    ASSERT_TRUE(logged("lost the connection to the broker"));
    start_broker();
    recovers("broker killed", Clock::now(), 10s);
    expect_steady_heartbeats();
}

TEST_F(Faults, LongABrokerThatIsAwayForAMinute) {
    start_charge();
    broker.kill();
    std::this_thread::sleep_for(60s);
    start_broker();
    recovers("broker away for 60 s", Clock::now(), 35s);
    expect_steady_heartbeats();
}

TEST_F(Faults, LongABrokerThatFreezesAndThaws) {
    start_charge();
    broker.pause();
    ASSERT_TRUE(eventually(
        [this] { return bridge->err().find("lost the connection to the broker") != std::string::npos; },
        40s));
    broker.resume();
    recovers("broker frozen", Clock::now(), 35s);
    expect_steady_heartbeats();
}

TEST_F(Network, ABrokerThatAcceptsAndSaysNothing) {
    relay.hold();
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    ASSERT_TRUE(logged("cannot reach the broker at " + relay.url()));
    relay.let_go();
    recovers("broker accepts and says nothing", Clock::now(), 20s);
    expect_steady_heartbeats();
}

TEST_F(Network, ConnectionsThatAreResetAgainAndAgain) {
    start_charge();
    for (int time = 0; time < 3; ++time) {
        relay.reset_connections();
        ASSERT_TRUE(eventually([&] { return relay.connections() > time + 1; }));
    }
    recovers("connection reset", Clock::now(), 10s);
    expect_steady_heartbeats();
}

// What neither end is told of: packets vanish in both directions.
TEST_F(Network, LongAPartition) {
    start_charge();
    relay.hold();
    ASSERT_TRUE(eventually(
        [this] { return bridge->err().find("lost the connection to the broker") != std::string::npos; },
        40s));
    ASSERT_TRUE(eventually([this] { return watcher->payloads("twc/status").back() == "offline"; }, 40s))
        << "the broker publishes the Will";
    relay.let_go();
    recovers("network partition", Clock::now(), 35s);
    EXPECT_TRUE(watcher->sees_last("twc/status", "online"));
    expect_steady_heartbeats();
}

TEST_F(Faults, ANameServerThatHangsWhenTheServiceEnds) {
    config["bus"]["port"] = "tcp://server.example:5000";
    start_broker();
    start_bridge({}, {"LD_PRELOAD=" HANGING_NAMES_LIBRARY, "ASAN_OPTIONS=verify_asan_link_order=0"});
    ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    const auto asked = Clock::now();
    end_bridge();
    EXPECT_TRUE(watcher->sees_last("twc/status", "offline"));
    EXPECT_LT(Clock::now() - asked, 6s);
}

// A name that nobody resolves: the resolver may take its time, the bus must not.
TEST_F(Faults, NamesThatDoNotResolve) {
    config["mqtt"]["url"] = "mqtt://broker.invalid";
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    EXPECT_TRUE(logged("cannot reach the broker at mqtt://broker.invalid"));
    expect_steady_heartbeats();
}

class Credentials : public Faults {
  protected:
    Credentials() {
        set_password("first");
        std::ofstream{broker.folder() / "mosquitto.conf", std::ios::app} << "password_file " << passwords()
                                                                         << '\n';
        std::ofstream{folder() / "password"} << "first\n";
        config["mqtt"]["username"] = "bridge";
        config["mqtt"]["passwordFile"] = (folder() / "password").string();
    }
    [[nodiscard]] std::string passwords() const { return (broker.folder() / "passwords").string(); }
    void set_password(const std::string& password) const {
        support::run({"mosquitto_passwd", "-b", "-c", passwords(), "bridge", password});
    }
};

TEST_F(Credentials, ThatChangeAtTheBrokerAreNamedAndWorkAgainWhenTheyAreBack) {
    start_charge();
    broker.kill();
    set_password("second");
    start_broker();
    ASSERT_TRUE(logged("not authorised, a wrong user name or password perhaps, see mqtt.username"));
    broker.kill();
    set_password("first");
    start_broker();
    recovers("credentials changed", Clock::now(), 35s);
    EXPECT_THAT(bridge->err(), testing::Not(HasSubstr("first")));
    expect_steady_heartbeats();
}

}  // namespace
}  // namespace faults

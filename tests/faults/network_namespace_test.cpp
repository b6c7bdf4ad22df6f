// A network between bridge and broker that is real: the kernel loses its packets. Needs root.
#include "tests/faults/cable.hpp"
#include "tests/faults/faults.hpp"

namespace faults {
namespace {

/// The bridge is alone in its network; broker, watcher and test are in that of the house, and nothing is lost
/// between those.
class RealNetwork : public Faults {
  protected:
    void SetUp() override {
        try {
            cable.emplace();
            cable->lose(0);
            cable->lose_nothing();
        } catch (const std::exception& lacking) {
            GTEST_SKIP() << "not run: no networks of our own with a cable that loses packets: "
                         << lacking.what();
        }
        within_house.emplace(cable->house);
        std::ofstream{broker.folder() / "mosquitto.conf", std::ios::app}
            << "listener " << broker.port() << ' ' << Cable::house_address << '\n';
        config["mqtt"]["url"] =
            std::string{"mqtt://"} + Cable::house_address + ':' + std::to_string(broker.port());
    }
    void start() {
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge_in_its_network();
        ASSERT_TRUE(in_force("32.00"));
        ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    }
    /// One command a second, each with another limit; how many of them were in force within theirs.
    [[nodiscard]] int obeyed_of(int commands) {
        int obeyed = 0;
        for (auto due = Clock::now() + 1s; commands > 0; --commands, due += 1s) {
            const auto amps = std::to_string(16 + commands % 16);
            watcher->publish("twc/charger/5893/limit/set", amps);
            if (in_force(amps + ".00", "5893",
                         std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now())))
                ++obeyed;
            std::this_thread::sleep_until(due);
        }
        return obeyed;
    }

    std::optional<Cable> cable;

  private:
    void start_bridge_in_its_network() {
        const Within there{cable->bridge};
        start_bridge();
    }

    std::optional<Within> within_house;
};

TEST_F(RealNetwork, ThatLosesThirtyPercentOfAllPackets) {
    constexpr int commands = 20;
    start();
    const auto before = cable->sent_again();
    cable->lose(0.3);
    const auto obeyed = obeyed_of(commands);
    cable->lose_nothing();
    const auto since = Clock::now();
    const auto sent_again = cable->sent_again() - before;
    std::cout << "30 % lost: " << obeyed << " of " << commands
              << " commands in force within 1 s, sent again: " << sent_again << '\n';
    EXPECT_GT(sent_again, 0U) << "nothing was lost";
    recovers("30 % of all packets lost for 20 s", since, 35s);
    EXPECT_TRUE(watcher->sees_last("twc/status", "online"));
    expect_steady_heartbeats();
}

TEST_F(RealNetwork, LongThatIsPartedWithoutAWord) {
    start();
    cable->lose(1);
    ASSERT_TRUE(eventually(
        [this] { return bridge->err().find("lost the connection to the broker") != std::string::npos; },
        40s));
    ASSERT_TRUE(eventually([this] { return watcher->payloads("twc/status").back() == "offline"; }, 40s))
        << "the broker publishes the Will";
    const auto tried = cable->tried();
    ASSERT_TRUE(eventually([&] { return cable->tried() > tried + 1; })) << "attempts in vain";
    cable->lose_nothing();
    recovers("a real network parted", Clock::now(), 35s);
    EXPECT_TRUE(watcher->sees_last("twc/status", "online"));
    expect_steady_heartbeats();
}

TEST_F(RealNetwork, WhoseCableIsPulledOutForSomeSeconds) {
    start();
    cable->pull_out();
    EXPECT_EQ(obeyed_of(5), 0) << "it is not pulled out";
    cable->plug_in();
    recovers("cable pulled out for 5 s", Clock::now(), 35s);
    EXPECT_TRUE(watcher->sees_last("twc/status", "online"));
    expect_steady_heartbeats();
}

}  // namespace
}  // namespace faults

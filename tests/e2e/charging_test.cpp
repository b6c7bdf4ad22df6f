// From the house's wish to what the unit itself repeats, and back to what the house is told.
#include <csignal>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;
using testing::Contains;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class Charging : public Site {
  protected:
    void command(const std::string& leaf, const std::string& payload) {
        watcher->publish("twc/" + leaf + "/set", payload);
    }
    bool told(const std::string& leaf, const std::string& payload) {
        return watcher->sees_last("twc/" + leaf, payload);
    }
    double number(const std::string& leaf) {
        const auto all = watcher->payloads("twc/" + leaf);
        return all.empty() ? 0 : std::stod(all.back());
    }
};

TEST_F(Charging, IsReportedAndOutlivesAKilledBridge) {
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    EXPECT_TRUE(in_force("32.00"));
    ASSERT_TRUE(told("charger/5893/charging", "ON"));
    EXPECT_TRUE(told("charger/5893/state", "charging"));
    EXPECT_TRUE(told("charger/5893/limit_in_force", "32"));
    EXPECT_TRUE(watcher->sees({"twc/charger/5893/event", R"({"event_type": "charging_started"})", false}));
    EXPECT_TRUE(eventually([&] { return number("power") > 1000; }));
    EXPECT_TRUE(told("problem", "OFF"));
    command("total_limit", "20");
    ASSERT_TRUE(told("total_limit", "20"));
    ASSERT_TRUE(in_force("20.00"));
    const auto said_before = chargers->out().size();

    bridge->send(SIGKILL);
    ASSERT_EQ(bridge->end_within(5s), 128 + SIGKILL);
    EXPECT_TRUE(told("status", "offline"));
    start_bridge();
    EXPECT_TRUE(told("status", "online"));
    EXPECT_TRUE(eventually([&] { return watcher->payloads("twc/total_limit").size() == 3; }));
    EXPECT_TRUE(told("total_limit", "20"));
    command("total_limit", "16");
    EXPECT_TRUE(in_force("16.00"));
    EXPECT_TRUE(told("charger/5893/charging", "ON"));
    // It never stopped: 01 is charging, the others a change of the limit in between.
    EXPECT_THAT(chargers->out().substr(said_before), Not(ContainsRegex("state 0[^1679A]")));
    EXPECT_THAT(chargers->out().substr(said_before), Not(HasSubstr("drawn 0.")));
}

TEST_F(Charging, FollowsEveryKindOfCommandAtOnceOverTcp) {
    start_broker();
    // Of version 1, which charges nothing when it is offered 0 A.
    start_chargers({"0417:32:1"}, {"--listen", "0"});
    const auto ready = chargers->out();
    config["bus"]["port"] = ready.substr(7, ready.find('\n') - 7);
    start_bridge();
    ASSERT_TRUE(in_force("32.00", "0417"));

    struct Step {
        std::string leaf;
        std::string payload;
        std::string in_force;
    };
    for (const auto& step :
         {Step{"charger/0417/limit", "10", "10.00"}, Step{"total_limit", "8.5", "8.50"},
          Step{"mode", "off", "0.00"}, Step{"mode", "fast", "8.50"},
          Step{"charger/0417/charge", "OFF", "0.00"}, Step{"charger/0417/charge", "ON", "8.50"},
          Step{"charger/0417/mode", "off", "0.00"}, Step{"charger/0417/mode", "site", "8.50"},
          Step{"total_limit", "5.9", "0.00"}}) {
        SCOPED_TRACE(step.leaf + " " + step.payload);
        command(step.leaf, step.payload);
        // Zero goes by way of the minimum, so that a lost one leaves no more than that: the unit repeats the
        // minimum one round later and is told zero with the next.
        const auto patience = step.in_force == "0.00" ? prompt + 3s : prompt;
        EXPECT_TRUE(in_force(step.in_force, "0417", patience)) << unit("0417");
        EXPECT_TRUE(told(step.leaf, step.payload));
    }
}

TEST_F(Charging, IgnoresStoredCommandsAndRefusesNonsense) {
    broker.start();
    watcher.emplace(broker.port());
    watcher->publish("twc/charger/5893/limit/set", "10", true);
    watcher->publish("twc/mode/set", "off", true);
    watcher->flush();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    EXPECT_TRUE(logged("twc/mode/set: a stored command is dropped"));
    EXPECT_TRUE(logged("twc/charger/5893/limit/set: a stored command is dropped"));

    const auto told_before = watcher->payloads("twc/charger/5893/limit").size();
    command("charger/5893/limit", "plenty");
    EXPECT_TRUE(eventually([&] { return !watcher->payloads("twc/error").empty(); }));
    const auto error = nlohmann::json::parse(watcher->payloads("twc/error").front());
    EXPECT_EQ(error.at("topic"), "twc/charger/5893/limit/set");
    EXPECT_EQ(error.at("payload"), "plenty");
    EXPECT_NE(error.at("reason"), "");
    EXPECT_TRUE(eventually([&] { return watcher->payloads("twc/charger/5893/limit").size() > told_before; }));
    EXPECT_THAT(watcher->payloads("twc/charger/5893/limit"), Each("32"));
    EXPECT_THAT(watcher->payloads("twc/mode"), Each("fast"));
}

TEST_F(Charging, IsNotTouchedByABridgeThatObserves) {
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge({"--observe"});
    EXPECT_TRUE(logged("observing: nothing is transmitted"));
    EXPECT_TRUE(told("rs485", "online"));
    const auto report = end_chargers();
    EXPECT_EQ(report.at("master_frames"), 0);
    EXPECT_EQ(report.at("chargers").at("5893").at("heartbeats"), 0);
    EXPECT_GT(report.at("unit_frames"), 0);
}

}  // namespace

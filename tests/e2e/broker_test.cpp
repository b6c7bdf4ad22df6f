// The broker comes, goes, forgets and hangs; Home Assistant starts again.
#include <csignal>
#include <map>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSubsetOf;

class Broker : public Site {
  protected:
    /// Topics that the bridge keeps at the broker; a new watcher sees just these.
    std::vector<std::string> stored() {
        watcher.emplace(broker.port());
        watcher->publish("end", "");
        watcher->sees({"end", "", false});
        std::vector<std::string> topics;
        for (const auto& one : watcher->all()) {
            if (one.retained && !one.payload.empty()) topics.push_back(one.topic);
        }
        return topics;
    }
    static constexpr const char* site_announcement = "homeassistant/device/twcbridge_twc_bridge/config";
    static constexpr const char* charger_announcement = "homeassistant/device/twcbridge_twc_5893/config";
};

TEST_F(Broker, HearsEverythingAgainWhenItHasForgottenAllAndWhenHomeAssistantStarts) {
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twc/charger/5893/limit_in_force", "32"));
    ASSERT_TRUE(watcher->sees_last("twc/charger/5893/limit", "32"));
    const auto before = stored();
    EXPECT_THAT(before, Contains("twc/status"));
    EXPECT_THAT(before, Contains(site_announcement));
    EXPECT_THAT(before, Contains(charger_announcement));

    broker.kill();
    EXPECT_TRUE(logged("lost the connection to the broker"));
    start_broker();
    ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    EXPECT_TRUE(eventually([&] { return stored().size() >= before.size(); }));
    EXPECT_THAT(before, IsSubsetOf(stored()));

    watcher.emplace(broker.port());
    watcher->publish("homeassistant/status", "online");
    for (const auto* topic : {site_announcement, charger_announcement, "twc/status", "twc/mode"}) {
        EXPECT_TRUE(eventually([&] { return watcher->payloads(topic).size() == 2; })) << topic;
    }
}

TEST_F(Broker, IsToldOfAnOrderlyEnd) {
    start_broker();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    bridge->send(SIGTERM);
    EXPECT_EQ(bridge->end_within(3s), 0);
    EXPECT_TRUE(watcher->sees_last("twc/status", "offline"));
    EXPECT_THAT(bridge->err(), HasSubstr("asked to terminate: stopping"));
    bridge.reset();
}

TEST_F(Broker, DoesNotHoldUpTheEndWhenItHangs) {
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    ASSERT_TRUE(in_force("32.00"));
    broker.pause();
    bridge->send(SIGINT);
    EXPECT_EQ(bridge->end_within(3s), 0);
    bridge.reset();
    broker.resume();
    EXPECT_TRUE(watcher->sees_last("twc/status", "offline"));
}

TEST_F(Broker, LosesOnlyTheDiscoveryTopicsThatAreCleared) {
    config["chargers"] = {{"0417", {{"name", "Never met"}}}};
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twc/charger/5893/limit", "32"));
    ASSERT_TRUE(eventually([&] { return !watcher->payloads(charger_announcement).empty(); }));
    end_bridge();
    const auto before = stored();
    EXPECT_THAT(before, Contains(charger_announcement));

    Process clearing{{"discovery", "--clear", "--config", write_config()}, folder() / "clearing"};
    EXPECT_EQ(clearing.end_within(20s), 0);
    EXPECT_THAT(clearing.out(), testing::MatchesRegex("cleared [0-9]+ discovery topics at mqtt://.*\n"));
    EXPECT_EQ(clearing.err(), "");
    std::vector<std::string> expected;
    std::ranges::remove_copy_if(before, std::back_inserter(expected),
                                [](const auto& topic) { return topic.starts_with("homeassistant/"); });
    EXPECT_THAT(stored(), testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(watcher->payloads("twc/status"), std::vector<std::string>{"offline"});
}

TEST_F(Broker, ThatIsMissingOrHangsIsNamedByTheClearingOfDiscovery) {
    for (const bool hangs : {false, true}) {
        if (hangs) {
            broker.start();
            broker.pause();
        }
        Process clearing{{"discovery", "--clear", "--config", write_config()}, folder() / "clearing"};
        EXPECT_EQ(clearing.end_within(12s), 1);
        EXPECT_EQ(clearing.out(), "");
        EXPECT_THAT(clearing.err(), HasSubstr("discovery messages were not cleared: "));
        EXPECT_THAT(clearing.err(), HasSubstr(broker.url()));
    }
}

}  // namespace

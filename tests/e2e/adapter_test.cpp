// The RS-485 adapter is pulled out, put back, and wanted by two.
#include <csignal>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;
using testing::HasSubstr;

using Adapter = Site;

TEST_F(Adapter, ThatComesBackIsUsedWithoutARestart) {
    start_broker();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    ASSERT_TRUE(watcher->sees_last("twc/rs485", "online"));
    ASSERT_TRUE(watcher->sees_last("twc/problem", "OFF"));

    end_chargers();
    EXPECT_TRUE(watcher->sees_last("twc/rs485", "offline"));
    EXPECT_TRUE(watcher->sees_last("twc/problem", "ON"));
    EXPECT_THAT(watcher->payloads("twc/problem_reason").back(), HasSubstr(bus()));

    start_chargers();
    EXPECT_TRUE(in_force("32.00"));
    EXPECT_TRUE(watcher->sees_last("twc/rs485", "online"));
    EXPECT_TRUE(watcher->sees_last("twc/problem", "OFF"));
    EXPECT_TRUE(bridge->runs());
}

TEST_F(Adapter, BelongsToOneBridgeUntilThatEnds) {
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));

    auto other = config;
    other["mqtt"]["baseTopic"] = "other";
    other["settingsPath"] = (folder() / "other").string();
    std::filesystem::copy(folder() / "settings", folder() / "other");
    other["wiringMaxAmpsAllTWCs"] = 9;
    Process second{{"run", "--config", write_config(other, "other.json")}, folder() / "second"};
    EXPECT_TRUE(watcher->sees_last("other/problem", "ON"));
    EXPECT_TRUE(
        eventually([&] { return second.err().find("in use by another program") != std::string::npos; }));
    EXPECT_TRUE(in_force("32.00"));

    end_bridge();
    EXPECT_TRUE(in_force("9.00"));
    second.send(SIGTERM);
    EXPECT_EQ(second.end_within(3s), 0);
}

}  // namespace

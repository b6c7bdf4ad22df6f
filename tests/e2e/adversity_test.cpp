// A flood, a broken disk: heartbeats go on and nothing grows.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;
using testing::HasSubstr;

/// 10 000 a second, as far as the machine can.
void flood(support::Watcher& sender, std::size_t count) {
    static const std::vector<std::pair<std::string, std::string>> messages{
        {"twcbridge/input/generation", "1234"}, {"twcbridge/input/generation", "plenty"},
        {"twc/mode/set", "\xFF\xFE{[\"\\"},     {"twc/charger/5893/limit/set", "NaN"},
        {"twc/charger/ffff/charge/set", "ON"},  {"twc/total_limit/set", std::string(5000, '9')}};
    const auto begin = Clock::now();
    for (std::size_t number = 0; number < count; ++number) {
        const auto& [topic, payload] = messages[number % messages.size()];
        sender.publish(topic, payload, false, 0);
        if (number % 100 == 99) std::this_thread::sleep_until(begin + (number + 1) * 100us);
    }
}

class Adversity : public Site {
  protected:
    /// A charge, and so many messages that buffers have their size from then on.
    void start_flooded() {
        config["inputs"]["generation"]["topic"] = "twcbridge/input/generation";
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge({}, {"ASAN_OPTIONS=quarantine_size_mb=1"});
        ASSERT_TRUE(in_force("32.00"));
        flood(*watcher, 10'000);
    }
};

TEST_F(Adversity, AFloodOfMessagesCostsNeitherMemoryNorHeartbeats) {
    start_flooded();
    const auto before = bridge->resident_kilobytes();
    flood(*watcher, 40'000);
    EXPECT_LT(bridge->resident_kilobytes() - before, 5000);
    const auto log = bridge->err();
    EXPECT_LT(std::ranges::count(log, '\n'), 100);
    watcher->publish("twc/charger/5893/limit/set", "12");
    EXPECT_TRUE(in_force("12.00"));
    EXPECT_LE(end_chargers().at("chargers").at("5893").at("worst_heartbeat_gap_ms"), 1500);
}

TEST_F(Adversity, LongAMillionMessagesNeedNoMoreMemoryThanTenThousand) {
    start_flooded();
    const auto before = bridge->resident_kilobytes();
    for (int part = 0; part < 100; ++part) {
        flood(*watcher, 10'000);
        watcher->flush();  // a broker that lags behind would only drop them
    }
    const auto after = bridge->resident_kilobytes();
    std::cout << "resident after 10 000 messages: " << before << " kB, after 1 010 000: " << after << " kB\n";
    EXPECT_LT(after - before, 1000);
    watcher->publish("twc/charger/5893/limit/set", "12");
    EXPECT_TRUE(in_force("12.00"));
    EXPECT_LE(end_chargers().at("chargers").at("5893").at("worst_heartbeat_gap_ms"), 1500);
}

TEST_F(Adversity, AMessageOfTwentyMegabytesCostsNoMemory) {
    start_broker();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    const auto before = bridge->resident_kilobytes();
    watcher->publish("twc/x/set", std::string(20'000'000, 'x'), true);
    watcher->flush();
    watcher->publish("twc/total_limit/set", "12");
    EXPECT_TRUE(watcher->sees_last("twc/total_limit", "12"));
    EXPECT_LT(bridge->resident_kilobytes() - before, 5000);
    end_bridge();
    start_bridge();
    EXPECT_TRUE(eventually([this] {
        watcher->publish("twc/total_limit/set", "11");
        return watcher->payloads("twc/total_limit").back() == "11";
    }));
    EXPECT_LT(bridge->resident_kilobytes() - before, 5000) << "though the broker stores it";
}

TEST_F(Adversity, AFloodOfLargeDocumentsForSevenInputsCostsNoHeartbeats) {
    const auto input = [](const std::string& pointer) {
        return nlohmann::json{{"topic", "twcbridge/input/house"}, {"jsonPointer", pointer}};
    };
    config["inputs"] = {{"generation", input("/generation")},
                        {"consumption", input("/consumption")},
                        {"grid", input("/grid")},
                        {"battery", input("/battery")},
                        {"gridCurrents", {input("/l1"), input("/l2"), input("/l3")}}};
    start_broker();
    remember_charger();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(in_force("32.00"));
    nlohmann::json house{{"generation", 3000},
                         {"consumption", 400},
                         {"grid", 100},
                         {"battery", 0},
                         {"l1", 1},
                         {"l2", 2},
                         {"l3", 3}};
    house["samples"] = std::vector<int>(29'000, 0);
    const auto document = house.dump();
#ifdef __SANITIZE_ADDRESS__
    constexpr int documents = 60;  // each takes ten times as long
#else
    constexpr int documents = 300;
#endif
    for (int number = 0; number < documents; ++number)
        watcher->publish("twcbridge/input/house", document, false, 0);
    watcher->publish("twc/charger/5893/limit/set", "12");
    EXPECT_TRUE(in_force("12.00"));
    EXPECT_LE(end_chargers().at("chargers").at("5893").at("worst_heartbeat_gap_ms"), 1500);
}

TEST_F(Adversity, ACorruptSettingsFileIsKeptAsideAndReplaced) {
    const auto file = folder() / "settings" / "settings.json";
    std::ofstream{file} << "{\"mode\": \"of";
    start_broker();
    start_chargers();
    start_bridge();
    EXPECT_TRUE(in_force("32.00"));
    EXPECT_TRUE(logged(file.string() + " is corrupt"));
    EXPECT_EQ(content(file.string() + ".corrupt-1"), "{\"mode\": \"of");
    EXPECT_TRUE(watcher->sees_last("twc/mode", "fast"));
    EXPECT_TRUE(eventually([&] { return content(file).find("5893") != std::string::npos; }));
}

TEST_F(Adversity, SettingsThatCannotBeStoredAreAProblemAndNoReasonToStop) {
    config["settingsPath"] = (folder() / "settings" / "file").string();
    std::ofstream{folder() / "settings" / "file"} << "not a folder";
    start_broker();
    start_chargers();
    start_bridge();
    EXPECT_TRUE(in_force("32.00"));
    EXPECT_TRUE(watcher->sees_last("twc/problem", "ON"));
    EXPECT_THAT(watcher->payloads("twc/problem_reason").back(), HasSubstr("settings: cannot open"));
    watcher->publish("twc/total_limit/set", "10");
    EXPECT_TRUE(in_force("10.00"));
}

}  // namespace

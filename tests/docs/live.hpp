// A running bridge for the tests of the documents: broker, simulated wall connectors and the program itself.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/mosquitto.hpp"
#include "tests/support/watcher.hpp"

namespace docs {

using namespace std::chrono_literals;

/// A process that ends with the object.
class Process {
  public:
    explicit Process(const std::vector<std::string>& words) : id_{support::spawn(words)} {}
    ~Process() {
        ::kill(id_, SIGTERM);
        ::waitpid(id_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

  private:
    pid_t id_;
};

template <class Condition>
bool comes_true(Condition condition, std::chrono::seconds patience = 20s) {
    for (const auto end = std::chrono::steady_clock::now() + patience;
         std::chrono::steady_clock::now() < end;) {
        if (condition()) return true;
        std::this_thread::sleep_for(50ms);
    }
    return condition();
}

/// Where the bridge shows what was published there; empty if nowhere.
inline std::string state_topic_of(const std::string& topic) {
    static const std::map<std::string, std::string> inputs{
        {"twcbridge/input/generation", "twcbridge/solar_power"},
        {"twcbridge/input/consumption", "twcbridge/house_power"},
        {"twcbridge/input/grid", "twcbridge/grid_power"}};
    if (topic.ends_with("/set")) return topic.substr(0, topic.size() - 4);
    const auto found = inputs.find(topic);
    return found == inputs.end() ? std::string{} : found->second;
}

/// Broker, wall connector 5893 with a car, and a bridge with the topics of the documents.
class LiveSite : public testing::Test {
  protected:
    LiveSite() {
        broker_.start();
        watcher_.emplace(broker_.port());
    }

    /// A wall connector with a car; returns the port that leads to it.
    std::string start_charger(const std::string& name, const std::string& charger = "5893:32:2") {
        const auto port = (broker_.folder() / name).string();
        processes_.push_back(std::make_unique<Process>(
            std::vector<std::string>{TWCBRIDGE_PROGRAM, "simulate", "--link", port, "--charger", charger}));
        EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(port); }, 20s));
        return port;
    }

    /// `config` without what all have in common.
    void start_bridge(nlohmann::json config) {
        const auto settings = broker_.folder() / "settings";
        std::filesystem::create_directory(settings);
        config["mqtt"] = {{"url", broker_.url()}};
        config["settingsPath"] = settings.string();
        config["wiringMaxAmpsAllTWCs"] = 32;
        config["wiringMaxAmpsPerTWC"] = 16;
        const auto file = broker_.folder() / "config.json";
        std::ofstream{file} << config;
        processes_.push_back(std::make_unique<Process>(
            std::vector<std::string>{TWCBRIDGE_PROGRAM, "run", "--config", file.string()}));
        ASSERT_TRUE(watcher().sees_last("twcbridge/charger/5893/status", "online"));
    }

    /// The bridge with one charger. `inputs` is JSON.
    void start_with_inputs(const std::string& inputs) {
        start_bridge({{"bus", {{"port", start_charger("bus")}}}, {"inputs", nlohmann::json::parse(inputs)}});
    }

    support::Watcher& watcher() { return *watcher_; }
    [[nodiscard]] std::uint16_t port() const { return broker_.port(); }

    std::optional<std::string> newest(const std::string& topic) {
        const auto payloads = watcher().payloads(topic);
        return payloads.empty() ? std::nullopt : std::optional{payloads.back()};
    }

  private:
    support::Mosquitto broker_;
    std::optional<support::Watcher> watcher_;
    std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace docs

// A house in a folder: the real broker, the real bridge, and wall connectors made by the program itself.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/mosquitto.hpp"
#include "tests/support/watcher.hpp"

namespace e2e {

using Clock = std::chrono::steady_clock;
using support::eventually;
using namespace std::chrono_literals;

/// From a command to the unit that repeats it: one heartbeat round and its answer, and a slow machine.
constexpr auto prompt = 2s;

/// At the end of each test whatever still runs is asked to end, and must end well: simulated wall connectors
/// that saw no bad or forbidden frame and no collision made by the bridge, and a bridge with status 0.
class Site : public testing::Test {
  protected:
    Site();
    ~Site() override;
    void TearDown() override;

    /// The bridge has met 5893 before and addresses it at once, not after its first linkready.
    void remember_charger() const;
    /// Simulated, on a pseudo terminal at bus(), unless `way` says otherwise.
    void start_chargers(const std::vector<std::string>& chargers = {"5893:32:2"},
                        std::vector<std::string> way = {});
    /// What they counted. Checked as at the end of a test.
    nlohmann::json end_chargers();
    void start_bridge(const std::vector<std::string>& options = {},
                      const std::vector<std::string>& variables = {});
    void end_bridge();
    /// With `watcher` at it.
    void start_broker();

    [[nodiscard]] std::string bus() const { return (folder_ / "bus").string(); }
    [[nodiscard]] std::filesystem::path folder() const { return folder_; }
    [[nodiscard]] std::string write_config() const { return write_config(config, "config.json"); }
    [[nodiscard]] std::string write_config(const nlohmann::json& other, const std::string& name) const;

    /// The last thing that the unit itself says of its state, limit in force and current.
    [[nodiscard]] std::string unit(const std::string& id = "5893") const;
    /// Whether the unit soon repeats this limit, in A with two decimals.
    [[nodiscard]] bool in_force(const std::string& amps, const std::string& id = "5893",
                                std::chrono::milliseconds patience = 25s) const;
    [[nodiscard]] bool logged(const std::string& text) const;

    nlohmann::json config;
    support::Mosquitto broker;
    std::optional<support::Watcher> watcher;
    std::optional<Process> chargers;
    std::optional<Process> bridge;

  private:
    std::filesystem::path folder_;
    int processes_ = 0;
};

}  // namespace e2e

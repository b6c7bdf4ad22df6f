// What every fault test does: a charge that goes on, a fault, and the time until all is well again.
#pragma once

#include <iostream>

#include "tests/e2e/site.hpp"

namespace faults {

using namespace e2e;
using testing::HasSubstr;

/// Without a master wall connectors stop their cars after 20 s at the soonest (docs/protocol.md 4); we
/// promise far less between two heartbeats, whatever happens to the rest.
constexpr int longest_gap_ms = 1500;

class Faults : public Site {
  protected:
    /// A car charges with 32 A, and broker and watcher are there.
    void start_charge() {
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge();
        ASSERT_TRUE(in_force("32.00"));
        ASSERT_TRUE(watcher->sees_last("twc/status", "online"));
    }
    /// A command from the broker reaches the wire: the proof that everything works. Says how long after
    /// `since` it did.
    void recovers(const std::string& fault, Clock::time_point since, std::chrono::milliseconds within) {
        EXPECT_TRUE(eventually(
            [this] {
                try {
                    watcher->publish("twc/charger/5893/limit/set", std::to_string(limit_));
                    return in_force(std::to_string(limit_) + ".00", "5893", 300ms);
                } catch (const mqtt::exception&) {
                    return false;  // the watcher is not connected yet
                }
            },
            within));
        ++limit_;
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since);
        EXPECT_LE(took, within) << fault;
        std::cout << "recovered from: " << fault << ", " << took.count() << " ms\n";
    }
    /// No charger waited longer for a heartbeat than promised. Ends the chargers.
    void expect_steady_heartbeats() {
        EXPECT_LE(end_chargers().at("chargers").at("5893").at("worst_heartbeat_gap_ms"), longest_gap_ms);
    }

  private:
    int limit_ = 12;  // A; another one each time, or the last would prove the next
};

}  // namespace faults

// The whole bridge with simulated wall connectors in simulated time; the promises that hold always are
// asserted at every step.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/core/bridge.hpp"
#include "bridge/simulator/bus.hpp"
#include "config/config.hpp"
#include "tests/bridge/promises.hpp"

namespace bridge::tests {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::Duration;
using twc::TimePoint;
using twc::TwcId;

/// A configuration with one bus and 32 A for all and for each; cars start and stop without pauses.
config::Config quick_config();

struct UnitSpec {
    TwcId id{0x5893};
    twc::Protocol protocol = twc::Protocol::v2;
    simulator::CarOptions car{.plugged = true};
    int phases = 1;
    Centiamps rating{3200};
    simulator::Queries queries = simulator::Queries::all;
    bool keeps_limit = false;  ///< over a lost master
    Duration vin_after{};      ///< so long after the plug it knows the VIN
};

class Site {
  public:
    Site(config::Config, const std::vector<UnitSpec>&, Settings = {}, simulator::BusOptions = {});
    ~Site();

    /// A new bridge process with the settings file of the last one; the units go on.
    void restart_bridge(Duration pause);
    /// For the next restart.
    void configure(config::Config config) { config_ = std::move(config); }
    Settings& stored() { return stored_; }
    /// What the clock on the wall says now; it goes on from there. Without, the bridge never hears of it.
    void set_clock(Moment moment) {
        wall_ = moment - std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch());
        tell_clock();
    }
    void run_for(Duration);
    /// Runs until `holds`, at most for `patience`; returns whether it came to hold.
    template <class Condition>
    bool run_until(Condition holds, Duration patience) {
        for (const auto end = now_ + patience; now_ < end;) {
            if (holds()) return true;
            run_for(100ms);
        }
        return holds();
    }

    void send(const std::string& topic, const std::string& payload, bool retained = false);
    /// The inputs that are configured, every 5 s from now on; a meter sees what the cars draw too.
    void sun(std::int64_t solar_watts, std::int64_t house_watts = 0);
    /// A bad cable from now on; without noise a good one.
    void noise(simulator::Noise);
    /// The bridge's process stands still, everybody else goes on.
    void freeze(Duration);
    void meter_dies() { solar_.reset(); }
    void disk(const std::optional<std::string>& error) { disk_error_ = error; }
    void unplug_adapter();
    void plug_adapter();
    /// A mute unit obeys, but answers nothing.
    void mute(TwcId id, bool mute);
    void broker(bool connected);
    /// Answers commands for cars, two seconds after they were sent.
    using Proxy = std::function<HttpReply(const VehicleCall&)>;
    void proxy(Proxy proxy) { proxy_ = std::move(proxy); }

    /// What the broker has retained, or "".
    [[nodiscard]] std::string topic(const std::string& topic) const;
    [[nodiscard]] std::string topic_at(const std::string& whole) const;
    [[nodiscard]] std::string charger(const std::string& leaf, const std::string& key = "5893") const;
    /// All that are retained, whole.
    [[nodiscard]] std::vector<std::string> topics() const;
    /// Not retained publications of a topic, oldest first.
    [[nodiscard]] std::vector<std::string> passing(const std::string& topic) const;
    /// Commands for cars, as "charge_stop 5YJ3E7EB8KF000317".
    [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

    simulator::WallConnector& unit(int id = 0x5893) {
        return bus_.unit(TwcId{static_cast<std::uint16_t>(id)});
    }
    simulator::Bus& bus() { return bus_; }
    Bridge& bridge() { return *bridge_; }
    [[nodiscard]] TimePoint now() const { return now_; }
    /// Of all bytes that went to the wire and all that was published.
    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    /// How many there were.
    [[nodiscard]] std::uint64_t publications() const { return publications_; }
    /// Off for scenarios that break the bus on purpose.
    bool strict_gaps = true;

  private:
    void step(TimePoint);
    void tell_clock();
    void drain();
    void send_inputs();
    void publish(broker::Publication);
    void remember(std::string_view bytes);
    void assert_promises();
    TimePoint next_event() const;

    config::Config config_;
    simulator::Bus bus_;
    std::unique_ptr<Bridge> bridge_;
    TimePoint now_{};
    std::optional<Moment> wall_;  // when now_ was 0
    bool adapter_ = true;
    std::map<std::string, std::string> retained_;
    std::vector<broker::Publication> passing_;
    std::optional<std::pair<std::int64_t, std::int64_t>> solar_;
    TimePoint next_sun_;
    std::optional<std::string> disk_error_;
    Settings stored_;
    Promises promises_;
    std::uint64_t fingerprint_ = 14'695'981'039'346'656'037U;
    std::uint64_t steps_ = 0;
    std::uint64_t publications_ = 0;
    int idle_steps_ = 0;
    Proxy proxy_;
    std::vector<std::string> calls_;
    std::multimap<TimePoint, std::pair<std::uint64_t, HttpReply>> answers_;
};

}  // namespace bridge::tests

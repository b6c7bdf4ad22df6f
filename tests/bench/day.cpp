// Prints how long a simulated day of the whole bridge takes: three wall connectors with cars, heartbeats
// every second, the measured day of the demo as solar values every 5 s.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "bridge/core/bridge.hpp"
#include "bridge/simulator/bus.hpp"

namespace {

using namespace std::chrono_literals;
using twc::TimePoint;

constexpr int runs = 5;
constexpr double plant_kwp = 11;

struct Minute {
    std::int64_t solar;
    std::int64_t house;
};

std::vector<Minute> read_day() {
    std::ifstream file{PROJECT_DIR "/scripts/demo-day.csv"};
    std::vector<Minute> minutes;
    for (std::string line; std::getline(file, line);) {
        double t = 0;
        double solar = 0;
        double house = 0;
        if (std::sscanf(line.c_str(), "%lf,%lf,%lf", &t, &solar, &house) != 3) continue;
        minutes.push_back({static_cast<std::int64_t>(solar * plant_kwp), static_cast<std::int64_t>(house)});
    }
    return minutes;
}

config::Config configuration() {
    config::Config config;
    config.buses.push_back({"/dev/simulated", "", std::nullopt});
    config.wiring_max_all = config.wiring_max_each = twc::Centiamps{3200};
    config.inputs.generation = config::Input{"generation", std::nullopt, 1};
    config.inputs.consumption = config::Input{"consumption", std::nullopt, 1};
    return config;
}

/// The bridge and its bus; knows nothing of what should happen.
class Day {
  public:
    Day() : bridge_{config_, {}, {}, TimePoint{}} {
        for (const int id : {0x1111, 0x2222, 0x3333}) {
            simulator::WallConnectorOptions unit;
            unit.id = twc::TwcId{static_cast<std::uint16_t>(id)};
            bus_.add(unit, {.plugged = true});
        }
        bridge_.handle_broker(true, "connected to the broker", TimePoint{});
        bridge_.handle_bus_open(0, TimePoint{});
    }

    void run_until(TimePoint end) {
        for (auto now = next_event(); now < end; now = next_event()) {
            const auto received = bus_.take_received(now);
            if (!received.empty()) bridge_.handle_bytes(0, received, now);
            if (now >= bridge_.next_deadline()) bridge_.handle_timeout(now);
            drain(now);
        }
    }
    void hear(const std::string& topic, std::int64_t watts, TimePoint now) {
        bridge_.handle_message({topic, std::to_string(watts), false}, now);
        drain(now);
    }
    [[nodiscard]] std::int64_t watt_hours() { return bus_.unit(twc::TwcId{0x1111}).lifetime_wh(); }

  private:
    [[nodiscard]] TimePoint next_event() const {
        return std::min(bridge_.next_deadline(), bus_.next_event());
    }
    void drain(TimePoint now) {
        while (const auto wire = bridge_.poll_transmit(now)) bus_.transmit(wire->bytes, now);
        while (const auto save = bridge_.poll_save(now))
            bridge_.handle_saved(save->revision, std::nullopt, now);
        while (bridge_.poll_publication()) ++publications_;
    }

    const config::Config config_ = configuration();
    simulator::Bus bus_;
    bridge::Bridge bridge_;
    std::uint64_t publications_ = 0;
};

double seconds_for(const std::vector<Minute>& minutes) {
    const auto began = std::chrono::steady_clock::now();
    Day day;
    TimePoint now{};
    for (const auto& minute : minutes) {
        for (const auto end = now + 1min; now < end; now += 5s) {
            day.hear("consumption", minute.house, now);
            day.hear("generation", minute.solar, now);
            day.run_until(now + 5s);
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (day.watt_hours() == 0) std::puts("no car has charged: the figure is void");
    return took.count();
}

}  // namespace

int main() {
    spdlog::set_level(spdlog::level::off);
    const auto day = read_day();
    std::vector<double> seconds;
    for (int run = 0; run < runs; ++run) seconds.push_back(seconds_for(day));
    std::ranges::sort(seconds);
    std::printf("%zu minutes simulated in %.2f s (median of %d; %.2f to %.2f)\n", day.size(),
                seconds[runs / 2], runs, seconds.front(), seconds.back());
}

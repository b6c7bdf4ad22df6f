// Prints how long a simulated day of the whole bridge takes: three wall connectors, heartbeats every second, the measured day of
// the demo as solar values every 5 s.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bridge/site.hpp"

namespace {

using namespace bridge::tests;

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

double seconds_for(const std::vector<Minute>& day) {
    const auto began = std::chrono::steady_clock::now();
    Site site{quick_config(), {{TwcId{0x1111}}, {TwcId{0x2222}}, {TwcId{0x3333}}}};
    for (const auto& minute : day) {
        site.sun(minute.solar, minute.house);
        site.run_for(1min);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (site.topic("energy") == "0") std::puts("no car has charged: the figure is void");
    return took.count();
}

}  // namespace

int main() {
    const auto day = read_day();
    std::vector<double> seconds;
    for (int run = 0; run < runs; ++run) seconds.push_back(seconds_for(day));
    std::ranges::sort(seconds);
    std::printf("%zu minutes simulated in %.2f s (median of %d; %.2f to %.2f)\n", day.size(), seconds[runs / 2], runs,
                seconds.front(), seconds.back());
}

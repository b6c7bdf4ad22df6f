#include "tests/backtest/days.hpp"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/backtest/synthetic.hpp"

namespace backtest::tests {

bool all_days_wanted() { return std::getenv("TWCBRIDGE_ALL_DAYS") != nullptr; }

Day measured_day(const std::string& file) {
    std::ifstream stream{PROJECT_DIR "/" + file};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    auto day = parse_day(file, text);
    if (!day) throw std::runtime_error{file + ": " + day.error()};
    return *day;
}

namespace {

std::vector<Day> days(const std::vector<std::string>& measured, std::uint32_t made_up) {
    spdlog::set_level(spdlog::level::off);
    std::vector<Day> days;
    for (const auto& file : measured) days.push_back(measured_day(file));
    for (std::uint32_t seed = 1; seed <= made_up; ++seed) days.push_back(synthetic_day(seed));
    return days;
}

}  // namespace

std::vector<Day> all_days() {
    return days(
        {"tests/days/au_overcast_20181014.csv", "tests/days/wi_house13_20220120.csv", "scripts/demo-day.csv",
         "tests/days/sp_cloudypm_20220318.csv", "tests/days/wi_clear_20220120.csv"},
        20);
}

std::vector<Day> days_to_play() {
    if (all_days_wanted()) return all_days();
    return days({"tests/days/au_overcast_20181014.csv", "tests/days/wi_house13_20220120.csv"}, 2);
}

}  // namespace backtest::tests

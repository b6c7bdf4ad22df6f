// Meters that are configured wrongly, on measured days: named, and no right one is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <string>

#include "bridge/backtest/plant.hpp"
#include "bridge/backtest/rules.hpp"
#include "bridge/core/cosim.hpp"
#include "tests/backtest/days.hpp"

namespace backtest {
namespace {

using bridge::Second;
using testing::HasSubstr;
using tests::days_to_play;
using tests::measured_day;
using Distortion = std::function<void(Second&)>;

enum class Charging : std::uint8_t { by_the_sun, by_hand };

/// Four hours of it.
Day noon_of(Day day) {
    const auto cut = [](std::vector<double>& values) {
        values = {values.begin() + 36'000, values.begin() + 50'400};
    };
    cut(day.solar_per_kwp);
    cut(day.house);
    return day;
}

/// The day, with what the meters say distorted on its way; what is suspected at its end. By hand somebody
/// switches between fast and off every five minutes.
std::string suspected(const SiteSpec& site, const config::Config& config, const Day& day, Charging charging,
                      const Distortion& distort) {
    Plant plant{site, day};
    bridge::Cosim cosim{config};
    for (std::size_t index = 0; index < day.seconds(); ++index) {
        auto second = plant.observe(index);
        if (distort) distort(second);
        if (charging == Charging::by_hand && index % 300 == 0)
            second.commands.emplace_back("mode", index % 600 == 0 ? "fast" : "off");
        plant.advance(index, cosim.step(second));
    }
    return bridge::suspicion(cosim.controller()->inputs().evidence()).value_or("");
}

std::string suspected(const SiteSpec& site, const config::Config& config, const Distortion& distort = {}) {
    spdlog::set_level(spdlog::level::off);
    return suspected(site, config, noon_of(measured_day("tests/days/wi_house13_20220120.csv")),
                     Charging::by_hand, distort);
}

SiteSpec net() {
    SiteSpec site;
    site.meter.most_delay = 5;
    return site;
}

SiteSpec generation_and_consumption(bool includes_cars) {
    auto site = net();
    site.meter.net = false;
    site.meter.consumption_includes_cars = includes_cars;
    return site;
}

template <class Value>
void negate(std::optional<Value>& value) {
    if (value) value = -*value;
}

TEST(SelfCheck, NamesAGridMeterWithTheWrongSign) {
    const auto site = net();
    EXPECT_THAT(suspected(site, fitted({}, site), [](Second& second) { negate(second.grid); }),
                HasSubstr("inputs.grid falls"));
}

TEST(SelfCheck, NamesAGridMeterThatDoesNotSeeTheChargersOrSpeaksKilowatts) {
    const auto site = net();
    const auto kilowatts = [](Second& second) {
        if (second.grid) second.grid = *second.grid / 1000;
    };
    EXPECT_THAT(suspected(site, fitted({}, site), kilowatts), HasSubstr("inputs.grid does not move"));
}

TEST(SelfCheck, NamesSubtractChargerLoadWrongEitherWay) {
    for (const bool includes_cars : {true, false}) {
        const auto site = generation_and_consumption(includes_cars);
        auto config = fitted({}, site);
        config.subtract_charger_load = !includes_cars;
        EXPECT_THAT(suspected(site, config), HasSubstr(includes_cars ? "subtractChargerLoad to true"
                                                                     : "subtractChargerLoad to false"));
    }
}

TEST(SelfCheck, NamesGenerationAndConsumptionThatAreSwapped) {
    for (const bool subtract : {true, false}) {
        const auto site = generation_and_consumption(true);
        auto config = fitted({}, site);
        config.subtract_charger_load = subtract;
        EXPECT_THAT(
            suspected(site, config, [](Second& second) { std::swap(second.generation, second.consumption); }),
            HasSubstr("swapped with inputs.consumption"));
    }
}

TEST(SelfCheck, NamesAConsumptionWithTheWrongSign) {
    for (const bool includes_cars : {true, false}) {
        const auto site = generation_and_consumption(includes_cars);
        EXPECT_THAT(
            suspected(site, fitted({}, site), [](Second& second) { negate(second.consumption); }),
            HasSubstr(includes_cars ? "inputs.consumption falls" : "inputs.consumption is far below zero"));
    }
}

TEST(SelfCheck, NamesAGenerationWithTheWrongSign) {
    const auto site = generation_and_consumption(true);
    EXPECT_THAT(suspected(site, fitted({}, site), [](Second& second) { negate(second.generation); }),
                HasSubstr("inputs.generation is far below zero"));
}

TEST(SelfCheck, NamesAPhaseWithTheWrongSign) {
    auto site = net();
    site.phases = 3;
    site.meter.phase_currents = true;
    EXPECT_THAT(suspected(site, fitted({}, site), [](Second& second) { negate(second.grid_currents[1]); }),
                HasSubstr("L2, falls"));
}

TEST(SelfCheck, NamesAWrongNumberOfPhases) {
    auto site = net();
    const auto believed = fitted({}, site);
    site.phases = 3;
    const auto units_without_meters = [](Second& second) {
        for (auto& charger : second.chargers) charger.volts = {230, 0, 0};
    };
    EXPECT_THAT(suspected(site, believed, units_without_meters), HasSubstr("moves by three times"));
}

TEST(SelfCheck, SuspectsNothingThatIsRight) {
    auto slow = net();
    slow.meter.interval = 60;
    auto three_phases = net();
    three_phases.phases = 3;
    three_phases.plant_kwp = 11;
    three_phases.meter.phase_currents = true;
    three_phases.main_fuse = twc::Centiamps{2000};
    auto late = generation_and_consumption(true);
    late.meter.most_delay = 10;
    auto three_cars = generation_and_consumption(false);
    three_cars.cars = {{.charger = "0001"}, {.charger = "0002"}, {.charger = "0003"}};
    for (const auto& site :
         {net(), slow, three_phases, late, three_cars, generation_and_consumption(false)}) {
        for (const auto& day : days_to_play()) {
            EXPECT_EQ(suspected(site, fitted({}, site), noon_of(day), Charging::by_hand, {}), "") << day.name;
        }
    }
    for (const auto& site : {net(), slow, three_cars}) {
        for (const auto& day : days_to_play()) {
            EXPECT_EQ(suspected(site, fitted({}, site), day, Charging::by_the_sun, {}), "") << day.name;
        }
    }
}

}  // namespace
}  // namespace backtest

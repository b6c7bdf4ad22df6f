// Small days and rules for tests.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bridge/backtest/replay.hpp"

namespace backtest::tests {

/// A stretch of constant powers, W.
struct Stretch {
    int seconds = 0;
    double solar = 0;
    double house = 0;
};

/// For a plant of 1 kWp.
inline Day day_of(const std::vector<Stretch>& stretches) {
    Day day;
    day.name = "made";
    for (const auto& stretch : stretches) {
        const auto seconds = static_cast<std::size_t>(stretch.seconds);
        day.solar_per_kwp.insert(day.solar_per_kwp.end(), seconds, stretch.solar);
        day.house.insert(day.house.end(), seconds, stretch.house);
    }
    return day;
}

inline SiteSpec small_site(std::size_t cars = 1) {
    SiteSpec site;
    site.plant_kwp = 1;
    site.cars.assign(cars, CarSpec{.charger = "0001"});
    return site;
}

/// Offers for all chargers; 0: not to charge.
inline std::vector<bridge::CosimOffer> offers_of(const bridge::Second& second, int centiamps) {
    std::vector<bridge::CosimOffer> offers;
    for (const auto& charger : second.chargers)
        offers.push_back({charger.id, twc::Centiamps{centiamps}, centiamps > 0, ""});
    return offers;
}

}  // namespace backtest::tests

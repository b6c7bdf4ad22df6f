// The sites on which the rule has to prove itself.
#pragma once

#include <string>
#include <utility>

#include "bridge/backtest/plant.hpp"

namespace backtest::tests {

inline CarSpec car(const std::string& id, int amps) {
    CarSpec spec;
    spec.charger = id;
    spec.ceiling = twc::Centiamps{amps * 100};
    return spec;
}

/// One car on 6.5 kWp; the meter speaks every 5 s, and is heard 2 to 5 s late.
inline SiteSpec one_phase() {
    SiteSpec site;
    site.cars = {car("0001", 32)};
    site.meter.most_delay = 5;
    return site;
}

inline SiteSpec three_phases() {
    auto site = one_phase();
    site.plant_kwp = 11;
    site.phases = 3;
    site.ceiling = twc::Centiamps{1600};
    site.cars = {car("0001", 16)};
    return site;
}

inline SiteSpec with_slow_meter(SiteSpec site) {
    site.meter.interval = 60;
    return site;
}

/// Three cars on 32 A.
inline SiteSpec three_cars() {
    auto site = one_phase();
    site.cars = {car("0001", 32), car("0002", 32), car("0003", 32)};
    return site;
}

/// One limits itself to 8 A, one comes at 11:00, one leaves at 15:00.
inline SiteSpec cars_that_come_and_go() {
    auto site = three_cars();
    site.cars[0].own_maximum = 8;
    site.cars[1].plugged.begin = 11 * 3600;
    site.cars[2].plugged.end = 15 * 3600;
    return site;
}

}  // namespace backtest::tests

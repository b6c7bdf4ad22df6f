// Power over time, in hundredths of a kilowatt-hour.
#include "bridge/core/energy.hpp"

#include <gtest/gtest.h>

#include "bridge/simulator/random.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::TimePoint;

TEST(EnergyMeter, AnHourOfOneKilowattIsOneKilowattHour) {
    EnergyMeter meter;
    TimePoint now{};
    std::int64_t hundredths = 0;
    for (int second = 0; second <= 3600; ++second, now += 1s) hundredths += meter.flows(1000_W, now);
    EXPECT_EQ(hundredths, 100);
}

TEST(EnergyMeter, LosesNothingInSmallSteps) {
    simulator::Random random{3};
    EnergyMeter meter;
    TimePoint now{};
    std::int64_t hundredths = 0;
    std::int64_t watt_microseconds = 0;
    for (int step = 0; step < 100'000; ++step) {
        const twc::Watts power{random.next() % 22'000};
        hundredths += meter.flows(power, now);
        const auto pause = random.between(1ms, 3s);
        watt_microseconds += power.count() * pause.count();
        now += pause;
    }
    hundredths += meter.flows(0_W, now);
    EXPECT_EQ(hundredths, watt_microseconds / (10LL * 3600 * 1'000'000));
}

TEST(EnergyMeter, WhatFlowedDuringALongSilenceIsUnknownAndNotCounted) {
    EnergyMeter meter;
    meter.flows(36'000_W, TimePoint{});
    EXPECT_EQ(meter.flows(36'000_W, TimePoint{30s}), 30);
    EXPECT_EQ(meter.flows(36'000_W, TimePoint{30s} + 30s + 1us), 0);
    EXPECT_EQ(meter.flows(0_W, TimePoint{61s} + 1us), 1);
}

}  // namespace
}  // namespace bridge

#include "bridge/backtest/plant.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace backtest {
namespace {

constexpr double drawn_share = 0.988;
constexpr double drawn_offset = 0.75;
constexpr int start_seconds = 12;
constexpr double rise = 1;  // A/s
constexpr double fall = 8;  // A/s

/// Houses hang most of what they switch on one phase.
constexpr std::array<double, 3> house_shares{0.6, 0.25, 0.15};

twc::Watts watts(double value) { return twc::Watts{std::int64_t{std::llround(value)}}; }
twc::Centiamps centiamps(double amps) { return twc::Centiamps{std::int64_t{std::llround(amps * 100)}}; }

}  // namespace

double drawn_under(double limit) { return limit < least_limit ? 0 : drawn_share * limit - drawn_offset; }

double limit_for(double drawn) { return (drawn + drawn_offset) / drawn_share; }

void Car::advance(std::optional<double> offer, int t) {
    if (!plugged(t)) {
        limits_ = {};
        closing_ = 0;
        drawn_ = 0;
        return;
    }
    limits_ = {offer.value_or(0), limits_[0], limits_[1]};
    auto wanted = drawn_under(limits_[2]);
    if (spec_.own_maximum) wanted = std::min(wanted, *spec_.own_maximum);
    if (wanted == 0)
        closing_ = 0;
    else if (closing_ < start_seconds) {
        ++closing_;
        wanted = 0;
    }
    drawn_ += std::clamp(wanted - drawn_, -fall, rise);
}

Plant::Plant(const SiteSpec& site, const Day& day) : site_{site}, day_{day} {
    for (const auto& spec : site.cars) cars_.emplace_back(spec);
}

Truth Plant::truth(std::size_t index) const {
    Truth truth{.solar = day_.solar_per_kwp[index] * site_.plant_kwp, .house = day_.house[index]};
    for (const auto& car : cars_) truth.car_current += car.drawn();
    truth.cars = truth.car_current * site_.watts_per_amp();
    for (std::size_t phase = 0; phase < static_cast<std::size_t>(site_.phases); ++phase) {
        const auto share = site_.phases == 1 ? 1 : house_shares[phase];
        truth.house_currents[phase] = (truth.house * share - truth.solar / site_.phases) / site_.volts;
    }
    return truth;
}

void Plant::measure(int t, const Truth& truth) {
    const auto& meter = site_.meter;
    const auto is_out = [t](const Window& outage) { return t >= outage.begin && t < outage.end; };
    if (t % meter.interval != 0 || std::ranges::any_of(meter.outages, is_out)) return;
    const auto spread = static_cast<std::uint32_t>(meter.most_delay - meter.least_delay) + 1;
    auto due = t + meter.least_delay + static_cast<int>(random_.next() % spread);
    if (!on_their_way_.empty()) due = std::max(due, on_their_way_.back().due);
    on_their_way_.push_back({due, truth});
}

void Plant::deliver(const Truth& truth, bridge::Second& second) const {
    const auto& meter = site_.meter;
    if (meter.net) {
        second.grid = watts(truth.cars - truth.surplus());
    } else {
        second.generation = watts(truth.solar);
        second.consumption = watts(truth.house + (meter.consumption_includes_cars ? truth.cars : 0));
    }
    if (!meter.phase_currents) return;
    for (std::size_t phase = 0; phase < static_cast<std::size_t>(site_.phases); ++phase) {
        second.grid_currents[phase] = centiamps(truth.house_currents[phase] + truth.car_current);
    }
}

bridge::Second Plant::observe(std::size_t index) {
    const auto t = day_.begin + static_cast<int>(index);
    bridge::Second second{};
    second.t = t;
    measure(t, truth(index));
    while (!on_their_way_.empty() && on_their_way_.front().due <= t) {
        deliver(on_their_way_.front().truth, second);
        on_their_way_.pop_front();
    }
    for (const auto& car : cars_) {
        bridge::SimulatedCharger charger;
        charger.id = car.spec().charger;
        charger.vehicle = car.plugged(t);
        charger.limit = centiamps(car.limit_in_force());
        charger.drawn = centiamps(car.drawn());
        for (std::size_t phase = 0; phase < static_cast<std::size_t>(site_.phases); ++phase)
            charger.volts[phase] = static_cast<int>(site_.volts);
        second.chargers.push_back(std::move(charger));
    }
    return second;
}

void Plant::advance(std::size_t index, const std::vector<bridge::CosimOffer>& offers) {
    const auto t = day_.begin + static_cast<int>(index);
    for (std::size_t i = 0; i < cars_.size(); ++i) {
        const bool may = offers[i].charge;
        cars_[i].advance(may ? std::optional{to_amps(offers[i].amps)} : std::nullopt, t + 1);
    }
}

}  // namespace backtest

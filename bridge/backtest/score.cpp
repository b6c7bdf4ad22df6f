#include "bridge/backtest/score.hpp"

#include <algorithm>

namespace backtest {
namespace {

constexpr double watt_seconds_per_kwh = 3'600'000;
constexpr double rounding = 0.005;  // A: units speak in steps of 0.01 A

std::optional<double> percent(double part, double whole) {
    return whole > 0 ? std::optional{100 * part / whole} : std::nullopt;
}

}  // namespace

void Harvest::add(double cars, double surplus) {
    const auto free = std::min(cars, std::max(surplus, 0.0));
    solar += free / watt_seconds_per_kwh;
    import += (cars - free) / watt_seconds_per_kwh;
}

Harvest& Harvest::operator+=(const Harvest& other) {
    solar += other.solar;
    import += other.import;
    starts += other.starts;
    return *this;
}

void Excess::add(bool above) {
    now_ = above ? now_ + 1 : 0;
    seconds += above ? 1 : 0;
    longest = std::max(longest, now_);
}

Excess& Excess::operator+=(const Excess& other) {
    seconds += other.seconds;
    longest = std::max(longest, other.longest);
    return *this;
}

std::optional<double> Score::solar_percent() const { return percent(harvest.solar, optimum.solar); }
std::optional<double> Score::worth_percent() const { return percent(harvest.worth(), optimum.worth()); }
std::optional<double> Score::set_points_per_hour() const {
    return running_seconds > 0 ? std::optional{3600.0 * set_points / running_seconds} : std::nullopt;
}

Score& Score::operator+=(const Score& other) {
    harvest += other.harvest;
    optimum += other.optimum;
    set_points += other.set_points;
    running_seconds += other.running_seconds;
    charger += other.charger;
    site += other.site;
    fuse += other.fuse;
    fuse_of_house += other.fuse_of_house;
    return *this;
}

void Scorer::add(const Truth& truth, const std::vector<Car>& cars,
                 const std::vector<bridge::CosimOffer>& offers) {
    score_.harvest.add(truth.cars, truth.surplus());
    add_limits(truth, cars);
    for (std::size_t i = 0; i < offered_.size(); ++i) {
        const auto offer = offers[i].charge ? std::optional{offers[i].amps} : std::nullopt;
        if (offer && !offered_[i]) ++score_.harvest.starts;
        if (offer && offer != offered_[i]) ++score_.set_points;
        if (offer) ++score_.running_seconds;
        offered_[i] = offer;
    }
}

void Scorer::add_limits(const Truth& truth, const std::vector<Car>& cars) {
    double sum = 0;
    for (const auto& car : cars) sum += car.limit_in_force();
    score_.site.add(sum > to_amps(site_.ceiling) + rounding);
    score_.charger.add(std::ranges::any_of(
        cars, [](const Car& car) { return car.limit_in_force() > to_amps(car.spec().ceiling) + rounding; }));
    if (!site_.main_fuse) return;
    const auto house =
        *std::max_element(truth.house_currents.begin(), truth.house_currents.begin() + site_.phases);
    score_.fuse.add(truth.car_current > 0 &&
                    house + truth.car_current > to_amps(*site_.main_fuse) + rounding);
    score_.fuse_of_house.add(house > to_amps(*site_.main_fuse) + rounding);
}

}  // namespace backtest

#include "tests/backtest/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>

#include "bridge/simulator/random.hpp"

namespace backtest::tests {
namespace {

constexpr int day_seconds = 86'400;

/// Whole numbers and parts of one.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : random_{seed} {
        for (int i = 0; i < 8; ++i) random_.next();  // neighbouring seeds begin alike
    }
    /// In [low, high).
    double between(double low, double high) {
        return low + (high - low) * static_cast<double>(random_.next() % 1'000'000) / 1'000'000;
    }
    int seconds(double low, double high) { return static_cast<int>(between(low, high)); }

  private:
    simulator::Random random_;
};

std::vector<double> clear_sky(Dice& dice) {
    const auto noon = dice.between(12.0, 13.5) * 3600;
    const auto half = dice.between(4.3, 7.8) * 3600;  // from sunrise to noon
    const auto peak = dice.between(450, 950);         // W for each kWp
    std::vector<double> power(day_seconds);
    for (int t = 0; t < day_seconds; ++t) {
        const auto height = std::cos((t - noon) / half * std::numbers::pi / 2);
        if (std::abs(t - noon) < half) power[static_cast<std::size_t>(t)] = peak * std::pow(height, 1.3);
    }
    return power;
}

/// From `begin` to `end` clouds come and go, so many of a hundred stretches; each lets some of the sun
/// through.
void cover(std::vector<double>& power, int begin, int end, double cloudiness, Dice& dice) {
    double part = 1;
    for (int t = begin; t < end;) {
        const bool cloud = dice.between(0, 100) < cloudiness;
        const auto next = cloud ? dice.between(0.1, 0.7) : dice.between(0.9, 1.05);
        const auto edge = dice.seconds(5, 25);
        const auto stay = dice.seconds(20, cloud ? 900 : 2400);
        for (int i = 0; i < edge + stay && t < end; ++i, ++t)
            power[static_cast<std::size_t>(t)] *=
                part + (next - part) * std::min(1.0, static_cast<double>(i) / edge);
        part = next;
    }
}

/// Most days are clear with a cloud now and then, or broken for some hours; some are grey, with lighter and
/// darker hours.
void cover(std::vector<double>& power, Dice& dice) {
    const auto kind = dice.between(0, 1);
    if (kind < 0.5) return cover(power, 0, day_seconds, 5, dice);
    if (kind < 0.85) {
        const auto begin = dice.seconds(8 * 3600, 14 * 3600);
        const auto end = begin + dice.seconds(2 * 3600, 4 * 3600);
        cover(power, 0, begin, 5, dice);
        cover(power, begin, end, 35, dice);
        return cover(power, end, day_seconds, 5, dice);
    }
    for (auto& watts : power) watts *= 0.35;
    cover(power, 0, day_seconds, 30, dice);
}

void use(std::vector<double>& house, int begin, int seconds, double watts) {
    const auto end = std::min(begin + seconds, day_seconds);
    for (int t = begin; t < end; ++t) house[static_cast<std::size_t>(t)] += watts;
}

std::vector<double> household(Dice& dice) {
    std::vector<double> house(day_seconds, dice.between(90, 350));
    for (int fridge = dice.seconds(0, 3000); fridge < day_seconds; fridge += dice.seconds(2400, 4200))
        use(house, fridge, 900, 90);
    for (int kettles = dice.seconds(3, 10); kettles > 0; --kettles)
        use(house, dice.seconds(6 * 3600, 22 * 3600), dice.seconds(60, 300), dice.between(1800, 3000));
    for (int ovens = dice.seconds(0, 4); ovens > 0; --ovens) {
        const auto begin = dice.seconds(10 * 3600, 20 * 3600);
        use(house, begin, 600, 2500);
        for (int cycle = begin + 600; cycle < begin + 3600; cycle += 180) use(house, cycle, 60, 2500);
    }
    for (int machines = dice.seconds(0, 3); machines > 0; --machines) {
        const auto begin = dice.seconds(8 * 3600, 18 * 3600);
        use(house, begin + 300, 1200, 2100);
        use(house, begin + 1500, 3600, 180);
    }
    return house;
}

}  // namespace

Day synthetic_day(std::uint32_t seed) {
    Dice dice{seed};
    Day day;
    day.name = "synthetic " + std::to_string(seed);
    day.solar_per_kwp = clear_sky(dice);
    cover(day.solar_per_kwp, dice);
    day.house = household(dice);
    return day;
}

}  // namespace backtest::tests

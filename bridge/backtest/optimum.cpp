#include "bridge/backtest/optimum.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace backtest {
namespace {

/// W that n cars make of a surplus.
double best_power(const SiteSpec& site, std::size_t n, double surplus) {
    if (n == 0) return 0;
    const auto cars = static_cast<double>(n);
    const auto least = cars * drawn_under(least_limit) * site.watts_per_amp();
    const auto widest = to_amps(std::ranges::max(site.cars, {}, &CarSpec::ceiling).ceiling);
    const auto most =
        cars * drawn_under(std::min(widest, to_amps(site.ceiling) / cars)) * site.watts_per_amp();
    return std::clamp(surplus, least, most);
}

/// ways[n], the best with n cars charging, after anybody may have started or stopped.
std::vector<Harvest> after_switching(const std::vector<Harvest>& ways) {
    auto next = ways;
    for (std::size_t to = 0; to < ways.size(); ++to) {
        for (std::size_t from = 0; from < ways.size(); ++from) {
            auto way = ways[from];
            if (to > from) way.starts += static_cast<int>(to - from);
            if (way.worth() > next[to].worth()) next[to] = way;
        }
    }
    return next;
}

}  // namespace

Harvest optimum(const SiteSpec& site, const Day& day) {
    const auto places = static_cast<std::size_t>(to_amps(site.ceiling) / least_limit);
    std::vector<Harvest> ways(std::min(site.cars.size(), places) + 1);
    for (std::size_t n = 0; n < ways.size(); ++n) ways[n].starts = static_cast<int>(n);
    for (std::size_t second = 0; second < day.seconds(); ++second) {
        const auto surplus = day.solar_per_kwp[second] * site.plant_kwp - day.house[second];
        ways = after_switching(ways);
        for (std::size_t n = 0; n < ways.size(); ++n) ways[n].add(best_power(site, n, surplus), surplus);
    }
    return *std::ranges::max_element(ways, {}, &Harvest::worth);
}

}  // namespace backtest

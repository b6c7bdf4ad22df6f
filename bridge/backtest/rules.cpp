#include "bridge/backtest/rules.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

namespace backtest {
namespace {

using bridge::CosimOffer;
using bridge::Second;

double drawn(const Second& second) {
    double sum = 0;
    for (const auto& charger : second.chargers) sum += to_amps(charger.drawn);
    return sum;
}

/// The last that the meters said.
class Meter {
  public:
    explicit Meter(SiteSpec site) : site_{std::move(site)} {}

    /// True if it brought something new.
    bool hear(const Second& second) {
        const auto load_now = drawn(second) * site_.watts_per_amp();
        const auto load_before = std::exchange(load_, load_now);
        if (second.grid) {
            import_ = static_cast<double>(second.grid->count());
        } else if (second.generation && second.consumption) {
            const auto cars = site_.meter.consumption_includes_cars ? 0 : load_before;
            import_ = static_cast<double>((*second.consumption - *second.generation).count()) + cars;
        } else {
            return false;
        }
        surplus_ = load_before - *import_;
        return true;
    }
    /// W at the grid, cars included.
    [[nodiscard]] std::optional<double> import() const { return import_; }
    /// W for cars, formed when the value came with the draw of one second before.
    [[nodiscard]] double surplus() const { return surplus_; }

  private:
    SiteSpec site_;
    double load_ = 0;
    std::optional<double> import_;
    double surplus_ = 0;
};

std::vector<CosimOffer> nothing_for(const Second& second) {
    std::vector<CosimOffer> offers;
    offers.reserve(second.chargers.size());
    for (const auto& charger : second.chargers) offers.push_back({charger.id, {}, false, ""});
    return offers;
}

/// To 0.1 A.
twc::Centiamps rounded_down(double current) {
    return twc::Centiamps{10 * static_cast<std::int64_t>(std::floor(current * 10))};
}

class FixedTimers {
  public:
    explicit FixedTimers(const SiteSpec& site) : site_{site}, meter_{site} {}

    std::vector<CosimOffer> operator()(const Second& second) {
        meter_.hear(second);
        auto offers = nothing_for(second);
        std::vector<std::size_t> plugged;
        for (std::size_t i = 0; i < offers.size(); ++i) {
            if (second.chargers[i].vehicle) plugged.push_back(i);
        }
        switch_cars(plugged.size());
        for (std::size_t place = 0; place < running_; ++place) {
            offers[plugged[place]].amps = rounded_down(share());
            offers[plugged[place]].charge = true;
        }
        return offers;
    }

  private:
    static constexpr int start_after = 60;
    static constexpr int stop_after = 180;

    [[nodiscard]] double minimum_of(std::size_t cars) const {
        return static_cast<double>(cars) * drawn_under(least_limit) * site_.watts_per_amp();
    }

    void switch_cars(std::size_t plugged) {
        running_ = std::min(running_, plugged);
        const auto places = static_cast<std::size_t>(to_amps(site_.ceiling) / least_limit);
        const bool may_start = running_ < std::min(plugged, places);
        enough_ = may_start && meter_.surplus() >= minimum_of(running_ + 1) ? enough_ + 1 : 0;
        lacking_ = running_ > 0 && meter_.surplus() < minimum_of(running_) ? lacking_ + 1 : 0;
        if (enough_ < start_after && lacking_ < stop_after) return;
        running_ = enough_ >= start_after ? running_ + 1 : running_ - 1;
        enough_ = lacking_ = 0;
    }

    /// A for each car that runs: what makes it draw its part of the surplus.
    [[nodiscard]] double share() const {
        const auto cars = static_cast<double>(running_);
        const auto wanted = limit_for(meter_.surplus() / site_.watts_per_amp() / cars);
        return std::clamp(wanted, least_limit, std::max(least_limit, to_amps(site_.ceiling) / cars));
    }

    SiteSpec site_;
    Meter meter_;
    std::size_t running_ = 0;
    int enough_ = 0;   // s
    int lacking_ = 0;  // s
};

/// What both models of others do: decide every 30 s, in whole amperes, for one car.
class Periodic {
  public:
    explicit Periodic(const SiteSpec& site) : site_{site}, meter_{site} {}

    template <class Decide>
    std::vector<CosimOffer> offers(const Second& second, const Decide& decide) {
        meter_.hear(second);
        auto offers = nothing_for(second);
        if (!second.chargers.front().vehicle)
            offered_.reset();
        else if (second.t % period == 0 && meter_.import())
            offered_ = decide();
        if (offered_) {
            offers.front().amps = rounded_down(std::min(std::floor(*offered_), to_amps(site_.ceiling)));
            offers.front().charge = true;
        }
        return offers;
    }

    /// A that would bring the grid to zero, reckoned from the last meter value and a present current.
    [[nodiscard]] double balanced(double current) const {
        return current - *meter_.import() / site_.watts_per_amp();
    }
    [[nodiscard]] const Meter& meter() const { return meter_; }
    /// A; nothing while the car is stopped.
    [[nodiscard]] std::optional<double> offered() const { return offered_; }

  private:
    static constexpr int period = 30;

    SiteSpec site_;
    Meter meter_;
    std::optional<double> offered_;
};

class LikeTwcManager {
  public:
    explicit LikeTwcManager(const SiteSpec& site) : periodic_{site} {}

    std::vector<CosimOffer> operator()(const Second& second) {
        return periodic_.offers(second, [&] { return decide(second); });
    }

  private:
    static constexpr int stop_after = 60;

    std::optional<double> decide(const Second& second) {
        const auto wanted = periodic_.balanced(drawn(second));
        if (wanted >= least_limit) {
            lacking_since_.reset();
            return wanted;
        }
        if (!periodic_.offered()) return std::nullopt;
        if (!lacking_since_) lacking_since_ = second.t;
        return second.t - *lacking_since_ < stop_after ? std::optional{least_limit} : std::nullopt;
    }

    Periodic periodic_;
    std::optional<std::int64_t> lacking_since_;
};

class LikeEvcc {
  public:
    explicit LikeEvcc(const SiteSpec& site) : periodic_{site} {}

    std::vector<CosimOffer> operator()(const Second& second) {
        return periodic_.offers(second, [&] { return decide(second); });
    }

  private:
    static constexpr int start_after = 60;
    static constexpr int stop_after = 180;
    static constexpr double trusted_gap = 2;  // A that a car may seem to draw above what was measured

    std::optional<double> decide(const Second& second) {
        const auto offered = periodic_.offered();
        const auto wanted = periodic_.balanced(offered ? std::min(*offered, drawn(second) + trusted_gap) : 0);
        if (!offered)
            return lasts(wanted >= least_limit, start_after, second.t) ? std::optional{least_limit}
                                                                       : std::nullopt;
        if (wanted >= least_limit) {
            since_.reset();
            return wanted;
        }
        const bool over = lasts(*periodic_.meter().import() >= 0, stop_after, second.t);
        return over ? std::nullopt : std::optional{least_limit};
    }

    /// True, and forgotten, once the condition has held for so many seconds.
    bool lasts(bool condition, int seconds, std::int64_t t) {
        if (!condition) {
            since_.reset();
            return false;
        }
        if (!since_) since_ = t;
        if (t - *since_ < seconds) return false;
        since_.reset();
        return true;
    }

    Periodic periodic_;
    std::optional<std::int64_t> since_;
};

}  // namespace

config::Config fitted(config::Config config, const SiteSpec& site) {
    if (config.buses.empty()) config.buses.push_back({"none", "", std::nullopt});
    config.wiring_max_all = site.ceiling;
    config.wiring_max_each = std::ranges::max(site.cars, {}, &CarSpec::ceiling).ceiling;
    config.main_fuse = site.main_fuse;
    config.default_phases = site.phases;
    config.default_voltage = twc::Volts{static_cast<int>(site.volts)};
    // Only whether they are there matters: no message has to be found.
    const config::Input input{"backtest", std::nullopt, 1};
    auto& inputs = config.inputs;
    inputs.grid = inputs.generation = inputs.consumption = std::nullopt;
    if (site.meter.net)
        inputs.grid = input;
    else
        inputs.generation = inputs.consumption = input;
    inputs.grid_currents.reset();
    if (site.meter.phase_currents) inputs.grid_currents = {input, input, input};
    inputs.battery.reset();  // the house has none
    config.subtract_charger_load = site.meter.consumption_includes_cars;
    return config;
}

Rule our_rule(const config::Config& config) {
    return [cosim = std::make_shared<bridge::Cosim>(config)](const Second& second) {
        return cosim->step(second);
    };
}
Rule fixed_timers(const SiteSpec& site) { return FixedTimers{site}; }
Rule like_twcmanager(const SiteSpec& site) { return LikeTwcManager{site}; }
Rule like_evcc(const SiteSpec& site) { return LikeEvcc{site}; }

std::vector<NamedRule> other_rules(const SiteSpec& site) {
    std::vector<NamedRule> rules{{"fixed timers", fixed_timers(site)}};
    if (site.cars.size() == 1) {
        rules.push_back({"like TWCManager", like_twcmanager(site)});
        rules.push_back({"like evcc", like_evcc(site)});
    }
    return rules;
}

}  // namespace backtest

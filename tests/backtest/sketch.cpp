#include "tests/backtest/sketch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>

namespace backtest::tests {
namespace {

using bridge::Second;

constexpr double drawn_at_minimum = 5.2;     // A
constexpr double switch_price = 100 * 3600;  // W s
constexpr double dearer_each_start = 1.25;   // for an hour, four times at most
constexpr double import_weight = 2;          // a W bought undoes one of sun, and is itself none
constexpr double sharing_bonus = 0.03;       // of what the cars draw at the minimum
constexpr int least_on = 300, least_off = 120, turn_after = 3600, stop_when_stale = 300;  // s
constexpr double turn_difference = 2;                                                     // kWh

/// The surplus as the meter lets it be known: with each message, less what the cars drew when it was
/// measured.
class Surplus {
  public:
    explicit Surplus(double watts_per_amp) : watts_per_amp_{watts_per_amp} {}

    void hear(const Second& second, double drawn) {
        drawn_.push_front(drawn);
        drawn_.pop_back();
        if (!second.grid) return;
        const auto t = static_cast<double>(second.t);
        if (heard_) interval_ += 0.2 * (std::min(t - *heard_, 120.0) - interval_);
        heard_ = t;
        const auto grid = static_cast<double>(second.grid->count());
        find_lag(grid);
        surplus_ = drawn_[lag_] * watts_per_amp_ - grid;
    }
    [[nodiscard]] bool fresh(const Second& second) const {
        return heard_ && static_cast<double>(second.t) - *heard_ <= std::clamp(3 * interval_, 10.0, 120.0);
    }
    [[nodiscard]] std::optional<double> value() const { return surplus_; }  ///< W

  private:
    using Second = bridge::Second;
    static constexpr std::size_t most_lag = 12;  // s

    /// The lag under which the house jumps least while the cars change.
    void find_lag(double grid) {
        const auto [least, most] = std::minmax_element(drawn_.begin(), drawn_.end());
        for (std::size_t lag = 0; lag <= most_lag; ++lag) {
            const auto house = grid - drawn_[lag] * watts_per_amp_;
            if (heard_before_ && *most - *least > 1)
                jumps_[lag] = 0.98 * jumps_[lag] + std::abs(house - house_[lag]);
            house_[lag] = house;
        }
        heard_before_ = true;
        const auto best =
            static_cast<std::size_t>(std::min_element(jumps_.begin(), jumps_.end()) - jumps_.begin());
        if (jumps_[best] < 0.9 * jumps_[lag_]) lag_ = best;
    }

    double watts_per_amp_;
    std::deque<double> drawn_ = std::deque<double>(most_lag + 2, 0.0);  // A, newest first
    std::array<double, most_lag + 1> jumps_{}, house_{};
    bool heard_before_ = false;
    std::size_t lag_ = 1;
    std::optional<double> surplus_, heard_;
    double interval_ = 10;  // s
};

/// What one car is offered, and what it makes of that.
class CarSide {
  public:
    explicit CarSide(double most) : most_{most}, wants_{most} {}

    /// Never more than it would take; A.
    [[nodiscard]] double wants() const { return wants_; }
    [[nodiscard]] double offset() const { return offset_; }
    [[nodiscard]] double offered() const { return offered_; }

    void learn(double t, double drawn) {
        const auto unused = offered_ - drawn;
        if (drawn <= 1 || t - changed_ <= 8) return;
        if (unused > 2) {
            if (!unused_since_) unused_since_ = t;
            if (t - *unused_since_ < 20) return;
            wants_ = std::max(least_limit, drawn + 1);
            asked_ = t;
            return;
        }
        unused_since_.reset();
        if (unused > -0.5) offset_ += 0.2 * (std::clamp(unused, 0.0, 1.2) - offset_);
        if (wants_ < most_ && (drawn > wants_ - 0.4 - offset_ || t - asked_ > 300)) {
            wants_ = std::min(most_, wants_ + 2);
            asked_ = t;
        }
    }
    void forget() {
        wants_ = most_;
        offset_ = usual_offset;
    }
    /// What it would be offered for this share, with a rest of 10 s between raises.
    [[nodiscard]] double offer_for(double t, double share) const {
        const auto offer =
            std::min(std::clamp(share + offset_, least_limit, most_), std::max(wants_, least_limit));
        if (offered_ < least_limit) return offer;
        if (offer > offered_ && (offer - offered_ < dead_band || t - raised_ < 10)) return offered_;
        return offer < offered_ && offered_ - offer < dead_band ? offered_ : offer;
    }
    void offer(double t, double offer) {
        offer = std::floor(offer * 100 + 1e-6) / 100;
        if (offer > offered_) raised_ = t;
        if (std::abs(offer - offered_) > 0.3) changed_ = t;
        offered_ = offer;
    }
    void rest() { unused_since_.reset(); }

    bool runs = false;
    double switched = -1e9;
    double energy = 0;  // kWh of the day

  private:
    static constexpr double usual_offset = 0.4, dead_band = 0.1;

    double most_, wants_;
    double offset_ = usual_offset;
    double offered_ = 0;
    double raised_ = -1e9, changed_ = -1e9, asked_ = 0;
    std::optional<double> unused_since_;
};

class Sketch {
  public:
    explicit Sketch(const SiteSpec& site) : site_{site}, surplus_{site.watts_per_amp()} {
        for (const auto& spec : site.cars) cars_.emplace_back(to_amps(spec.ceiling));
    }

    std::vector<bridge::CosimOffer> operator()(const bridge::Second& second) {
        double drawn = 0;
        for (std::size_t i = 0; i < cars_.size(); ++i) {
            const auto amps = to_amps(second.chargers[i].drawn);
            drawn += amps;
            cars_[i].energy += amps * site_.watts_per_amp() / 3.6e6;
        }
        surplus_.hear(second, drawn);
        if (surplus_.value()) {
            switch_cars(second);
            offer(second);
        }
        std::vector<bridge::CosimOffer> offers;
        for (std::size_t i = 0; i < cars_.size(); ++i) {
            const auto amps = static_cast<std::int64_t>(std::llround(cars_[i].offered() * 100));
            offers.push_back({second.chargers[i].id, twc::Centiamps{amps}, cars_[i].runs, ""});
        }
        return offers;
    }

  private:
    using Cars = std::vector<CarSide*>;

    static double count(const Cars& cars) { return static_cast<double>(cars.size()); }
    static bool got_less(const CarSide* left, const CarSide* right) { return left->energy < right->energy; }
    static Cars without(Cars cars, const CarSide* one) {
        std::erase(cars, one);
        return cars;
    }

    /// W that it is worth to let these run with the surplus of now.
    [[nodiscard]] double value(const Cars& running) const {
        if (running.empty()) return 0;
        const auto least = count(running) * drawn_at_minimum * site_.watts_per_amp();
        double wanted = 0;
        for (const auto* car : running) wanted += car->wants();
        const auto most = std::max(least, std::min(wanted, to_amps(site_.ceiling)) * site_.watts_per_amp());
        const auto surplus = *surplus_.value();
        const auto drawn = std::clamp(surplus, least, most);
        const auto bought = drawn > surplus ? drawn - std::max(surplus, 0.0) : 0;
        return drawn - import_weight * bought + (count(running) - 1) / count(running) * sharing_bonus * least;
    }

    void set(CarSide& car, double t, bool runs) {
        car.runs = runs;
        car.switched = t;
        if (runs) starts_.push_back(t);
    }
    void begin_anew() { more_ = fewer_ = 0; }

    void switch_cars(const bridge::Second& second) {
        const auto t = static_cast<double>(second.t);
        Cars on, off;
        for (std::size_t i = 0; i < cars_.size(); ++i) {
            auto& car = cars_[i];
            if (second.chargers[i].vehicle) {
                (car.runs ? on : off).push_back(&car);
            } else if (car.runs) {
                set(car, t, false);
                car.forget();
            }
        }
        std::stable_sort(off.begin(), off.end(), got_less);
        if (!surplus_.fresh(second)) return stale(t, on);
        stale_since_.reset();
        while (!starts_.empty() && starts_.front() < t - 3600) starts_.pop_front();
        price_ = switch_price * std::pow(dearer_each_start, std::min<std::size_t>(4, starts_.size()));
        if (!start(t, on, off) && !stop(t, on)) take_turns(t, on, off);
    }

    void stale(double t, const Cars& on) {
        if (!stale_since_) stale_since_ = t;
        if (t - *stale_since_ >= stop_when_stale) {
            for (auto* car : on) set(*car, t, false);
        }
        begin_anew();
    }

    bool start(double t, const Cars& on, const Cars& off) {
        const bool room = to_amps(site_.ceiling) >= least_limit * (count(on) + 1);
        if (off.empty() || !room || t - off.front()->switched < least_off) {
            more_ = 0;
            return false;
        }
        auto with = on;
        with.push_back(off.front());
        more_ = std::max(0.0, more_ + value(with) - value(on));
        if (more_ < price_) return false;
        set(*off.front(), t, true);
        begin_anew();
        return true;
    }

    /// What it costs to go on counts from the start; a stop follows when one has run for long enough.
    bool stop(double t, const Cars& on) {
        if (on.empty()) return false;
        Cars ready;
        std::copy_if(on.begin(), on.end(), std::back_inserter(ready),
                     [t](const CarSide* car) { return t - car->switched >= least_on; });
        auto* last = ready.empty() ? on.back() : *std::max_element(ready.begin(), ready.end(), got_less);
        fewer_ = std::max(0.0, fewer_ + value(without(on, last)) - value(on));
        if (ready.empty() || fewer_ < price_) return false;
        set(*last, t, false);
        begin_anew();
        return true;
    }

    void take_turns(double t, const Cars& on, const Cars& off) {
        if (on.empty() || off.empty() || more_ > 0) return;
        auto* most = *std::max_element(on.begin(), on.end(), got_less);
        auto* next = off.front();
        if (t - most->switched < turn_after || most->energy - next->energy <= turn_difference) return;
        if (t - next->switched < least_off) return;
        set(*most, t, false);
        set(*next, t, true);
    }

    /// Equal shares of the sun, in A that shall flow, to each no more than it wants.
    [[nodiscard]] double share(const Cars& on, bool fresh) const {
        const auto sun = fresh ? std::max(0.0, *surplus_.value() / site_.watts_per_amp()) : 0;
        auto left = std::min(to_amps(site_.ceiling), sun);
        auto sharing = on;
        std::stable_sort(sharing.begin(), sharing.end(), [](const CarSide* one, const CarSide* other) {
            return one->wants() < other->wants();
        });
        while (!sharing.empty() && sharing.front()->wants() < left / count(sharing)) {
            left -= sharing.front()->wants();
            sharing.erase(sharing.begin());
        }
        return sharing.empty() ? to_amps(site_.ceiling) : std::max(drawn_at_minimum, left / count(sharing));
    }

    void offer(const bridge::Second& second) {
        const auto t = static_cast<double>(second.t);
        Cars on;
        for (std::size_t i = 0; i < cars_.size(); ++i) {
            auto& car = cars_[i];
            if (car.runs) {
                on.push_back(&car);
                car.learn(t, to_amps(second.chargers[i].drawn));
            } else {
                car.rest();
                car.offer(t, 0);
            }
        }
        if (on.empty()) return;
        const auto each = share(on, surplus_.fresh(second));
        std::vector<double> offers;
        for (const auto* car : on) offers.push_back(car->offer_for(t, std::min(each, car->wants())));
        const auto sum = std::accumulate(offers.begin(), offers.end(), 0.0);
        const auto above_minimum = sum - least_limit * count(on);
        const auto excess = std::max(0.0, sum - to_amps(site_.ceiling));
        const auto kept = above_minimum > 0 ? 1 - std::min(1.0, excess / above_minimum) : 1;
        for (std::size_t i = 0; i < on.size(); ++i)
            on[i]->offer(t, least_limit + kept * (offers[i] - least_limit));
    }

    SiteSpec site_;
    Surplus surplus_;
    std::vector<CarSide> cars_;
    std::deque<double> starts_;
    double price_ = switch_price;
    double more_ = 0, fewer_ = 0;  // regret, W s
    std::optional<double> stale_since_;
};

}  // namespace

Rule sketch(const SiteSpec& site) { return Sketch{site}; }

}  // namespace backtest::tests

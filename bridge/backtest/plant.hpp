// The world of a backtest: sun, house, meters, wall connectors and cars, one second at a time.
//
// A model and no decision, hence the floats. Wall connectors obey after 1 s and cars after 2 s more; a car
// needs 12 s to start, rises by 1 A/s, falls by 8 A/s, and draws 0.988 of its limit less 0.75 A.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bridge/backtest/day.hpp"
#include "bridge/core/cosim.hpp"
#include "bridge/simulator/random.hpp"
#include "twc/units.hpp"

namespace backtest {

/// From `begin` to before `end`, in seconds after midnight.
struct Window {
    int begin = 0;
    int end = 0;
};

struct CarSpec {
    std::string charger;                  ///< id of its wall connector
    twc::Centiamps ceiling{3200};         ///< of its wall connector
    std::optional<double> own_maximum{};  ///< A that the car itself takes at most
    Window plugged{0, 90'000};
};

/// What the meters measure, when, and how late it arrives.
struct MeterSpec {
    int interval = 5;     ///< s
    int least_delay = 2;  ///< s
    int most_delay = 2;   ///< s, drawn anew for each message
    bool net = true;      ///< the grid; else generation and consumption
    bool consumption_includes_cars = false;
    bool phase_currents = false;  ///< also the current of each phase
    std::vector<Window> outages;  ///< nothing is sent
};

struct SiteSpec {
    double plant_kwp = 6.5;
    int phases = 1;
    double volts = 230;
    twc::Centiamps ceiling{3200};             ///< for all cars together
    std::optional<twc::Centiamps> main_fuse;  ///< for each phase
    std::vector<CarSpec> cars{{.charger = "0001"}};
    MeterSpec meter;

    /// W per A of charging.
    [[nodiscard]] double watts_per_amp() const { return volts * phases; }
};

inline double to_amps(twc::Centiamps current) { return static_cast<double>(current.count()) / 100; }

constexpr double least_limit = 6;  ///< A; no car charges with less
/// A that a car draws under a limit; 0 below 6 A.
double drawn_under(double limit);
/// The inverse: A of limit under which a car draws so many.
double limit_for(double drawn);

/// What was true in one second.
struct Truth {
    double solar = 0;                        ///< W
    double house = 0;                        ///< W without cars
    double cars = 0;                         ///< W
    std::array<double, 3> house_currents{};  ///< A of each phase without cars, + = import
    double car_current = 0;                  ///< A of each phase that charges

    /// What cars may use without import, W; negative if the house imports.
    [[nodiscard]] double surplus() const { return solar - house; }
};

/// One wall connector and its car.
class Car {
  public:
    explicit Car(CarSpec spec) : spec_{std::move(spec)} {}

    /// One second under an offer; nothing: not to charge.
    void advance(std::optional<double> offer, int t);
    [[nodiscard]] bool plugged(int t) const { return t >= spec_.plugged.begin && t < spec_.plugged.end; }
    [[nodiscard]] const CarSpec& spec() const { return spec_; }
    [[nodiscard]] double limit_in_force() const { return limits_[0]; }  ///< A
    [[nodiscard]] double drawn() const { return drawn_; }               ///< A per phase

  private:
    CarSpec spec_;
    std::array<double, 3> limits_{};  // in force now, 1 s and 2 s ago; 0 = not to charge
    int closing_ = 0;                 // s since it was allowed to start
    double drawn_ = 0;
};

class Plant {
  public:
    /// Both must outlive it.
    Plant(const SiteSpec&, const Day&);

    /// What meters and wall connectors say at second `index` of the day.
    bridge::Second observe(std::size_t index);
    /// What flows during that second; call it between observe and advance.
    [[nodiscard]] Truth truth(std::size_t index) const;
    /// The second passes with these offers, in the order of the cars.
    void advance(std::size_t index, const std::vector<bridge::CosimOffer>& offers);
    [[nodiscard]] const std::vector<Car>& cars() const { return cars_; }

  private:
    struct Message {
        int due = 0;
        Truth truth;  // of when it was measured
    };

    void measure(int t, const Truth&);
    void deliver(const Truth&, bridge::Second&) const;

    const SiteSpec& site_;
    const Day& day_;
    std::vector<Car> cars_;
    std::deque<Message> on_their_way_;
    simulator::Random random_{1};
};

}  // namespace backtest

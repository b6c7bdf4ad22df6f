// What a day of charging was worth, and which limits it kept.
//
// J = solar − import − 0.05 kWh for each start: a kWh imported weighs as much as a kWh of sun captured, and a
// start costs the wear of a contactor.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "bridge/backtest/plant.hpp"

namespace backtest {

/// What a start costs, kWh.
constexpr double start_cost = 0.05;

/// What cars have taken, of which origin, with how many starts.
struct Harvest {
    double solar = 0;   ///< kWh that would have been exported otherwise
    double import = 0;  ///< kWh bought because of the cars
    int starts = 0;

    [[nodiscard]] double worth() const { return solar - import - start_cost * starts; }  ///< J, kWh
    /// One second of `cars` W while `surplus` W were free.
    void add(double cars, double surplus);
    Harvest& operator+=(const Harvest&);
};

/// Seconds above a limit.
struct Excess {
    int seconds = 0;
    int longest = 0;  ///< at a time

    void add(bool above);
    /// As for the same limit on another day.
    Excess& operator+=(const Excess&);

  private:
    int now_ = 0;
};

struct Score {
    Harvest harvest;
    Harvest optimum;
    int set_points = 0;       ///< changes of an offer while charging
    int running_seconds = 0;  ///< of all cars together
    Excess charger;           ///< limit in force of one charger above its own ceiling
    Excess site;              ///< sum of the limits in force above the ceiling of all
    Excess fuse;              ///< current of the fullest phase above the main fuse while cars draw
    Excess fuse_of_house;     ///< the same if no car drew

    /// % of the optimum; nothing where that is nothing.
    [[nodiscard]] std::optional<double> solar_percent() const;
    [[nodiscard]] std::optional<double> worth_percent() const;
    [[nodiscard]] std::optional<double> set_points_per_hour() const;
    Score& operator+=(const Score&);
};

/// Adds up second after second.
class Scorer {
  public:
    explicit Scorer(const SiteSpec& site) : site_{site}, offered_(site.cars.size()) {}

    /// The second had this truth, and its controller answered with these offers.
    void add(const Truth&, const std::vector<Car>&, const std::vector<bridge::CosimOffer>&);
    [[nodiscard]] const Score& score() const { return score_; }

  private:
    void add_limits(const Truth&, const std::vector<Car>&);

    const SiteSpec& site_;
    std::vector<std::optional<twc::Centiamps>> offered_;  // last; nothing = not to charge
    Score score_;
};

}  // namespace backtest

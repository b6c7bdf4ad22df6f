#include "bridge/backtest/replay.hpp"

#include <cstddef>

namespace backtest {

Score replay(const SiteSpec& site, const Day& day, const Rule& rule, const Witness& witness) {
    Plant plant{site, day};
    Scorer scorer{site};
    for (std::size_t index = 0; index < day.seconds(); ++index) {
        const auto offers = rule(plant.observe(index));
        const auto truth = plant.truth(index);
        scorer.add(truth, plant.cars(), offers);
        if (witness) witness({day.begin + static_cast<int>(index), truth, plant.cars(), offers});
        plant.advance(index, offers);
    }
    return scorer.score();
}

}  // namespace backtest

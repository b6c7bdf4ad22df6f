// The lag that makes the chargers' own steps vanish.
#include "bridge/core/meter_lag.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "bridge/simulator/random.hpp"

namespace bridge {
namespace {

using twc::Watts;

/// A house whose noise is `noise` W at most, chargers that change now and then, a value every 5 s that is
/// `late` s old.
MeterLag after_an_hour(std::int64_t late, std::int64_t noise) {
    simulator::Random random{7};
    std::vector<std::int64_t> load(20, 0);  // newest last
    MeterLag lag;
    for (int second = 0; second < 3600; ++second) {
        const auto last = load.back();
        load.push_back(random.next() % 30 == 0 ? static_cast<std::int64_t>(random.next() % 7000) : last);
        if (second % 5 != 0) continue;
        const auto at = [&](std::size_t ago) { return load[load.size() - 1 - ago]; };
        const auto house = 300 + static_cast<std::int64_t>(random.next()) % (noise + 1);
        const auto value = house + at(static_cast<std::size_t>(late));
        MeterLag::Bases bases;
        for (std::size_t ago = 0; ago < bases.size(); ++ago) bases[ago] = Watts{value - at(ago)};
        lag.hear(bases, at(0) != at(12));
    }
    return lag;
}

TEST(MeterLag, IsFoundFromTheChargersOwnStepsInANoisyHouse) {
    for (const int late : {0, 2, 5, 9})
        EXPECT_EQ(after_an_hour(late, 1000).lag(), std::chrono::seconds{late});
}

TEST(MeterLag, IsASecondWhileNothingMoves) {
    MeterLag lag;
    for (int i = 0; i < 100; ++i) {
        MeterLag::Bases bases;
        bases.fill(Watts{i % 2 * 3000});
        lag.hear(bases, false);
    }
    EXPECT_EQ(lag.lag(), std::chrono::seconds{1});
}

}  // namespace
}  // namespace bridge

// Random sites, random owners, random mishaps: the promises hold at every step.
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "tests/bridge/life.hpp"

namespace bridge::tests {
namespace {

/// For a long search: TWCBRIDGE_SEEDS=1:5000
std::pair<std::uint32_t, std::uint32_t> seeds(std::uint32_t first, std::uint32_t count) {
    const char* given = std::getenv("TWCBRIDGE_SEEDS");
    if (given == nullptr) return {first, first + count};
    const std::string text{given};
    const auto colon = text.find(':');
    return {static_cast<std::uint32_t>(std::stoul(text.substr(0, colon))),
            static_cast<std::uint32_t>(std::stoul(text.substr(colon + 1)))};
}

TEST(Promises, HoldAtEveryStepOfRandomLives) {
    const auto [first, end] = seeds(1, 60);
    std::uint64_t steps = 0;
    for (auto seed = first; seed < end; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life{seed, false};
        life.live(1800s);
        steps += life.site().steps();
        if (HasFailure()) return;
    }
    std::cout << steps << " steps\n";
}

/// 24 hours with every kind of fault, and a good end. Returns how many there were of each.
std::map<std::string, int> live_a_day(std::uint32_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life{seed, false, Pace::daily};
    life.live(24h);
    life.recover();
    EXPECT_TRUE(!life.room_for_everybody() ||
                life.site().run_until([&] { return life.everybody_charges(); }, 400s));
    return life.mishaps();
}

TEST(Promises, HoldForADayWithEveryFault) {
    const auto mishaps = live_a_day(1);
    for (const auto* mishap :
         {"adapter", "broker", "Home Assistant's birth", "noise", "standstill", "restart", "death", "disk",
          "stale inputs", "false input", "command", "silent unit"}) {
        EXPECT_TRUE(mishaps.contains(mishap)) << mishap;
    }
}

TEST(Promises, LongHoldForAHundredDaysWithEveryFault) {
    const auto [first, end] = seeds(5001, 100);
    for (auto seed = first; seed < end && !HasFailure(); ++seed) live_a_day(seed);
}

TEST(Promises, AfterAnyMishapEverybodyChargesAgain) {
    const auto [first, end] = seeds(1001, 30);
    for (auto seed = first; seed < end; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life{seed, false};
        if (!life.room_for_everybody()) continue;
        life.live(600s);
        life.recover();
        ASSERT_TRUE(life.site().run_until([&] { return life.everybody_charges(); }, 400s));
        if (HasFailure()) return;
    }
}

TEST(Promises, HoldOnANoisyLine) {
    const auto [first, end] = seeds(2001, 20);
    for (auto seed = first; seed < end; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life{seed, true};
        life.live(1800s);
        if (HasFailure()) return;
    }
}

TEST(Promises, TheSameLifeTwiceGivesTheSameBytesAndPublications) {
    const auto [first, end] = seeds(3001, 6);
    for (auto seed = first; seed < end; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life once{seed, seed % 2 == 0};
        Life again{seed, seed % 2 == 0};
        Life other{seed + 1, seed % 2 == 0};
        for (auto* life : {&once, &again, &other}) life->live(900s);
        EXPECT_EQ(once.site().fingerprint(), again.site().fingerprint());
        EXPECT_NE(once.site().fingerprint(), other.site().fingerprint());
    }
}

}  // namespace
}  // namespace bridge::tests

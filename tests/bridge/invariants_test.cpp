// What must hold after every second (the promises of docs/design.md), over random sites, cars, limits, faults
// and timings; in the controller alone, so that a million seconds are cheap. A long search:
// TWCBRIDGE_SECONDS=100000000, from another seed on: TWCBRIDGE_SEED=5000.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "bridge/core/cosim.hpp"
#include "tests/bridge/invariants.hpp"
#include "tests/bridge/random_site.hpp"

namespace bridge::tests {
namespace {

/// The second with what must be refused.
Second with(Second second, const Second& nonsense) {
    const auto add = [](auto& value, const auto& absurd) {
        if (absurd) value = absurd;
    };
    add(second.generation, nonsense.generation);
    add(second.consumption, nonsense.consumption);
    add(second.grid, nonsense.grid);
    second.commands.insert(second.commands.end(), nonsense.commands.begin(), nonsense.commands.end());
    return second;
}

bool same(const std::vector<CosimOffer>& one, const std::vector<CosimOffer>& other) {
    return std::ranges::equal(one, other, [](const CosimOffer& a, const CosimOffer& b) {
        return a.id == b.id && a.amps == b.amps && a.charge == b.charge && a.reason == b.reason;
    });
}

class RandomLife {
  public:
    explicit RandomLife(std::uint32_t seed)
        : site_{seed}, invariants_{site_}, bridge_{std::make_unique<Cosim>(site_.config())} {
        // One in four has a twin that hears no nonsense: nothing may come of it, nor of anything but inputs.
        if (seed % 4 == 0) twin_ = std::make_unique<Cosim>(site_.config());
    }

    void live(std::int64_t seconds) {
        for (std::int64_t left = seconds; left > 0 && !testing::Test::HasFailure(); --left) live_a_second();
        if (!testing::Test::HasFailure() && !restarted_) invariants_.check_energy(*bridge_->controller());
    }

  private:
    void live_a_second() {
        const auto& second = site_.next();
        if (site_.restarts()) {
            restarted_ = true;
            bridge_ = std::make_unique<Cosim>(site_.config());
            if (twin_) twin_ = std::make_unique<Cosim>(site_.config());
            invariants_.restarted();
        }
        const auto offers = bridge_->step(with(second, site_.nonsense()));
        const bool nonsense = !site_.nonsense().commands.empty();
        const auto refusals = bridge_->take_refusals();
        ASSERT_EQ(refusals.empty(), !nonsense) << (refusals.empty() ? "" : refusals.front());
        if (twin_) {
            ASSERT_TRUE(same(offers, twin_->step(second))) << "second " << site_.now();
            ASSERT_TRUE(twin_->take_refusals().empty());
        }
        invariants_.check(*bridge_->controller(), offers);
        site_.obey(offers);
    }

    RandomSite site_;
    Invariants invariants_;
    std::unique_ptr<Cosim> bridge_;
    std::unique_ptr<Cosim> twin_;
    bool restarted_ = false;
};

std::int64_t given(const char* name, std::int64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::stoll(value);
}

/// A quarter of a million seconds each, so that four run at the same time.
void search(std::uint32_t quarter) {
    spdlog::set_level(spdlog::level::off);
    constexpr std::int64_t life = 10'000;
    const auto lives = given("TWCBRIDGE_SECONDS", 1'000'000) / life / 4;
    const auto first = static_cast<std::uint32_t>(given("TWCBRIDGE_SEED", 1) + quarter * lives);
    for (std::uint32_t seed = first; seed < first + lives; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomLife{seed}.live(life);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(Invariants, HoldInTheFirstQuarterOfAMillionSeconds) { search(0); }
TEST(Invariants, HoldInTheSecondQuarterOfAMillionSeconds) { search(1); }
TEST(Invariants, HoldInTheThirdQuarterOfAMillionSeconds) { search(2); }
TEST(Invariants, HoldInTheLastQuarterOfAMillionSeconds) { search(3); }

}  // namespace
}  // namespace bridge::tests

// What must hold after every second, over random sites, cars, commands and suns (in the controller alone, so
// that a million seconds are cheap). A long search: TWCBRIDGE_SECONDS=100000000.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "bridge/core/cosim.hpp"
#include "bridge/simulator/random.hpp"

namespace bridge {
namespace {

using namespace twc::literals;
using twc::Centiamps;

/// One random site; its units take an offer a second later.
class RandomSite {
  public:
    explicit RandomSite(std::uint32_t seed) : random_{seed}, config_{random_config()}, cosim_{config_} {
        total_ = config_.wiring_max_all;
        for (std::int64_t unit = 0; unit < 1 + below(3); ++unit)
            second_.chargers.push_back({"000" + std::to_string(unit + 1), true, true, {}, {}, {230, 0, 0}});
    }

    void live(std::int64_t seconds) {
        for (const auto end = second_.t + seconds; second_.t < end && !testing::Test::HasFailure();) {
            ++second_.t;
            happen();
            const auto offers = cosim_.step(second_);
            ASSERT_TRUE(cosim_.take_refusals().empty());
            check(offers);
            obey(offers);
        }
    }

  private:
    std::int64_t below(std::uint32_t end) { return static_cast<std::int64_t>(random_.next() % end); }

    config::Config random_config() {
        config::Config config;
        config.buses = {{"/dev/null", "", std::nullopt}};
        config.wiring_max_all = Centiamps{1000 + below(40) * 100};
        config.wiring_max_each = Centiamps{600 + below(27) * 100};
        config.inputs.grid = config::Input{"meter", {}, 1};
        config.control.switch_wh = static_cast<int>(below(3) * 50);
        config.control.spike16 = below(3) == 0;
        if (below(3) == 0) config.control.max_stops = static_cast<int>(below(3));
        return config;
    }

    void happen() {
        second_.commands.clear();
        second_.grid.reset();
        if (below(600) == 0) sun_ = below(12'000) - 1500;
        if (below(2000) == 0) meter_ = below(4) != 0;
        if (meter_ && second_.t % 5 == 0) {
            twc::Watts drawn;
            for (const auto& charger : second_.chargers)
                drawn += twc::Watts{charger.drawn.count() * 230 / 100};
            second_.grid = drawn - twc::Watts{sun_};
        }
        if (below(900) == 0) {
            total_ = std::min(Centiamps{below(60) * 100}, config_.wiring_max_all);
            second_.commands.emplace_back("total_limit", twc::to_text(total_));
        }
        if (below(1500) == 0) {
            off_ = below(5) == 0;
            second_.commands.emplace_back("mode", off_ ? "off" : below(2) == 0 ? "solar" : "fast");
        }
        for (auto& charger : second_.chargers) {
            if (below(3000) == 0) charger.vehicle = !charger.vehicle;
            if (!charger.vehicle) charger.drawn = {};
        }
    }

    void check(const std::vector<CosimOffer>& offers) {
        SCOPED_TRACE("second " + std::to_string(second_.t));
        Centiamps sum;
        bool raised = false;
        bool all_at_minimum = true;
        for (std::size_t i = 0; i < offers.size(); ++i) {
            const auto& offer = offers[i];
            ASSERT_EQ(offer.charge, offer.amps > 0_A);
            if (!offer.charge) continue;
            ASSERT_GE(offer.amps, 6_A);
            ASSERT_LE(offer.amps, config_.wiring_max_each);
            ASSERT_EQ(offer.amps.count() % 10, 0);
            ASSERT_FALSE(off_) << "no car may charge in mode off";
            raised = raised || offer.amps > second_.chargers[i].limit;
            all_at_minimum = all_at_minimum && offer.amps == 6_A;
            sum += offer.amps;
        }
        ASSERT_TRUE(sum <= total_ || all_at_minimum) << sum << " offered under " << total_;
        // What the units themselves have in force from the next second on.
        ASSERT_TRUE(sum <= total_ || !raised) << sum << " in force under " << total_;
    }

    void obey(const std::vector<CosimOffer>& offers) {
        for (std::size_t i = 0; i < offers.size(); ++i) {
            auto& charger = second_.chargers[i];
            charger.limit = offers[i].amps;
            const Centiamps wanted{std::max<std::int64_t>(charger.limit.count() * 988 / 1000 - 75, 0)};
            charger.drawn = charger.vehicle ? std::min(wanted, charger.drawn + 1_A) : Centiamps{};
        }
    }

    simulator::Random random_;
    config::Config config_;
    Cosim cosim_;
    Second second_;
    Centiamps total_;
    std::int64_t sun_ = 3000;
    bool meter_ = true;
    bool off_ = false;
};

/// A quarter of a million seconds each, so that four run at the same time.
void search(std::uint32_t first) {
    constexpr std::int64_t life = 25'000;
    const char* given = std::getenv("TWCBRIDGE_SECONDS");
    const auto seconds = given == nullptr ? 250'000 : std::stoll(given) / 4;
    for (std::int64_t done = 0; done < seconds; done += life) {
        const auto seed = first + static_cast<std::uint32_t>(done / life);
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomSite{seed}.live(life);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(Invariants, HoldInTheFirstQuarterOfAMillionSeconds) { search(1); }
TEST(Invariants, HoldInTheSecondQuarterOfAMillionSeconds) { search(100'001); }
TEST(Invariants, HoldInTheThirdQuarterOfAMillionSeconds) { search(200'001); }
TEST(Invariants, HoldInTheLastQuarterOfAMillionSeconds) { search(300'001); }

}  // namespace
}  // namespace bridge

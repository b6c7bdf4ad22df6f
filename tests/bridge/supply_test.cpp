// A supply of 40 A and units of 80 A: what another master let two and three of them take together, 50.6 A and
// 89.4 A, for a new car or for one whose unit fell silent, stays below 40 A here.
#include <algorithm>

#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

constexpr Centiamps supply = 40_A;

/// Cars that all take 80 A, plugged in one by one; watches what the units themselves have in force.
class Supply : public testing::TestWithParam<int> {
  protected:
    Supply() : site_{config(), units()} { site_.strict_gaps = false; }

    static config::Config config() {
        auto config = quick_config();
        config.wiring_max_all = config.wiring_max_each = supply;
        config.mode = config::Mode::fast;
        return config;
    }
    static std::vector<UnitSpec> units() {
        std::vector<UnitSpec> units;
        for (int i = 0; i < GetParam(); ++i) {
            const simulator::CarOptions car{.plugged = i == 0, .max_current = 80_A};
            units.push_back({.id = id_of(i), .car = car, .rating = 80_A});
        }
        return units;
    }
    static TwcId id_of(int i) { return TwcId{static_cast<std::uint16_t>(0x5893 + i)}; }
    simulator::WallConnector& unit(int i) { return site_.unit(id_of(i).value()); }
    static int last() { return GetParam() - 1; }

    template <class Condition>
    bool watch_until(Condition holds, Duration patience) {
        return site_.run_until(
            [&] {
                EXPECT_LE(site_.bus().limits_in_force(), supply);
                EXPECT_LE(site_.bus().drawn(), supply);
                return holds() || HasFailure();
            },
            patience);
    }
    void watch_for(Duration time) {
        watch_until([] { return false; }, time);
    }
    void plug_all_one_by_one() {
        ASSERT_TRUE(watch_until([&] { return unit(0).drawn() > 38_A; }, 120s));
        for (int i = 1; i <= last(); ++i) {
            unit(i).car().plug();
            watch_for(40s);
        }
        ASSERT_TRUE(watch_until([&] { return everybody_has_his_share(); }, 120s));
    }
    bool everybody_has_his_share() {
        const auto share = supply / GetParam() - 1_A;
        for (int i = 0; i <= last(); ++i) {
            if (unit(i).drawn() < share) return false;
        }
        return true;
    }

    Site site_;
};

TEST_P(Supply, IsKeptWhileCarsComeOneAfterAnother) { plug_all_one_by_one(); }

TEST_P(Supply, IsKeptWhileCarsComeTogetherGoAndComeBack) {
    for (int i = 1; i <= last(); ++i) unit(i).car().plug();
    watch_for(60s);
    for (int round = 0; round < 6; ++round) {
        unit(round % GetParam()).car().unplug();
        watch_for(round * 3s);
        unit((round + 1) % GetParam()).car().stop_itself();
        watch_for(8s);
        unit(round % GetParam()).car().plug();
        unit((round + 1) % GetParam()).car().start_itself();
        watch_for(25s);
    }
    EXPECT_TRUE(watch_until([&] { return everybody_has_his_share(); }, 120s));
}

TEST_P(Supply, IsKeptWhenAUnitFallsSilentWhileItsCarGoesOn) {
    plug_all_one_by_one();
    site_.mute(id_of(last()), true);
    ASSERT_TRUE(watch_until([&] { return unit(last()).drawn() == 0_A; }, 120s));
    watch_for(120s);
    EXPECT_GT(site_.bus().drawn(), 30_A) << "the others take what is left";
    site_.mute(id_of(last()), false);
    EXPECT_TRUE(watch_until([&] { return everybody_has_his_share(); }, 400s));
}

TEST_P(Supply, IsKeptWhenAUnitIsSwitchedOffAndOn) {
    plug_all_one_by_one();
    for (int i = 0; i <= last(); ++i) {
        unit(i).power_off();
        watch_for(70s);
        unit(i).power_on();
        watch_for(20s);
    }
    EXPECT_TRUE(watch_until([&] { return everybody_has_his_share(); }, 400s));
}

TEST_P(Supply, IsKeptWhenTheBridgeRestartsWhileAllCharge) {
    plug_all_one_by_one();
    for (const auto pause : {1s, 10s, 40s}) {
        site_.restart_bridge(pause);
        watch_for(60s);
    }
    EXPECT_TRUE(watch_until([&] { return everybody_has_his_share(); }, 400s));
}

INSTANTIATE_TEST_SUITE_P(Units, Supply, testing::Values(2, 3),
                         [](const auto& units) { return std::to_string(units.param); });

}  // namespace
}  // namespace bridge::tests

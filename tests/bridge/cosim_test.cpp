// The controller alone, fed one second at a time.
#include "bridge/core/cosim.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace twc::literals;
using twc::Centiamps;

config::Config one_bus() {
    config::Config config;
    config.buses = {{"/dev/null", "", std::nullopt}};
    config.wiring_max_all = config.wiring_max_each = 32_A;
    config.inputs.generation = config::Input{"sun", {}, 1};
    config.inputs.consumption = config::Input{"house", {}, 1};
    return config;
}

/// A car that takes at once what it may.
class World {
  public:
    explicit World(const config::Config& config) : cosim{config} {}

    CosimOffer run(std::int64_t seconds, twc::Watts sun) {
        for (const auto end = second.t + seconds; second.t < end;) {
            ++second.t;
            second.generation = sun;
            second.consumption = 300_W;
            offer = cosim.step(second).at(0);
            second.chargers[0].limit = second.chargers[0].drawn = offer.amps;
            second.commands.clear();
        }
        return offer;
    }

    Cosim cosim;
    Second second{.chargers = {{"0001", true, true, {}, {}, {230, 0, 0}}}};
    CosimOffer offer;
};

TEST(Cosim, FollowsTheSunLikeTheService) {
    World world{one_bus()};
    EXPECT_FALSE(world.run(10, 300_W).charge);
    EXPECT_TRUE(world.run(600, 3060_W).charge);
    EXPECT_GE(world.offer.amps, 1180_cA);
    EXPECT_LE(world.offer.amps, 1200_cA);
    EXPECT_EQ(world.offer.reason, "following the surplus");
    EXPECT_FALSE(world.run(3600, 300_W).charge);
    EXPECT_EQ(world.offer.amps, 0_cA);
}

TEST(Cosim, ObeysCommandsInTheSameSecond) {
    World world{one_bus()};
    world.run(10, 0_W);
    world.second.commands = {{"mode", "fast"}, {"charger/0001/limit", "10"}};
    EXPECT_EQ(world.run(1, 0_W).amps, 10_A);
    world.second.commands = {{"total_limit", "8.5"}};
    EXPECT_EQ(world.run(1, 0_W).amps, 850_cA);
    world.second.commands = {{"mode", "off"}};
    EXPECT_FALSE(world.run(1, 0_W).charge);
    EXPECT_TRUE(world.cosim.take_refusals().empty());
}

TEST(Cosim, SaysWhatItRefuses) {
    World world{one_bus()};
    world.second.commands = {{"mode", "turbo"}, {"total_limit", "90"}};
    world.second.grid = 100_W;
    world.run(1, 0_W);
    const auto refusals = world.cosim.take_refusals();
    ASSERT_EQ(refusals.size(), 3u);
    EXPECT_EQ(refusals[0], "input grid: there is no such input in the configuration");
    EXPECT_EQ(refusals[2], "set total_limit: above wiringMaxAmpsAllTWCs: set to 32 A");
    EXPECT_TRUE(world.cosim.take_refusals().empty());
}

}  // namespace
}  // namespace bridge

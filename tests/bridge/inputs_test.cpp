// What the house says, made into a surplus and into headroom below the main fuse.
#include "bridge/core/inputs.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::TimePoint;
using twc::Watts;

constexpr TimePoint started{1000s};

config::Input plain(const std::string& topic, double factor = 1) { return {topic, std::nullopt, factor}; }

config::Config with_generation_and_consumption() {
    config::Config config;
    config.inputs.generation = plain("generation");
    config.inputs.consumption = plain("consumption");
    return config;
}

config::Config with_grid() {
    config::Config config;
    config.inputs.grid = plain("grid");
    return config;
}

config::Config with_currents() {
    config::Config config;
    config.inputs.grid_currents = config::GridCurrents{plain("l1"), plain("l2"), plain("l3")};
    return config;
}

/// Inputs and the present, so that a test reads as a course of events.
struct House {
    Inputs inputs;
    TimePoint now = started;

    explicit House(const config::Config& config) : inputs{config, started} {}
    House& hear(const std::string& topic, const std::string& payload, bool retained = false) {
        EXPECT_EQ(inputs.receive(topic, payload, retained, now), std::nullopt) << topic << " " << payload;
        return *this;
    }
    House& hear(const std::string& topic, std::int64_t value) { return hear(topic, std::to_string(value)); }
    House& wait(twc::Duration pause) {
        now += pause;
        return *this;
    }
    House& chargers(Watts power, std::array<Centiamps, 3> currents = {}) {
        inputs.charger_load(power, currents, now);
        return *this;
    }
    [[nodiscard]] SitePicture picture(Watts reserve = {}) const { return inputs.picture(reserve, now); }
    [[nodiscard]] std::optional<Watts> surplus(Watts reserve = {}) const { return picture(reserve).surplus; }
    [[nodiscard]] bool fresh() const { return picture().fresh; }
};

TEST(Inputs, SurplusIsGenerationMinusConsumptionMinusReserve) {
    House house{with_generation_and_consumption()};
    EXPECT_EQ(house.surplus(), std::nullopt);
    house.hear("generation", 5000).hear("consumption", 800);
    EXPECT_EQ(house.surplus(), 4200_W);
    EXPECT_EQ(house.surplus(200_W), 4000_W);
    EXPECT_EQ(house.surplus(-300_W), 4500_W);
    EXPECT_EQ(house.picture().solar, 5000_W);
    EXPECT_EQ(house.picture().house, 800_W);
    EXPECT_EQ(house.picture().grid, std::nullopt);
}

TEST(Inputs, WithTheMeterAloneTheChargersShareIsAddedBack) {
    House house{with_grid()};
    house.chargers(3000_W).wait(5s).hear("grid", -1000);
    EXPECT_EQ(house.surplus(), 4000_W);
    EXPECT_EQ(house.picture().grid, -1000_W);
    EXPECT_EQ(house.picture().house, std::nullopt);
}

TEST(Inputs, TheMeterComesBeforeGenerationAndConsumption) {
    auto config = with_generation_and_consumption();
    config.inputs.grid = plain("grid");
    House house{config};
    house.chargers(2000_W).wait(5s);
    house.hear("generation", 5000).hear("consumption", 100).hear("grid", -500);
    EXPECT_EQ(house.surplus(), 2500_W);
    EXPECT_EQ(house.picture().house, 2500_W) << "5000 from the roof, 500 out, 2000 into cars";
}

TEST(Inputs, WhatAnInputShowsIsEvidenceOnlyIfItDecides) {
    for (const bool meter : {false, true}) {
        auto config = with_generation_and_consumption();
        if (meter) config.inputs.grid = plain("grid");
        House house{config};
        for (int i = 0; i < 13; ++i) house.wait(5s).hear("generation", -5000).hear("consumption", -5000);
        EXPECT_EQ(house.inputs.evidence().generation_negative, !meter);
        EXPECT_EQ(house.inputs.evidence().consumption_negative, !meter);
    }
}

TEST(Inputs, AConsumptionThatIncludesTheChargersIsFreedOfThem) {
    auto config = with_generation_and_consumption();
    for (const bool included : {true, false}) {
        config.subtract_charger_load = included;
        House house{config};
        house.chargers(3000_W).wait(5s).hear("generation", 5000).hear("consumption", 3500);
        EXPECT_EQ(house.picture().house, included ? 500_W : 3500_W);
        EXPECT_EQ(house.surplus(), included ? 4500_W : 1500_W);
    }
}

TEST(Inputs, AMeterValueIsPairedWithTheDrawOfASecondBeforeIt) {
    House house{with_grid()};
    house.chargers(1000_W).wait(10s).chargers(4000_W).wait(999ms).hear("grid", 0);
    EXPECT_EQ(house.surplus(), 1000_W);
    house.wait(1ms).hear("grid", 0);
    EXPECT_EQ(house.surplus(), 4000_W);
}

TEST(Inputs, AnotherInputsMessagePairsNoOldValueAnew) {
    auto config = with_grid();
    config.inputs.generation = plain("generation");
    House house{config};
    house.chargers(1000_W).wait(5s).hear("grid", 0).hear("generation", 3000);
    ASSERT_EQ(house.surplus(), 1000_W);
    house.chargers(3000_W).wait(5s).hear("generation", 3000);
    EXPECT_EQ(house.surplus(), 1000_W);
    EXPECT_EQ(house.picture().house, 2000_W);
}

TEST(Inputs, BetweenMessagesTheBaseIsHeldWhateverTheChargersDo) {
    House house{with_grid()};
    house.chargers(3000_W).wait(5s).hear("grid", 0);
    for (int second = 0; second < 9; ++second) {
        house.wait(1s).chargers(Watts{1000 * second});
        EXPECT_EQ(house.surplus(), 3000_W);
    }
}

TEST(Inputs, ABatteryBesideTheMeterCountsOnlyWithCarFirstAndItsDischargeNever) {
    struct Case {
        bool car_first;
        std::int64_t battery;
        std::int64_t surplus;
    };
    for (const auto& [car_first, battery, surplus] :
         {Case{false, 0, 1000}, Case{false, 1500, 1000}, Case{false, -1500, -500}, Case{true, 0, 1000},
          Case{true, 1500, 2500}, Case{true, -1500, -500}}) {
        auto config = with_grid();
        config.inputs.battery = plain("battery");
        config.inputs.car_first = car_first;
        House house{config};
        house.hear("grid", -1000).hear("battery", battery);
        EXPECT_EQ(house.surplus(), Watts{surplus}) << car_first << " " << battery;
    }
}

TEST(Inputs, ABatteryBehindGenerationAndConsumptionTakesItsShareUnlessTheCarIsFirst) {
    struct Case {
        bool car_first;
        std::int64_t battery;
        std::int64_t surplus;
    };
    for (const auto& [car_first, battery, surplus] :
         {Case{false, 0, 4000}, Case{false, 1500, 2500}, Case{false, -1500, 4000}, Case{true, 1500, 4000},
          Case{true, -1500, 4000}}) {
        auto config = with_generation_and_consumption();
        config.inputs.battery = plain("battery");
        config.inputs.car_first = car_first;
        House house{config};
        house.hear("generation", 5000).hear("consumption", 1000).hear("battery", battery);
        EXPECT_EQ(house.surplus(), Watts{surplus}) << car_first << " " << battery;
    }
}

TEST(Inputs, AreFreshOnlyWhileEveryValueOfTheSurplusIs) {
    House house{with_generation_and_consumption()};
    house.hear("generation", 5000);
    EXPECT_FALSE(house.fresh());
    EXPECT_FALSE(house.picture().heard);
    house.hear("consumption", 0);
    EXPECT_TRUE(house.fresh());
    house.wait(20s).hear("generation", 5000).wait(10s + 1us);
    EXPECT_FALSE(house.fresh()) << "consumption is 30 s old";
    EXPECT_TRUE(house.picture().heard);
    EXPECT_EQ(house.picture().stale_from, started + 30s);
    EXPECT_EQ(house.surplus(), 5000_W) << "old values are still shown";
}

TEST(Inputs, ABatteryThatFallsSilentMakesThePictureStale) {
    auto config = with_grid();
    config.inputs.battery = plain("battery");
    config.inputs.max_age = 15s;
    House house{config};
    house.hear("grid", -1000).hear("battery", 0).wait(10s).hear("grid", -1000).wait(5s);
    EXPECT_TRUE(house.fresh());
    house.wait(1us);
    EXPECT_FALSE(house.fresh());
}

TEST(Inputs, StoredCopiesAreShownAndNeverFresh) {
    House house{with_generation_and_consumption()};
    house.hear("generation", "5000", true).hear("consumption", "800", true);
    EXPECT_EQ(house.surplus(), 4200_W);
    EXPECT_FALSE(house.fresh());
    EXPECT_FALSE(house.picture().heard);
    house.hear("generation", 6000).hear("consumption", 800).hear("generation", "1", true);
    EXPECT_EQ(house.surplus(), 5200_W);
}

TEST(Inputs, WhatIsNoNumberIsRefusedAndRefreshesNothing) {
    House house{with_generation_and_consumption()};
    house.hear("generation", 5000).hear("consumption", 800).wait(29s);
    const auto before = house.picture();
    for (const auto* payload : {"", " ", "nan", "NaN", "inf", "-inf", "infinity", "text", "5 kW", "5,0",
                                "0x10", "100001", "-100001", "1e99", "{}", "[1]", "null", "\xff\xfe"}) {
        EXPECT_NE(house.inputs.receive("generation", payload, false, house.now), std::nullopt) << payload;
        EXPECT_EQ(house.picture(), before) << payload;
    }
    EXPECT_NE(house.inputs.receive("generation", std::string(1 << 20, '9'), false, house.now), std::nullopt);
    EXPECT_EQ(house.picture(), before);
    house.wait(2s);
    EXPECT_FALSE(house.fresh());
}

TEST(Inputs, OneDocumentMayCarrySeveralInputs) {
    config::Config config;
    config.inputs.generation = config::Input{"meter", "/pv", 1000};
    config.inputs.consumption = config::Input{"meter", "/house", -1};
    House house{config};
    EXPECT_EQ(house.inputs.topics(), std::vector<std::string>{"meter"});
    house.hear("meter", R"({"pv": 5.25, "house": "-250"})");
    EXPECT_EQ(house.surplus(), 5000_W);
    EXPECT_NE(house.inputs.receive("meter", R"({"pv": 6})", false, house.now), std::nullopt);
    EXPECT_EQ(house.picture().solar, 6000_W) << "what could be read counts";
    EXPECT_EQ(house.picture().house, 250_W);
}

TEST(Inputs, KnowTheirTopicsAndNoOthers) {
    const House house{with_generation_and_consumption()};
    EXPECT_TRUE(house.inputs.is_input("generation"));
    EXPECT_FALSE(house.inputs.is_input("generation/set"));
    EXPECT_FALSE(house.inputs.is_input(""));
}

TEST(Inputs, WithoutAnyConfiguredInputNothingIsEverFresh) {
    const House house{config::Config{}};
    EXPECT_FALSE(house.fresh());
    EXPECT_FALSE(house.picture().heard);
    EXPECT_EQ(house.surplus(), std::nullopt);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), std::nullopt);
}

TEST(FuseHeadroom, IsWhatTheFullestPhaseLeavesWithoutTheChargersOwnCurrent) {
    House house{with_currents()};
    house.chargers(0_W, {10_A, 10_A, 0_A}).wait(5s);
    house.hear("l1", 14).hear("l2", 10).hear("l3", "3.5");
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 25_A - 50_cA - 4_A);
    house.hear("l3", 20);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 25_A - 50_cA - 20_A);
    house.hear("l1", 60);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 0_A);
}

TEST(FuseHeadroom, IsUnknownUntilAllThreePhasesAreHeardAndWhenOneIsTooOld) {
    House house{with_currents()};
    house.hear("l1", 1).hear("l2", 1);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), std::nullopt);
    house.hear("l3", 1);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 2350_cA);
    house.wait(25s).hear("l1", 1).hear("l2", 1).wait(6s);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), std::nullopt);
}

TEST(FuseHeadroom, IsUnknownWhileTheChargersDrawIs) {
    House house{with_currents()};
    const auto hear = [&] { house.hear("l1", 21).hear("l2", 0).hear("l3", 0); };
    house.inputs.charger_load(0_W, {}, house.now, false);
    hear();
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), std::nullopt) << "they may draw 16 A of the 21";
    house.wait(2s).chargers(3680_W, {16_A}).wait(500ms);
    hear();
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), std::nullopt) << "of a second before";
    house.wait(500ms);
    hear();
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 25_A - 50_cA - 5_A);
}

TEST(FuseHeadroom, KeepsTheLagOfItsOwnMeterWhateverIsLearntOfAnother) {
    auto config = with_currents();
    config.inputs.grid = plain("grid");
    House house{config};
    const auto load_at = [](int second) { return second / 30 % 2 == 0 ? 0 : 3680; };
    int second = 0;
    for (; second < 1200; ++second) {
        house.wait(1s).chargers(Watts{load_at(second)}, {Centiamps{load_at(second) * 100 / 230}});
        if (second % 5 == 0) house.hear("grid", 500 + load_at(second - 8));
    }
    house.chargers(0_W).wait(20s).chargers(3680_W, {16_A}).wait(1s).hear("grid", 500);
    EXPECT_EQ(house.surplus(), -500_W) << "paired with the draw of 8 s before, as learnt";
    house.hear("l1", 21).hear("l2", 0).hear("l3", 0);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 25_A - 50_cA - 5_A);
}

TEST(FuseHeadroom, FromTheTotalAloneAssumesOnePhase) {
    House house{with_grid()};
    house.chargers(2300_W).wait(5s).hear("grid", 4600);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 25_A - 50_cA - 10_A);
    house.hear("grid", -5000);
    EXPECT_EQ(house.inputs.fuse_headroom(25_A, house.now), 2450_cA)
        << "export is no headroom on another phase";
}

}  // namespace
}  // namespace bridge

// What one wall connector's heartbeats mean.
#include "bridge/core/charger.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::TimePoint;

/// A charger with its configuration, hearing one heartbeat a second.
struct Heard {
    config::Config config;
    ChargerSettings settings;
    std::optional<Charger> charger;
    TimePoint now{1000s};
    std::string events;

    Heard() {
        config.wiring_max_each = 25_A;
        settings.known = {twc::TwcId{0x5893}, twc::Protocol::v2, 32_A};
        charger.emplace(config, "5893", 0, settings);
        twc::Unit unit;
        unit.known = settings.known;
        charger->found(unit);
    }
    Heard& hear(std::uint8_t state, Centiamps drawn = {}, Centiamps limit = 16_A, int times = 1) {
        for (int count = 0; count < times; ++count, now += 1s) {
            twc::SlaveHeartbeat heartbeat;
            heartbeat.from = settings.known.id;
            heartbeat.state = state;
            heartbeat.limit = limit;
            heartbeat.drawn = drawn;
            note(charger->hear(heartbeat, true, now));
            note(charger->pass(now));
        }
        return *this;
    }
    void note(const std::vector<Happening>& happenings) {
        for (const auto happening : happenings)
            events += (events.empty() ? "" : " ") + std::string{to_text(happening)};
    }
    Charger* operator->() { return &*charger; }
};

TEST(Charger, BelievesAStateWhenItWasHeardTwice) {
    Heard heard;
    heard.hear(0x00, {}, 0_A, 3).hear(0x03);
    EXPECT_FALSE(heard->vehicle_connected());
    heard.hear(0x03);
    EXPECT_TRUE(heard->vehicle_connected());
    heard.hear(0x00).hear(0x03);
    EXPECT_TRUE(heard->vehicle_connected());
    EXPECT_EQ(heard.events, "vehicle_connected");
}

TEST(Charger, TellsAWholeVisit) {
    Heard heard;
    heard.hear(0x00, {}, 0_A, 3).hear(0x03, {}, 0_A, 3).hear(0x04, {}, 0_A, 2);
    heard.hear(0x01, 10_A, 16_A, 20).hear(0x03, 0_A, 16_A, 10).hear(0x00, 0_A, 0_A, 2);
    EXPECT_EQ(heard.events,
              "vehicle_connected charging_started charging_stopped session_ended vehicle_disconnected");
}

TEST(Charger, WasNotPluggedInJustNowWhenItWasFoundCharging) {
    Heard heard;
    heard.settings.session_energy = 123;
    heard.hear(0x01, 10_A, 16_A, 5);
    EXPECT_TRUE(heard->vehicle_connected());
    EXPECT_EQ(heard.events, "charging_started");
    EXPECT_GE(heard.settings.session_energy, 123);
}

const std::string first_vin = "5YJ3E7EB8KF000317";
const std::string second_vin = "5YJ3E7EBXKF000318";

/// What a restart finds stored of a car that was plugged in.
void store_session(ChargerSettings& settings) {
    settings.vehicle_connected = settings.guest_allowed = settings.vehicle_asked = true;
    settings.vin = first_vin;
    settings.boost.minutes = 30;
    settings.target.until = 2000;
}

bool session_kept(const ChargerSettings& settings) {
    return settings.guest_allowed && settings.boost.minutes == 30 && settings.target.until == 2000;
}

bool session_forgotten(const ChargerSettings& settings) {
    return !settings.guest_allowed && !settings.vehicle_asked && settings.boost == Boost{} &&
           settings.target == Target{};
}

TEST(Charger, ForgetsTheCarThatLeftWhileNobodyListened) {
    Heard heard;
    store_session(heard.settings);
    heard.hear(0x02, {}, 0_A, 3);
    EXPECT_TRUE(session_kept(heard.settings));
    heard.hear(0x00, {}, 0_A, 2);
    EXPECT_TRUE(session_forgotten(heard.settings));
    EXPECT_EQ(heard.settings.vin, std::nullopt);
    EXPECT_FALSE(heard.settings.vehicle_connected);
    EXPECT_EQ(heard.events, "fault_cleared");
}

TEST(Charger, KeepsWhatBelongsToItsCarOverARestart) {
    for (const std::uint8_t first : {std::uint8_t{0x02}, std::uint8_t{0x03}, std::uint8_t{0x05}}) {
        Heard heard;
        store_session(heard.settings);
        heard.hear(first, {}, 0_A, 3).hear(0x03, {}, 0_A, 3);
        heard->hear_vin(std::nullopt);
        heard->hear_vin(first_vin);
        EXPECT_TRUE(session_kept(heard.settings)) << int{first};
        EXPECT_TRUE(heard.settings.vehicle_asked);
        EXPECT_EQ(heard.settings.vin, first_vin);
    }
}

TEST(Charger, GivesACarThatCameUnseenNothingOfItsPredecessor) {
    for (const bool told_early : {false, true}) {
        Heard heard;
        store_session(heard.settings);
        heard.hear(0x02, {}, 0_A, 3);
        if (told_early) heard->hear_vin(second_vin);
        heard.hear(0x03, {}, 0_A, 3);
        if (!told_early) heard->hear_vin(second_vin);
        EXPECT_TRUE(session_forgotten(heard.settings)) << told_early;
        EXPECT_EQ(heard.settings.vin, second_vin);
    }
}

TEST(Charger, ANewCarIsNotAllowedWhatTheLastOneWas) {
    Heard heard;
    heard.hear(0x00, {}, 0_A, 2);
    heard.settings.vin = first_vin;
    heard.settings.guest_allowed = true;
    heard.hear(0x03, {}, 0_A, 2);
    EXPECT_EQ(heard.settings.vin, std::nullopt);
    EXPECT_FALSE(heard.settings.guest_allowed);
}

TEST(Charger, AFaultSaysNothingAboutThePlug) {
    Heard heard;
    heard.hear(0x03, {}, 0_A, 3).hear(0x02, {}, 0_A, 3);
    EXPECT_TRUE(heard->vehicle_connected());
    EXPECT_TRUE(heard->fault());
    EXPECT_EQ(heard->state(), "error");
    heard.hear(0x03, {}, 0_A, 2);
    EXPECT_EQ(heard.events, "fault fault_cleared");
}

TEST(Charger, DrawsUntilTwoHeartbeatsSayLessThanOneAmpAndChargesFiveSecondsLonger) {
    Heard heard;
    heard.hear(0x01, 1_A);
    EXPECT_TRUE(heard->drawing());
    heard.hear(0x01, 99_cA);
    EXPECT_TRUE(heard->drawing());
    heard.hear(0x01, 99_cA);
    EXPECT_FALSE(heard->drawing());
    EXPECT_TRUE(heard->charging());
    heard.hear(0x01, 99_cA, 16_A, 3);
    EXPECT_TRUE(heard->charging());
    heard.hear(0x01, 99_cA);
    EXPECT_FALSE(heard->charging());
}

TEST(Charger, EnergyIsCountedWithTheVoltsOfThePhasesInUse) {
    Heard heard;
    twc::Unit unit;
    unit.meter.emplace().volts = {230_V, 230_V, 230_V};
    heard->hear_meters(unit);
    heard.hear(0x01, 10_A, 16_A, 3601);
    EXPECT_EQ(heard.settings.energy, 690);
    EXPECT_EQ(heard.settings.session_energy, 690);
    heard.hear(0x00, 0_A, 0_A, 3).hear(0x03, 0_A, 0_A, 3);
    EXPECT_EQ(heard.settings.session_energy, 0);
    EXPECT_EQ(heard.settings.energy, 690);
}

TEST(Charger, ACarThatIgnoresItsLimitIsCountedWithItsDrawAfterFiveSeconds) {
    Heard heard;
    heard->set_wish({twc::Wish::Kind::limit, 10_A});
    heard.hear(0x01, 10_A, 10_A, 5).hear(0x01, 1101_cA, 10_A, 5);
    EXPECT_EQ(heard->held(), 10_A);
    heard.hear(0x01, 1101_cA, 10_A);
    EXPECT_EQ(heard->held(), 1101_cA);
    EXPECT_EQ(heard->excess(), 1101_cA);
    heard.hear(0x01, 11_A, 10_A);
    EXPECT_EQ(heard->held(), 10_A);
}

TEST(Charger, ASilentUnitKeepsItsLimitForThirtySecondsThenItsCarsMinimum) {
    Heard heard;
    heard->set_wish({twc::Wish::Kind::limit, 20_A});
    heard.hear(0x01, 19_A, 20_A, 3);
    heard->lost(heard.now);
    heard->set_wish({});
    heard.note(heard->pass(heard.now + 29s));
    EXPECT_EQ(heard->held(), 20_A);
    EXPECT_FALSE(heard->online());
    heard.note(heard->pass(heard.now + 30s));
    EXPECT_EQ(heard->held(), 6_A);
    EXPECT_EQ(heard->drawn(), 0_A);
    EXPECT_EQ(heard.events, "charging_started charging_stopped");
}

TEST(Charger, AUnitOfAnEarlierRunIsReckonedWithItsRatingUntilItHasHadTimeToStop) {
    Heard heard;
    Charger known{heard.config, "5893", 0, heard.settings};
    known.expect(TimePoint{});
    EXPECT_EQ(known.held(), 32_A);
    (void)known.pass(TimePoint{55s});
    EXPECT_EQ(known.held(), 32_A);
    (void)known.pass(TimePoint{56s});
    EXPECT_EQ(known.held(), 0_A);
}

TEST(Charger, ItsCeilingIsTheLowestOfWiringRatingConfigurationAndLimit) {
    Heard heard;
    const auto expect = [&](Centiamps amps, std::string_view name) {
        EXPECT_EQ(heard->ceiling(), (Ceiling{amps, name}));
    };
    expect(25_A, "wiringMaxAmpsPerTWC");
    heard.settings.known.max_current = 16_A;
    expect(16_A, "the rating");
    heard.settings.limit = 16_A;
    expect(16_A, "the rating");
    heard.settings.limit = 0_A;
    expect(0_A, "limit");
    EXPECT_EQ(heard->hard_ceiling().amps, 16_A);
}

TEST(Charger, ItsMinimumIsNeverBelowTheProtocolsFloor) {
    Heard heard;
    heard.config.minimum = 5_A;
    EXPECT_EQ(heard->minimum(), 6_A);
    heard.settings.known.protocol = twc::Protocol::v1;
    EXPECT_EQ(heard->minimum(), 5_A);
    heard.config.minimum = 8_A;
    EXPECT_EQ(heard->minimum(), 8_A);
}

TEST(Electrics, FollowTheUnitsMetersThenTheConfiguration) {
    config::Config config;
    config.default_phases = 3;
    twc::Unit unit;
    PhasesUsed used{};
    const auto expect = [&](std::optional<int> configured, int phases, twc::Volts volts) {
        EXPECT_EQ(electrics_of(unit, used, configured, config), (Electrics{phases, volts}));
    };
    expect(std::nullopt, 3, 690_V);
    expect(1, 1, 230_V);
    unit.meter.emplace();
    expect(2, 2, 460_V);
    unit.meter->volts = {231_V, 229_V, 0_V};
    expect(std::nullopt, 2, 460_V);
    expect(1, 1, 231_V);
    used[1] = true;
    expect(std::nullopt, 1, 229_V);
}

}  // namespace
}  // namespace bridge

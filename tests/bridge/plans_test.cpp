// Boost and schedule in the whole bridge: from a command, a clock and a car to the wire and the topics.
#include <nlohmann/json.hpp>

#include "config/schedule.hpp"
#include "tests/bridge/site.hpp"
#include "tests/bridge/zones.hpp"

namespace bridge::tests {
namespace {

config::Config with_schedule(const std::string& text) {
    auto config = quick_config();
    config.schedule = config::parse_schedule(text).value();
    config.stop.surplus = config.stop.command = {config::StopMethod::zero, config::StopMethod::vehicle,
                                                 config::StopMethod::contactor};
    return config;
}

/// Thursday the 2nd of July 2026.
Moment thursday(std::chrono::seconds time) { return utc(7, 2, time); }

bool draws(Site& site, Centiamps amps, Duration patience = 120s) {
    return site.run_until([&] { return site.unit().drawn() > amps - 2_A && site.unit().drawn() <= amps; },
                          patience);
}
bool rests(Site& site) {
    return site.run_until([&] { return site.unit().drawn() < 1_A; }, 400s);
}

TEST(ChargingByBoost, ChargesFastForItsMinutesAndThenGoesBack) {
    Site site{with_schedule(""), {{}}};
    site.sun(0);
    site.run_for(60s);
    ASSERT_LT(site.unit().drawn(), 1_A);
    site.send("twcbridge/charger/5893/boost_minutes/set", "5");
    EXPECT_EQ(site.charger("boost_minutes"), "5");
    EXPECT_TRUE(draws(site, 32_A));
    EXPECT_EQ(site.charger("reason"), "boost: 5 min left; limited by wiringMaxAmpsPerTWC 32 A");
    EXPECT_EQ(site.charger("mode"), "site");
    EXPECT_TRUE(site.run_until([&] { return site.charger("boost_minutes") == "0"; }, 300s));
    EXPECT_EQ(site.charger("reason").find("boost"), std::string::npos);
    EXPECT_TRUE(rests(site));
}

TEST(ChargingByBoost, EndsAfterItsEnergy) {
    Site site{with_schedule(""), {{}}};
    site.sun(0);
    site.run_for(20s);
    site.send("twcbridge/charger/5893/boost_energy/set", "0.5");
    EXPECT_EQ(site.charger("boost_energy"), "0.5");
    EXPECT_TRUE(draws(site, 32_A));
    EXPECT_TRUE(site.run_until([&] { return site.charger("boost_energy") == "0"; }, 600s));
    EXPECT_EQ(site.charger("session_energy"), "0.5");
    EXPECT_TRUE(rests(site));
}

TEST(ChargingByBoost, GoesOnWithWhatIsLeftAfterARestart) {
    Site site{with_schedule(""), {{}}};
    site.strict_gaps = false;
    site.sun(0);
    site.run_for(20s);
    site.send("twcbridge/charger/5893/boost_minutes/set", "30");
    site.send("twcbridge/charger/5893/boost_energy/set", "50");
    site.run_for(10min);
    ASSERT_TRUE(draws(site, 32_A));
    site.restart_bridge(2s);
    site.run_for(10s);
    EXPECT_EQ(site.charger("boost_minutes"), "20");
    EXPECT_EQ(site.charger("offered_current"), "32");
    site.run_for(20min);
    EXPECT_EQ(site.charger("boost_minutes"), "0");
    EXPECT_EQ(site.charger("boost_energy"), "0");
}

TEST(ChargingByBoost, EndsWhenTheCarIsUnplugged) {
    Site site{with_schedule(""), {{}}};
    site.sun(0);
    site.run_for(20s);
    site.send("twcbridge/charger/5893/boost_minutes/set", "60");
    ASSERT_TRUE(draws(site, 32_A));
    site.unit().car().unplug();
    EXPECT_TRUE(site.run_until([&] { return site.charger("boost_minutes") == "0"; }, 30s));
    EXPECT_FALSE(site.stored().chargers.at("5893").boost.on());
}

TEST(ChargingByBoost, EndsAlsoWhenTheCarWasUnpluggedWhileNobodyLooked) {
    Site site{with_schedule(""), {{}}};
    site.strict_gaps = false;
    site.sun(0);
    site.run_for(20s);
    site.send("twcbridge/charger/5893/boost_minutes/set", "60");
    ASSERT_TRUE(draws(site, 32_A));
    site.unit().car().unplug();
    site.restart_bridge(60s);
    EXPECT_TRUE(site.run_until([&] { return site.charger("boost_minutes") == "0"; }, 60s));
}

TEST(ChargingByBoost, WaitsForTheCarThatComesNextAlsoOverARestart) {
    Site site{with_schedule(""), {{.car = {.plugged = false}}}};
    site.strict_gaps = false;
    site.sun(0);
    site.run_for(20s);
    site.send("twcbridge/charger/5893/boost_minutes/set", "60");
    site.run_for(5s);
    site.restart_bridge(2s);
    site.run_for(60s);
    site.unit().car().plug();
    EXPECT_TRUE(draws(site, 32_A));
}

TEST(ChargingByBoost, IsEndedByZeroOfEither) {
    for (const auto* leaf : {"boost_minutes", "boost_energy"}) {
        Site site{with_schedule(""), {{}}};
        site.run_for(20s);
        site.send("twcbridge/charger/5893/boost_minutes/set", "60");
        site.send("twcbridge/charger/5893/boost_energy/set", "20");
        site.send(std::string{"twcbridge/charger/5893/"} + leaf + "/set", "0");
        EXPECT_EQ(site.charger("boost_minutes"), "0");
        EXPECT_EQ(site.charger("boost_energy"), "0");
    }
}

TEST(ChargingByBoost, DoesNothingWhereChargingIsOffOrALimitForbidsIt) {
    for (const auto& [topic, payload, reason] : std::vector<std::array<std::string, 3>>{
             {"mode", "off", "mode is off"},
             {"charger/5893/mode", "off", "mode is off"},
             {"charger/5893/charge", "OFF", "charging is not allowed for this charger"},
             {"charger/5893/limit", "5", "boost: 60 min left; limit 5 A is below the minimum"}}) {
        Site site{with_schedule(""), {{}}};
        site.sun(0);
        site.run_for(20s);
        site.send("twcbridge/" + topic + "/set", payload);
        site.send("twcbridge/charger/5893/boost_minutes/set", "60");
        EXPECT_EQ(site.charger("reason"), reason);
        site.run_for(60s);
        EXPECT_LT(site.unit().drawn(), 1_A);
    }
}

TEST(ChargingBySchedule, ChangesTheModeWhileAWindowIsOpen) {
    Site site{with_schedule("mon-fri 23:00-06:00 fast 16 A"), {{}}};
    site.set_clock(thursday(23h - 2min));
    site.sun(0);
    site.run_for(119s);
    EXPECT_EQ(site.charger("reason"), "waiting for surplus");
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_TRUE(draws(site, 16_A));
    EXPECT_EQ(site.charger("reason"), "schedule until 06:00; limited by the schedule 16 A");
    EXPECT_EQ(site.charger("mode"), "site");
    site.set_clock(thursday(30h - 10s));
    site.run_for(9s);
    EXPECT_GT(site.unit().drawn(), 15_A);
    EXPECT_TRUE(rests(site));
}

TEST(ChargingBySchedule, LimitIsACeilingAndNeverARaise) {
    Site site{with_schedule("00:00-24:00 30 A"), {{}}};
    site.set_clock(thursday(12h));
    site.send("twcbridge/mode/set", "fast");
    EXPECT_TRUE(draws(site, 30_A));
    site.send("twcbridge/charger/5893/limit/set", "8");
    EXPECT_TRUE(draws(site, 8_A));
    site.send("twcbridge/charger/5893/limit/set", "32");
    site.send("twcbridge/schedule/set", "00:00-24:00 0 A");
    EXPECT_TRUE(rests(site));
    EXPECT_EQ(site.charger("reason"), "the schedule 0 A is below the minimum");
}

TEST(ChargingBySchedule, OfMqttBeatsThatOfTheConfiguration) {
    Site site{with_schedule("00:00-24:00 fast"), {{}}};
    site.strict_gaps = false;
    site.set_clock(thursday(12h));
    site.sun(0);
    EXPECT_EQ(site.topic("schedule"), "00:00-24:00 fast");
    EXPECT_TRUE(draws(site, 32_A));
    site.send("twcbridge/schedule/set", "mon-fri 22:00-23:00 fast; thu 10:00-13:00 off");
    EXPECT_EQ(site.topic("schedule"), "mon-fri 22:00-23:00 fast; thu 10:00-13:00 off");
    EXPECT_TRUE(rests(site));
    EXPECT_EQ(site.charger("reason"), "schedule until 13:00; mode is off");
    site.restart_bridge(2s);
    EXPECT_EQ(site.topic("schedule"), "mon-fri 22:00-23:00 fast; thu 10:00-13:00 off");
    for (const auto* nothing : {"", "none"}) {
        site.send("twcbridge/schedule/set", nothing);
        EXPECT_EQ(site.topic("schedule"), "none");
    }
    site.restart_bridge(2s);
    EXPECT_EQ(site.topic("schedule"), "none");
    site.send("twcbridge/schedule/set", "config");
    EXPECT_EQ(site.topic("schedule"), "00:00-24:00 fast");
    EXPECT_FALSE(site.stored().schedule);
}

TEST(ChargingBySchedule, CanBeSwitchedOff) {
    Site site{with_schedule("00:00-24:00 fast"), {{}}};
    site.strict_gaps = false;
    site.set_clock(thursday(12h));
    site.sun(0);
    EXPECT_TRUE(draws(site, 32_A));
    site.send("twcbridge/schedule_active/set", "OFF");
    EXPECT_EQ(site.topic("schedule_active"), "OFF");
    EXPECT_TRUE(rests(site));
    site.restart_bridge(2s);
    EXPECT_EQ(site.topic("schedule_active"), "OFF");
    site.send("twcbridge/schedule_active/set", "ON");
    EXPECT_TRUE(draws(site, 32_A, 200s));
}

TEST(ChargingBySchedule, IsBeatenByOff) {
    for (const auto& [topic, payload] : std::vector<std::pair<std::string, std::string>>{
             {"mode", "off"}, {"charger/5893/mode", "off"}, {"charger/5893/charge", "OFF"}}) {
        Site site{with_schedule("00:00-24:00 fast"), {{}}};
        site.set_clock(thursday(12h));
        site.send("twcbridge/mode/set", "solar");
        site.run_for(20s);
        site.send("twcbridge/" + topic + "/set", payload);
        EXPECT_TRUE(rests(site));
        site.run_for(60s);
        EXPECT_LT(site.unit().drawn(), 1_A);
    }
}

TEST(ChargingBySchedule, ThatIsRefusedLeavesTheOldOne) {
    Site site{with_schedule("00:00-24:00 fast"), {{}}};
    site.run_for(5s);
    for (const auto& [payload, reason] : std::vector<std::pair<std::string, std::string>>{
             {"at night",
              R"(expected days as "mon-fri" or "sat,sun", or a time, at the beginning, found "at night")"},
             {"1:00-2:00 off for Carport",
              R"(there is no charger "Carport": expected an id, or a name from "chargers")"},
             {std::string(256, ' ') + "x", ""},
             {"\xff\xfe", ""}}) {
        const auto errors = site.passing("error").size();
        site.send("twcbridge/schedule/set", payload);
        ASSERT_EQ(site.passing("error").size(), errors + 1);
        const auto error = nlohmann::json::parse(site.passing("error").back());
        EXPECT_TRUE(reason.empty() || error["reason"] == reason) << error;
        EXPECT_EQ(site.topic("schedule"), "00:00-24:00 fast");
    }
}

TEST(ChargingBySchedule, RestsWhileTheClockIsNotSet) {
    Site site{with_schedule("00:00-24:00 fast"), {{}}};
    site.sun(0);
    site.run_for(30s);
    EXPECT_EQ(site.charger("reason"),
              "the clock is not set, so that schedule and target rest; waiting for surplus");
    site.set_clock(sys_days{std::chrono::January / 1 / 1970} + 20s);
    site.run_for(30s);
    EXPECT_LT(site.unit().drawn(), 1_A);
    site.set_clock(thursday(12h));
    EXPECT_TRUE(draws(site, 32_A));
    site.set_clock(sys_days{std::chrono::December / 31 / 2024});
    EXPECT_TRUE(rests(site));
}

// ---- target

TEST(ChargingByTarget, StartsAtTheLatestMomentAndGoesBack) {
    Site site{with_schedule(""), {{}}};
    site.set_clock(thursday(20h));
    site.sun(0);
    site.run_for(30s);
    // 7 kWh at 7.36 kW and 8 % to spare: 1 h 1 min 38 s.
    site.send("twcbridge/charger/5893/target_time/set", "23:00");
    site.send("twcbridge/charger/5893/target_energy/set", "7");
    EXPECT_EQ(site.charger("target_energy"), "7");
    EXPECT_EQ(site.charger("reason"), "target: 7 kWh by 23:00; waiting for surplus");
    site.run_for(117min);
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_TRUE(draws(site, 32_A, 180s));
    EXPECT_EQ(site.charger("reason").substr(0, 7), "target:");
    EXPECT_TRUE(site.run_until([&] { return site.charger("target_energy") == "0"; }, 60min));
    EXPECT_EQ(site.charger("target_time"), "23:00");
    EXPECT_TRUE(rests(site));
}

TEST(ChargingByTarget, TakesTheSunBefore) {
    Site site{with_schedule(""), {{}}};
    site.set_clock(thursday(12h));
    site.sun(5000);
    site.run_for(30s);
    site.send("twcbridge/charger/5893/target_time/set", "20:00");
    site.send("twcbridge/charger/5893/target_energy/set", "2");
    EXPECT_TRUE(site.run_until([&] { return site.unit().drawn() > 18_A; }, 200s));
    EXPECT_LT(site.unit().drawn(), 23_A);
    EXPECT_TRUE(site.run_until([&] { return site.charger("target_energy") == "0"; }, 60min));
    site.run_for(60s);
    EXPECT_GT(site.unit().drawn(), 18_A);
}

TEST(ChargingByTarget, ThatCannotBeReachedStartsAtOnceAndSaysWhatWillBeMissing) {
    Site site{with_schedule(""), {{}}};
    site.strict_gaps = false;
    site.set_clock(thursday(22h));
    site.sun(0);
    site.run_for(30s);
    site.send("twcbridge/charger/5893/target_time/set", "23:00");
    site.send("twcbridge/charger/5893/target_energy/set", "20");
    EXPECT_TRUE(draws(site, 32_A));
    EXPECT_EQ(site.charger("reason").substr(0, 45), "target: 20 kWh by 23:00, 12.8 kWh will be mis");
    site.restart_bridge(2s);
    site.run_for(10s);
    EXPECT_EQ(site.charger("reason").substr(0, 23), "target: 20 kWh by 23:00");
    site.set_clock(thursday(23h - 20s));
    site.run_for(15s);
    EXPECT_GT(site.unit().drawn(), 30_A);
    EXPECT_TRUE(site.run_until([&] { return site.charger("target_energy") == "0"; }, 10s));
    EXPECT_TRUE(rests(site));
}

TEST(ChargingByTarget, TwoOnOneBusShareWhatItCarries) {
    auto config = with_schedule("");
    config.wiring_max_all = 64_A;
    config.buses[0].wiring_max = 32_A;
    Site site{config, {{}, {.id = TwcId{0x0417}}}};
    site.set_clock(thursday(20h));
    site.sun(0);
    site.run_for(30s);
    for (const auto* key : {"5893", "0417"}) {
        site.send(std::string{"twcbridge/charger/"} + key + "/target_time/set", "23:00");
        site.send(std::string{"twcbridge/charger/"} + key + "/target_energy/set", "7");
    }
    // 7 kWh at 3.68 kW and 8 % to spare: 2 h 3 min 15 s.
    site.run_for(55min);
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_TRUE(draws(site, 16_A, 180s));
    EXPECT_TRUE(site.run_until(
        [&] { return site.charger("target_energy") == "0" && site.charger("target_energy", "0417") == "0"; },
        122min))
        << "in time";
}

TEST(ChargingByTarget, ReckonsWithTheMinimumOfACarThatAlwaysHasIt) {
    Site site{with_schedule(""), {{}, {.id = TwcId{0x0417}}}};
    site.set_clock(thursday(20h));
    site.sun(0);
    site.run_for(30s);
    site.send("twcbridge/charger/0417/mode/set", "solar_min");
    site.send("twcbridge/charger/5893/target_time/set", "23:00");
    site.send("twcbridge/charger/5893/target_energy/set", "7");
    // 7 kWh at 26 A or 5.98 kW and 8 % to spare: 1 h 15 min 51 s.
    site.run_for(102min);
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_TRUE(draws(site, 26_A, 180s));
}

TEST(ChargingByTarget, EndsByTheNextSuchTimeThoughTheClockWasYearsAhead) {
    Site site{with_schedule(""), {{}}};
    site.set_clock(sys_days{std::chrono::January / 1 / 2035} + 12h);
    site.sun(0);
    site.run_for(30s);
    site.send("twcbridge/charger/5893/target_time/set", "23:00");
    site.send("twcbridge/charger/5893/target_energy/set", "7");
    site.run_for(60s);
    EXPECT_LT(site.unit().drawn(), 1_A);
    site.set_clock(thursday(22h));
    EXPECT_TRUE(draws(site, 32_A));
}

TEST(ChargingByTarget, EndsWhenTheCarLeavesAndRestsWithoutAClock) {
    Site site{with_schedule(""), {{}}};
    site.sun(0);
    site.run_for(30s);
    site.send("twcbridge/charger/5893/target_energy/set", "20");
    site.run_for(60s);
    EXPECT_EQ(site.charger("reason"),
              "the clock is not set, so that schedule and target rest; waiting for surplus");
    site.unit().car().unplug();
    EXPECT_TRUE(site.run_until([&] { return site.charger("target_energy") == "0"; }, 30s));
}

TEST(ChargingByTarget, IsBeatenByOff) {
    Site site{with_schedule(""), {{}}};
    site.set_clock(thursday(22h));
    site.sun(0);
    site.send("twcbridge/mode/set", "off");
    site.run_for(30s);
    site.send("twcbridge/charger/5893/target_energy/set", "200");
    site.run_for(60s);
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_EQ(site.charger("reason"), "mode is off");
}

// ---- who may charge

config::Config with_guests(config::GuestRule rule) {
    auto config = with_schedule("");
    config.mode = config::Mode::fast;
    config.guests.rule = rule;
    config.vehicles[simulator::tesla_vin(1)] = {"Red", std::nullopt, std::nullopt, std::nullopt};
    return config;
}

UnitSpec with_car(const std::string& vin, twc::Protocol protocol = twc::Protocol::v2) {
    UnitSpec spec;
    spec.protocol = protocol;
    spec.car.vin = vin;
    spec.car.tesla = !vin.empty();
    return spec;
}

TEST(Guests, AreAnybodyWhoIsNotAmongTheVehicles) {
    for (const auto& [spec, guest] : std::vector<std::pair<UnitSpec, bool>>{
             {with_car(simulator::tesla_vin(1)), false},
             {with_car(simulator::tesla_vin(2)), true},
             {with_car(""), true},
             {with_car("", twc::Protocol::v1), false},
             {with_car(simulator::tesla_vin(2), twc::Protocol::v1), false}}) {
        Site site{with_guests(config::GuestRule::none), {spec}};
        site.run_for(120s);
        EXPECT_EQ(site.charger("guest"), guest ? "ON" : "OFF");
        EXPECT_EQ(site.unit().drawn() > 20_A, !guest) << site.charger("reason");
        if (guest) {
            EXPECT_EQ(site.charger("reason"), "this vehicle is a guest, and guests may not charge");
        }
    }
}

TEST(Guests, GetTheirLimit) {
    Site site{with_guests(config::GuestRule::limit), {with_car(simulator::tesla_vin(2))}};
    EXPECT_TRUE(draws(site, 10_A));
    EXPECT_EQ(site.charger("reason"), "limited by guests.maxAmps 10 A");
    Site known{with_guests(config::GuestRule::limit), {with_car(simulator::tesla_vin(1))}};
    EXPECT_TRUE(draws(known, 32_A));
    EXPECT_EQ(known.charger("vehicle_name"), "Red");
}

TEST(Guests, WaitUntilSomebodyAllowsThemForThisSession) {
    Site site{with_guests(config::GuestRule::ask), {with_car(simulator::tesla_vin(2))}};
    site.strict_gaps = false;
    site.run_for(60s);
    EXPECT_EQ(site.charger("reason"), "this vehicle is a guest: waiting until somebody allows it");
    const auto events = site.passing("charger/5893/event");
    EXPECT_EQ(std::ranges::count(events, R"({"event_type": "guest_waiting"})"), 1);
    site.send("twcbridge/charger/5893/guest_allowed/set", "ON");
    EXPECT_TRUE(draws(site, 32_A));
    site.restart_bridge(2s);
    site.run_for(30s);
    EXPECT_EQ(site.charger("guest_allowed"), "ON");
    EXPECT_GT(site.unit().drawn(), 30_A);
    site.unit().car().unplug();
    site.run_for(10s);
    EXPECT_EQ(site.charger("guest_allowed"), "OFF");
    EXPECT_EQ(site.charger("guest"), "OFF");
    site.unit().car().plug();
    site.run_for(60s);
    EXPECT_LT(site.unit().drawn(), 1_A);
    EXPECT_EQ(site.charger("guest"), "ON");
}

TEST(Guests, AreNotThoseWhoseVinIsToldSomeSecondsLate) {
    auto spec = with_car(simulator::tesla_vin(1));
    spec.vin_after = 15s;
    Site site{with_guests(config::GuestRule::none), {spec}};
    site.unit().car().unplug();
    site.run_for(60s);
    site.unit().car().plug();
    site.run_for(12s);
    EXPECT_EQ(site.charger("reason"), "waiting for the vehicle's VIN");
    EXPECT_TRUE(draws(site, 32_A));
    EXPECT_EQ(site.charger("guest"), "OFF");
    EXPECT_EQ(site.charger("vehicle_name"), "Red");
}

TEST(Guests, AreNotAllowedWhereNobodyAsks) {
    Site site{with_guests(config::GuestRule::none), {with_car(simulator::tesla_vin(2))}};
    site.run_for(30s);
    site.send("twcbridge/charger/5893/guest_allowed/set", "ON");
    EXPECT_EQ(site.passing("error").size(), 1U);
    EXPECT_EQ(site.charger("guest_allowed"), "OFF");
}

TEST(AllowedVins, LetOnlyThoseCharge) {
    auto config = with_guests(config::GuestRule::allow);
    config.chargers[TwcId{0x5893}].allowed_vins = {simulator::tesla_vin(2)};
    Site listed{config, {with_car(simulator::tesla_vin(2))}};
    EXPECT_TRUE(draws(listed, 32_A));
    for (const auto& spec : {with_car(simulator::tesla_vin(1)), with_car(""),
                             with_car(simulator::tesla_vin(2), twc::Protocol::v1)}) {
        Site site{config, {spec}};
        site.run_for(120s);
        EXPECT_LT(site.unit().drawn(), 1_A);
        EXPECT_EQ(site.charger("reason"), "this vehicle is not among those that may charge here");
    }
}

TEST(AllowedVins, GoOnAcrossARestartAndAreNotMistakenForTheCarBefore) {
    auto config = with_guests(config::GuestRule::allow);
    config.chargers[TwcId{0x5893}].allowed_vins = {simulator::tesla_vin(2)};
    Site site{config, {with_car(simulator::tesla_vin(2))}};
    site.strict_gaps = false;
    ASSERT_TRUE(draws(site, 32_A));
    site.restart_bridge(2s);
    for (int second = 0; second < 60; ++second) {
        site.run_for(1s);
        ASSERT_GT(site.unit().drawn(), 30_A) << second << site.charger("reason");
    }
    EXPECT_EQ(site.stored().chargers.at("5893").vin, simulator::tesla_vin(2));
    site.unit().car().unplug();
    site.run_for(10s);
    EXPECT_EQ(site.stored().chargers.at("5893").vin, std::nullopt);
}

TEST(Vehicles, KeepTheirSettingsAtEveryCharger) {
    auto config = with_guests(config::GuestRule::allow);
    config.mode = config::Mode::solar;
    config.mqtt.publish_vin = false;
    config.vehicles[simulator::tesla_vin(1)] = {"Red", config::Mode::fast, 8, 13_A};
    Site site{config, {with_car(simulator::tesla_vin(1))}};
    site.sun(0);
    EXPECT_TRUE(draws(site, 13_A));
    EXPECT_EQ(site.charger("reason"), "limited by maxAmps of the vehicle 13 A");
    EXPECT_EQ(site.charger("vehicle_name"), "Red");
    EXPECT_EQ(site.charger("vehicle_vin"), "");
    site.send("twcbridge/charger/5893/priority/set", "3");
    EXPECT_NE(site.passing("error").back().find("priority of its own, 8"), std::string::npos);
    site.send("twcbridge/charger/5893/mode/set", "solar_min");
    EXPECT_TRUE(draws(site, 6_A, 200s));
}

}  // namespace
}  // namespace bridge::tests

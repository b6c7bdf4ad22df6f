// What survives a restart: written the same way every time, read whole or not at all.
#include "bridge/core/settings.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/schedule.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

Settings rich() {
    Settings settings;
    settings.mode = config::Mode::solar_min;
    settings.total_limit = 1610_cA;
    settings.grid_reserve = -twc::Watts{50'000};
    settings.schedule = config::parse_schedule("mon-fri 23:00-06:00 fast 16 A; 12:00-14:00 off").value();
    settings.schedule_active = false;
    auto& garage = settings.chargers["garage_5893"];
    garage.known = {twc::TwcId{0x5893}, twc::Protocol::v1, 32_A};
    garage.bus = "garage";
    garage.limit = 0_A;
    garage.charge = false;
    garage.mode = config::Mode::off;
    garage.priority = 10;
    garage.energy = 123'456'789;
    garage.session_energy = 1;
    garage.session_stops = 2;
    garage.vehicle_connected = true;
    garage.boost = {.minutes = 90, .until = 123'457'000};
    garage.target = {.until = 123'460'000, .deadline = Moment{1'800'000'000s}, .pressing = true};
    garage.target_time = 6h + 30min;
    garage.vin = "5YJ3E7EB8KF000317";
    garage.guest_allowed = true;
    garage.contactor_open = true;
    garage.vehicle_asked = true;
    garage.replaced = true;
    settings.chargers["00ff"].known = {twc::TwcId{0x00FF}, twc::Protocol::v2, 80_A};
    return settings;
}

/// A file with one charger that has `members` beside all that are required.
std::string charger_with(const std::string& members) {
    return R"({"version": 1, "chargers": {"5893": {"id": "5893", "protocol": 2, "maxCentiamps": 3200, "bus": "",
        "charge": true, "energyHundredthsKwh": 0, "sessionEnergyHundredthsKwh": 0, "contactorOpen": false, "replaced": false)" +
           members + "}}}";
}

std::string error_of(const std::string& text) {
    const auto settings = settings_from_json(text);
    return settings ? "" : settings.error();
}

TEST(SettingsText, EverythingComesBack) {
    for (const auto& settings : {Settings{}, rich()}) {
        const auto back = settings_from_json(to_json(settings));
        ASSERT_TRUE(back) << back.error();
        EXPECT_EQ(*back, settings);
    }
}

TEST(SettingsText, IsTheSameForTheSameSettings) {
    EXPECT_EQ(to_json(Settings{}), "{\n  \"version\": 1,\n  \"chargers\": {}\n}\n");
    EXPECT_EQ(to_json(rich()), R"({
  "version": 1,
  "mode": "solar_min",
  "totalLimitCentiamps": 1610,
  "gridReserveWatts": -50000,
  "schedule": "mon-fri 23:00-06:00 fast 16 A; 12:00-14:00 off",
  "scheduleActive": false,
  "chargers": {
    "00ff": {
      "id": "00ff",
      "protocol": 2,
      "maxCentiamps": 8000,
      "bus": "",
      "charge": true,
      "energyHundredthsKwh": 0,
      "sessionEnergyHundredthsKwh": 0,
      "contactorOpen": false,
      "replaced": false
    },
    "garage_5893": {
      "id": "5893",
      "protocol": 1,
      "maxCentiamps": 3200,
      "bus": "garage",
      "limitCentiamps": 0,
      "charge": false,
      "mode": "off",
      "priority": 10,
      "energyHundredthsKwh": 123456789,
      "sessionEnergyHundredthsKwh": 1,
      "sessionStops": 2,
      "vehicleConnected": true,
      "boostMinutes": 90,
      "boostUntilHundredthsKwh": 123457000,
      "targetUntilHundredthsKwh": 123460000,
      "targetDeadline": 1800000000,
      "targetPressing": true,
      "targetMinutes": 390,
      "vin": "5YJ3E7EB8KF000317",
      "guestAllowed": true,
      "contactorOpen": true,
      "vehicleAsked": true,
      "replaced": true
    }
  }
}
)");
}

TEST(SettingsText, AnyFaultRefusesTheWholeAndNamesItsPlace) {
    EXPECT_EQ(error_of(charger_with("")), "");
    EXPECT_EQ(error_of("{}"), "expected an object with \"version\", found an object");
    EXPECT_EQ(error_of(R"({"version": 2, "chargers": {}})"),
              "/version: expected a whole number from 1 to 1, found 2");
    EXPECT_EQ(error_of(R"({"version": 1})"), "expected an object with \"chargers\", found an object");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {}, "modes": 1})"),
              R"(/modes: expected a known key, found an unknown one; did you mean "mode"?)");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {}, "mode": null})"),
              R"(/mode: expected one of "off", "solar", "solar_min", "fast", found null)");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {}, "totalLimitCentiamps": -1})"),
              "/totalLimitCentiamps: expected a whole number from 0 to 100000, found -1");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {}, "gridReserveWatts": 50001})"),
              "/gridReserveWatts: expected a whole number from -50000 to 50000, found 50001");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {"a/b": 1}})"),
              "/chargers/a~1b: expected the key of a charger, found \"a/b\"");
    EXPECT_EQ(error_of(charger_with(R"(, "limitCentiamps": 16.5)")),
              "/chargers/5893/limitCentiamps: expected a whole number from 0 to 65535, found 16.5");
    EXPECT_EQ(error_of(charger_with(R"(, "priority": 0)")),
              "/chargers/5893/priority: expected a whole number from 1 to 10, found 0");
    EXPECT_EQ(error_of(charger_with(R"(, "charge": true)")),
              "/chargers/5893/charge: expected each key once, found the same key again in line 2");
    EXPECT_EQ(error_of(R"({"version": 1, "chargers": {"5893": {}}})"),
              "/chargers/5893: expected an object with \"id\", found an object");
}

TEST(SettingsText, TruncatedTextIsNeverAccepted) {
    const auto text = to_json(rich());
    const auto end = text.find_last_of('}');
    for (std::size_t length = 0; length <= end; ++length) {
        EXPECT_FALSE(settings_from_json(text.substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace bridge

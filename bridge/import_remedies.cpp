// What to do here instead of a setting of TWCManager that has no counterpart.
#include "bridge/import_remedies.hpp"

#include <algorithm>
#include <array>

namespace bridge {
namespace {

struct Remedy {
    std::string_view path;  ///< ending in ".*": all others below
    std::string_view sentence;
};

constexpr std::string_view by_api =
    "not needed: no account is logged in; an automation with the car's own integration acts on "
    "charger/<id>/vehicle_request, for the car that is plugged in there";
constexpr std::string_view charge_limit = "set the charge limit in the car, or by its own integration";
constexpr std::string_view schedule =
    "a line of schedule, as \"mon-fri 23:00-06:00 fast 16 A\", see docs/charging-by-plan.md";
constexpr std::string_view until_ready =
    "charger/<id>/target_energy and target_time: so many kWh by a time, see docs/charging-by-plan.md";
constexpr std::string_view who_may_charge =
    "vehicles, guests and chargers.<id>.allowedVins say who may charge, see docs/charging-by-plan.md";
constexpr std::string_view journal = "the journal keeps the log: journalctl -u twcbridge";
constexpr std::string_view web_page = "there is no web page: Home Assistant shows and controls everything";
constexpr std::string_view boost =
    "charger/<id>/boost_minutes or boost_energy charges now, and goes back by itself";
constexpr std::string_view real_power = "not needed: the offer follows the meter, which measures real power";

constexpr std::array remedies{
    Remedy{"config.settingsPath", "settings survive in settingsPath, by default /var/lib/twcbridge"},
    Remedy{"config.startStopDelay",
           "control.minOn and control.minOff keep cars from being switched too often"},
    Remedy{"config.atHomeRadius", by_api},
    Remedy{"config.onlyChargeMultiCarsAtHome", by_api},
    Remedy{"config.realPowerFactorMinAmps", real_power},
    Remedy{"config.realPowerFactorMaxAmps", real_power},
    Remedy{"config.useFlexAmpsToStartCharge",
           "a negative grid_reserve lets cars start on that much power from the grid"},
    Remedy{"config.greenEnergyLatch", "control.minOn keeps a started car charging"},
    Remedy{
        "config.minChargeLevel",
        "an automation that knows the car's battery sets charger/<id>/mode to fast while it is below that"},
    Remedy{"config.teslaApiClientID", by_api},
    Remedy{"config.teslaProxy", by_api},
    Remedy{"config.teslaProxyCert", by_api},
    Remedy{"config.cloudUpdateInterval", by_api},
    Remedy{"config.chargeNowLimit", charge_limit},
    Remedy{"config.greenEnergyLimit", charge_limit},
    Remedy{"config.scheduledLimit", charge_limit},
    Remedy{"config.nonScheduledLimit", charge_limit},
    Remedy{"config.debugLevel", "run --log-level LEVEL says more or less"},
    Remedy{"config.logLevel", "run --log-level LEVEL says more or less"},
    Remedy{"config.displayMilliseconds",
           "the journal knows the time: journalctl -o short-precise -u twcbridge"},
    Remedy{"config.debugOutputToFile", journal},
    Remedy{"config.webhookMethod", "an automation on the topics charger/<id>/event and charger/<id>/state"},
    Remedy{"interface.Dummy", "twcbridge simulate makes wall connectors to try the bridge with"},
    Remedy{"interface.*", "put the adapter's port into bus.port"},
    Remedy{"control.HTTP", web_page},
    Remedy{"control.OCPP", "there is no OCPP: MQTT controls everything"},
    Remedy{"control.*", "MQTT controls everything, see docs/mqtt.md"},
    Remedy{"policy.engine", "not needed: the plan is made anew every second"},
    Remedy{"policy.alwaysPollEMS", "not needed: values are taken when they arrive"},
    Remedy{"policy.*", "the rules are the modes; an automation that sets mode, limit or charge makes others"},
    Remedy{"logging.*", "the journal keeps the log, and Home Assistant the history of all values"},
    Remedy{"sources.HASS",
           "an automation of Home Assistant publishes the sensors on the topics of inputs, see "
           "docs/homeassistant.md"},
    Remedy{"sources.Powerwall2",
           "publish its powers on the topics of inputs; an automation sets the mode by its battery level"},
    Remedy{"sources.OpenWeatherMap", "there is no forecast: publish what the panels really make"},
    Remedy{"sources.DSMRreader",
           "publish power taken minus power returned on the topic of inputs.grid, see docs/configuration.md"},
    Remedy{"sources.*",
           "the bridge asks no devices: its integration in Home Assistant, or another program, publishes the "
           "values on the topics of inputs, see docs/configuration.md"},
    Remedy{"status.HASS",
           "not needed: Home Assistant finds the chargers by itself, see homeAssistant.discovery"},
    Remedy{"status.*", "MQTT shows everything, see docs/mqtt.md"},
    Remedy{"pricing.*", "an automation sets the mode by the price"},
    Remedy{"vehicle.*", by_api},
    Remedy{"settings.chargeNowAmps", boost},
    Remedy{"settings.chargeNowTimeEnd", boost},
    Remedy{"settings.homeLat", by_api},
    Remedy{"settings.homeLon", by_api},
    Remedy{"settings.hourResumeTrackGreenEnergy", schedule},
    Remedy{"settings.nonScheduledAction", "the mode is solar: set another one by MQTT or in Home Assistant"},
    Remedy{"settings.nonScheduledAmpsMax",
           "the mode is solar; an automation that sets it to fast, and total_limit to the amps, when there "
           "is no "
           "sun"},
    Remedy{"settings.respondToSlaves", "stop method silence"},
    Remedy{"settings.scheduledAmpsDaysBitmap", schedule},
    Remedy{"settings.scheduledAmpsStartHour", schedule},
    Remedy{"settings.scheduledAmpsEndHour", schedule},
    Remedy{"settings.scheduledAmpsMax", schedule},
    Remedy{"settings.scheduledAmpsBatterySize", until_ready},
    Remedy{"settings.scheduledAmpsFlexStart", until_ready},
    Remedy{"settings.Schedule", schedule},
    Remedy{"settings.sendServerTime", web_page},
    Remedy{"settings.webIPC", web_page},
    Remedy{"settings.chargeAuthorizationMode", who_may_charge},
    Remedy{"settings.VehicleGroups", who_may_charge},
    Remedy{"settings.chargeRateControl", "not needed: the wall connector limits the car"},
    Remedy{"settings.carApiBearerToken", by_api},
    Remedy{"settings.carApiRefreshToken", by_api},
    Remedy{"settings.carApiTokenExpireTime", by_api},
    Remedy{"settings.teslaLoginAskLater", by_api},
};

constexpr std::array<std::string_view, 6> state_keys{"history",  "kWhDelivered", "SlaveTWCs",
                                                     "Vehicles", "lastUpdate",   "updateVersion"};

}  // namespace

std::string_view remedy_of(std::string_view path) {
    const auto exact = std::ranges::find(remedies, path, &Remedy::path);
    if (exact != remedies.end()) return exact->sentence;
    const auto section = path.substr(0, path.find('.'));
    const auto family = std::ranges::find_if(remedies, [&](const Remedy& remedy) {
        return remedy.path.ends_with(".*") && remedy.path.substr(0, remedy.path.size() - 2) == section;
    });
    if (family != remedies.end()) return family->sentence;
    return "not known to this import: docs/configuration.md tells what there is here";
}

bool is_state_of_twcmanager(std::string_view key) {
    return std::ranges::find(state_keys, key) != state_keys.end();
}

}  // namespace bridge

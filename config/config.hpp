// What the owner decided: a tree of values that is valid by construction, because only load() makes it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "twc/units.hpp"

namespace config {

using std::chrono::seconds;
using twc::Centiamps;
using twc::TwcId;
using twc::Volts;

/// How the chargers follow the sun. The words are those of the topic `mode`.
enum class Mode : std::uint8_t { off, solar, solar_min, fast };
/// Ways to stop a car, see docs.
enum class StopMethod : std::uint8_t { zero, vehicle, contactor, silence };
enum class Discovery : std::uint8_t { device, component, off };
enum class MqttVersion : std::uint8_t { automatic, v3_1_1, v5 };

/// One RS-485 bus of up to three chargers.
struct Bus {
    std::string port;                     ///< path of a serial device, or tcp://host:port
    std::string name;                     ///< [a-z0-9_-]+, unique; may be empty only when there is one bus
    std::optional<Centiamps> wiring_max;  ///< what this bus may draw in all
};

/// One line of a schedule: what holds between two times of day.
struct Window {
    std::string text;                    ///< as its owner wrote it
    std::array<bool, 7> days{};          ///< on which it begins, Monday first
    std::chrono::minutes from{};         ///< since midnight, civil time
    std::chrono::minutes to{};           ///< up to 24:00; not after `from`: of the next day
    std::optional<Mode> mode;            ///< in place of any other
    std::optional<Centiamps> limit;      ///< a ceiling; at least one of the two is there
    std::optional<std::string> charger;  ///< id or name; nothing: all
    bool operator==(const Window&) const = default;
};

/// Settings of one charger, all optional.
struct Charger {
    std::optional<std::string> name;
    std::optional<std::string> area;
    std::optional<Centiamps> max_current;
    std::optional<int> phases;  ///< 1 … 3
    std::optional<std::string> vin;
    std::optional<std::vector<std::string>> allowed_vins;  ///< only these may charge here; nothing: any
    int priority = 5;                                      ///< 1 … 10, higher first
};

/// A car that belongs to the house, all optional.
struct Vehicle {
    std::optional<std::string> name;
    std::optional<Mode> mode;
    std::optional<int> priority;  ///< 1 … 10
    std::optional<Centiamps> max_current;
    bool operator==(const Vehicle&) const = default;
};

/// What a car may that does not.
enum class GuestRule : std::uint8_t { allow, none, limit, ask };
struct Guests {
    GuestRule rule = GuestRule::allow;
    Centiamps max_current{1000};  ///< with the rule `limit`
};

struct Mqtt {
    std::string url = "mqtt://localhost:1883";  ///< mqtt:// or mqtts://
    std::optional<std::string> username;
    std::optional<std::string> password_file;
    std::optional<std::string> client_id;
    std::string base_topic = "twcbridge";
    bool publish_vin = true;
    MqttVersion version = MqttVersion::automatic;
    std::optional<std::string> ca_file;
    std::optional<std::string> cert_file;
    std::optional<std::string> key_file;
};

struct HomeAssistant {
    Discovery discovery = Discovery::device;
    std::string prefix = "homeassistant";
    bool entity_ids = true;
};

/// A value that arrives by MQTT. A reading times `factor` is in W (A for grid currents).
struct Input {
    std::string topic;
    std::optional<std::string> json_pointer;
    double factor = 1;  ///< unit, scale and sign in one
};

/// [l1, l2, l3] in A, signed, + = import.
using GridCurrents = std::array<Input, 3>;

struct Inputs {
    std::optional<Input> generation;
    std::optional<Input> consumption;
    std::optional<Input> grid;  ///< replaces generation and consumption where set
    std::optional<GridCurrents> grid_currents;
    std::optional<Input> battery;
    bool car_first = false;
    std::optional<seconds> max_age;  ///< else three times the usual interval, 10 … 120 s
};

/// A proxy of the maker's service, which can ask cars to start and to stop.
struct VehicleApi {
    std::string url;                             ///< http:// or https://, a host, perhaps a port
    std::optional<std::string> token_file = {};  ///< holds a bearer token in its first line
    std::optional<std::string> ca_file = {};
};

struct Stop {
    std::vector<StopMethod> surplus{StopMethod::zero, StopMethod::vehicle};
    std::vector<StopMethod> command{StopMethod::zero, StopMethod::vehicle, StopMethod::contactor};
};

struct Control {
    Centiamps current_step{10};
    int solar_share_percent = 50;  ///< 0 … 99
    int switch_wh = 100;
    seconds min_on{300};
    seconds min_off{120};
    std::optional<int> max_stops;
    bool spike16 = false;  ///< for cars that fall back to 6 A when they are raised a little
};

struct Config {
    std::vector<Bus> buses;  ///< at least one
    Centiamps wiring_max_all{600};
    Centiamps wiring_max_each{600};
    Centiamps minimum{
        600};  ///< as configured; a protocol 1 unit may go to 5 A, a protocol 2 unit never below 6 A
    std::optional<Centiamps> main_fuse;  ///< maxAmpsAllowedFromGrid, per phase
    Volts default_voltage{230};
    int default_phases = 1;
    std::map<TwcId, Charger> chargers;
    Mqtt mqtt;
    HomeAssistant home_assistant;
    Inputs inputs;
    bool subtract_charger_load = false;
    Mode mode = Mode::solar;
    Stop stop;
    std::optional<VehicleApi> vehicle_api;
    Control control;
    std::map<std::string, Vehicle> vehicles;  ///< by VIN
    Guests guests;
    std::vector<Window> schedule;
    std::optional<std::string> time_zone;  ///< as "Europe/Berlin"; else the system's
    std::string settings_path = "/var/lib/twcbridge";

    /// Keys whose value is the default because the file does not name them, for the line at start that says
    /// what limits the offers. JSON pointers, as "/wiringMaxAmpsAllTWCs".
    std::vector<std::string> defaulted;
};

}  // namespace config

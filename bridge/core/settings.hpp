// What must survive a restart: limits, modes, energy counters and the units we know.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bridge/core/boost.hpp"
#include "bridge/core/energy_target.hpp"
#include "config/config.hpp"
#include "twc/expected.hpp"
#include "twc/unit.hpp"
#include "twc/units.hpp"

namespace bridge {

/// Of one charger; absent values were never set by a command.
struct ChargerSettings {
    twc::KnownUnit known;
    std::string bus;  ///< name of the bus it was met on; empty with a single one
    std::optional<twc::Centiamps> limit;
    bool charge = true;
    std::optional<config::Mode> mode;  ///< absent: follow the bridge
    std::optional<int> priority;
    std::int64_t energy = 0;          ///< 0.01 kWh, never falls
    std::int64_t session_energy = 0;  ///< 0.01 kWh
    int session_stops = 0;            ///< for want of sun; a restart hands out no new ones
    int session_silences = 0;         ///< heartbeats withheld to stop the car; it bears few of them
    bool contactor_open = false;      ///< we opened it and have not closed it since
    bool vehicle_asked = false;       ///< to stop, and not yet to start again
    bool vehicle_connected = false;   ///< when last heard, so that a restart knows whether the car has left
    Boost boost;                      ///< of the car that is plugged in, or comes next
    Target target;                    ///< the same
    std::optional<std::chrono::minutes> target_time;  ///< of day; absent: 07:00
    std::optional<std::string>
        vin;                     ///< of the car, as the unit told it in this session; empty: it knows none
    bool guest_allowed = false;  ///< for this session
    bool replaced = false;       ///< another unit has taken its place on the bus: not addressed at start
    bool operator==(const ChargerSettings&) const = default;
};

struct Settings {
    std::optional<config::Mode> mode;
    std::optional<twc::Centiamps> total_limit;
    std::optional<twc::Watts> grid_reserve;
    std::optional<std::vector<config::Window>> schedule;  ///< absent: that of the configuration
    bool schedule_active = true;
    std::map<std::string, ChargerSettings> chargers;  ///< by key, as in topics
    bool operator==(const Settings&) const = default;
};

/// Deterministic JSON text with a format version.
std::string to_json(const Settings&);
/// All or nothing: any unknown key, wrong type or value out of range is an error, a sentence that names the
/// place.
twc::Expected<Settings, std::string> settings_from_json(const std::string& text);

}  // namespace bridge

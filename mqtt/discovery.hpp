// Home Assistant discovery: pure functions from what is known of a device to the messages that announce it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "mqtt/publication.hpp"
#include "mqtt/topics.hpp"
#include "twc/units.hpp"

namespace broker {

struct SiteDescription {
    /// The base topic. Tells bridges at one broker apart: any but the default becomes part of every
    /// identifier.
    std::string instance;
    std::string version;     ///< of the program
    twc::Centiamps ceiling;  ///< max of total_limit
    bool has_solar = false;  ///< generation is configured
    bool has_house = false;  ///< consumption is known
    bool has_grid = false;
    bool takes_solar =
        false;  ///< generation is whole W on its default topic, so that Home Assistant may set it
    bool takes_house = false;
    bool takes_grid = false;
    int chargers = 0;
};

struct ChargerDescription {
    std::string key;   ///< "5893", as in topics and unique ids
    std::string name;  ///< "Wall Connector 5893" or the owner's; empty means the former
    std::optional<std::string> area;
    twc::Centiamps ceiling;  ///< max of limit
    std::optional<twc::Centiamps> rating;
    std::optional<std::string> firmware;
    std::optional<std::string> serial;
    int phases = 1;  ///< voltage and current entities for so many
    bool publish_vin = true;
    bool knows_vehicles = false;   ///< the owner has given names to cars
    bool asks_for_guests = false;  ///< somebody shall say which foreign cars may charge
    bool has_meter = true;  ///< protocol 2: it tells volts, its counter, firmware, serial number and the VIN
    bool operator==(const ChargerDescription&) const = default;
};

/// Everything that announces the bridge, or one charger, in the configured form: one device document, or one
/// message per component; nothing with Discovery::off. Same input, same bytes.
std::vector<Publication> announce_site(const config::HomeAssistant&, const Topics&, const SiteDescription&);
std::vector<Publication> announce_charger(const config::HomeAssistant&, const Topics&, const SiteDescription&,
                                          const ChargerDescription&);

/// What the bridge ("bridge") or a charger (its key) is called in discovery topics and unique ids.
std::string device_identifier(const SiteDescription&, std::string_view of);

/// The document `announced`, with a farewell to every component that `stored`, an earlier version of it, has
/// besides: Home Assistant keeps what is only left out. Nothing if there is none.
std::optional<std::string> with_tombstones(const std::string& announced, const std::string& stored);

}  // namespace broker

// Home Assistant discovery: pure functions from what is known of a device to the messages that announce it.
#pragma once

#include <optional>
#include <string>
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
    bool operator==(const ChargerDescription&) const = default;
};

/// Everything that announces the bridge, or one charger, in the configured form: one device document, or one
/// message per component; nothing with Discovery::off. Same input, same bytes.
std::vector<Publication> announce_site(const config::HomeAssistant&, const Topics&, const SiteDescription&);
std::vector<Publication> announce_charger(const config::HomeAssistant&, const Topics&, const SiteDescription&,
                                          const ChargerDescription&);

}  // namespace broker

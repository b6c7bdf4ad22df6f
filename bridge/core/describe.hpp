// What Home Assistant is told of the bridge and of a charger, gathered from configuration, settings and
// facts.
#pragma once

#include <string>

#include "bridge/core/settings.hpp"
#include "config/config.hpp"
#include "mqtt/discovery.hpp"
#include "twc/unit.hpp"

namespace bridge {

/// "4.5.3.2".
std::string firmware_text(const twc::FirmwareReport&);
broker::SiteDescription describe_site(const config::Config&, std::size_t chargers);
/// `unit` may know nothing yet; `ceiling` is the charger's hard ceiling.
broker::ChargerDescription describe_charger(const config::Config&, const std::string& key,
                                            const twc::Unit& unit, twc::Centiamps ceiling);

}  // namespace bridge

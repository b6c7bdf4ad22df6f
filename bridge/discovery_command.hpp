// `twcbridge discovery`: what Home Assistant is told, without the service.
#pragma once

#include <vector>

#include "bridge/core/settings.hpp"
#include "config/config.hpp"
#include "mqtt/publication.hpp"

namespace bridge {

/// The messages that announce the bridge and every charger that the configuration or the settings name.
std::vector<broker::Publication> discovery_messages(const config::Config& config, const Settings& settings);

/// Prints them to standard output, one "topic payload" a line. Returns the exit status.
int print_discovery(const config::Config& config);
/// Empties the topics of both forms of discovery at the broker, whichever is configured. Returns the exit
/// status.
int clear_discovery(const config::Config& config);

}  // namespace bridge

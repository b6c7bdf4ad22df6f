// The broker's password, from the file that the configuration names, and who else may read it.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace bridge {

/// First line of passwordFile, without its line end, as editors of either world add one; empty without such a
/// file. No more than MQTT can carry is read, for there are files without an end.
std::string read_password(const config::Mqtt& mqtt);

/// A sentence if there is a passwordFile without a password.
std::vector<std::string> empty_secrets(const config::Config& config);

/// A sentence for each of passwordFile, keyFile and tokenFile that every user of this machine may read.
std::vector<std::string> exposed_secrets(const config::Config& config);

}  // namespace bridge

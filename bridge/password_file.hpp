// The broker's password, from the file that the configuration names.
#pragma once

#include <string>

#include "config/config.hpp"

namespace bridge {

/// First line of passwordFile, without its line end, as editors of either world add one; empty without such a
/// file.
std::string read_password(const config::Mqtt& mqtt);

}  // namespace bridge

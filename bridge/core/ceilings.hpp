// What limits the offers before anybody commands anything: for `check`, and for the log at start.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace bridge {

/// Sentences without a full stop, the ceiling for all chargers first:
/// "all chargers together are offered at most 6 A, because wiringMaxAmpsAllTWCs is 6 (the default)".
std::vector<std::string> describe_ceilings(const config::Config& config);

}  // namespace bridge

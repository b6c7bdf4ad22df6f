// `twcbridge check`: what the owner should know of a good configuration before the service starts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace bridge {

/// A sentence for each serial device that is not there, with the names below `by_id` to choose from.
std::vector<std::string> missing_devices(const config::Config& config, const std::filesystem::path& by_id);

/// "mode solar at the first start, follows twcbridge/input/generation and twcbridge/input/consumption".
std::string describe_mode(const config::Config& config);

/// Prints what holds to standard output, and warnings to standard error. Returns the exit status: a failure
/// when it could not be written.
int check(const config::Config& config, const std::filesystem::path& file);

}  // namespace bridge

// The service: joins ports, broker, settings file and clock to the core until a signal ends it.
#pragma once

#include <filesystem>
#include <optional>

#include "config/config.hpp"

namespace bridge {

struct RunOptions {
    bool observe = false;                        ///< nothing is ever sent on a bus
    std::optional<std::filesystem::path> trace;  ///< gets a line for each frame on a bus
};

/// Returns the exit status.
int run(const config::Config& config, const RunOptions& options);

}  // namespace bridge

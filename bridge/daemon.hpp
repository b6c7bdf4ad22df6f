// The service: joins ports, broker, settings file and clock to the core until a signal ends it.
#pragma once

#include "config/config.hpp"

namespace bridge {

/// Returns the exit status. With `observe` nothing is ever sent on a bus.
int run(const config::Config& config, bool observe);

}  // namespace bridge

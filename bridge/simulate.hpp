// The command `twcbridge simulate`: simulated wall connectors with cars, in real time, for a bridge that
// takes them for real ones.
#pragma once

#include "bridge/simulate_options.hpp"

namespace bridge {

/// Runs until SIGINT or SIGTERM and obeys lines on standard input. Standard output: `ready: WHERE`, a line
/// per change, and a last line of JSON with what the master did. The options have no problem. Returns 0, or 1
/// if the master sent bad frames or forbidden ones or talked over somebody; 74 if the way could not be
/// opened.
int simulate(const SimulateOptions&);

}  // namespace bridge

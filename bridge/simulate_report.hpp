// What is told of simulated wall connectors.
#pragma once

#include <string>

#include "bridge/simulator/bus.hpp"

namespace bridge {

/// "charger 5893: state 01, in force 16.00 A, drawn 15.90 A".
std::string describe(const simulator::WallConnector&);
/// A line of JSON with what the master did, and how the units stand.
std::string report(const simulator::Bus&);

}  // namespace bridge

// What a person types at a running simulation.
#pragma once

#include <ostream>
#include <string>

#include "bridge/simulator/bus.hpp"

namespace bridge {

/// What may be typed: "status, help, or plug|unplug|… and an id".
std::string simulate_commands();

/// Does what a line says and answers where there is something to answer.
void obey(const std::string& line, simulator::Bus&, std::ostream& answers);

}  // namespace bridge

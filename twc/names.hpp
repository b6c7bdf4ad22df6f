// What messages are called, by type and code.
#pragma once

#include <cstdint>
#include <string_view>

namespace twc {

/// "slave_heartbeat" for FD E0; empty if no source tells what the code means (docs/protocol.md 2).
std::string_view name_of(std::uint8_t type, std::uint8_t code);

}  // namespace twc

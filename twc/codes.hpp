// The numbers of the protocol that more than one file needs (protocol documents: type and function code, body
// length).
#pragma once

#include <cstddef>
#include <cstdint>

namespace twc::codes {

// First byte of a body.
constexpr std::uint8_t request = 0xFB;
constexpr std::uint8_t command = 0xFC;
constexpr std::uint8_t report = 0xFD;

// Second byte of a body.
constexpr std::uint8_t heartbeat = 0xE0;
constexpr std::uint8_t link_ready_1 = 0xE1;
constexpr std::uint8_t link_ready_2 = 0xE2;
constexpr std::uint8_t close_contactor = 0xB1;
constexpr std::uint8_t open_contactor = 0xB2;
constexpr std::uint8_t plug = 0xB4;
constexpr std::uint8_t idle = 0x1D;

// Raw states of a unit (docs/protocol.md 3).
constexpr std::uint8_t state_idle = 0x00;
constexpr std::uint8_t state_charging = 0x01;
constexpr std::uint8_t state_error = 0x02;
constexpr std::uint8_t state_connected = 0x03;
constexpr std::uint8_t state_wants_limit = 0x04;
constexpr std::uint8_t state_busy = 0x05;
constexpr std::uint8_t state_starting = 0x08;

// Lengths of bodies.
constexpr std::size_t v1_length = 14;
constexpr std::size_t v2_length = 16;
constexpr std::size_t v2_long_length = 20;

}  // namespace twc::codes

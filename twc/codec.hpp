// Body ⇄ message: checksum, lengths, fields. What may damage a unit cannot be encoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "twc/expected.hpp"
#include "twc/message.hpp"

namespace twc {

/// Bytes of a body, checksum included (docs/protocol.md 1).
inline constexpr std::size_t shortest_body = 13;
inline constexpr std::size_t longest_body = 20;

enum class DecodeError : std::uint8_t {
    length,    ///< shorter than 13 or longer than 20 bytes, or not a length this message has
    checksum,  ///< the last byte is not the sum of those between the first and itself
    escape,    ///< DB followed by neither DC nor DD; found by the SLIP decoder
};
/// "length", "checksum", "escape".
const char* to_text(DecodeError);

/// Never throws; every body gives a message (perhaps Unknown) or an error.
Expected<Message, DecodeError> decode(std::span<const std::uint8_t> body);

/// The commands a heartbeat of ours may carry. 02 (error), 06 and 07 have no enumerator (docs/protocol.md 3).
enum class Command : std::uint8_t {
    none = 0x00,                   ///< keep alive, change nothing
    limit_before_charging = 0x05,  ///< protocol 1: at any time
    limit_at_start = 0x08,         ///< answer to state 08 without a limit
    limit_while_charging = 0x09,   ///< protocol 2
};

/// What a heartbeat of ours says. With Command::none the limit is not sent.
struct HeartbeatOrder {
    Command command = Command::none;
    Centiamps limit;
    bool operator==(const HeartbeatOrder&) const = default;
};

/// Body with checksum in the length of the receiver's protocol generation: 14 or 16 bytes.
/// Throws std::out_of_range for a limit outside 0 … 655.35 A, which the field cannot carry.
Body encode_heartbeat(TwcId from, TwcId to, Protocol, const HeartbeatOrder&);
/// FC E1 in round 1, FB E2 in round 2; 14 bytes, which both generations understand (docs/protocol.md 1).
Body encode_link_ready(int round, TwcId from, std::uint8_t sign);
/// 16 bytes; only protocol 2 has questions and contactor commands (docs/protocol.md 2).
Body encode(const Query&);
Body encode(const ContactorCommand&);

}  // namespace twc

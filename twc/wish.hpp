// What one unit shall be told, and the heartbeat command that tells it.
#pragma once

#include <cstdint>

#include "twc/codec.hpp"
#include "twc/unit.hpp"

namespace twc {

/// What one unit shall be told from its next heartbeat on.
struct Wish {
    enum class Kind : std::uint8_t {
        withhold,  ///< give no limit: heartbeats without a command
        limit,     ///< this limit, repeated until the unit repeats it
        zero,  ///< 05 0000 in every heartbeat: stops a car on protocol 1 (docs/protocol.md 3); on protocol 2
               ///< as withhold
        silence,  ///< no heartbeats at all: the unit stops its car when it has missed them for 20 to 30 s
                  ///< (docs/protocol.md 3)
    };
    Kind kind = Kind::withhold;
    Centiamps limit;  ///< only with Kind::limit; at least floor_of(protocol)
    bool operator==(const Wish&) const = default;
};

/// True when `after` allows a car less than `before` did, so that it must not wait behind raises.
bool lowers(const Wish& before, const Wish& after);

/// The command that the next heartbeat to this unit carries (docs/protocol.md 3).
HeartbeatOrder order_for(const Unit&, const Wish&);

}  // namespace twc

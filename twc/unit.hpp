// What the bus has told us of one wall connector, and when.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "twc/message.hpp"
#include "twc/time.hpp"
#include "twc/units.hpp"

namespace twc {

/// Idle units report up to 0.25 A; from 1 A on a car draws (docs/protocol.md 3).
inline constexpr Centiamps charging_current{100};

/// Enough to address a unit without waiting for its linkready; kept over restarts.
struct KnownUnit {
    TwcId id;
    Protocol protocol = Protocol::v2;
    std::optional<Centiamps> max_current = std::nullopt;  ///< rating of the model, once a linkready told it
    bool operator==(const KnownUnit&) const = default;
};

/// Facts only: nothing here is wished for or decided.
struct Unit {
    KnownUnit known;
    bool online = false;  ///< answered a heartbeat, and not 26 s ago

    std::optional<TimePoint> heard;  ///< last frame from it in this run
    std::uint8_t state = 0;          ///< raw state byte
    Centiamps limit_in_force;
    Centiamps drawn;

    std::optional<MeterReport> meter;
    std::optional<FirmwareReport> firmware;
    std::optional<std::string> serial;
    /// 17 characters with a right check digit; empty: the unit knows of no VIN; nothing: not asked or not
    /// answered.
    std::optional<std::string> vin;
};

}  // namespace twc

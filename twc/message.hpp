// One plain struct for each message of the bus, and Message, the variant of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "twc/units.hpp"

namespace twc {

/// A frame between its delimiters, unescaped, checksum included (docs/protocol.md 1).
using Body = std::vector<std::uint8_t>;

/// FC E1 (round 1) and FB E2 (round 2): a unit in master position announces itself (docs/protocol.md 2).
struct MasterLinkReady {
    int round = 1;
    TwcId from;
    std::uint8_t sign = 0;
    bool operator==(const MasterLinkReady&) const = default;
};

/// FD E2: a slave looks for a master and tells its rating (docs/protocol.md 2).
struct SlaveLinkReady {
    TwcId from;
    std::uint8_t sign = 0;
    Centiamps max_current;
    Protocol protocol = Protocol::v2;
    bool operator==(const SlaveLinkReady&) const = default;
};

/// FC 1D: a master that is alone on its bus says that it is there; it names nobody (docs/protocol.md 2).
struct MasterIdle {
    bool operator==(const MasterIdle&) const = default;
};

/// FB E0 as heard on the bus: the command byte may be anything (docs/protocol.md 2).
struct MasterHeartbeat {
    TwcId from;
    TwcId to;
    std::uint8_t command = 0;
    std::optional<Centiamps> limit;          ///< with commands 05, 08 and 09
    std::optional<std::uint8_t> error_bits;  ///< with command 02
    bool master_plugged = false;
    bool operator==(const MasterHeartbeat&) const = default;
};

/// FD E0: what a slave is doing (docs/protocol.md 2).
struct SlaveHeartbeat {
    TwcId from;
    TwcId to;
    std::uint8_t state = 0;
    Centiamps limit;  ///< the limit now in force
    Centiamps drawn;  ///< the current that flows, per phase
    bool operator==(const SlaveHeartbeat&) const = default;
};

/// What a unit can be asked for; the value is the second byte of query and reply (docs/protocol.md 2).
enum class Question : std::uint8_t {
    meter = 0xEB,
    firmware = 0xEC,
    serial = 0xED,
    vin_start = 0xEE,
    vin_middle = 0xEF,
    vin_end = 0xF1,
};

/// FB EB … FB F1.
struct Query {
    Question question = Question::meter;
    TwcId from;
    TwcId to;
    bool operator==(const Query&) const = default;
};

/// FD EB: lifetime counter, volts, and with firmware 4.5.3 the currents in steps of 0.5 A.
struct MeterReport {
    TwcId from;
    KilowattHours lifetime;
    std::array<Volts, 3> volts;
    std::optional<std::array<Centiamps, 3>> currents;
    bool operator==(const MeterReport&) const = default;
};

/// FD EC.
struct FirmwareReport {
    TwcId from;
    std::array<std::uint8_t, 4> version{};
    bool operator==(const FirmwareReport&) const = default;
};

/// FD ED.
struct SerialReport {
    TwcId from;
    std::string serial;
    bool operator==(const SerialReport&) const = default;
};

/// FD EE, FD EF, FD F1: seven, seven and three characters of the VIN; empty when the unit knows none.
struct VinReport {
    Question part = Question::vin_start;
    TwcId from;
    std::string text;
    bool operator==(const VinReport&) const = default;
};

/// FC B1 closes the contactor, FC B2 opens it at once (docs/protocol.md 2).
struct ContactorCommand {
    bool close = false;
    TwcId from;
    TwcId to;
    bool operator==(const ContactorCommand&) const = default;
};

/// FD B1, FD B2.
struct ContactorReply {
    bool close = false;
    TwcId from;
    bool operator==(const ContactorReply&) const = default;
};

/// The questions from before firmware 4.5.3. They name nobody, and nor do the answers (docs/protocol.md 2).
enum class OldQuestion : std::uint8_t {
    serial = 0x19,
    model = 0x1A,
    firmware = 0x1B,
};

/// FB 19, FB 1A, FB 1B.
struct OldQuery {
    OldQuestion question = OldQuestion::serial;
    bool operator==(const OldQuery&) const = default;
};

/// FD 19, FD 1A.
struct OldTextReport {
    OldQuestion question = OldQuestion::serial;
    std::string text;
    bool operator==(const OldTextReport&) const = default;
};

/// FD 1B.
struct OldFirmwareReport {
    std::array<std::uint8_t, 3> version{};
    bool operator==(const OldFirmwareReport&) const = default;
};

/// FB B4: one source knows it (docs/protocol.md 2).
struct PlugQuery {
    TwcId from;
    TwcId to;
    bool operator==(const PlugQuery&) const = default;
};

/// FD B4: 00 unplugged, 01 charging, 03 plugged and not charging; the meaning of 02 is not known.
struct PlugReport {
    TwcId from;
    std::uint8_t plug = 0;
    bool operator==(const PlugReport&) const = default;
};

/// A frame with a right checksum and a meaning we do not know: data, not an error.
struct Unknown {
    Body body;
    bool operator==(const Unknown&) const = default;
};

using Message =
    std::variant<MasterLinkReady, SlaveLinkReady, MasterIdle, MasterHeartbeat, SlaveHeartbeat, Query,
                 MeterReport, FirmwareReport, SerialReport, VinReport, ContactorCommand, ContactorReply,
                 OldQuery, OldTextReport, OldFirmwareReport, PlugQuery, PlugReport, Unknown>;

}  // namespace twc

// The machine that plays the master of one bus: finds units, sends heartbeats, asks questions, keeps half-duplex order.
//
// It performs no I/O, reads no clock and draws no random number. After every handle_… or set_… call the caller drains
// poll_transmit and poll_event, and comes back at next_deadline at the latest. Time never runs backwards.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "twc/codec.hpp"
#include "twc/message.hpp"
#include "twc/time.hpp"
#include "twc/unit.hpp"

namespace twc {

struct MasterSettings {
    TwcId id{0x7777};
    std::uint8_t sign = 0x77;      ///< arbitrary byte of our linkreadys (protocol.md 3)
    bool observe = false;          ///< never transmit
    std::vector<KnownUnit> known;  ///< addressed at once, before any linkready
};

/// What one unit shall be told from its next heartbeat on.
struct Wish {
    enum class Kind : std::uint8_t {
        withhold,  ///< give no limit: heartbeats without a command
        limit,     ///< this limit, repeated until the unit repeats it
        zero,      ///< 05 0000 in every heartbeat: stops a car on version 1 (protocol.md 8)
    };
    Kind kind = Kind::withhold;
    Centiamps limit;  ///< only with Kind::limit; at least floor_of(protocol)
    bool operator==(const Wish&) const = default;
};

enum class Urgency : std::uint8_t { in_turn, out_of_turn };

/// A unit answered for the first time, or again after it was lost.
struct UnitFound { TwcId id; bool operator==(const UnitFound&) const = default; };
/// 26 s without an answer: no longer addressed until its next linkready.
struct UnitLost { TwcId id; bool operator==(const UnitLost&) const = default; };
/// Any other fact of unit() changed: linkready, meter, firmware, serial, VIN.
struct UnitChanged { TwcId id; bool operator==(const UnitChanged&) const = default; };
/// A heartbeat from a unit. `answers` is the wish that stood when the heartbeat it answers was sent;
/// nothing when it came unasked or too late, which confirms nothing.
struct HeartbeatHeard {
    SlaveHeartbeat heartbeat;
    std::optional<Wish> answers;
    bool operator==(const HeartbeatHeard&) const = default;
};
/// FC E1 or FB E2 from another sender: a unit's rotary switch is not on F.
struct OtherMasterHeard { TwcId id; bool operator==(const OtherMasterHeard&) const = default; };
/// A fourth unit sent its linkready; three is the most a bus carries.
struct FourthUnitIgnored { TwcId id; bool operator==(const FourthUnitIgnored&) const = default; };
/// Something on the line that is no frame. Counted in counters().
struct FrameRejected { DecodeError error; bool operator==(const FrameRejected&) const = default; };

using Event = std::variant<UnitFound, UnitLost, UnitChanged, HeartbeatHeard, OtherMasterHeard, FourthUnitIgnored,
                           FrameRejected>;

struct BusCounters {
    std::uint64_t frames_received = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_rejected = 0;
    std::uint64_t echoes = 0;         ///< own frames that came back
    std::uint64_t unanswered = 0;     ///< heartbeats and queries without an answer in time
};

class Master {
  public:
    explicit Master(MasterSettings);
    ~Master();
    Master(Master&&) noexcept;
    Master& operator=(Master&&) noexcept;

    // What the world did.
    void handle_bytes(std::span<const std::uint8_t>, TimePoint now);
    void handle_timeout(TimePoint now);
    /// The port was opened (again): half-received frames are forgotten, heartbeats resume at once.
    void handle_open(TimePoint now);
    /// The port is gone: nothing is transmitted until handle_open.
    void handle_closed(TimePoint now);

    // What the bridge wants. Unknown ids are ignored.
    void set_wish(TwcId, Wish, Urgency);
    /// FC B1 or FC B2, once, in the first gap.
    void send_contactor(TwcId, bool close);
    /// The car was plugged in: ask for its VIN again.
    void ask_vin(TwcId);

    // What the caller must do now.
    /// Bytes to write to the line, in one piece; nothing while a reply is due or a frame is on the line.
    std::optional<std::vector<std::uint8_t>> poll_transmit(TimePoint now);
    std::optional<Event> poll_event();
    [[nodiscard]] TimePoint next_deadline() const;

    // What is known.
    [[nodiscard]] const Unit* unit(TwcId) const;
    [[nodiscard]] std::vector<TwcId> units() const;
    [[nodiscard]] const BusCounters& counters() const;
    /// Last frame with a right checksum from anybody but us; for "nothing valid heard for 60 s".
    [[nodiscard]] std::optional<TimePoint> valid_frame_heard() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace twc

// The machine that plays the master of one bus: finds units, sends heartbeats, asks questions, keeps
// half-duplex order.
//
// It performs no I/O, reads no clock and draws no random number. After every handle_… or set_… call the
// caller drains poll_transmit and poll_event, and comes back at next_deadline at the latest. Time never runs
// backwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "twc/announcement.hpp"
#include "twc/codec.hpp"
#include "twc/line.hpp"
#include "twc/message.hpp"
#include "twc/meter_belief.hpp"
#include "twc/questions.hpp"
#include "twc/schedule.hpp"
#include "twc/time.hpp"
#include "twc/twins.hpp"
#include "twc/unit.hpp"
#include "twc/vin.hpp"
#include "twc/wish.hpp"

namespace twc {

struct MasterSettings {
    TwcId id{0x7777};
    std::uint8_t sign = 0x77;      ///< arbitrary byte of our linkreadys (docs/protocol.md 2)
    bool observe = false;          ///< never transmit
    std::vector<KnownUnit> known;  ///< addressed at once, before any linkready
};

enum class Urgency : std::uint8_t { in_turn, out_of_turn };

/// A unit answered for the first time, or again after it was lost: twice, and the same both times, because an
/// 8-bit sum can lie once.
struct UnitFound {
    TwcId id;
    bool operator==(const UnitFound&) const = default;
};
/// 26 s without an answer: no longer addressed until its next linkready.
struct UnitLost {
    TwcId id;
    bool operator==(const UnitLost&) const = default;
};
/// Any other fact of unit() changed: linkready, meter, firmware, serial, VIN.
struct UnitChanged {
    TwcId id;
    bool operator==(const UnitChanged&) const = default;
};
/// A heartbeat from a unit. `answers` is the wish that stood when the heartbeat it answers was sent; nothing
/// when that cannot be told, which confirms nothing.
struct HeartbeatHeard {
    SlaveHeartbeat heartbeat;
    std::optional<Wish> answers;
    bool operator==(const HeartbeatHeard&) const = default;
};
/// FD B1 (close) or FD B2: the unit has taken a contactor command.
struct ContactorAnswered {
    TwcId id;
    bool close = false;
    bool operator==(const ContactorAnswered&) const = default;
};
/// FC E1 or FB E2 from another sender: a unit's rotary switch is not on F.
struct OtherMasterHeard {
    TwcId id;
    bool operator==(const OtherMasterHeard&) const = default;
};
/// A unit uses our own id. When it hears us it chooses another (docs/protocol.md 4).
struct OwnIdHeard {
    bool operator==(const OwnIdHeard&) const = default;
};
/// Two units share this id: both answer, and both take what is said to one.
struct TwinsHeard {
    TwcId id;
    bool operator==(const TwinsHeard&) const = default;
};
/// A fourth unit sent its linkready; three is the most a bus carries.
struct FourthUnitIgnored {
    TwcId id;
    bool operator==(const FourthUnitIgnored&) const = default;
};
/// Something on the line that is no frame. Counted in counters().
struct FrameRejected {
    DecodeError error;
    bool operator==(const FrameRejected&) const = default;
};

using Event = std::variant<UnitFound, UnitLost, UnitChanged, HeartbeatHeard, ContactorAnswered,
                           OtherMasterHeard, OwnIdHeard, TwinsHeard, FourthUnitIgnored, FrameRejected>;

struct BusCounters {
    std::uint64_t frames_received = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_rejected = 0;
    std::uint64_t echoes = 0;      ///< own frames that came back
    std::uint64_t unanswered = 0;  ///< heartbeats and queries without an answer in time
};

/// A unit without an answer for so long is lost, as a real master has it (docs/protocol.md 4).
inline constexpr Duration unit_patience = std::chrono::seconds{26};
/// A unit that answered so recently is asked again at once when it does not answer: on a noisy line most
/// silence is a lost byte.
inline constexpr Duration repeat_patience = std::chrono::seconds{5};
/// A query that no heartbeat is due for within this time disturbs nobody: an answer that comes late, and the
/// pause behind it, fit before.
inline constexpr Duration query_space = std::chrono::milliseconds{350};
/// With three units there is no such space. An answer that comes 0.2 s after its query keeps the next
/// heartbeat back for 50 ms then, and mostly for nothing, since hardly any three answers before it take as
/// long.
inline constexpr Duration query_space_when_full = std::chrono::milliseconds{225};
/// On a slow line there is not even that. A query that has waited for so long goes out where the heartbeats'
/// bound allows it.
inline constexpr Duration query_patience = std::chrono::seconds{10};
/// Ratings that wall connectors of the second generation can have (docs/protocol.md 2).
inline constexpr Centiamps least_rating{600};
inline constexpr Centiamps greatest_rating{8000};

class Master {
  public:
    /// The port counts as closed. Of more than three known units three are addressed; the others need their
    /// linkready.
    explicit Master(MasterSettings);

    // What the world did.
    void handle_bytes(std::span<const std::uint8_t>, TimePoint now);
    void handle_timeout(TimePoint now);
    /// The port was opened (again): half-received frames are forgotten, heartbeats resume after opening_time.
    void handle_open(TimePoint now);
    /// The port is gone: nothing is transmitted until handle_open, contactor commands are forgotten.
    void handle_closed(TimePoint now);

    // What the bridge wants. Unknown ids are ignored.
    /// With Wish::Kind::silence nothing is sent to the unit; it stays online, with what it said last.
    /// Contactor commands that wait are forgotten, later ones wait for its end.
    void set_wish(TwcId, Wish, Urgency);
    /// FC B1 or FC B2, once, in the first gap; a later command to the same unit replaces one that has not
    /// gone out. Ignored for a unit that is not online, or of protocol 1, which has no such command.
    void send_contactor(TwcId, bool close);
    /// The car was plugged in: what is known of a VIN is forgotten, and asked for again.
    void ask_vin(TwcId);

    // What the caller must do now.
    /// Bytes to write to the line, in one piece; nothing while a reply is due or a frame is on the line.
    [[nodiscard]] std::optional<std::vector<std::uint8_t>> poll_transmit(TimePoint now);
    [[nodiscard]] std::optional<Event> poll_event();
    /// TimePoint::max() when there is nothing to wait for.
    [[nodiscard]] TimePoint next_deadline() const;

    // What is known.
    [[nodiscard]] const Unit* unit(TwcId) const;
    /// All units of this run, also known ones that have not answered and lost ones.
    [[nodiscard]] std::vector<TwcId> units() const;
    [[nodiscard]] const BusCounters& counters() const { return counters_; }
    /// Last frame with a right checksum from anybody but us; for "nothing valid heard for 60 s".
    [[nodiscard]] std::optional<TimePoint> valid_frame_heard() const { return valid_frame_heard_; }

  private:
    // A contactor command that has not gone out.
    struct Contactor {
        bool close = false;
        bool waited = false;  // behind an out-of-turn heartbeat: not behind a second one
    };
    // A unit and our dealings with it.
    struct Slave {
        Unit unit;
        Wish wish;
        bool addressed = false;                      // gets heartbeats; when we only observe: is followed
        TimePoint alive;                             // last answer, or when we began to address it
        std::optional<SlaveHeartbeat> first_answer;  // until a second one makes it online
        std::optional<TimePoint> heartbeat_sent;
        TimePoint turn;                        // of the next heartbeat, while addressed
        std::optional<Wish> wish_sent;         // with the last heartbeat
        std::optional<Wish> wish_sent_before;  // with the one before
        Haste haste = Haste::none;
        Haste haste_sent = Haste::none;  // of the last heartbeat
        std::optional<Contactor> contactor;
        Questions questions;
        VinParts vin_parts;
        MeterBelief meter_belief;
        Twins twins;
        bool unasked = false;  // after a silence, until its first heartbeat

        [[nodiscard]] bool in_silence() const { return wish.kind == Wish::Kind::silence; }
        [[nodiscard]] bool owes_answers() const { return addressed && !in_silence() && !unasked; }
    };
    // What we wait for after a frame of ours: this report of this unit.
    struct Awaited {
        TwcId from;
        std::uint8_t code = 0;
        std::optional<Wish> wish;          // of a heartbeat
        std::optional<Question> question;  // of a query
    };
    // When a message was heard, and what it answers.
    struct Hearing {
        TimePoint now;
        std::optional<Awaited> answered;
    };
    // What can go out in a gap.
    struct Heartbeat {
        TwcId to;
    };
    struct Announce {};
    using Task = std::variant<Heartbeat, ContactorCommand, Query, Announce>;
    struct Outgoing {
        Body body;
        Duration listen;
    };

    void advance(TimePoint now);
    void give_up_waiting(TimePoint now);
    void lose_silent_units(TimePoint now);
    void address(Slave&, TimePoint now);
    void begin_rounds(TimePoint now);
    [[nodiscard]] std::size_t addressed_count() const;
    Slave* find(TwcId);
    template <class Fact>
    void set_fact(TwcId, std::optional<Fact>& fact, const Fact& told);

    void handle_body(const Body&, TimePoint now);
    void reject(DecodeError);
    [[nodiscard]] std::optional<Awaited> take_awaited(const Body&, TimePoint now);
    void follow(TwcId, Protocol, TimePoint now);
    void on(const SlaveLinkReady&, const Hearing&);
    void on(const SlaveHeartbeat&, const Hearing&);
    void on(const MeterReport&, const Hearing&);
    void on(const FirmwareReport&, const Hearing&);
    void on(const SerialReport&, const Hearing&);
    void on(const VinReport&, const Hearing&);
    void on(const MasterLinkReady&, const Hearing&);
    void on(const MasterHeartbeat&, const Hearing&);
    void on(const ContactorReply&, const Hearing&);
    // Tell us nothing more than that they came.
    void on(const Query&, const Hearing&) {}
    void on(const ContactorCommand&, const Hearing&) {}
    void on(const MasterIdle&, const Hearing&) {}
    void on(const OldQuery&, const Hearing&) {}
    void on(const OldTextReport&, const Hearing&) {}
    void on(const OldFirmwareReport&, const Hearing&) {}
    void on(const PlugQuery&, const Hearing&) {}
    void on(const PlugReport&, const Hearing&) {}
    void on(const Unknown&, const Hearing&) {}

    bool meet(Slave&, const SlaveHeartbeat&, TimePoint now);
    [[nodiscard]] std::optional<Wish> answered_wish(const Slave&, TwcId to, const Hearing&) const;
    [[nodiscard]] Turns turns() const;
    [[nodiscard]] TimePoint find_deadline() const;
    [[nodiscard]] std::optional<Task> choose(std::span<const Turn>, TimePoint when) const;
    [[nodiscard]] std::optional<Task> choose_command(std::span<const Turn>) const;
    [[nodiscard]] std::optional<Query> choose_query(std::span<const Turn>, TimePoint when) const;
    Outgoing perform(const Heartbeat&, TimePoint now);
    Outgoing perform(const ContactorCommand&, TimePoint now);
    Outgoing perform(const Query&, TimePoint now);
    Outgoing perform(const Announce&, TimePoint now);

    MasterSettings settings_;
    Line line_;
    Announcement announcement_;
    std::map<TwcId, Slave> slaves_;
    std::optional<Awaited> awaited_;
    std::optional<TimePoint> query_sent_;
    std::optional<SlaveLinkReady> last_ready_;  // without its sign; some of it is believed when repeated
    std::deque<Event> events_;
    BusCounters counters_;
    std::optional<TimePoint> valid_frame_heard_;
    TimePoint latest_;                           // the last moment we were told of
    mutable std::optional<TimePoint> deadline_;  // until something happens; asked for after every byte
};

}  // namespace twc

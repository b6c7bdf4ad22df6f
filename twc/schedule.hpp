// Whose heartbeat is next, and whether anything else still fits in before it.
//
// Each unit has its turn in a round, at the same place of every round, so that heartbeats keep their rhythm
// whatever else is said: commands come in addition, and a question goes into what the turns leave of a round.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace twc {

/// Between two heartbeats to the same unit (docs/protocol.md 2), where the line has time for a question too.
inline constexpr Duration heartbeat_interval = std::chrono::milliseconds{1000};
/// What an exchange takes of the line: 19 bytes, the answer 0.175 s later, its 18 to 22 bytes, and silence.
inline constexpr Duration usual_exchange = std::chrono::milliseconds{259};
/// The most there may be between them as long as replies come in their window.
inline constexpr Duration heartbeat_bound = std::chrono::milliseconds{1500};
/// The longest that one exchange takes as long as answers come in their window: 20 bytes, an answer at the
/// end of the window, and silence.
inline constexpr Duration longest_exchange = std::chrono::milliseconds{350};

/// More than the next regular heartbeat: the last one was not answered, a wish changed out of turn, or the
/// unit has just linked.
enum class Haste : std::uint8_t { none, repeated, raised, lowered };

/// What the order of heartbeats needs to know of one unit.
struct Turn {
    TwcId id;
    std::optional<TimePoint> sent;  ///< the last heartbeat to it
    TimePoint due;                  ///< its turn in this round
    Haste haste = Haste::none;
};

/// The most slaves one bus carries (docs/protocol.md 4).
inline constexpr std::size_t most_units = 3;

/// The units of one bus, oldest first. Asked for after every byte: it needs no memory but its own.
class Turns {
  public:
    void add(const Turn&);
    operator std::span<const Turn>() const { return {turns_.data(), count_}; }

  private:
    std::array<Turn, most_units> turns_;
    std::size_t count_ = 0;
};

/// How long a round with so many units is, from one turn of a unit to its next: an exchange for each, and one
/// for a question.
Duration round_time(std::size_t units);
/// From one unit's turn to the next one's; behind the last turn as much remains.
Duration turn_time(std::size_t units);
/// The turn that follows `due` when a heartbeat goes out now. The same one when it has not come yet, unless
/// hardly an exchange would fit in before it.
TimePoint turn_after(TimePoint due, TimePoint now, std::size_t units);
/// Whose turn is the next; nullptr without units.
const Turn* next_turn(std::span<const Turn>);
/// The one in haste: lowered before raised, then the oldest.
const Turn* most_hasty(std::span<const Turn>);
/// True when an exchange of the longest kind may begin at `when`, and the other units, which must be given
/// oldest first, still get their heartbeats within the bound even if every reply times out. `served` gets its
/// own by that exchange.
bool leaves_time(std::span<const Turn> oldest_first, TimePoint when, std::optional<TwcId> served);

}  // namespace twc

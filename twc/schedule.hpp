// Whose heartbeat is next, and whether anything else still fits in before it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace twc {

/// Between two heartbeats to the same unit (protocol.md 7, 11.3).
inline constexpr Duration heartbeat_interval = std::chrono::milliseconds{1000};
/// The most there may be between them as long as replies come in their window.
inline constexpr Duration heartbeat_bound = std::chrono::milliseconds{1500};
/// The longest that one exchange can take: 35 bytes with every one of them escaped, an unanswered
/// reply window, the silence after it, and a late timer.
inline constexpr Duration longest_exchange = std::chrono::milliseconds{380};

/// More than the next regular heartbeat: the last one was not answered, a wish changed out of turn, or the
/// unit has just linked.
enum class Haste : std::uint8_t { none, repeated, raised, lowered };

/// What the order of heartbeats needs to know of one unit.
struct Turn {
    TwcId id;
    std::optional<TimePoint> sent;  ///< the last heartbeat to it; nothing: due at once
    Haste haste = Haste::none;
};

/// The most slaves one bus carries (protocol.md 6).
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

/// When the next heartbeat is due, which is for the first of these; nothing without units. Evenly spread
/// over the interval, for a command waits for one exchange and never for a row of them.
std::optional<TimePoint> next_due(std::span<const Turn> oldest_first);
/// The one in haste: lowered before raised, then the oldest.
const Turn* most_hasty(std::span<const Turn>);
/// True when an exchange of the longest kind may begin at `when`, and the other units, which must be given
/// oldest first, still get their heartbeats within the bound even if every reply times out. `served` gets its
/// own by that exchange.
bool leaves_time(std::span<const Turn> oldest_first, TimePoint when, std::optional<TwcId> served);

}  // namespace twc

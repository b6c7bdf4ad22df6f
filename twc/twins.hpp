// Two units that share one id: how that shows on the line.
//
// The id is the end of the serial number, so that two units can have the same one (docs/protocol.md 4).
// Nobody has reported what happens then; both must answer every heartbeat, and both take every limit.
#pragma once

#include <cstdint>
#include <optional>

#include "twc/time.hpp"

namespace twc {

/// What is heard of one id.
class Twins {
  public:
    /// A linkready with this sign. True when two signs come by turns: a restart brings a new sign and never
    /// an old one back.
    bool announced(std::uint8_t sign);
    /// The heartbeat was answered in its window.
    void answered(TimePoint now);
    /// It was not, so that another answer may be a late one.
    void unanswered() { answers_ = 0; }
    /// One more answer that nobody asked for. True when such ones followed right after the first, three times
    /// within a minute.
    bool answered_again(TimePoint now);

  private:
    std::optional<std::uint8_t> sign_;
    std::optional<std::uint8_t> sign_before_;
    int returns_ = 0;
    int answers_ = 0;  // to heartbeats in a row
    std::optional<TimePoint> answered_;
    std::optional<TimePoint> doubled_since_;
    int doubled_ = 0;
};

}  // namespace twc

// The main fuse as a ceiling: falls at once with what the meter says, rises only when the headroom has
// lasted.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

class FuseCeiling {
  public:
    /// `headroom`: what the fuse leaves now; nothing when the meter is silent, then what was measured before
    /// is forgotten.
    void observe(std::optional<twc::Centiamps> headroom, twc::TimePoint now) {
        if (!headroom) {
            samples_.clear();
            return;
        }
        while (!samples_.empty() && samples_.back().headroom >= *headroom) samples_.pop_back();
        samples_.push_back({now, *headroom});
        while (samples_.front().when < now - hold) samples_.pop_front();
    }
    /// The least headroom of the last 30 s; nothing without a meter.
    [[nodiscard]] std::optional<twc::Centiamps> ceiling() const {
        if (samples_.empty()) return std::nullopt;
        return samples_.front().headroom;
    }

  private:
    static constexpr twc::Duration hold = std::chrono::seconds{30};  // docs/control.md 2
    struct Sample {
        twc::TimePoint when;
        twc::Centiamps headroom;
    };
    std::deque<Sample> samples_;  // rising: each is the least from its moment on
};

}  // namespace bridge

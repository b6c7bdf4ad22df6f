// Heartbeats withheld from one unit: how long, and how often a car bears it.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "twc/time.hpp"

namespace bridge {

/// A Tesla bears about three losses of the master under one plug, then it refuses to charge (docs/protocol.md
/// 3).
inline constexpr int most_silences = 3;
/// For want of sun at most this often, unless the owner says otherwise (docs/control.md 3).
inline constexpr int most_rough_stops = 2;

class Silence {
  public:
    void begin(twc::TimePoint now) { until_ = now + length; }
    void end() { until_.reset(); }
    [[nodiscard]] bool begun() const { return until_.has_value(); }
    /// True when it was over by `now`, or never began.
    [[nodiscard]] bool over(twc::TimePoint now) const { return !until_ || now >= *until_; }
    /// Heartbeats have been back for long enough to tell what flows.
    [[nodiscard]] bool answered(twc::TimePoint now) const {
        return until_ && now >= *until_ + time_to_answer;
    }

  private:
    // A unit stops its car 20 to 30 s after the last heartbeat that it heard (docs/protocol.md 4), which may
    // not have been the last that was sent.
    static constexpr twc::Duration length = std::chrono::seconds{40};
    static constexpr twc::Duration time_to_answer = std::chrono::seconds{8};

    std::optional<twc::TimePoint> until_;
};

}  // namespace bridge

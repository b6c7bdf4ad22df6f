// When everything is announced again because Home Assistant says that it has started: soon, but ever more
// seldom while it goes on saying so.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "twc/time.hpp"

namespace bridge {

class Births {
  public:
    /// A birth, to be answered in a moment. Those until then, and those within five seconds, are one: it says
    /// so again when it has lost its broker for a moment.
    void heard(twc::TimePoint now, twc::Duration moment) {
        if (heard_ && now - *heard_ >= quiet) pause_ = {};
        heard_ = now;
        if (due_ || (begun_ && now - *begun_ < shortest_pause)) return;
        begun_ = now;
        due_ = now + moment;
        if (told_) due_ = std::max(*due_, *told_ + pause_);
    }
    /// When everything is to be told.
    [[nodiscard]] std::optional<twc::TimePoint> due() const { return due_; }
    void told(twc::TimePoint now) {
        due_.reset();
        told_ = now;
        pause_ = std::clamp(2 * pause_, shortest_pause, longest_pause);
    }

  private:
    static constexpr twc::Duration shortest_pause = std::chrono::seconds{5};
    static constexpr twc::Duration longest_pause = std::chrono::seconds{60};
    static constexpr twc::Duration quiet = std::chrono::seconds{60};

    std::optional<twc::TimePoint> heard_;
    std::optional<twc::TimePoint> begun_;  // the first of those that are one
    std::optional<twc::TimePoint> due_;
    std::optional<twc::TimePoint> told_;
    twc::Duration pause_{};
};

}  // namespace bridge

// One unit's contactor: when it is told to open or to close, and when once more.
#pragma once

#include <chrono>
#include <optional>

#include "twc/time.hpp"

namespace bridge {

class Contactor {
  public:
    /// `open`: an earlier run opened it and has not seen it closed.
    explicit Contactor(bool open) : open_{open} {}

    /// It is told to open now.
    void open(twc::TimePoint now) {
        open_ = true;
        sent_ = now;
    }
    /// Current flows on although it was told to open: the command was lost, for it opens at once
    /// (docs/protocol.md 2).
    [[nodiscard]] bool missed_command(twc::TimePoint now) const {
        return sent_ && now - *sent_ >= opens_within;
    }
    /// We opened it for this car, which asks to start again: not to be told with every heartbeat.
    [[nodiscard]] bool may_be_told_again(twc::TimePoint now) const {
        return open_ && sent_ && now - *sent_ >= repetition;
    }

    /// To be called while the car may charge; `anew`: since this moment. True: it is to be told to close now.
    /// Repeated until closed() or until current flows; old firmware may never confirm, so not for ever.
    bool closes(bool drawing, bool anew, twc::TimePoint now) {
        // Right after a command to it what flows is what flowed before.
        const bool settled = !sent_ || now - *sent_ >= opens_within;
        if (anew) {
            sent_.reset();
            closings_ = 0;
        }
        if ((drawing && settled) || closings_ >= most_closings) open_ = false;
        const bool waiting = sent_ && now - *sent_ < repetition;
        if (!open_ || waiting) return false;
        sent_ = now;
        ++closings_;
        return true;
    }
    /// The unit has confirmed FC B1.
    void closed() { open_ = false; }
    /// What it was told was for another car.
    void vehicle_left() { sent_.reset(); }

    /// We opened it and have not seen it closed again.
    [[nodiscard]] bool is_open() const { return open_; }

  private:
    static constexpr twc::Duration opens_within = std::chrono::seconds{3};
    static constexpr twc::Duration repetition = std::chrono::seconds{10};
    static constexpr int most_closings = 6;

    bool open_;
    std::optional<twc::TimePoint> sent_;  // the last command to it for this car
    int closings_ = 0;                    // commands to close it without an answer
};

}  // namespace bridge

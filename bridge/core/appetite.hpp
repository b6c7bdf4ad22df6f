// What a car makes of its offers: how much less it draws, what it draws at the minimum, and when it wants no
// more (docs/control.md 1).
#pragma once

#include <optional>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

class Appetite {
  public:
    /// What one second showed.
    struct Sample {
        twc::Centiamps offered;  ///< 0: nothing
        twc::Centiamps drawn;
        twc::Centiamps minimum;
        bool follows_surplus = false;
    };
    /// To be called once a second.
    void observe(const Sample&, twc::TimePoint now);

    /// Somebody wants something of it: what it left unused before may be no longer so.
    void forget_limit() {
        wants_.reset();
        takes_.reset();
        unused_since_.reset();
    }

    /// It draws so much less than it is offered while it takes all it may.
    [[nodiscard]] twc::Centiamps offset() const { return twc::Centiamps{offset_ / parts}; }
    /// What it draws when it is offered the minimum.
    [[nodiscard]] twc::Centiamps drawn_at(twc::Centiamps minimum) const;
    /// It leaves more of its offer unused than it can explain: an offer above this is wasted on it.
    [[nodiscard]] std::optional<twc::Centiamps> wants() const { return wants_; }
    /// What it draws of that.
    [[nodiscard]] std::optional<twc::Centiamps> takes() const { return takes_; }

  private:
    static constexpr std::int64_t parts = 64;  // of 0.01 A, so that slow learning is not rounded away

    void learn(const Sample&, twc::Centiamps gap);
    void limit(const Sample&, twc::TimePoint now);

    std::int64_t offset_ = 40 * parts;
    std::optional<std::int64_t> at_minimum_;
    twc::Centiamps settling_;  // the offer that the car is settling at
    std::optional<twc::TimePoint> settling_since_;
    std::optional<twc::TimePoint> unused_since_;
    twc::Centiamps drawn_then_;
    std::optional<twc::Centiamps> wants_;
    std::optional<twc::Centiamps> takes_;
    twc::TimePoint probed_;
};

}  // namespace bridge

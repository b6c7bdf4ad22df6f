// A way around a fault of old cars: raised a little, they fall back to 6 A until they were offered a lot for
// 5 s.
#pragma once

#include <optional>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

/// What such a car must be offered at least, first, when it is raised to `target` (docs/protocol.md 5).
/// Nothing when `target` is enough itself, or when the ceilings leave no more than `most`: less than the
/// threshold helps not. A multiple of `step`, as all offers are.
std::optional<twc::Centiamps> spike_before(twc::Centiamps target, twc::Centiamps most,
                                           std::optional<twc::Centiamps> rating, twc::Centiamps step);

/// The spike that one car is getting, if any.
class Spike {
  public:
    /// On the way to `target`.
    void begin(twc::Centiamps target, twc::TimePoint now) { begun_ = {target, now}; }
    void end() { begun_.reset(); }
    /// True until the car has had it for long enough, or is meant to get clearly less than it was raised
    /// to: the sun wobbles, and a spike cut short helps not.
    [[nodiscard]] bool lasts(twc::Centiamps target, twc::TimePoint now) const;

  private:
    struct Begun {
        twc::Centiamps target;
        twc::TimePoint at;
    };
    std::optional<Begun> begun_;
};

}  // namespace bridge

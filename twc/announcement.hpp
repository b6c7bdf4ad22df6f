// The start-up burst of a master that knows of no unit.
#pragma once

#include <cstddef>
#include <optional>

#include "twc/time.hpp"

namespace twc {

/// Five FC E1, then two FB E2. Slaves find us without it by their linkready every 6 to 10 s; of FB E2 the
/// first is ignored and the second makes each slave send five of those at once (docs/protocol.md 2), which
/// saves that wait. More would only keep them talking at the same time. FC E1 goes first, as with every
/// master that has been seen.
class Announcement {
  public:
    struct Step {
        int round = 1;    ///< 1: FC E1, 2: FB E2
        Duration listen;  ///< how long the line is left to the slaves afterwards
    };

    void begin(TimePoint now);
    void cancel() { due_.reset(); }

    /// When the next frame of the burst may go out; nothing when there is none.
    [[nodiscard]] std::optional<TimePoint> due() const { return due_; }
    /// The frame that goes out now.
    Step take(TimePoint now);

  private:
    std::size_t sent_ = 0;
    std::optional<TimePoint> due_;
};

}  // namespace twc

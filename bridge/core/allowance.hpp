// So many at once, then one every so often: what others may make us do in a hurry, but not for ever.
#pragma once

#include <algorithm>

#include "twc/time.hpp"

namespace bridge {

class Allowance {
  public:
    /// `at_once` (at least 1) may be taken with no time between them, in the long run one `every` so long.
    constexpr Allowance(int at_once, twc::Duration every) : every_{every}, ahead_{(at_once - 1) * every} {}

    [[nodiscard]] constexpr bool has(twc::TimePoint now) const { return used_until_ <= now + ahead_; }
    constexpr void take(twc::TimePoint now) { used_until_ = std::max(used_until_, now) + every_; }

  private:
    twc::Duration every_;
    twc::Duration ahead_;
    twc::TimePoint used_until_;
};

}  // namespace bridge

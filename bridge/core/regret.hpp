// Adds up what the present choice of running cars costs against one car more and one car fewer, until a
// switch is worth its wear (docs/control.md 1).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

/// Energy in W µs: the exact product of what decisions are made of.
using Energy = std::int64_t;
inline constexpr Energy watt_hour = 3600LL * 1'000'000;

class Regret {
  public:
    /// Until now all was as `expect` was told last, however long that is ago.
    void pass(twc::TimePoint now) {
        const auto elapsed = std::min(now - since_, longest_gap).count();
        more_ = std::clamp<Energy>(more_ + gain_of_more_.count() * elapsed, 0, most);
        fewer_ = std::clamp<Energy>(fewer_ + gain_of_fewer_.count() * elapsed, 0, most);
        since_ = now;
        while (!starts_.empty() && now - starts_.front() >= memory_of_starts) starts_.pop_front();
    }
    /// From now on one car more, or one fewer, would gain this; less than nothing: it would lose.
    void expect(twc::Watts of_more, twc::Watts of_fewer) {
        gain_of_more_ = of_more;
        gain_of_fewer_ = of_fewer;
    }
    void forget_more() { more_ = 0; }
    void forget() {
        more_ = fewer_ = 0;
        gain_of_more_ = gain_of_fewer_ = {};
    }
    void note_start(twc::TimePoint now) { starts_.push_back(now); }

    [[nodiscard]] Energy more() const { return more_; }
    [[nodiscard]] Energy fewer() const { return fewer_; }
    /// A quarter more for each start of the last hour, four at most.
    [[nodiscard]] Energy worth(int switch_wh) const {
        Energy worth = switch_wh * watt_hour;
        for (std::size_t start = 0; start < std::min<std::size_t>(starts_.size(), 4); ++start)
            worth = worth * 5 / 4;
        return worth;
    }

  private:
    static constexpr twc::Duration longest_gap = std::chrono::seconds{10};
    static constexpr twc::Duration memory_of_starts = std::chrono::hours{1};
    static constexpr Energy most = 1'000'000 * watt_hour;

    twc::TimePoint since_;
    twc::Watts gain_of_more_;
    twc::Watts gain_of_fewer_;
    Energy more_ = 0;
    Energy fewer_ = 0;
    std::deque<twc::TimePoint> starts_;
};

}  // namespace bridge

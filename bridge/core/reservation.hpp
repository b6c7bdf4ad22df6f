// How much of the ceilings one charger may be using, whatever has been lost on the way: the upper bound that
// raises respect.
#pragma once

#include "twc/units.hpp"

namespace bridge {

class Reservation {
  public:
    /// A unit that was at work before we started may have any limit up to `unknown` in force; its first
    /// `doubtful` answers confirm nothing.
    explicit Reservation(twc::Centiamps unknown = {}, int doubtful = 0)
        : possible_{unknown}, doubtful_{doubtful} {}

    /// From now on the unit is told this limit (0: none).
    void command(twc::Centiamps limit);
    /// The unit repeats this limit. `answers_command`: in answer to a heartbeat that already carried what
    /// command() said last. A higher limit counts at once, a lower one when it was seen twice in a row,
    /// because an 8-bit checksum can lie once.
    void report(twc::Centiamps in_force, bool answers_command);
    /// It has not answered for so long that its next answer shows what it took.
    void lost() { told_ = {}; }
    /// The unit has been left without heartbeats for so long that it must have stopped; `rest` is what it may
    /// still use.
    void release(twc::Centiamps rest);

    /// No more than this can be in force at the unit.
    [[nodiscard]] twc::Centiamps held() const { return possible_ > commanded_ ? possible_ : commanded_; }
    /// The most of what we told it ourselves and it may have taken since its last two answers alike.
    [[nodiscard]] twc::Centiamps told() const { return told_; }

  private:
    twc::Centiamps commanded_;
    twc::Centiamps possible_;
    twc::Centiamps told_;
    twc::Centiamps repeated_;
    int repetitions_ = 0;
    int doubtful_;
};

}  // namespace bridge

#include "bridge/core/reservation.hpp"

#include <algorithm>
#include <utility>

namespace bridge {

namespace {
constexpr int confirming_repetitions = 2;
}

void Reservation::command(twc::Centiamps limit) {
    if (limit == commanded_) return;
    // What was commanded before may be in force since its last answer, which shows what was in force earlier.
    possible_ = std::max(held(), limit);
    told_ = std::max({told_, commanded_, limit});
    commanded_ = limit;
    repetitions_ = 0;
}

void Reservation::report(twc::Centiamps in_force, bool answers_command) {
    possible_ = std::max(possible_, in_force);
    if (!answers_command || std::exchange(doubtful_, std::max(0, doubtful_ - 1)) > 0) return;
    repetitions_ = in_force == repeated_ ? repetitions_ + 1 : 1;
    repeated_ = in_force;
    if (repetitions_ >= confirming_repetitions) possible_ = told_ = in_force;
}

void Reservation::release(twc::Centiamps rest) {
    possible_ = rest;
    told_ = {};
    repetitions_ = 0;
}

}  // namespace bridge

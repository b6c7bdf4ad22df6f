#include "bridge/core/reservation.hpp"

#include <algorithm>

namespace bridge {

namespace {
constexpr int confirming_repetitions = 2;
}

void Reservation::command(twc::Centiamps limit) {
    if (limit == commanded_) return;
    // What was commanded before may be in force since its last answer, which shows what was in force earlier.
    possible_ = std::max(held(), limit);
    commanded_ = limit;
    repetitions_ = 0;
}

void Reservation::report(twc::Centiamps in_force, bool answers_command) {
    possible_ = std::max(possible_, in_force);
    if (!answers_command) return;
    repetitions_ = in_force == repeated_ ? repetitions_ + 1 : 1;
    repeated_ = in_force;
    if (repetitions_ >= confirming_repetitions) possible_ = in_force;
}

void Reservation::release(twc::Centiamps rest) {
    possible_ = rest;
    repetitions_ = 0;
}

}  // namespace bridge

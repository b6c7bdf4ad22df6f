#include "bridge/core/spike.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using namespace twc::literals;

namespace {

// Thresholds of docs/protocol.md 5, by the rating of the unit.
constexpr Centiamps threshold = 16_A;
constexpr Centiamps threshold_of_large_units = 21_A;
constexpr Centiamps greatest_rating_of_small_units = 32_A;
// The car needs 5 s; a raise waits for its heartbeat, and the unit takes it with that one or the next.
constexpr twc::Duration spike_lasts = 8s;
constexpr Centiamps clearly_less = 1_A;

}  // namespace

std::optional<Centiamps> spike_before(Centiamps target, Centiamps most, std::optional<Centiamps> rating,
                                      Centiamps step) {
    const bool large = rating && *rating > greatest_rating_of_small_units;
    const auto enough = large ? threshold_of_large_units : threshold;
    const auto spike = step * ((enough.count() + step.count() - 1) / step.count());
    if (target >= enough || most < spike) return std::nullopt;
    return spike;
}

bool Spike::lasts(Centiamps target, twc::TimePoint now) const {
    return begun_ && target + clearly_less >= begun_->target && now - begun_->at < spike_lasts;
}

}  // namespace bridge

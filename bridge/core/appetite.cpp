#include "bridge/core/appetite.hpp"

#include <algorithm>

#include "twc/unit.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

// Control.md 4.5 and 4.6.
constexpr Centiamps same_offer{30};  // a smaller change does not disturb what is being observed
constexpr twc::Duration time_to_settle = 8s;
constexpr Centiamps unexplained{200};       // a larger gap is the car's own limit
constexpr twc::Duration time_unused = 20s;  // … when it has lasted for so long
constexpr Centiamps most_offset{120};
constexpr Centiamps noise{50};         // a car that draws more than it may teaches nothing
constexpr Centiamps room_to_show{50};  // above what a limited car takes, so that it can take more
constexpr Centiamps least_to_show{100};
constexpr Centiamps takes_all{20};  // a gap beyond the offset that still counts as taking everything
constexpr Centiamps probe{200};
constexpr twc::Duration between_probes = 300s;
constexpr Centiamps usual_gap_at_minimum{80};
constexpr std::int64_t slowness = 5;

}  // namespace

void Appetite::observe(const Sample& sample, TimePoint now) {
    const auto change = sample.offered > settling_ ? sample.offered - settling_ : settling_ - sample.offered;
    if (change > same_offer || !settling_since_) {
        settling_since_ = now;
        settling_ = sample.offered;
    }
    const bool settled = now - *settling_since_ > time_to_settle;
    if (sample.offered == Centiamps{} || sample.drawn < twc::charging_current || !settled) {
        if (sample.offered == Centiamps{}) unused_since_.reset();
        return;
    }
    const auto gap = sample.offered - sample.drawn;
    if (gap > std::max(unexplained, offset() + room_to_show + takes_all)) {
        // A car that is still on its way up has not shown what it wants.
        if (!unused_since_ || sample.drawn > drawn_then_ + same_offer) {
            unused_since_ = now;
            drawn_then_ = sample.drawn;
        }
        if (now - *unused_since_ >= time_unused) limit(sample, now);
        return;
    }
    unused_since_.reset();
    if (wants_ && (gap <= offset() + takes_all || now - probed_ >= between_probes)) {
        *wants_ += probe;
        *takes_ += probe;
        probed_ = now;
    }
    if (!wants_ && gap > -noise) learn(sample, gap);
}

void Appetite::learn(const Sample& sample, Centiamps gap) {
    const auto towards = [](std::int64_t& value, Centiamps seen) {
        value += (seen.count() * parts - value) / slowness;
    };
    if (sample.offered == sample.minimum) {
        if (!at_minimum_) at_minimum_ = sample.drawn.count() * parts;
        towards(*at_minimum_, sample.drawn);
    }
    if (sample.follows_surplus) towards(offset_, std::clamp(gap, Centiamps{}, most_offset));
}

void Appetite::limit(const Sample& sample, TimePoint now) {
    takes_ = std::max(sample.drawn, drawn_at(sample.minimum));
    wants_ = std::max(sample.drawn + std::max(least_to_show, offset() + room_to_show), sample.minimum);
    probed_ = now;
    unused_since_.reset();
}

Centiamps Appetite::drawn_at(Centiamps minimum) const {
    if (!at_minimum_) return minimum - usual_gap_at_minimum;
    return std::min(Centiamps{*at_minimum_ / parts}, minimum);
}

}  // namespace bridge

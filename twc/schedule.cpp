// Pure functions of when each unit had its last heartbeat.
#include "twc/schedule.hpp"

#include <algorithm>
#include <utility>

namespace twc {

namespace {

// std::nullopt is less than any moment: a unit without a heartbeat is the oldest.
bool older(const Turn& a, const Turn& b) { return a.sent < b.sent; }

}  // namespace

void Turns::add(const Turn& turn) {
    turns_.at(count_) = turn;
    ++count_;
    for (auto i = count_ - 1; i > 0 && older(turns_[i], turns_[i - 1]); --i)
        std::swap(turns_[i], turns_[i - 1]);
}

std::optional<TimePoint> next_due(std::span<const Turn> oldest_first) {
    if (oldest_first.empty()) return std::nullopt;
    const auto& first = oldest_first.front().sent;
    if (!first) return TimePoint::min();
    const auto share = heartbeat_interval / static_cast<Duration::rep>(oldest_first.size());
    return std::min(*first + heartbeat_interval, *oldest_first.back().sent + share);
}

const Turn* most_hasty(std::span<const Turn> turns) {
    const auto found = std::ranges::max_element(turns, [](const Turn& a, const Turn& b) {
        return a.haste != b.haste ? a.haste < b.haste : older(b, a);
    });
    return found == turns.end() || found->haste == Haste::none ? nullptr : &*found;
}

bool leaves_time(std::span<const Turn> oldest_first, TimePoint when, std::optional<TwcId> served) {
    TimePoint next = when + longest_exchange;
    for (const Turn& turn : oldest_first) {
        if (turn.id == served) continue;
        if (!turn.sent || next > *turn.sent + heartbeat_bound) return false;
        next += longest_exchange;
    }
    return true;
}

}  // namespace twc

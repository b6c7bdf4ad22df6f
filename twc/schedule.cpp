// Pure functions of when each unit had its last heartbeat.
#include "twc/schedule.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace twc {

namespace {

// std::nullopt is less than any moment: a unit without a heartbeat is the oldest.
bool older(const Turn& a, const Turn& b) { return a.sent < b.sent; }

}  // namespace

TimePoint due_at(const Turn& turn) { return turn.sent ? *turn.sent + heartbeat_interval : TimePoint::min(); }

const Turn* oldest(std::span<const Turn> turns) {
    const auto found = std::ranges::min_element(turns, older);
    return found == turns.end() ? nullptr : &*found;
}

const Turn* most_hasty(std::span<const Turn> turns) {
    const auto found = std::ranges::max_element(turns, [](const Turn& a, const Turn& b) {
        return a.haste != b.haste ? a.haste < b.haste : older(b, a);
    });
    return found == turns.end() || found->haste == Haste::none ? nullptr : &*found;
}

bool leaves_time(std::span<const Turn> turns, TimePoint when, std::optional<TwcId> served) {
    std::vector<Turn> waiting;
    std::ranges::copy_if(turns, std::back_inserter(waiting),
                         [&](const Turn& turn) { return turn.id != served; });
    std::ranges::sort(waiting, older);
    TimePoint next = when + longest_exchange;
    for (const Turn& turn : waiting) {
        if (!turn.sent || next > *turn.sent + heartbeat_bound) return false;
        next += longest_exchange;
    }
    return true;
}

}  // namespace twc

// Pure functions of when each unit had its last heartbeat and has its next turn.
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

Duration round_time(std::size_t units) {
    return std::max(heartbeat_interval, usual_exchange * static_cast<Duration::rep>(units + 1));
}

Duration turn_time(std::size_t units) { return round_time(units) / static_cast<Duration::rep>(units + 1); }

TimePoint turn_after(TimePoint due, TimePoint now, std::size_t units) {
    if (due > now + usual_exchange) return due;
    const auto round = round_time(units);
    const auto missed = due < now ? (now - due) / round : 0;
    return due + round * (missed + 1);
}

const Turn* next_turn(std::span<const Turn> turns) {
    const auto next = std::ranges::min_element(turns, {}, &Turn::due);
    return next == turns.end() ? nullptr : &*next;
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

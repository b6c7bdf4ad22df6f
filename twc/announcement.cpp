// The rhythm of the start-up burst.
#include "twc/announcement.hpp"

namespace twc {

namespace {

constexpr std::size_t first_rounds = 5;   // as common software masters send
constexpr std::size_t second_rounds = 2;  // the second is the one that is answered (docs/protocol.md 2)
constexpr Duration first_round_interval = std::chrono::milliseconds{100};
constexpr Duration second_round_listen = std::chrono::milliseconds{600};  // docs/protocol.md 2

}  // namespace

void Announcement::begin(TimePoint now) {
    sent_ = 0;
    due_ = now;
}

Announcement::Step Announcement::take(TimePoint now) {
    const bool first_round = sent_ < first_rounds;
    ++sent_;
    due_ = now + (first_round ? first_round_interval : second_round_listen);
    if (sent_ == first_rounds + second_rounds) due_.reset();
    return first_round ? Step{.round = 1, .listen = Duration::zero()}
                       : Step{.round = 2, .listen = second_round_listen};
}

}  // namespace twc

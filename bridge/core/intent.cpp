// What shall hold for one charger, once everybody who has a say in it was heard.
#include "bridge/core/intent.hpp"

namespace bridge {

using config::Mode;

namespace {

constexpr std::int64_t tenth = 10;  // 0.01 kWh; finer would be a new sentence every few seconds

std::int64_t tenths(std::int64_t energy) { return (energy + tenth - 1) / tenth; }

void set_mode(Intent& intent, const Wishes& wishes) {
    intent.mode = wishes.own_mode.value_or(wishes.site_mode);
    if (wishes.site_mode == Mode::off || wishes.own_mode == Mode::off) {
        intent.mode = Mode::off;
    } else if (wishes.boost.on()) {
        intent.mode = Mode::fast;
        intent.because = {.kind = Because::Kind::boost,
                          .minutes = wishes.boost.minutes,
                          .energy = tenths(wishes.boost.energy_left(wishes.counter))};
    } else if (wishes.clock_missing) {
        intent.because = {.kind = Because::Kind::clock_missing};
    } else if (wishes.scheduled.mode) {
        intent.mode = *wishes.scheduled.mode;
        intent.because = {.kind = Because::Kind::schedule,
                          .minutes = static_cast<int>(wishes.scheduled.until.count())};
    }
}

}  // namespace

Intent weigh(const Wishes& wishes) {
    Intent intent;
    set_mode(intent, wishes);
    if (wishes.scheduled.limit) intent.ceiling = Ceiling{*wishes.scheduled.limit, "the schedule"};
    return intent;
}

}  // namespace bridge

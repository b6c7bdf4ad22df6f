// What each charger shall do now, before any plan: boost, schedule and modes weighed once, for all that
// follows.
#include <algorithm>

#include "bridge/core/controller.hpp"
#include "bridge/core/intent.hpp"
#include "bridge/core/schedule.hpp"

namespace bridge {

using twc::TimePoint;

void Controller::handle_wall_clock(Moment now) {
    wall_clock_ = now >= earliest_credible ? std::optional{now} : std::nullopt;
    refresh_windows();
}

void Controller::refresh_windows() {
    open_windows_.clear();
    if (wall_clock_ && settings_.schedule_active)
        open_windows_ = open_windows(schedule(), calendar_, *wall_clock_);
}

bool Controller::clock_missing() const {
    return !wall_clock_ && settings_.schedule_active && !schedule().empty();
}

void Controller::weigh_intents(TimePoint now) {
    for (const auto& charger : chargers_) weigh_intent(*charger, now);
}

void Controller::weigh_intent(Charger& charger, TimePoint now) {
    auto& settings = charger.settings;
    const auto boost = charger.boost_timer.pass(settings.boost, settings.energy, now);
    if (std::exchange(settings.boost, boost) != boost) changes_.settings = true;

    Wishes wishes;
    wishes.site_mode = settings_.mode.value_or(config_.mode);
    wishes.own_mode = settings.mode;
    wishes.clock_missing = clock_missing();
    wishes.scheduled =
        scheduled_for(open_windows_, charger.key(), charger.options().name.value_or(std::string{}));
    wishes.boost = boost;
    wishes.counter = settings.energy;
    auto intent = weigh(wishes);
    // Of a charger that cannot charge there is something more important to say.
    const bool may =
        charger.online() && charger.vehicle_connected() && settings.charge && !charger.has_twin();
    if (!may || observe_) intent.because = {};
    if (std::exchange(charger.intent, intent) != intent) mark(charger);
}

}  // namespace bridge

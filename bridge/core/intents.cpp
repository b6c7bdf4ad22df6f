// What each charger shall do now, before any plan: boost, schedule and modes weighed once, for all that
// follows.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "bridge/core/controller.hpp"
#include "bridge/core/intent.hpp"
#include "bridge/core/schedule.hpp"
#include "mqtt/values.hpp"

namespace bridge {

using twc::Centiamps;
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
    const bool schedule_waits = settings_.schedule_active && !schedule().empty();
    const auto waits = [](const auto& charger) { return charger->settings.target.until.has_value(); };
    return !wall_clock_ && (schedule_waits || std::ranges::any_of(chargers_, waits));
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
    wishes.target = pursue_target(charger);
    wishes.admission = admit(charger, now);
    auto intent = weigh(wishes);
    // Of a charger that cannot charge there is something more important to say.
    const bool may = charger.online() && charger.vehicle_connected() && settings.charge &&
                     !charger.has_twin() && !intent.refusal;
    if (!may || observe_) intent.because = {};
    const auto waits = [](const Intent& of) {
        return of.refusal && of.refusal->kind == Reason::Kind::guest_waits;
    };
    if (waits(intent) && !waits(charger.intent)) tell(charger, {Happening::guest_waiting});
    if (std::exchange(charger.intent, intent) != intent) mark(charger);
}

Admission Controller::admit(const Charger& charger, TimePoint now) const {
    if (!charger.vehicle_connected()) return {};
    auto admission = admission_of(config_, charger.options(), charger.identity(now));
    // After a restart a car goes on until it is known who it is.
    const bool goes_on = charger.offered() > Centiamps{};
    if (goes_on && admission.refusal && admission.refusal->kind == Reason::Kind::vin_awaited)
        admission.refusal.reset();
    return admission;
}

std::optional<TargetState> Controller::pursue_target(Charger& charger) {
    auto& settings = charger.settings;
    auto& target = settings.target;
    if (!target.until) return std::nullopt;
    const auto before = target;
    const auto time_of_day = settings.target_time.value_or(default_target_time);
    if (wall_clock_) {
        // Also when the clock has been set back: never later than the next such time.
        const auto next = calendar_.next(time_of_day, *wall_clock_);
        target.deadline = std::min(target.deadline.value_or(next), next);
    }
    TargetState state{.left = target.energy_left(settings.energy), .by = time_of_day};
    const bool over = wall_clock_ && target.deadline && *wall_clock_ >= *target.deadline;
    if (state.left == 0 || over) {
        if (state.left == 0)
            spdlog::info("{}: target reached", charger.key());
        else
            spdlog::info("{}: target missed by {} kWh", charger.key(), broker::hundredths(state.left));
        target = {};
    } else if (wall_clock_ && charger.vehicle_connected()) {
        const auto time = *target.deadline - *wall_clock_;
        const auto available = available_for_target(charger);
        target.pressing = is_pressing(target.pressing, state.left, available, time);
        state.missing = missing_energy(state.left, available, time);
    }
    state.pressing = target.pressing;
    if (target != before) changes_.settings = true;
    if (!target.until || !wall_clock_) return std::nullopt;
    return state;
}

// What it would get if it charged with all it may have: cars with a target share equally, those that charge
// in any case keep what they draw, those that follow the sun keep their minimum.
twc::Watts Controller::available_for_target(const Charger& charger) const {
    auto site = ceiling().amps;
    auto bus = buses_[charger.bus()].wiring_max.value_or(site);
    std::int64_t sharing = 1;
    std::int64_t sharing_bus = 1;
    for (const auto& other : chargers_) {
        if (other.get() == &charger || !other->vehicle_connected()) continue;
        const bool same_bus = other->bus() == charger.bus();
        if (other->settings.target.until) {
            ++sharing;
            if (same_bus) ++sharing_bus;
        } else if (other->offered() > Centiamps{} || other->drawing()) {
            const bool fast = other->intent.mode == config::Mode::fast;
            const auto keeps = fast ? std::max(other->drawn(), other->minimum()) : other->minimum();
            site -= keeps;
            if (same_bus) bus -= keeps;
        }
    }
    auto amps = std::min({charger.ceiling().amps, site / sharing, bus / sharing_bus});
    if (fuse_blind()) amps = std::min(amps, charger.minimum());
    if (amps < charger.minimum()) return twc::Watts{};
    if (const auto takes = charger.appetite().takes()) amps = std::min(amps, *takes);
    return twc::Watts{amps.count() * charger.electrics().volts.count() / 100};
}

}  // namespace bridge

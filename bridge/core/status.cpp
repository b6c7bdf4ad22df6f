// Lines for people: what limits the offers, said once at start, and how things stand, on change and at most
// every 10 s.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "bridge/core/bridge.hpp"
#include "bridge/core/ceilings.hpp"
#include "config/schedule.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr twc::Duration status_pause = 10s;
constexpr twc::Duration lasting = 5s;  // a reason that passes sooner is not worth a line

std::string tenths(Centiamps amps) {
    return std::to_string(amps.count() / 100) + "." + std::to_string(amps.count() / 10 % 10);
}

}  // namespace

void Bridge::log_start() const {
    for (const auto& sentence : describe_ceilings(config_)) spdlog::info("{}", sentence);
    const auto& schedule = settings().schedule;
    if (const auto* nobodys = schedule ? config::window_of_nobody(*schedule, config_) : nullptr)
        spdlog::warn("the schedule set by command has a line for {}, which is no charger's id or name: {}",
                     *nobodys->charger, nobodys->text);
    if (options_.observe) spdlog::info("observing: nothing is transmitted on the bus");
}

void Bridge::log_staleness(TimePoint now) {
    const auto& picture = controller_.picture();
    const bool too_early = !picture.heard && now < picture.stale_from;
    const bool matters = std::ranges::any_of(controller_.chargers(), [&](const auto& charger) {
        const auto mode = charger->intent.mode;
        return mode == config::Mode::solar || mode == config::Mode::solar_min;
    });
    if (too_early || !matters || stale_logged_ == !picture.fresh) return;
    if (!picture.fresh)
        spdlog::warn("solar values are too old: no start and no raise until new ones arrive");
    else if (stale_logged_)
        spdlog::info("solar values arrive again");
    stale_logged_ = !picture.fresh;
}

void Bridge::log_clock() {
    if (std::exchange(clock_missing_logged_, controller_.clock_missing()) == clock_missing_logged_) return;
    if (clock_missing_logged_)
        spdlog::warn("the clock of this machine is not set: schedule and target rest until it is");
    else
        spdlog::info("nothing waits for the clock any more");
}

void Bridge::log_suspicion() {
    auto suspected = suspicion(controller_.inputs().evidence());
    if (suspected == suspicion_) return;
    if (suspected) spdlog::warn("the inputs do not fit what the chargers draw: {}", *suspected);
    suspicion_ = std::move(suspected);
    site_dirty_ = true;
}

// Once for each change of kind or ceiling; its numbers may move.
void Bridge::log_reasons(TimePoint now) {
    for (const auto& charger : controller_.chargers()) {
        auto& told = reasons_told_[charger->key()];
        const ReasonTold::Kinds present{charger->intent.because.kind, charger->reason.kind,
                                        charger->reason.limit};
        if (told.present != present) {
            told.present = present;
            told.since = now;
        }
        if (told.logged == present || now - told.since < lasting) continue;
        told.logged = present;
        spdlog::info("{}: reason: {}", charger->key(), charger->why());
    }
}

void Bridge::log_status(TimePoint now) {
    log_staleness(now);
    log_clock();
    log_suspicion();
    log_reasons(now);
    if (controller_.chargers().empty() || !status_dirty_ ||
        (status_logged_at_ && now - *status_logged_at_ < status_pause))
        return;
    status_dirty_ = false;
    std::string line;
    Centiamps offered;
    twc::Watts power;
    twc::Volts volts = config_.default_voltage;
    for (const auto& charger : controller_.chargers()) {
        line +=
            charger->key() + " " + tenths(charger->drawn()) + "/" + tenths(charger->shown_offer()) + " A, ";
        offered += charger->shown_offer();
        power += charger->power();
        if (charger->electrics().phases > 0) volts = charger->electrics().volts / charger->electrics().phases;
    }
    line.replace(line.size() - 2, 2, "; ");
    const auto& picture = controller_.picture();
    line += "solar " + (picture.solar ? std::to_string(picture.solar->count()) + " W" : "unknown");
    line += ", house " + (picture.house ? std::to_string(picture.house->count()) + " W" : "unknown");
    line += ", chargers " + std::to_string(power.count()) + " W: offering " + tenths(offered) + " A of " +
            broker::hundredths(ceiling().amps.count()) + " A (" + std::to_string(volts.count()) +
            " V), charging from " + broker::hundredths(config_.minimum.count()) + " A on";
    if (line == last_status_) return;
    spdlog::info("{}", line);
    last_status_ = std::move(line);
    status_logged_at_ = now;
}

}  // namespace bridge

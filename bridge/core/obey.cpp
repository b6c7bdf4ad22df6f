// What a command of the house changes: clamped to the configuration, and nothing else.
#include <algorithm>

#include "bridge/core/controller.hpp"
#include "config/schedule.hpp"

namespace bridge {

Controller::Obeyed Controller::handle_command(const broker::Command& command) {
    const auto before = settings_;
    auto remark = obey(command);
    const bool changed = settings_ != before;
    if (changed) {
        must_decide();
        commanded_ = changes_.settings = true;
        for (const auto& charger : chargers_) charger->ask_again();
    }
    return {changed, std::move(remark)};
}

std::optional<broker::Reason> Controller::obey(const broker::Command& command) {
    const auto at_most = [](twc::Centiamps wanted, const Ceiling& ceiling) -> std::optional<broker::Reason> {
        if (wanted <= ceiling.amps) return std::nullopt;
        return "above " + std::string{ceiling.name} + ": set to " + twc::to_sentence(ceiling.amps);
    };
    const auto with = [&](const std::string& key, auto&& change) -> std::optional<broker::Reason> {
        auto* charger = find(key);
        if (charger == nullptr) return "there is no charger \"" + key + "\"";
        const std::optional<broker::Reason> remark = change(*charger);
        mark(*charger);
        return remark;
    };
    struct Visitor {
        decltype(at_most)& clamp;
        decltype(with)& of;
        Controller& site;
        using Remark = std::optional<broker::Reason>;

        Remark operator()(const broker::SetMode& set) const {
            site.settings_.mode = set.mode;
            return {};
        }
        Remark operator()(const broker::SetGridReserve& set) const {
            site.settings_.grid_reserve = set.reserve;
            return {};
        }
        Remark operator()(const broker::SetTotalLimit& set) const {
            const Ceiling ceiling{site.config_.wiring_max_all, "wiringMaxAmpsAllTWCs"};
            site.settings_.total_limit = std::min(set.limit, ceiling.amps);
            return clamp(set.limit, ceiling);
        }
        Remark operator()(const broker::SetSchedule& set) const {
            const auto* nobodys =
                set.windows ? config::window_of_nobody(*set.windows, site.config_) : nullptr;
            if (nobodys != nullptr)
                return "there is no charger " + broker::in_quotes(*nobodys->charger) +
                       ": expected an id, or a name from \"chargers\"";
            site.settings_.schedule = set.windows;
            site.refresh_windows();
            return {};
        }
        Remark operator()(const broker::SetScheduleActive& set) const {
            site.settings_.schedule_active = set.active;
            site.refresh_windows();
            return {};
        }
        Remark operator()(const broker::SetChargerLimit& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.limit = std::min(set.limit, charger.hard_ceiling().amps);
                return clamp(set.limit, charger.hard_ceiling());
            });
        }
        Remark operator()(const broker::SetCharge& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.charge = set.allowed;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetChargerMode& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.mode = set.mode;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetPriority& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.priority = set.priority;
                if (!charger.intent.priority) return Remark{};
                return Remark{"the vehicle that is plugged in has a priority of its own, " +
                              std::to_string(*charger.intent.priority) + ", which holds until it leaves"};
            });
        }
        Remark operator()(const broker::SetBoostMinutes& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.boost_timer.restart();
                charger.settings.boost.minutes = set.minutes;
                if (set.minutes == 0) charger.settings.boost = {};
                return Remark{};
            });
        }
        Remark operator()(const broker::SetTargetEnergy& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.target = {};
                if (set.energy > 0) charger.settings.target.until = charger.settings.energy + set.energy;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetTargetTime& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.target_time = set.time;
                charger.settings.target.deadline.reset();
                charger.settings.target.pressing = false;
                return Remark{};
            });
        }
        Remark operator()(const broker::SetGuestAllowed& set) const {
            return of(set.key, [&](Charger& charger) -> Remark {
                if (site.config_.guests.rule != config::GuestRule::ask)
                    return "guests are not asked for: guests.rule is not \"ask\"";
                if (!charger.vehicle_connected()) return "no vehicle connected";
                charger.settings.guest_allowed = set.allowed;
                return {};
            });
        }
        Remark operator()(const broker::SetBoostEnergy& set) const {
            return of(set.key, [&](Charger& charger) {
                charger.settings.boost.until = charger.settings.energy + set.energy;
                if (set.energy == 0) charger.settings.boost = {};
                return Remark{};
            });
        }
    };
    return std::visit(Visitor{at_most, with, *this}, command);
}

}  // namespace bridge

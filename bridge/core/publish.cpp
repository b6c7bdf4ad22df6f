// What the house is told: every value of docs/mqtt.md, from facts to retained topics.
#include <algorithm>

#include "bridge/core/bridge.hpp"
#include "bridge/core/describe.hpp"
#include "config/schedule.hpp"
#include "twc/hex.hpp"

namespace bridge {

using broker::hundredths;
using broker::to_text;
using twc::Centiamps;
using twc::TimePoint;
using twc::Watts;

namespace {

// Units with a worn memory report millions of kWh (docs/protocol.md 5).
constexpr twc::KilowattHours absurd_counter{1'000'000};
// Below these a change of what is measured is noise.
constexpr Watts power_band{25};
constexpr Centiamps current_band{10};
// What Home Assistant shows as unknown; other consumers see that there is no value.
constexpr const char* unknown = "None";

std::string text(Watts power) { return std::to_string(power.count()); }
std::string text(Centiamps amps) { return hundredths(amps.count()); }

/// The letter of IEC 61851 that energy managers such as evcc want: F is a unit that does not answer.
std::string_view iec_state(const Charger& charger) {
    if (!charger.online()) return "F";
    if (charger.fault()) return "E";
    if (charger.charging()) return "C";
    return charger.vehicle_connected() ? "B" : "A";
}

}  // namespace

void Bridge::announce(TimePoint now) {
    const auto site = describe_site(config_, controller_.chargers().size());
    for (auto& message : broker::announce_site(config_.home_assistant, topics_, site))
        announcer_.announce(std::move(message), projection_, now);
}

void Bridge::announce(const Charger& charger, TimePoint now) {
    const auto site = describe_site(config_, controller_.chargers().size());
    auto unit = unit_of(charger);
    unit.known = charger.settings.known;
    const auto described = describe_charger(config_, charger.key(), unit, charger.hard_ceiling().amps);
    if (const auto last = announced_.find(charger.key());
        last != announced_.end() && last->second == described)
        return;
    announced_[charger.key()] = described;
    for (auto& message : broker::announce_charger(config_.home_assistant, topics_, site, described)) {
        announcer_.announce(std::move(message), projection_, now);
    }
}

std::vector<std::string> Bridge::announcement_topics(std::string_view of) const {
    return announcer_.topics_of(broker::device_identifier(describe_site(config_, 0), of));
}

void Bridge::publish_charger(const Charger& charger, TimePoint now) {
    const auto put = [&](std::string_view leaf, std::string payload) {
        publish(topics_.charger(charger.key(), leaf), std::move(payload));
    };
    put("status", charger.online() ? "online" : "offline");
    put("state", std::string{charger.state()});
    put("iec_state", std::string{iec_state(charger)});
    put("vehicle_connected", std::string{to_text(charger.vehicle_connected())});
    put("charging", std::string{to_text(charger.charging())});
    put("fault", std::string{to_text(charger.fault())});
    publish_measured(topics_.charger(charger.key(), "current"), charger.drawn(), now);
    publish_measured(topics_.charger(charger.key(), "power"), charger.power(), now);
    put("offered_current", text(charger.shown_offer()));
    put("limit_in_force", text(charger.limit_in_force()));
    put("reason", charger.why());
    put("vehicle_name", charger.intent.vehicle_name.value_or(unknown));
    put("guest", std::string{to_text(charger.intent.guest)});
    put("raw_state", twc::hex(charger.raw_state()));
    put("protocol", std::to_string(static_cast<int>(charger.settings.known.protocol)));
    if (const auto rating = charger.settings.known.max_current) put("max_current", text(*rating));
}

void Bridge::publish_unit_facts(const Charger& charger) {
    const auto put = [&](const std::string& leaf, std::string payload) {
        publish(topics_.charger(charger.key(), leaf), std::move(payload));
    };
    const auto& unit = unit_of(charger);
    if (unit.firmware) put("firmware", firmware_text(*unit.firmware));
    if (unit.serial) put("serial", *unit.serial);
    if (config_.mqtt.publish_vin) {
        const bool told = unit.vin && !unit.vin->empty() && charger.vehicle_connected();
        put("vehicle_vin", told ? *unit.vin : unknown);
    } else {
        projection_.clear(topics_.charger(charger.key(), "vehicle_vin"));  // of an earlier run that told it
    }
    if (!unit.meter) return;
    if (unit.meter->lifetime <= absurd_counter)
        put("meter_energy", std::to_string(unit.meter->lifetime.count()));
    for (std::size_t phase = 0; phase < 3; ++phase) {
        const auto number = std::to_string(phase + 1);
        put("voltage_l" + number, std::to_string(unit.meter->volts[phase].count()));
        if (unit.meter->currents) put("current_l" + number, text((*unit.meter->currents)[phase]));
    }
}

void Bridge::publish_settings(const Charger& charger) {
    const auto stored = saved_.chargers.find(charger.key());
    if (stored == saved_.chargers.end()) return;
    const auto put = [&](std::string_view leaf, std::string payload) {
        publish(topics_.charger(charger.key(), leaf), std::move(payload));
    };
    const auto& saved = stored->second;
    const auto most = charger.hard_ceiling().amps;
    put("limit", text(std::min(saved.limit.value_or(most), most)));
    put("charge", std::string{to_text(saved.charge)});
    put("enabled", saved.charge ? "true" : "false");
    put("mode", saved.mode ? std::string{to_text(*saved.mode)} : "site");
    put("priority", std::to_string(saved.priority.value_or(charger.options().priority)));
    put("boost_minutes", std::to_string(saved.boost.minutes));
    put("boost_energy", hundredths(saved.boost.energy_left(saved.energy)));
    put("target_energy", hundredths(saved.target.energy_left(saved.energy)));
    put("target_time", broker::time_text(saved.target_time.value_or(default_target_time)));
    put("guest_allowed", std::string{to_text(saved.guest_allowed)});
    put("energy", hundredths(saved.energy));
    put("session_energy", hundredths(saved.session_energy));
}

void Bridge::publish_site(TimePoint now) {
    const auto put = [&](std::string_view leaf, std::string payload) {
        publish(topics_.site(leaf), std::move(payload));
    };
    put("mode", std::string{to_text(saved_.mode.value_or(config_.mode))});
    put("total_limit",
        text(std::min(saved_.total_limit.value_or(config_.wiring_max_all), config_.wiring_max_all)));
    put("grid_reserve", text(saved_.grid_reserve.value_or(Watts{})));
    const auto schedule = config::schedule_text(saved_.schedule.value_or(config_.schedule));
    put("schedule", schedule.empty() ? "none" : schedule);  // the broker would not keep an empty text
    put("schedule_active", std::string{to_text(saved_.schedule_active)});
    const auto& picture = controller_.picture();
    if (picture.solar) publish_measured(topics_.site("solar_power"), *picture.solar, now);
    if (picture.house) publish_measured(topics_.site("house_power"), *picture.house, now);
    if (picture.grid) publish_measured(topics_.site("grid_power"), *picture.grid, now);
    if (picture.surplus) publish_measured(topics_.site("surplus_power"), *picture.surplus, now);

    Centiamps offered;
    Centiamps drawn;
    Watts power;
    std::int64_t energy = 0;
    for (const auto& charger : controller_.chargers()) {
        offered += charger->shown_offer();
        drawn += charger->drawn();
        power += charger->power();
        if (const auto stored = saved_.chargers.find(charger->key()); stored != saved_.chargers.end()) {
            energy += stored->second.energy;
        }
    }
    put("offered_current", text(offered));
    publish_measured(topics_.site("current"), drawn, now);
    publish_measured(topics_.site("power"), power, now);
    put("energy", hundredths(energy));

    put("input_stale", std::string{to_text(!picture.fresh || controller_.fuse_blind())});
    const auto why = problem();
    put("problem", std::string{to_text(!why.empty())});
    put("problem_reason", why);
    rs485_heard_ = std::ranges::all_of(buses_, [&](const Bus& bus) { return bus.heard(now); });
    put("rs485", rs485_heard_ ? "online" : "offline");
    status_dirty_ = true;
}

void Bridge::publish_measured(const std::string& topic, Watts power, TimePoint now) {
    rhythm_.set(topic, power.count(), power_band.count(), text(power), projection_, now);
}

void Bridge::publish_measured(const std::string& topic, Centiamps current, TimePoint now) {
    rhythm_.set(topic, current.count(), current_band.count(), text(current), projection_, now);
}

std::string Bridge::problem() const {
    for (const auto& bus : buses_) {
        if (bus.other_master_heard) {
            return "wall connector " + bus.other_master.text() +
                   " is in master position: set its rotary switch to F";
        }
    }
    for (const auto& charger : controller_.chargers()) {
        if (charger->has_twin()) {
            return charger->key() + ": " + to_sentence(Reason{Reason::Kind::id_is_shared});
        }
    }
    for (const auto& charger : controller_.chargers()) {
        const auto status = charger->stopping.status();
        const auto cause = charger->stopping.cause();
        const bool too_much = status == Stopping::Status::trying && cause == StopCause::ceiling;
        const bool defiant = status == Stopping::Status::exhausted && cause != StopCause::surplus;
        if (too_much || defiant) return charger->key() + ": " + charger->why();
        if (const auto excess = charger->excess(); excess > Centiamps{}) {
            return charger->key() + ": draws " + twc::to_sentence(excess) + " although its limit is " +
                   twc::to_sentence(charger->limit_in_force());
        }
    }
    for (const auto& bus : buses_) {
        if (!bus.open && !bus.why_closed.empty()) return bus.why_closed;
        if (bus.own_id_heard) {
            return bus.config.port +
                   ": a wall connector has the bridge's own id and should choose another; if it does not, "
                   "switch "
                   "its power off and on";
        }
        if (bus.quiet_told) return bus.config.port + ": nothing valid heard for 60 s";
    }
    if (!save_error_.empty()) return "settings: " + save_error_;
    return suspicion_.value_or("");
}

}  // namespace bridge

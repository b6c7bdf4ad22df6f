#include "bridge/core/cosim.hpp"

#include <algorithm>
#include <chrono>

#include "twc/codes.hpp"
#include "twc/unit.hpp"

namespace bridge {

namespace codes = twc::codes;
using twc::TimePoint;

namespace {

// A model may let a limit wait a little before it is in force: only reports from then on answer it.
constexpr std::int64_t seconds_to_obey = 2;

// The model stops a car that shall not charge, as a car does that hears our request.
config::Config with_stops_that_succeed(config::Config config) {
    config.stop.surplus = config.stop.command = {config::StopMethod::vehicle};
    config.vehicle_api.reset();
    return config;
}

std::uint8_t state_of(const SimulatedCharger& charger) {
    if (!charger.vehicle) return codes::state_idle;
    return charger.drawn >= twc::charging_current ? codes::state_charging : codes::state_connected;
}

twc::Unit unit_from(twc::TwcId id, const std::array<int, 3>& volts) {
    twc::Unit unit;
    unit.known = {id, twc::Protocol::v2, std::nullopt};
    unit.online = true;
    unit.meter = twc::MeterReport{
        id, {}, {twc::Volts{volts[0]}, twc::Volts{volts[1]}, twc::Volts{volts[2]}}, std::nullopt};
    return unit;
}

}  // namespace

Cosim::Cosim(const config::Config& config)
    : config_{with_stops_that_succeed(config)}, topics_{config.mqtt.base_topic} {}

std::vector<CosimOffer> Cosim::step(const Second& second) {
    const TimePoint now{std::chrono::seconds{second.t}};
    if (!controller_) controller_ = std::make_unique<Controller>(config_, Settings{}, false, now);
    for (const auto& charger : second.chargers) report(charger, second.t, now);
    take_inputs(second, now);
    for (const auto& command : second.commands) obey(command);
    controller_->handle_tick(now);
    controller_->decide(now);
    while (const auto effect = controller_->poll_effect()) {
        const auto* given = std::get_if<WishGiven>(&*effect);
        if (given == nullptr) continue;
        const auto unit = std::ranges::find(units_, given->charger, &Unit::charger);
        if (unit != units_.end()) unit->wish_since = second.t;
    }
    std::ignore = controller_->take_changes();

    std::vector<CosimOffer> offers;
    for (const auto& charger : second.chargers) {
        const auto unit = std::ranges::find(units_, charger.id, &Unit::id);
        if (unit == units_.end()) continue;
        const auto amps = unit->charger->offered();
        offers.push_back({charger.id, amps, amps > twc::Centiamps{}, unit->charger->why()});
    }
    return offers;
}

Cosim::Unit* Cosim::unit_of(const SimulatedCharger& reported, TimePoint now) {
    if (const auto known = std::ranges::find(units_, reported.id, &Unit::id); known != units_.end())
        return &*known;
    for (std::size_t bus = 0; bus < config_.buses.size(); ++bus) {
        const auto prefix = bus == 0 ? "" : config_.buses[bus].name + "_";
        if (!reported.id.starts_with(prefix)) continue;
        const auto id = twc::TwcId::parse(std::string_view{reported.id}.substr(prefix.size()));
        if (!id) continue;
        auto& charger = controller_->handle_found(bus, unit_from(*id, reported.volts), now);
        units_.push_back({reported.id, &charger, true, reported.volts, 0});
        return &units_.back();
    }
    refusals_.push_back("charger \"" + reported.id + "\": expected four hex digits");
    return nullptr;
}

void Cosim::report(const SimulatedCharger& reported, std::int64_t t, TimePoint now) {
    auto* unit = unit_of(reported, now);
    if (unit == nullptr) return;
    auto& charger = *unit->charger;
    if (std::exchange(unit->online, reported.online) != reported.online) {
        if (reported.online)
            controller_->handle_found(charger.bus(), unit_from(charger.id(), reported.volts), now);
        else
            controller_->handle_lost(charger, now);
    }
    if (!reported.online) return;
    if (std::exchange(unit->volts, reported.volts) != reported.volts)
        controller_->handle_changed(charger, unit_from(charger.id(), reported.volts), now);
    const twc::SlaveHeartbeat heartbeat{charger.id(), {}, state_of(reported), reported.limit, reported.drawn};
    controller_->handle_heartbeat(charger, heartbeat, t - unit->wish_since > seconds_to_obey, now);
}

void Cosim::take_inputs(const Second& second, TimePoint now) {
    const auto take = [&](InputKind kind, std::string_view name, std::optional<std::int64_t> thousandths) {
        if (!thousandths) return;
        if (const auto refusal = controller_->handle_input(kind, *thousandths, now))
            refusals_.push_back("input " + std::string{name} + ": " + *refusal);
    };
    const auto power = [&](InputKind kind, std::string_view name, std::optional<twc::Watts> watts) {
        if (watts) take(kind, name, watts->count() * 1000);
    };
    power(InputKind::generation, "generation", second.generation);
    power(InputKind::consumption, "consumption", second.consumption);
    power(InputKind::grid, "grid", second.grid);
    power(InputKind::battery, "battery", second.battery);
    constexpr std::array phases{InputKind::grid_l1, InputKind::grid_l2, InputKind::grid_l3};
    for (std::size_t phase = 0; phase < phases.size(); ++phase) {
        if (const auto amps = second.grid_currents[phase])
            take(phases[phase], "grid_l" + std::to_string(phase + 1), amps->count() * 10);
    }
}

void Cosim::obey(const std::pair<std::string, std::string>& command) {
    const auto& [name, value] = command;
    const auto parsed = broker::parse_command(topics_, topics_.base() + "/" + name + "/set", value);
    if (!parsed) {
        refusals_.push_back("set " + name + ": " + parsed.error());
        return;
    }
    if (const auto obeyed = controller_->handle_command(*parsed); obeyed.remark)
        refusals_.push_back("set " + name + ": " + *obeyed.remark);
}

}  // namespace bridge

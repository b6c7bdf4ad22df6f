// What is told of simulated wall connectors.
#include "bridge/simulate_report.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "bridge/json_values.hpp"
#include "twc/hex.hpp"
#include "twc/units.hpp"

namespace bridge {

std::string describe(const simulator::WallConnector& unit) {
    return "charger " + unit.id().text() + ": state " + twc::hex(unit.state()) + ", in force " +
           twc::to_text(unit.limit_in_force()) + " A, drawn " + twc::to_text(unit.drawn()) + " A";
}

std::string report(const simulator::Bus& bus) {
    const auto milliseconds = [](twc::Duration duration) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    };
    const auto statistics = bus.statistics();
    const auto& master = statistics.master;
    auto chargers = nlohmann::json::object();
    for (const auto* unit : bus.units()) {
        chargers[unit->id().text()] = {
            {"heartbeats", unit->heartbeats()},
            {"worst_heartbeat_gap_ms", milliseconds(unit->worst_heartbeat_gap())},
            {"limits_above_rating", unit->limits_above_rating()},
            {"limits_below_floor", unit->limits_below_floor()},
            {"contactor_switched", unit->contactor_switched()},
            {"state", twc::hex(unit->state())},
            {"limit", amps(unit->limit_in_force())},
            {"drawn", amps(unit->drawn())},
            {"kwh", static_cast<double>(unit->lifetime_wh()) / 1000},
        };
    }
    return nlohmann::json{{"master_frames", master.frames},
                          {"unit_frames", statistics.unit_frames},
                          {"collisions", statistics.collisions},
                          {"unit_collisions", statistics.unit_collisions},
                          {"master_collisions", master.collisions},
                          {"bad_frames", master.bad_frames()},
                          {"forbidden", master.forbidden},
                          {"short_pauses", master.short_pauses},
                          {"chargers", chargers}}
        .dump();
}

}  // namespace bridge

#include "bridge/core/describe.hpp"

#include "mqtt/topics.hpp"

namespace bridge {

std::string firmware_text(const twc::FirmwareReport& report) {
    std::string text;
    for (const auto part : report.version) text += (text.empty() ? "" : ".") + std::to_string(part);
    return text;
}

broker::SiteDescription describe_site(const config::Config& config, std::size_t chargers) {
    broker::SiteDescription site;
    site.instance = config.mqtt.base_topic;
    site.version = TWCBRIDGE_VERSION;
    site.ceiling = config.wiring_max_all;
    site.has_solar = config.inputs.generation.has_value();
    site.has_house =
        config.inputs.consumption.has_value() || (config.inputs.grid && config.inputs.generation);
    site.has_grid = config.inputs.grid.has_value();
    const broker::Topics topics{config.mqtt.base_topic};
    const auto takes = [&](const std::optional<config::Input>& input, std::string_view leaf) {
        return input && input->topic == topics.site(leaf) && !input->json_pointer && input->factor == 1;
    };
    site.takes_solar = takes(config.inputs.generation, "input/generation");
    site.takes_house = takes(config.inputs.consumption, "input/consumption");
    site.takes_grid = takes(config.inputs.grid, "input/grid");
    site.chargers = static_cast<int>(chargers);
    return site;
}

broker::ChargerDescription describe_charger(const config::Config& config, const std::string& key,
                                            const twc::Unit& unit, twc::Centiamps ceiling) {
    broker::ChargerDescription charger;
    charger.key = key;
    charger.ceiling = ceiling;
    charger.rating = unit.known.max_current;
    charger.phases = config.default_phases;
    charger.publish_vin = config.mqtt.publish_vin;
    charger.knows_vehicles = !config.vehicles.empty();
    charger.asks_for_guests = config.guests.rule == config::GuestRule::ask;
    charger.has_meter = unit.known.protocol == twc::Protocol::v2;
    charger.serial = unit.serial;
    if (unit.firmware) charger.firmware = firmware_text(*unit.firmware);
    if (const auto found = config.chargers.find(unit.known.id); found != config.chargers.end()) {
        const auto& options = found->second;
        if (options.name) charger.name = *options.name;
        charger.area = options.area;
        charger.phases = options.phases.value_or(config.default_phases);
    }
    return charger;
}

}  // namespace bridge

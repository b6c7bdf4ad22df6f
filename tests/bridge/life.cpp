#include "tests/bridge/life.hpp"

#include <algorithm>
#include <string>

namespace bridge::tests {

using config::Mode;
using config::StopMethod;

namespace {

constexpr std::int64_t longest_peace = 300'000;  // ms
constexpr Duration tries_disk_within = 11s;
constexpr simulator::Noise bad_cable{.drop = 200, .flip = 300, .insert = 100};

config::Config random_config(Dice& dice, const std::vector<UnitSpec>& units) {
    auto config = quick_config();
    config.wiring_max_all = Centiamps{dice.number(600, 6000)};
    config.wiring_max_each = Centiamps{dice.number(600, 4000)};
    config.minimum = Centiamps{dice.pick<std::int64_t>({500, 600})};
    for (const auto& unit : units) {
        auto& options = config.chargers[unit.id];
        options.priority = static_cast<int>(dice.number(1, 10));
        if (dice.one_in(3)) options.max_current = Centiamps{dice.number(600, 3200)};
        if (dice.one_in(3)) options.phases = static_cast<int>(dice.number(1, 3));
    }
    const std::vector methods{StopMethod::zero, StopMethod::vehicle, StopMethod::contactor,
                              StopMethod::silence};
    config.stop.surplus = dice.shuffled_part(methods);
    config.stop.command = dice.shuffled_part(methods);
    config.control.current_step = Centiamps{dice.pick<std::int64_t>({1, 10, 100})};
    config.control.min_on = std::chrono::seconds{dice.pick<int>({0, 60, 300})};
    config.control.min_off = std::chrono::seconds{dice.pick<int>({0, 120})};
    config.control.solar_share_percent = static_cast<int>(dice.number(0, 99));
    config.mode = dice.pick<Mode>({Mode::off, Mode::solar, Mode::solar_min, Mode::fast});
    if (dice.one_in(2)) config.inputs.grid = config::Input{"grid", std::nullopt, 1};
    if (dice.one_in(4)) config.inputs.battery = config::Input{"battery", std::nullopt, 1};
    if (dice.one_in(3)) config.main_fuse = Centiamps{dice.number(1000, 6300)};
    return config;
}

std::vector<UnitSpec> random_units(Dice& dice) {
    std::vector<UnitSpec> units;
    const auto count = dice.number(1, 3);
    for (std::int64_t index = 1; index <= count; ++index) {
        UnitSpec unit;
        unit.id = TwcId{static_cast<std::uint16_t>(0x1111 * index)};
        unit.protocol = dice.one_in(3) ? twc::Protocol::v1 : twc::Protocol::v2;
        unit.phases = static_cast<int>(dice.pick<std::int64_t>({1, 3}));
        unit.rating = Centiamps{dice.pick<std::int64_t>({1600, 3200, 4000})};
        unit.queries = dice.pick<simulator::Queries>({simulator::Queries::meter, simulator::Queries::all});
        unit.car.plugged = dice.one_in(2);
        unit.car.phases = static_cast<int>(dice.number(1, 3));
        unit.car.tesla = !dice.one_in(4);
        unit.car.max_current = Centiamps{dice.pick<std::int64_t>({1000, 1600, 3200})};
        units.push_back(unit);
    }
    return units;
}

simulator::BusOptions random_bus(Dice& dice, bool noisy) {
    simulator::BusOptions options;
    options.echo = dice.one_in(4);
    options.seed = dice.seed();
    if (noisy) options.noise = bad_cable;
    return options;
}

}  // namespace

Life::Life(std::uint32_t seed, bool noisy, Pace pace)
    : dice_{seed},
      pace_{pace},
      units_{random_units(dice_)},
      config_{random_config(dice_, units_)},
      site_{config_, units_, {}, random_bus(dice_, noisy)},
      noisy_all_the_time_{noisy} {
    site_.strict_gaps = false;
}

void Life::live(std::chrono::seconds span) {
    const auto end = site_.now() + span;
    while (site_.now() < end && !testing::Test::HasFatalFailure()) {
        const auto peace = pace_ == Pace::daily && !dice_.one_in(4) ? longest_peace : 6000;
        site_.run_for(dice_.number(50, peace) * 1ms);
        something_happens();
    }
}
void Life::recover() {
    somebody_mends_everything();
    site_.sun(20'000);
    for (const auto& unit : units_) {
        auto& wall_connector = site_.unit(unit.id.value());
        wall_connector.corrupt_answers(0);
        wall_connector.car().plug();
        wall_connector.car().set_wants(true);
        wall_connector.car().start_itself();
        const auto topic = "twcbridge/charger/" + unit.id.text();
        site_.run_for(40s);
        site_.send(topic + "/limit/set", "80");
        site_.send(topic + "/charge/set", "ON");
        site_.send(topic + "/mode/set", "site");
    }
    site_.send("twcbridge/total_limit/set", "100");
    site_.send("twcbridge/mode/set", "fast");
}

bool Life::everybody_charges() {
    return std::ranges::all_of(
        units_, [&](const UnitSpec& unit) { return site_.unit(unit.id.value()).drawn() > 4_A; });
}

bool Life::room_for_everybody() const {
    const auto minima = 6_A * static_cast<std::int64_t>(units_.size());
    return config_.wiring_max_all >= minima && config_.main_fuse.value_or(32_A) > minima + 1_A;
}

void Life::something_happens() {
    if (pace_ == Pace::daily && dice_.one_in(6)) return somebody_mends_everything();
    if (pace_ == Pace::daily && dice_.one_in(4)) return the_bridge_suffers();
    const auto what = dice_.number(0, 99);
    if (what < 35)
        somebody_commands();
    else if (what < 50)
        the_sun_moves();
    else if (what < 60)
        an_input_is_odd();
    else if (what < 80)
        a_car_does_something();
    else if (what < 92)
        a_unit_fails();
    else
        the_bridge_suffers();
}

void Life::somebody_commands() {
    ++mishaps_["command"];
    const auto charger = "twcbridge/charger/" + dice_.pick(units_).id.text();
    const bool bad = dice_.one_in(5);
    const auto garbage = dice_.pick<std::string>({"", "nan", "inf", "-1", "1e3", "4294967296", "text",
                                                  "\xff\xfe", "ON ", "999999999999999", "solar "});
    const auto mode = dice_.pick<std::string>({"off", "solar", "solar_min", "fast", "fast"});
    const auto amps = std::to_string(dice_.number(0, 70)) + "." + std::to_string(dice_.number(0, 99));
    const bool retained = dice_.one_in(10);
    const auto send = [&](const std::string& topic, const std::string& payload) {
        site_.send(topic, bad ? garbage : payload, retained);
    };
    switch (dice_.number(0, 8)) {
        case 0:
            return send("twcbridge/mode/set", mode);
        case 1:
        case 2:
            return send("twcbridge/total_limit/set", amps);
        case 3:
            return send("twcbridge/grid_reserve/set", std::to_string(dice_.number(-9000, 9000)));
        case 4:
            return send(charger + "/limit/set", amps);
        case 5:
            return send(charger + "/charge/set", dice_.one_in(3) ? "OFF" : "ON");
        case 6:
            return send(charger + "/mode/set", dice_.one_in(2) ? "site" : mode);
        case 7:
            return send(charger + "/priority/set", std::to_string(dice_.number(1, 10)));
        default:
            return send("twcbridge/charger/dead/limit/set", amps);
    }
}

void Life::the_sun_moves() {
    if (dice_.one_in(8)) {
        ++mishaps_["stale inputs"];
        return site_.meter_dies();
    }
    site_.sun(dice_.number(0, 25'000), dice_.number(0, 9000));
}

void Life::an_input_is_odd() {
    ++mishaps_["false input"];
    const auto topic = dice_.pick<std::string>(
        {"twcbridge/input/generation", "twcbridge/input/consumption", "grid", "battery"});
    const auto payload =
        dice_.pick<std::string>({"", "nan", "1e300", "text", "99999", "-99999", "12.5", "-4000"});
    site_.send(topic, payload, dice_.one_in(3));
}

void Life::a_car_does_something() {
    auto& car = site_.unit(dice_.pick(units_).id.value()).car();
    switch (dice_.number(0, 7)) {
        case 0:
            return car.unplug();
        case 1:
            return car.set_full();
        case 2:
            return car.stop_itself();
        case 3:
            return car.set_wants(dice_.one_in(2));
        case 4:
            return car.start_itself();
        default:
            return car.plug();
    }
}

void Life::a_unit_fails() {
    const auto id = dice_.pick(units_).id;
    auto& unit = site_.unit(id.value());
    switch (dice_.number(0, 9)) {
        case 0:
            ++mishaps_["silent unit"];
            return site_.mute(id, true);
        case 1:
            return unit.restart();
        case 2:
            return unit.power_off();
        case 3:
            return unit.corrupt_answers(static_cast<int>(dice_.number(1, 6)));
        case 4:
        case 5:
        case 6:
            return site_.mute(id, false);
        default:
            return unit.power_on();
    }
}

void Life::the_bridge_suffers() {
    if (pace_ == Pace::daily && dice_.one_in(2)) return something_rare_happens();
    switch (dice_.number(0, 7)) {
        case 0:
            return the_adapter_goes();
        case 1:
        case 2:
            return the_adapter_comes();
        case 3:
            return restart_in_order();
        case 4:
            return the_disk("no space left on device");
        case 5:
            return the_disk(std::nullopt);
        case 6:
            ++mishaps_["broker"];
            return site_.broker(dice_.one_in(2));
        default:
            ++mishaps_["Home Assistant's birth"];
            return site_.send("homeassistant/status", "online", dice_.one_in(2));
    }
}

void Life::something_rare_happens() {
    switch (dice_.number(0, 2)) {
        case 0:
            ++mishaps_["noise"];
            return site_.noise(bad_cable);
        case 1:
            ++mishaps_["standstill"];
            return site_.freeze(dice_.number(100, 90'000) * 1ms);
        default:
            return die();
    }
}

/// Whoever looks after the house puts right what is wrong with it.
void Life::somebody_mends_everything() {
    the_adapter_comes();
    the_disk(std::nullopt);
    site_.broker(true);
    if (!noisy_all_the_time_) site_.noise({});
    for (const auto& unit : units_) {
        site_.unit(unit.id.value()).power_on();
        site_.mute(unit.id, false);
    }
}

void Life::the_adapter_goes() {
    ++mishaps_["adapter"];
    if (adapter_) site_.unplug_adapter();
    adapter_ = false;
}

void Life::the_adapter_comes() {
    if (!adapter_) site_.plug_adapter();
    adapter_ = true;
}

void Life::the_disk(const std::optional<std::string>& error) {
    if (error) ++mishaps_["disk"];
    if (error || !disk_works_since_) disk_works_since_ = error ? std::nullopt : std::optional{site_.now()};
    site_.disk(error);
}

/// A bridge that could not store what it has learnt knows nothing of it afterwards, nor can any promise.
void Life::restart_in_order() {
    ++mishaps_["restart"];
    the_disk(std::nullopt);
    site_.run_for(tries_disk_within);
    site_.restart_bridge(dice_.number(50, 40'000) * 1ms);
}

void Life::die() {
    if (!disk_works_since_ || site_.now() - *disk_works_since_ < tries_disk_within) return;
    ++mishaps_["death"];
    site_.restart_bridge(dice_.number(50, 40'000) * 1ms);
}

}  // namespace bridge::tests

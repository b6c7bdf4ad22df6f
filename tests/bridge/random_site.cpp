#include "tests/bridge/random_site.hpp"

#include <algorithm>

#include "mqtt/values.hpp"

namespace bridge::tests {

using namespace twc::literals;
using config::Mode;
using twc::Centiamps;
using twc::Watts;

namespace {

constexpr std::int64_t stops_without_master = 30;  // s, docs/protocol.md 4

}  // namespace

RandomSite::RandomSite(std::uint32_t seed) : random_{seed}, config_{random_config()} {
    total_ = config_.wiring_max_all;
    random_units();
}

config::Config RandomSite::random_config() {
    config::Config config;
    const auto buses = below(2) == 0 ? 2 + below(2) : 1;
    for (std::int64_t bus = 0; bus < buses; ++bus) {
        const bool limited = below(2) == 0;
        const auto most = limited ? std::optional{Centiamps{600 + below(30) * 100}} : std::nullopt;
        config.buses.push_back({"/dev/null", bus == 0 ? "" : "bus" + std::to_string(bus), most});
    }
    config.wiring_max_all = Centiamps{1000 + below(5000)};
    config.wiring_max_each = Centiamps{600 + below(2700)};
    config.minimum = Centiamps{below(4) == 0 ? 600 + below(300) : 600};
    const std::array<std::int64_t, 3> steps{1, 10, 100};
    config.control.current_step = Centiamps{steps[static_cast<std::size_t>(below(3))]};
    config.control.switch_wh = static_cast<int>(below(3) * 50);
    config.control.solar_share_percent = static_cast<int>(below(100));
    config.control.min_on = std::chrono::seconds{below(4) * 100};
    config.control.min_off = std::chrono::seconds{below(4) * 60};
    config.control.spike16 = below(4) == 0;
    if (below(3) == 0) config.control.max_stops = static_cast<int>(below(4));

    const config::Input input{"meter", {}, 1};
    auto& inputs = config.inputs;
    inputs.generation = inputs.consumption = std::nullopt;
    if (below(2) == 0) {
        inputs.grid = input;
    } else {
        inputs.generation = inputs.consumption = input;
        config.subtract_charger_load = below(2) == 0;
    }
    if (below(3) == 0) inputs.max_age = std::chrono::seconds{10 + below(60)};
    if (below(2) == 0) {
        config.main_fuse = Centiamps{1600 + below(25) * 100};
        if (below(3) != 0) inputs.grid_currents = {input, input, input};
    }
    const std::array<std::int64_t, 4> intervals{1, 5, 20, 60};
    interval_ = intervals[static_cast<std::size_t>(below(4))];
    most_delay_ = below(6);
    solar_phases_ = inputs.grid_currents && below(2) == 0 ? 3 : 1;
    return config;
}

void RandomSite::random_units() {
    for (std::size_t bus = 0; bus < config_.buses.size(); ++bus) {
        const auto count = 1 + below(3);
        for (std::int64_t i = 0; i < count; ++i) {
            RandomUnit unit;
            const auto number = "000" + std::to_string(i + 1);
            unit.id = (bus == 0 ? "" : config_.buses[bus].name + "_") + number;
            const bool first = std::ranges::find(units_, number, &RandomUnit::key) == units_.end();
            unit.key = first ? number : unit.id;
            unit.bus = bus;
            unit.phases = below(2) == 0 ? 1 : 3;
            unit.obeys_after = static_cast<int>(1 + below(3));
            if (below(3) == 0) unit.own_maximum = Centiamps{600 + below(1200)};
            units_.push_back(unit);
            second_.chargers.push_back({unit.id, true, true, {}, {}, {}});
        }
    }
}

const Second& RandomSite::next() {
    ++second_.t;
    second_.commands.clear();
    second_.generation = second_.consumption = second_.grid = second_.battery = std::nullopt;
    second_.grid_currents = {};
    nonsense_ = Second{};
    house_lives();
    owner_acts();
    units_suffer();
    draw();
    measure();
    const auto lives_without_master = [](const RandomUnit& unit) {
        return !unit.online && unit.in_force > 0_A;
    };
    restarts_ = once_in(9000) && std::ranges::none_of(units_, lives_without_master);
    if (restarts_) say_everything_again();
    talk_nonsense();
    return second_;
}

Mode RandomSite::mode_of(const RandomUnit& unit) const {
    return mode_ == Mode::off ? mode_ : unit.mode.value_or(mode_);
}

std::int64_t RandomSite::last_surplus() const {
    return config_.inputs.grid ? heard_grid_ : std::min(heard_generation_, heard_consumption_);
}

std::int64_t RandomSite::last_headroom() const {
    return config_.inputs.grid_currents ? heard_currents_ : last_surplus();
}

std::int64_t RandomSite::most_age() const {
    return config_.inputs.max_age ? config_.inputs.max_age->count() : 120;
}

Centiamps RandomSite::house(std::size_t phase) const {
    const auto solar = static_cast<std::int64_t>(phase) < solar_phases_ ? sun_ / solar_phases_ : 0;
    return Centiamps{(load_[phase] - solar) * 100 / volts};
}

// The kettle is the house's, for the fuse; the sun has clouds with sharp edges for a while.
void RandomSite::house_lives() {
    const auto before = std::pair{sun_, load_};
    if (once_in(700)) sun_ = below(14'000) - 500;
    if (second_.t / 1000 % 3 == 0 && once_in(20)) sun_ = sun_ > 2000 ? sun_ / 3 : sun_ * 3;
    sun_ = std::clamp<std::int64_t>(sun_, 0, 14'000);
    if (second_.t == kettle_until_) load_[kettle_phase_] -= kettle_;
    if (second_.t > kettle_until_ && once_in(900)) {
        kettle_until_ = second_.t + 30 + below(200);
        kettle_phase_ = static_cast<std::size_t>(config_.inputs.grid_currents ? below(3) : 0);
        kettle_ = 1000 + below(2000);
        load_[kettle_phase_] += kettle_;
    }
    if (before != std::pair{sun_, load_}) calm_since_ = second_.t;
    if (once_in(meter_alive_ ? 5000 : 700)) meter_alive_ = !meter_alive_;
}

void RandomSite::owner_acts() {
    if (once_in(1200)) {
        total_ = std::min(Centiamps{below(8) == 0 ? 0 : below(6000)}, config_.wiring_max_all);
        set("total_limit", twc::to_text(total_));
    }
    if (once_in(1500)) {
        const std::array modes{Mode::off, Mode::solar, Mode::solar, Mode::solar_min, Mode::fast, Mode::fast};
        mode_ = modes[static_cast<std::size_t>(below(6))];
        set("mode", std::string{broker::to_text(mode_)});
    }
    if (once_in(5000)) {
        reserve_ = below(4000) - 2000;
        set("grid_reserve", std::to_string(reserve_));
    }
    if (once_in(800)) owner_sets(units_[static_cast<std::size_t>(below(std::ssize(units_)))]);
    if (!second_.commands.empty()) calm_since_ = second_.t;
}

void RandomSite::owner_sets(RandomUnit& unit) {
    const auto topic = "charger/" + unit.key + "/";
    switch (below(4)) {
        case 0:
            unit.limit_of_owner =
                std::min(Centiamps{below(6) == 0 ? 0 : below(3500)}, config_.wiring_max_each);
            return set(topic + "limit", twc::to_text(*unit.limit_of_owner));
        case 1:
            unit.allowed = below(3) != 0;
            return set(topic + "charge", unit.allowed ? "ON" : "OFF");
        case 2: {
            const std::array modes{Mode::off, Mode::solar, Mode::solar_min, Mode::fast};
            unit.mode.reset();
            if (below(2) == 0) unit.mode = modes[static_cast<std::size_t>(below(4))];
            return set(topic + "mode", unit.mode ? std::string{broker::to_text(*unit.mode)} : "site");
        }
        default:
            unit.priority = static_cast<int>(1 + below(10));
            return set(topic + "priority", std::to_string(unit.priority));
    }
}

void RandomSite::say_everything_again() {
    second_.commands.clear();
    for (auto& unit : units_) unit.on_the_way.clear();  // a process needs longer to start
    set("total_limit", twc::to_text(total_));
    set("mode", std::string{broker::to_text(mode_)});
    set("grid_reserve", std::to_string(reserve_));
    for (const auto& unit : units_) {
        const auto topic = "charger/" + unit.key + "/";
        if (unit.limit_of_owner) set(topic + "limit", twc::to_text(*unit.limit_of_owner));
        set(topic + "charge", unit.allowed ? "ON" : "OFF");
        set(topic + "mode", unit.mode ? std::string{broker::to_text(*unit.mode)} : "site");
        set(topic + "priority", std::to_string(unit.priority));
    }
    heard_grid_ = heard_generation_ = heard_consumption_ = heard_currents_ = second_.t;
    calm_since_ = second_.t;
}

void RandomSite::talk_nonsense() {
    if (!once_in(40)) return;
    const std::array<std::pair<const char*, const char*>, 8> commands{{{"mode", "sun"},
                                                                       {"total_limit", "nan"},
                                                                       {"total_limit", "-1"},
                                                                       {"charger/0001/limit", ""},
                                                                       {"charger/0001/charge", "maybe"},
                                                                       {"charger/dead/limit", "32"},
                                                                       {"charger/0001/priority", "11"},
                                                                       {"nothing", "1"}}};
    nonsense_.commands.emplace_back(commands[static_cast<std::size_t>(below(8))]);
    const Watts absurd{100'001 + below(1'000'000)};
    if (!second_.grid) nonsense_.grid = below(2) == 0 ? absurd : -absurd;
    if (!second_.generation) nonsense_.generation = absurd;
    if (!second_.consumption) nonsense_.consumption = -absurd;
}

void RandomSite::units_suffer() {
    for (auto& unit : units_) suffer(unit);
}

void RandomSite::suffer(RandomUnit& unit) {
    if (once_in(unit.vehicle ? 6000 : 900)) {
        unit.vehicle = !unit.vehicle;
        calm_since_ = second_.t;
    }
    if (once_in(unit.asleep ? 300 : 6000)) unit.asleep = !unit.asleep;
    if (once_in(unit.defiant ? 60 : 9000)) unit.defiant = !unit.defiant;
    if (once_in(4000)) unit.stuck_until = second_.t + 3 + below(40);
    if (once_in(unit.online ? 6000 : 90)) {
        unit.online = !unit.online;
        unit.offline_since = second_.t;
        calm_since_ = second_.t;
    }
    if (!unit.online && second_.t - unit.offline_since >= stops_without_master) unit.in_force = {};
}

void RandomSite::draw() {
    for (std::size_t i = 0; i < units_.size(); ++i) {
        auto& unit = units_[i];
        Centiamps wanted;
        if (unit.vehicle && !unit.asleep && unit.in_force >= 6_A) {
            wanted = Centiamps{unit.in_force.count() * 988 / 1000 - 75 + (unit.defiant ? 400 : 0)};
            wanted = std::min(wanted, unit.own_maximum.value_or(wanted));
        }
        unit.drawn = std::clamp(wanted, unit.drawn - std::min(unit.drawn, 8_A), unit.drawn + 1_A);
        if (!unit.vehicle) unit.drawn = {};
        const int on_one = static_cast<int>(volts);
        const int on_others = unit.phases == 3 ? on_one : 0;
        second_.chargers[i] = {unit.id,       unit.online, unit.vehicle,
                               unit.in_force, unit.drawn,  {on_one, on_others, on_others}};
    }
}

void RandomSite::measure() {
    if (meter_alive_ && second_.t % interval_ == 0) {
        Message message{second_.t + below(most_delay_ + 1), {}};
        if (!messages_.empty()) message.due = std::max(message.due, messages_.back().due);
        std::array<Centiamps, 3> currents{};
        Watts cars;
        for (const auto& unit : units_) {
            cars += Watts{unit.drawn.count() * volts * unit.phases / 100};
            for (std::size_t phase = 0; phase < static_cast<std::size_t>(unit.phases); ++phase)
                currents[phase] += unit.drawn;
        }
        const Watts load{load_[0] + load_[1] + load_[2]};
        if (config_.inputs.grid) message.values.grid = load - Watts{sun_} + cars;
        if (config_.inputs.generation) message.values.generation = Watts{sun_};
        if (config_.inputs.consumption)
            message.values.consumption = load + (config_.subtract_charger_load ? cars : Watts{});
        for (std::size_t phase = 0; config_.inputs.grid_currents && phase < 3; ++phase)
            message.values.grid_currents[phase] = currents[phase] + house(phase);
        messages_.push_back(std::move(message));
    }
    while (!messages_.empty() && messages_.front().due <= second_.t) {
        const auto& values = messages_.front().values;
        second_.grid = values.grid;
        second_.generation = values.generation;
        second_.consumption = values.consumption;
        second_.grid_currents = values.grid_currents;
        if (values.grid) heard_grid_ = second_.t;
        if (values.generation) heard_generation_ = second_.t;
        if (values.consumption) heard_consumption_ = second_.t;
        if (values.grid_currents[0]) heard_currents_ = second_.t;
        messages_.pop_front();
    }
}

void RandomSite::obey(const std::vector<CosimOffer>& offers) {
    for (std::size_t i = 0; i < units_.size(); ++i) {
        auto& unit = units_[i];
        if (!unit.online) {
            unit.on_the_way.clear();
            continue;
        }
        unit.on_the_way.push_back(offers[i].amps);
        while (unit.on_the_way.size() > static_cast<std::size_t>(unit.obeys_after))
            unit.on_the_way.pop_front();
        const bool takes = std::ssize(unit.on_the_way) == unit.obeys_after && second_.t >= unit.stuck_until;
        if (takes) unit.in_force = unit.on_the_way.front();
    }
}

}  // namespace bridge::tests

#include "bridge/core/inputs.hpp"

#include <algorithm>
#include <cstdlib>
#include <ranges>

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;
using twc::Watts;

namespace {

// From slower meters nothing can be learnt of their lag (docs/design.md, meter lag).
constexpr twc::Duration slow_meter = 11s;
constexpr std::int64_t load_that_tells = 230;  // W, 1 A
// Of the meter of the fuse nothing is learnt: it has values of its own.
constexpr twc::Duration lag_of_currents = 1s;
// So late a value may be without the self-check mistaking our step for the house's.
constexpr twc::Duration load_history = 20s;
constexpr std::int64_t least_step = 800;             // W, docs/control.md 1
constexpr std::int64_t least_step_of_current = 350;  // 0.01 A, the same on one phase
// Kept free below the fuse: meters and cars are not exact (docs/control.md 2).
constexpr Centiamps fuse_margin{50};

Watts watts_of(const Reading& reading) { return Watts{reading.thousandths().value_or(0) / 1000}; }

bool is_current(InputKind kind) { return kind >= InputKind::grid_l1; }
std::size_t phase_of(InputKind kind) {
    return static_cast<std::size_t>(kind) - static_cast<std::size_t>(InputKind::grid_l1);
}

}  // namespace

Inputs::Inputs(const config::Config& config, TimePoint started)
    : started_{started},
      volts_{config.default_voltage},
      subtract_charger_load_{config.subtract_charger_load},
      car_first_{config.inputs.car_first} {
    const auto source = [&](InputKind kind,
                            const std::optional<config::Input>& input) -> std::optional<Source> {
        if (!input) return std::nullopt;
        return Source{kind,
                      *input,
                      Reading{config.inputs.max_age, started},
                      StepWatch{is_current(kind) ? least_step_of_current : least_step},
                      {}};
    };
    generation_ = source(InputKind::generation, config.inputs.generation);
    consumption_ = source(InputKind::consumption, config.inputs.consumption);
    grid_ = source(InputKind::grid, config.inputs.grid);
    battery_ = source(InputKind::battery, config.inputs.battery);
    if (config.inputs.grid_currents) {
        const auto& currents = *config.inputs.grid_currents;
        for (const auto kind : {InputKind::grid_l1, InputKind::grid_l2, InputKind::grid_l3})
            grid_currents_.push_back(*source(kind, currents[phase_of(kind)]));
    }
    loads_.push_back({started, Watts{}, {}, true});
}

std::vector<std::string> Inputs::topics() const {
    std::vector<std::string> topics;
    const auto add = [&](const Source& source) {
        if (std::ranges::find(topics, source.input.topic) == topics.end())
            topics.push_back(source.input.topic);
    };
    for (const auto* source : {&generation_, &consumption_, &grid_, &battery_}) {
        if (*source) add(**source);
    }
    for (const auto& source : grid_currents_) add(source);
    return topics;
}

bool Inputs::is_input(std::string_view topic) const {
    const auto all = topics();
    return std::ranges::find(all, topic) != all.end();
}

std::optional<broker::Reason> Inputs::receive(std::string_view topic, std::string_view payload, bool retained,
                                              TimePoint now) {
    std::vector<Source*> sources;
    std::vector<const config::Input*> inputs;
    const auto take = [&](Source& source) {
        if (source.input.topic != topic) return;
        sources.push_back(&source);
        inputs.push_back(&source.input);
    };
    for (auto* source : {&generation_, &consumption_, &grid_, &battery_}) {
        if (*source) take(**source);
    }
    for (auto& source : grid_currents_) take(source);

    const auto readings = broker::parse_readings(payload, inputs);
    std::optional<broker::Reason> refusal;
    bool heard = false;
    for (std::size_t index = 0; index < readings.size(); ++index) {
        const auto& thousandths = readings[index];
        if (!thousandths) {
            refusal = thousandths.error();
            continue;
        }
        hear(*sources[index], *thousandths, retained, now);
        heard = true;
    }
    if (heard) refresh_base();
    return refusal;
}

std::optional<broker::Reason> Inputs::receive(InputKind kind, std::int64_t thousandths, TimePoint now) {
    auto* const known = source(kind);
    if (known == nullptr) return "there is no such input in the configuration";
    if (std::abs(thousandths) > std::int64_t{broker::most_watts} * 1000)
        return "expected a reading within 100 kW, found " + std::to_string(thousandths / 1000);
    hear(*known, thousandths, false, now);
    refresh_base();
    return std::nullopt;
}

Inputs::Source* Inputs::source(InputKind kind) {
    const auto configured = [](std::optional<Source>& input) { return input ? &*input : nullptr; };
    switch (kind) {
        case InputKind::generation:
            return configured(generation_);
        case InputKind::consumption:
            return configured(consumption_);
        case InputKind::grid:
            return configured(grid_);
        case InputKind::battery:
            return configured(battery_);
        case InputKind::grid_l1:
        case InputKind::grid_l2:
        case InputKind::grid_l3:
            break;
    }
    if (grid_currents_.empty()) return nullptr;
    return &grid_currents_[phase_of(kind)];
}

void Inputs::hear(Source& source, std::int64_t thousandths, bool retained, TimePoint now) {
    source.reading.receive(thousandths, retained, now);
    if (!retained) learn(source, thousandths, now);
    source.load = load_at(now - (is_current(source.kind) ? lag_of_currents : meter_lag_.lag()));
}

void Inputs::learn(Source& source, std::int64_t thousandths, TimePoint now) {
    const auto value = is_current(source.kind) ? thousandths / 10 : thousandths / 1000;
    source.steps.hear(value, recent_load(source.kind, now), now);
    if (sees_all_chargers(source)) learn_lag(source, now);
}

bool Inputs::sees_all_chargers(const Source& source) const {
    return source.kind == InputKind::grid ||
           (source.kind == InputKind::consumption && subtract_charger_load_ && !grid_);
}

void Inputs::learn_lag(const Source& source, TimePoint now) {
    if (source.reading.interval() >= slow_meter) {
        meter_lag_ = {};
        return;
    }
    MeterLag::Bases bases;
    for (std::size_t lag = 0; lag < bases.size(); ++lag)
        bases[lag] = watts_of(source.reading) - load_at(now - std::chrono::seconds{lag}).power;
    const auto load = recent_load(source.kind, now);
    meter_lag_.hear(bases, load && load->most - load->least > load_that_tells);
}

std::optional<LoadRange> Inputs::recent_load(InputKind kind, TimePoint now) const {
    if (now - started_ < load_history) return std::nullopt;
    const auto load_of = [&](const Load& load) {
        return is_current(kind) ? load.currents[phase_of(kind)].count() : load.power.count();
    };
    LoadRange range{load_of(loads_.back()), load_of(loads_.back())};
    for (const auto& load : std::views::reverse(loads_)) {
        range = {std::min(range.least, load_of(load)), std::max(range.most, load_of(load))};
        if (load.since <= now - load_history) break;
    }
    return range;
}

Evidence Inputs::evidence() const {
    const auto response = [](const std::optional<Source>& source) {
        return source ? source->steps.response() : std::nullopt;
    };
    const auto negative = [](const std::optional<Source>& source) {
        return source && source->steps.negative();
    };
    Evidence evidence;
    evidence.grid = response(grid_);
    if (!grid_) {
        evidence.consumption = response(consumption_);
        evidence.generation = response(generation_);
        evidence.consumption_negative = negative(consumption_);
        evidence.generation_negative = negative(generation_);
    }
    for (const auto& source : grid_currents_)
        evidence.grid_currents[phase_of(source.kind)] = source.steps.response();
    evidence.subtract_charger_load = subtract_charger_load_;
    evidence.battery = battery_.has_value();
    return evidence;
}

void Inputs::charger_load(Watts power, std::array<Centiamps, 3> currents, TimePoint now, bool known) {
    const auto& last = loads_.back();
    if (last.power == power && last.currents == currents && last.known == known) return;
    if (last.since == now) loads_.pop_back();
    loads_.push_back({now, power, currents, known});
    while (loads_.size() > 1 && loads_[1].since <= now - load_history) loads_.pop_front();
}

const Inputs::Load& Inputs::load_at(TimePoint when) const {
    const auto later = std::ranges::find_if(loads_, [&](const Load& load) { return load.since > when; });
    return later == loads_.begin() ? loads_.front() : *std::prev(later);
}

void Inputs::refresh_base() {
    const auto known = [](const std::optional<Source>& source) {
        return source && source->reading.thousandths();
    };
    if (known(consumption_)) {
        const auto chargers = subtract_charger_load_ ? consumption_->load.power : Watts{};
        house_ = watts_of(consumption_->reading) - chargers;
    }
    if (known(grid_)) {
        base_ = watts_of(grid_->reading) - grid_->load.power;
        if (known(generation_)) house_ = *base_ + watts_of(generation_->reading);
    } else if (!grid_ && (house_ || !consumption_)) {
        // Without an input for it the house counts as using nothing.
        base_ = house_.value_or(Watts{}) - (known(generation_) ? watts_of(generation_->reading) : Watts{});
    }
    if (std::ranges::all_of(grid_currents_,
                            [](const Source& phase) { return phase.reading.thousandths().has_value(); }) &&
        !grid_currents_.empty()) {
        base_currents_.emplace();
        for (std::size_t phase = 0; phase < 3; ++phase) {
            const auto& meter = grid_currents_[phase];
            const Centiamps grid{*meter.reading.thousandths() / 10};
            (*base_currents_)[phase] = grid - meter.load.currents[phase];
        }
    }
}

std::vector<const Inputs::Source*> Inputs::deciding() const {
    std::vector<const Source*> sources;
    if (grid_) {
        sources.push_back(&*grid_);
    } else {
        for (const auto* source : {&generation_, &consumption_}) {
            if (*source) sources.push_back(&**source);
        }
    }
    if (battery_) sources.push_back(&*battery_);
    return sources;
}

SitePicture Inputs::picture(Watts grid_reserve, TimePoint now) const {
    SitePicture picture;
    const auto sources = deciding();
    const auto shown = [](const std::optional<Source>& source) -> std::optional<Watts> {
        if (!source || !source->reading.thousandths()) return std::nullopt;
        return watts_of(source->reading);
    };
    picture.solar = shown(generation_);
    picture.grid = shown(grid_);
    picture.house = house_;
    picture.fresh = !sources.empty() && std::ranges::all_of(sources, [&](const Source* source) {
        return source->reading.fresh(now);
    });
    picture.heard = !sources.empty() && std::ranges::all_of(sources, [](const Source* source) {
        return source->reading.heard_live();
    });
    picture.stale_from = sources.empty() ? now : TimePoint::max();
    for (const auto* source : sources)
        picture.stale_from = std::min(picture.stale_from, source->reading.stale_from());
    if (!base_) return picture;

    Watts surplus = -*base_ - grid_reserve;
    if (battery_) {
        const auto charging = std::max(watts_of(battery_->reading), Watts{});
        const auto discharging = std::max(-watts_of(battery_->reading), Watts{});
        // At the meter the battery is already taken into account, between generation and consumption it is
        // not.
        if (grid_)
            surplus += (car_first_ ? charging : Watts{}) - discharging;
        else if (!car_first_)
            surplus -= charging;
    }
    picture.surplus = surplus;
    return picture;
}

std::optional<Centiamps> Inputs::fuse_headroom(Centiamps main_fuse, TimePoint now) const {
    const auto fresh = [&](const Source& source) {
        const bool sees_chargers = is_current(source.kind) || sees_all_chargers(source);
        return source.reading.fresh(now) && (source.load.known || !sees_chargers);
    };
    Centiamps fullest;
    if (!grid_currents_.empty()) {
        if (!base_currents_ || !std::ranges::all_of(grid_currents_, fresh)) return std::nullopt;
        fullest = std::ranges::max(*base_currents_);
    } else {
        const auto sources = deciding();
        if (!base_ || !std::ranges::all_of(sources, [&](const Source* source) { return fresh(*source); }))
            return std::nullopt;
        // A meter at the grid sees the battery, the sum of generation and consumption does not.
        const auto battery = battery_ && !grid_ ? std::max(watts_of(battery_->reading), Watts{}) : Watts{};
        // Only the total is known: assume that all of it is on one phase.
        fullest = Centiamps{std::max<std::int64_t>((*base_ + battery).count(), 0) * 100 / volts_.count()};
    }
    return std::max(main_fuse - fuse_margin - fullest, Centiamps{});
}

}  // namespace bridge

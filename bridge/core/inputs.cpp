#include "bridge/core/inputs.hpp"

#include <algorithm>
#include <cstdlib>

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;
using twc::Watts;

namespace {

// A meter shows what flowed about a second before its message arrives (control.md 4.2).
constexpr twc::Duration meter_lag = 1s;
constexpr twc::Duration load_history = 5s;
// Kept free below the fuse: meters and cars are not exact (control.md 4.3).
constexpr Centiamps fuse_margin{50};

Watts watts_of(const Reading& reading) { return Watts{reading.thousandths().value_or(0) / 1000}; }

}  // namespace

Inputs::Inputs(const config::Config& config, TimePoint started)
    : volts_{config.default_voltage},
      subtract_charger_load_{config.subtract_charger_load},
      car_first_{config.inputs.car_first} {
    const auto source = [&](const std::optional<config::Input>& input) -> std::optional<Source> {
        if (!input) return std::nullopt;
        return Source{*input, Reading{config.inputs.max_age, started}};
    };
    generation_ = source(config.inputs.generation);
    consumption_ = source(config.inputs.consumption);
    grid_ = source(config.inputs.grid);
    battery_ = source(config.inputs.battery);
    if (config.inputs.grid_currents) {
        for (const auto& input : *config.inputs.grid_currents) grid_currents_.push_back(*source(input));
    }
    loads_.push_back({started, Watts{}, {}});
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
    std::optional<broker::Reason> refusal;
    bool heard = false;
    const auto take = [&](Source& source) {
        if (source.input.topic != topic) return;
        const auto thousandths = broker::parse_reading(payload, source.input);
        if (!thousandths) {
            refusal = thousandths.error();
            return;
        }
        source.reading.receive(*thousandths, retained, now);
        heard = true;
    };
    for (auto* source : {&generation_, &consumption_, &grid_, &battery_}) {
        if (*source) take(**source);
    }
    for (auto& source : grid_currents_) take(source);
    if (heard) refresh_base(now);
    return refusal;
}

std::optional<broker::Reason> Inputs::receive(InputKind kind, std::int64_t thousandths, TimePoint now) {
    auto* const known = source(kind);
    if (known == nullptr) return "there is no such input in the configuration";
    if (std::abs(thousandths) > std::int64_t{broker::most_watts} * 1000)
        return "expected a reading within 100 kW, found " + std::to_string(thousandths / 1000);
    known->reading.receive(thousandths, false, now);
    refresh_base(now);
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
    return &grid_currents_[static_cast<std::size_t>(kind) - static_cast<std::size_t>(InputKind::grid_l1)];
}

void Inputs::charger_load(Watts power, std::array<Centiamps, 3> currents, TimePoint now) {
    const auto& last = loads_.back();
    if (last.power == power && last.currents == currents) return;
    loads_.push_back({now, power, currents});
    while (loads_.size() > 1 && loads_[1].since <= now - load_history) loads_.pop_front();
}

const Inputs::Load& Inputs::load_at(TimePoint when) const {
    const auto later = std::ranges::find_if(loads_, [&](const Load& load) { return load.since > when; });
    return later == loads_.begin() ? loads_.front() : *std::prev(later);
}

void Inputs::refresh_base(TimePoint now) {
    const auto& load = load_at(now - meter_lag);
    const auto known = [](const std::optional<Source>& source) {
        return source && source->reading.thousandths();
    };
    if (known(consumption_)) {
        house_ = watts_of(consumption_->reading) - (subtract_charger_load_ ? load.power : Watts{});
    }
    if (known(grid_)) {
        base_ = watts_of(grid_->reading) - load.power;
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
            const Centiamps grid{*grid_currents_[phase].reading.thousandths() / 10};
            (*base_currents_)[phase] = grid - load.currents[phase];
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
    const auto fresh = [&](const Source& source) { return source.reading.fresh(now); };
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

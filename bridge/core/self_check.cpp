#include "bridge/core/self_check.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace bridge {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t agreeing = 3;
// From the last value before a step to the first one after it; longer, and the house moves too much itself.
constexpr twc::Duration longest_step = 180s;
constexpr twc::Duration time_to_believe = 60s;  // that values are negative; shorter, it is a glitch
constexpr std::int64_t steadiness = 8;  // a load that moves by less than one part in so many is settled
constexpr std::int64_t rest = 3;        // units may report 0.25 A on three phases where nothing flows

bool moves(std::optional<Response> response) { return response && *response > Response::none; }

/// The chargers' load in another measure than the configuration's.
std::optional<std::string> share(std::optional<Response> response) {
    if (!response) return std::nullopt;
    switch (*response) {
        case Response::third:
            return "a third";
        case Response::half:
            return "half";
        case Response::twice:
            return "twice";
        case Response::threefold:
            return "three times";
        case Response::falls:
        case Response::none:
        case Response::full:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string wrong_measure(const std::string& input, const std::string& part) {
    return input + " moves by " + part +
           " of what the chargers are thought to draw: correct numberOfPhases, or \"phases\" of the charger, "
           "or the unit and scale of the input";
}

std::string wrong_sign(const std::string& input) {
    return input + " falls when the chargers draw more: its sign is wrong, turn its \"invert\" round";
}

std::optional<std::string> suspect_grid(const Evidence& seen) {
    if (seen.grid == Response::falls) return wrong_sign("inputs.grid");
    if (seen.battery) return std::nullopt;
    if (seen.grid == Response::none) {
        return "inputs.grid does not move when the chargers draw more: give it the meter that measures them "
               "too, or the right unit; if a house battery levels it out, configure inputs.battery";
    }
    if (const auto part = share(seen.grid)) return wrong_measure("inputs.grid", *part);
    return std::nullopt;
}

std::optional<std::string> suspect_generation(const Evidence& seen) {
    if (moves(seen.generation)) {
        return "inputs.generation rises when the chargers draw more: is it swapped with inputs.consumption?";
    }
    if (seen.generation == Response::falls) {
        return "inputs.generation falls when the chargers draw more: give it the power of the solar plant "
               "alone";
    }
    if (seen.generation_negative)
        return "inputs.generation is far below zero: its sign is wrong, turn its \"invert\" round";
    return std::nullopt;
}

std::optional<std::string> suspect_consumption(const Evidence& seen) {
    if (seen.consumption == Response::falls) {
        return wrong_sign("inputs.consumption") +
               (seen.subtract_charger_load ? "" : ", and set subtractChargerLoad to true");
    }
    if (seen.subtract_charger_load && seen.consumption == Response::none) {
        return "inputs.consumption does not move when the chargers draw more: set subtractChargerLoad to "
               "false, or correct the unit of the input";
    }
    if (!seen.subtract_charger_load && moves(seen.consumption))
        return "inputs.consumption includes the chargers: set subtractChargerLoad to true";
    if (const auto part = share(seen.consumption)) return wrong_measure("inputs.consumption", *part);
    if (seen.consumption_negative) {
        return "inputs.consumption is far below zero: turn its \"invert\" round, or if it is the net power "
               "at the meter, configure it as inputs.grid";
    }
    return std::nullopt;
}

std::optional<std::string> suspect_currents(const Evidence& seen) {
    for (std::size_t phase = 0; phase < seen.grid_currents.size(); ++phase) {
        const auto name = "inputs.gridCurrents, L" + std::to_string(phase + 1) + ",";
        if (seen.grid_currents[phase] == Response::falls) return wrong_sign(name);
        if (seen.grid_currents[phase] == Response::none && !seen.battery) {
            return name +
                   " does not move when the chargers draw more: are the phases in another order, or does "
                   "that meter not measure the chargers?";
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Response> response_of(std::int64_t moved, std::int64_t step) {
    struct Band {
        std::int64_t from, to;  // %
        Response response;
    };
    constexpr std::array bands{Band{-140, -60, Response::falls},   Band{-20, 20, Response::none},
                               Band{27, 40, Response::third},      Band{43, 60, Response::half},
                               Band{75, 130, Response::full},      Band{170, 230, Response::twice},
                               Band{260, 340, Response::threefold}};
    const auto percent = moved * 100 / step;
    const auto* band = std::ranges::find_if(
        bands, [&](const Band& each) { return percent >= each.from && percent <= each.to; });
    return band == bands.end() ? std::nullopt : std::optional{band->response};
}

void StepWatch::hear(std::int64_t value, std::optional<LoadRange> load, twc::TimePoint now) {
    watch_sign(value, now);
    if (!load) return;
    const auto level = (load->least + load->most) / 2;
    if (load->most - load->least > std::max(level, least_step_) / steadiness) return;
    const bool rests = load->most < least_step_ / rest;
    const Settled settled{value, level, rests, now};
    if (last_ && last_->rests != rests && now - last_->when <= longest_step &&
        std::abs(level - last_->load) >= least_step_)
        note(response_of(value - last_->value, level - last_->load));
    last_ = settled;
}

void StepWatch::watch_sign(std::int64_t value, twc::TimePoint now) {
    const auto far_from_zero = least_step_ / 2;
    const int side = value < -far_from_zero ? -1 : value > far_from_zero ? 1 : 0;
    if (std::exchange(side_, side) != side) side_since_ = now;
    if (side != 0 && now - side_since_ >= time_to_believe) negative_ = side < 0;
}

void StepWatch::note(std::optional<Response> response) {
    steps_.push_back(response);
    if (steps_.size() > agreeing) steps_.pop_front();
    const bool agree = std::ranges::all_of(steps_, [&](const auto& step) { return step == response; });
    if (steps_.size() == agreeing && response && agree) response_ = response;
}

std::optional<std::string> suspicion(const Evidence& seen) {
    for (const auto suspect : {suspect_grid, suspect_generation, suspect_consumption, suspect_currents}) {
        if (auto sentence = suspect(seen)) return sentence;
    }
    return std::nullopt;
}

}  // namespace bridge

#include "tests/bridge/invariants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace bridge::tests {

using namespace twc::literals;
using config::Mode;
using twc::Centiamps;

namespace {

constexpr std::int64_t most_delay = 6;  // s, of a unit or a meter
constexpr std::int64_t grace = 10;      // s, of a measured fuse
constexpr std::int64_t hold_after_stale = 300;
constexpr Centiamps safe_without_meter = 6_A;
constexpr Centiamps dead_band = 10_cA;

bool follows_sun(Mode mode) { return mode == Mode::solar || mode == Mode::solar_min; }

Centiamps sum_of(const std::vector<CosimOffer>& offers) {
    Centiamps sum;
    for (const auto& offer : offers) sum += offer.amps;
    return sum;
}

std::string text(const std::vector<CosimOffer>& offers) {
    std::string text;
    for (const auto& offer : offers)
        text += "\n" + offer.id + " " + twc::to_text(offer.amps) + " A, " + offer.reason;
    return text;
}

}  // namespace

Invariants::Invariants(const RandomSite& site)
    : site_{site}, config_{site.config()}, seen_(site.units().size()) {}

void Invariants::restarted() {
    restarted_ = not_well_ = site_.now();
    for (auto& seen : seen_) {
        seen.started.reset();
        seen.stopped.reset();
        seen.voluntary_stops = 0;
        seen.wanted = false;
    }
}

bool Invariants::stale_for(std::int64_t seconds) const {
    return site_.now() - site_.last_surplus() > site_.most_age() + seconds;
}

void Invariants::check(const Controller& controller, const std::vector<CosimOffer>& offers) {
    SCOPED_TRACE("second " + std::to_string(site_.now()));
    const auto misbehaves = [&](const RandomUnit& unit) {
        return unit.defiant || unit.asleep || !unit.online || site_.now() <= unit.stuck_until;
    };
    if (std::ranges::any_of(site_.units(), misbehaves)) not_well_ = site_.now();
    check_sums(controller, offers);
    check_raises(controller);
    check_blind_fuse(controller, offers);
    check_main_fuse(offers);
    check_priorities(offers);
    check_harvest(offers);
    for (std::size_t i = 0; i < offers.size(); ++i) {
        SCOPED_TRACE("charger " + offers[i].id + ", offered " + twc::to_text(offers[i].amps) +
                     " A: " + offers[i].reason);
        check_offer(site_.units()[i], seen_[i], offers[i]);
        check_sun(site_.units()[i], seen_[i], offers[i]);
        check_switch(site_.units()[i], seen_[i], *controller.chargers()[i], offers[i]);
    }
    remember(controller, offers);
}

/// Σ O ≤ L in the same second; a measured fuse may be exceeded by minima for the length of its grace.
void Invariants::check_sums(const Controller& controller, const std::vector<CosimOffer>& offers) {
    ASSERT_LE(sum_of(offers), site_.total());
    for (std::size_t bus = 0; bus < config_.buses.size(); ++bus) {
        if (!config_.buses[bus].wiring_max) continue;
        Centiamps sum;
        for (std::size_t i = 0; i < offers.size(); ++i) {
            if (site_.units()[i].bus == bus) sum += offers[i].amps;
        }
        ASSERT_LE(sum, *config_.buses[bus].wiring_max) << "bus " << bus;
    }
    const bool crowded = sum_of(offers) > controller.ceiling().amps;
    crowded_ = crowded ? crowded_ + 1 : 0;
    ASSERT_LE(crowded_, grace + 1);
    ASSERT_TRUE(
        !crowded ||
        std::ranges::all_of(offers, [&](const CosimOffer& offer) { return offer.amps <= config_.minimum; }))
        << controller.ceiling().amps << text(offers);
}

/// No raise takes the sum of what the units themselves have in force above the lowest ceiling.
void Invariants::check_raises(const Controller& controller) {
    // A raise was decided up to three seconds before the unit takes it.
    ceilings_.push_back(std::min(controller.ceiling().amps, site_.total()));
    if (ceilings_.size() > 5) ceilings_.pop_front();
    const auto ceiling = std::ranges::max(ceilings_);
    std::vector<Centiamps> of_bus(config_.buses.size());
    std::vector<bool> raised_on(config_.buses.size());
    Centiamps sum;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const auto& unit = site_.units()[i];
        sum += unit.in_force;
        of_bus[unit.bus] += unit.in_force;
        if (unit.in_force > seen_[i].in_force) raised_on[unit.bus] = true;
    }
    if (std::ranges::find(raised_on, true) == raised_on.end()) return;
    ASSERT_LE(sum, ceiling) << "in force after a raise";
    for (std::size_t bus = 0; bus < of_bus.size(); ++bus) {
        const auto most = config_.buses[bus].wiring_max.value_or(sum);
        ASSERT_TRUE(!raised_on[bus] || of_bus[bus] <= most) << of_bus[bus] << " in force on bus " << bus;
    }
}

void Invariants::check_offer(const RandomUnit& unit, const Seen& seen, const CosimOffer& offer) const {
    ASSERT_EQ(offer.charge, offer.amps > 0_A);
    if (!offer.charge) return;
    ASSERT_GE(offer.amps, config_.minimum);
    ASSERT_LE(offer.amps, config_.wiring_max_each);
    if (unit.limit_of_owner) {
        ASSERT_LE(offer.amps, *unit.limit_of_owner);
    }
    const bool in_steps = offer.amps.count() % config_.control.current_step.count() == 0;
    ASSERT_TRUE(in_steps || offer.amps == config_.minimum);
    ASSERT_NE(site_.mode_of(unit), Mode::off);
    ASSERT_TRUE(unit.allowed);
    ASSERT_TRUE(unit.online);
    ASSERT_TRUE(unit.vehicle || !seen.gone || seen.offered > 0_A) << "started without a vehicle";
}

/// Stale: no start, no raise, and after five minutes more no charge, unless no stop is left.
void Invariants::check_sun(const RandomUnit& unit, const Seen& seen, const CosimOffer& offer) const {
    const auto mode = site_.mode_of(unit);
    if (!follows_sun(mode) || !stale_for(0) || !offer.charge) return;
    // A unit that comes back with a charge under way goes on.
    ASSERT_TRUE(mode != Mode::solar || seen.wanted || seen.offered > 0_A || unit.drawn >= 1_A)
        << "started by old values";
    ASSERT_TRUE(seen.offered == 0_A || offer.amps <= seen.offered) << "raised by old values";
    if (stale_for(1)) {
        ASSERT_EQ(offer.amps, config_.minimum);
    }
    const bool stops_left = !config_.control.max_stops || seen.voluntary_stops < *config_.control.max_stops;
    ASSERT_FALSE(mode == Mode::solar && stops_left && stale_for(hold_after_stale)) << "runs on old values";
}

/// Minimum times and the budget of stops, for switches for the sun's sake.
void Invariants::check_switch(const RandomUnit& unit, Seen& seen, const Charger& charger,
                              const CosimOffer& offer) const {
    const auto now = site_.now();
    const bool wanted = charger.decision.target.has_value();
    if (!unit.vehicle) seen.voluntary_stops = 0;
    if (wanted && !seen.wanted) {
        const bool goes_on = unit.drawn >= 1_A;  // a charge that is under way
        if (site_.mode_of(unit) == Mode::solar && seen.stopped && !goes_on) {
            ASSERT_GE(now - *seen.stopped, config_.control.min_off.count()) << "started again too soon";
        }
        seen.started = now;
    }
    if (!wanted && seen.wanted) {
        const bool for_the_sun = offer.reason == "waiting for surplus" || offer.reason == "input stale";
        if (for_the_sun && unit.drawn >= 1_A) {
            ++seen.voluntary_stops;
            ASSERT_LE(seen.voluntary_stops, config_.control.max_stops.value_or(seen.voluntary_stops));
            if (offer.reason == "waiting for surplus" && seen.started) {
                ASSERT_GE(now - *seen.started, config_.control.min_on.count()) << "stopped too soon";
            }
        }
        seen.stopped.reset();  // a car that has gone says nothing about the pause of the next one
        if (offer.reason != "no vehicle connected") seen.stopped = now;
    }
    seen.wanted = wanted;
}

void Invariants::check_blind_fuse(const Controller& controller, const std::vector<CosimOffer>& offers) const {
    if (!config_.main_fuse) return;
    const bool blind = site_.now() - site_.last_headroom() > site_.most_age();
    ASSERT_TRUE(!blind || controller.fuse_blind());
    if (!blind) return;
    for (const auto& offer : offers) ASSERT_LE(offer.amps, std::max(safe_without_meter, config_.minimum));
}

/// The house's fuse itself: exceeded by cars for a minute at most, where everybody does what he should.
void Invariants::check_main_fuse(const std::vector<CosimOffer>&) {
    const bool can_follow = config_.main_fuse && site_.meter_alive() && site_.meter_interval() <= 5 &&
                            site_.now() - not_well_ > 60 && site_.now() - site_.last_headroom() <= 12;
    bool over = false;
    for (std::size_t phase = 0; can_follow && phase < 3; ++phase) {
        if (!config_.inputs.grid_currents && phase > 0) break;
        Centiamps cars;
        for (const auto& unit : site_.units()) {
            if (static_cast<std::size_t>(unit.phases) > phase) cars += unit.drawn;
        }
        over = over || (cars > 0_A && site_.house(phase) < *config_.main_fuse &&
                        site_.house(phase) + cars > *config_.main_fuse);
    }
    over_fuse_ = over ? over_fuse_ + 1 : 0;
    ASSERT_LE(over_fuse_, 60);
}

/// In `fast`, when all is calm, nobody has less than somebody of lower priority, unless his own limit is it.
void Invariants::check_priorities(const std::vector<CosimOffer>& offers) const {
    const auto now = site_.now();
    if (now - site_.calm_since() < 120 || now - not_well_ < 120 || config_.main_fuse) return;
    if (config_.control.spike16) return;  // a raise goes by way of 16 A
    const auto waits = [](const CosimOffer& offer) { return offer.reason.starts_with("waiting until"); };
    if (std::ranges::any_of(offers, waits)) return;  // shares are on their way to others
    const auto& units = site_.units();
    const auto competes = [&](std::size_t i) {
        return site_.mode_of(units[i]) == Mode::fast && offers[i].charge && !units[i].own_maximum &&
               units[i].vehicle && !config_.buses[units[i].bus].wiring_max && seen_[i].wanted &&
               seen_[i].started && now - *seen_[i].started > 120;
    };
    for (std::size_t i = 0; i < units.size(); ++i) {
        for (std::size_t k = 0; k < units.size(); ++k) {
            if (!competes(i) || !competes(k) || units[i].priority < units[k].priority) continue;
            const auto cap =
                std::min(units[i].limit_of_owner.value_or(config_.wiring_max_each), config_.wiring_max_each);
            const auto least = std::min(cap, offers[k].amps);
            ASSERT_GE(offers[i].amps + config_.control.current_step + 2_cA, least)
                << offers[i].id << " has less than " << offers[k].id;
        }
    }
}

/// What cars draw for the sun's sake is what the sun gives, once both are calm.
void Invariants::check_harvest(const std::vector<CosimOffer>& offers) const {
    const auto now = site_.now();
    const auto lag = 3 * site_.meter_interval() + most_delay;
    if (config_.control.spike16) return;  // it is beside the sun for seconds
    if (now - site_.calm_since() < 120 + lag || now - not_well_ < 120 || !site_.meter_alive() ||
        now - site_.last_surplus() > site_.meter_interval() + most_delay)
        return;
    std::int64_t drawn = 0;
    std::int64_t tolerance = 100;
    bool at_minimum = true;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        const auto& unit = site_.units()[i];
        if (unit.drawn > 0_A && site_.mode_of(unit) != Mode::solar) return;
        const bool settled = seen_[i].wanted && seen_[i].started && now - *seen_[i].started >= 120;
        if (offers[i].charge && !settled) return;
        if (!offers[i].charge && unit.drawn > 0_A) return;
        drawn += unit.drawn.count() * volts * unit.phases / 100;
        tolerance += unit.phases * volts * (config_.control.current_step + 60_cA).count() / 100;
        at_minimum = at_minimum && offers[i].amps <= config_.minimum + dead_band;
    }
    ASSERT_TRUE(at_minimum || drawn == 0 || drawn <= site_.surplus() + tolerance)
        << drawn << " W drawn, " << site_.surplus() << " W to be had, minimum " << config_.minimum
        << text(offers);
}

void Invariants::check_energy(const Controller& controller) const {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        if (seen_[i].was_offline) continue;  // nobody hears what such a unit draws
        const auto told = static_cast<double>(controller.chargers()[i]->settings.energy) / 100;
        const auto flowed = seen_[i].energy / 3'600'000;
        ASSERT_NEAR(told, flowed, 0.02 + flowed / 100) << site_.units()[i].id;
    }
}

void Invariants::remember(const Controller& controller, const std::vector<CosimOffer>& offers) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
        const auto& unit = site_.units()[i];
        seen_[i].offered = offers[i].amps;
        seen_[i].in_force = unit.in_force;
        seen_[i].gone = unit.online && !unit.vehicle;
        seen_[i].was_offline = seen_[i].was_offline || !unit.online;
        const auto watts = unit.drawn.count() * controller.chargers()[i]->electrics().volts.count() / 100;
        seen_[i].energy += static_cast<double>(watts);
    }
}

}  // namespace bridge::tests

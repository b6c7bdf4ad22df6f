#include "tests/bridge/promises.hpp"

#include <algorithm>
#include <utility>

namespace bridge::tests {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

// A heartbeat that was on the line when a ceiling fell takes effect at its end.
constexpr twc::Duration on_the_line = 50ms;
constexpr twc::Duration heartbeat_bound = 1500ms;  // promise 1 (docs/design.md)
// The bound counts from one heartbeat to the next; its bytes take time too.
constexpr twc::Duration follows_within = heartbeat_bound + on_the_line;
constexpr Centiamps anything{65'535};
constexpr twc::Duration oldest_value = 121s;            // 120 s, and a tick
constexpr twc::Duration stops_within = 300s + 3 * 60s;  // and then the methods to stop a car

const Charger* charger_of(const Bridge& bridge, twc::TwcId id) {
    const auto chargers = bridge.chargers();
    const auto found = std::ranges::find(chargers, id, [](const Charger* charger) { return charger->id(); });
    return found == chargers.end() ? nullptr : *found;
}

bool forbidden(const Bridge& bridge, const config::Config& config, const Charger& charger) {
    const auto site_mode = bridge.settings().mode.value_or(config.mode);
    return !charger.settings.charge || site_mode == config::Mode::off ||
           charger.settings.mode == config::Mode::off;
}

/// A contactor opens twice a visit for want of sun, and heartbeats are withheld as often.
bool has_no_stops_left(const Charger& charger, const config::Config& config) {
    const bool wears = std::ranges::any_of(config.stop.surplus, [](config::StopMethod method) {
        return method == config::StopMethod::contactor || method == config::StopMethod::silence;
    });
    return wears && charger.settings.session_stops >= 2;
}

/// What the plan counts a charger with.
Centiamps counted(const Charger& charger) {
    if (charger.offered() > Centiamps{}) return charger.offered();
    return charger.drawing() && charger.online() ? charger.minimum() : Centiamps{};
}

}  // namespace

void Promises::line_was_dead(TimePoint now) {
    line_dead_ = false;
    line_alive_since_ = now;
}

void Promises::line_is_noisy(bool noisy, TimePoint now) {
    if (noisy_ && !noisy) line_alive_since_ = now;
    noisy_ = noisy;
}

void Promises::restarted(TimePoint now) {
    heard_.clear();
    started_ = now;
}

void Promises::check(const Bridge& bridge, const simulator::Bus& bus, TimePoint now) {
    if (testing::Test::HasFatalFailure()) return;  // one break leads to many
    check_manners(bus, now);
    check_sum(bridge, bus, now);
    check_stale(bridge, now);
    for (const auto* unit : bus.units()) {
        auto& watched = watched_[unit->id()];
        check_unit(*unit);
        const auto* charger = charger_of(bridge, unit->id());
        if (charger != nullptr) check_charger(bridge, *charger, *unit, watched, now);
        const bool due =
            charger != nullptr && charger->online() && charger->wish().kind != twc::Wish::Kind::silence;
        check_heartbeats(*unit, watched, due, now);
        watched.in_force = unit->limit_in_force();
        watched.heartbeats = unit->heartbeats();
    }
}

void Promises::check_manners(const simulator::Bus& bus, TimePoint now) {
    const auto statistics = bus.statistics();
    if (std::exchange(collisions_, statistics.unit_collisions) != statistics.unit_collisions) collided_ = now;
    const auto violations = statistics.master.violations();
    ASSERT_TRUE(std::exchange(violations_, violations) == violations || noisy_)
        << "the simulated wall connectors found fault with the master";
}

/// Promise 1, on what is in force at the units themselves and on what the bridge means to offer.
void Promises::check_sum(const Bridge& bridge, const simulator::Bus& bus, TimePoint now) {
    const auto ceiling = bridge.ceiling().amps;
    ceiling_.note(ceiling, now, on_the_line);
    for (const auto* unit : bus.units()) {
        auto& watched = watched_[unit->id()];
        const bool spoken_to = unit->heartbeats() != watched.heartbeats;
        if (unit->limit_in_force() < watched.in_force && !spoken_to) watched.forgotten = watched.in_force;
        // A version 1 unit that misses its zeros goes back to its limit by itself; a raise is what a
        // heartbeat does.
        const bool raised = unit->limit_in_force() > watched.in_force && spoken_to;
        // Before its first answer nobody knows that it has restarted: what reaches it was meant for the limit
        // it had.
        const bool restored = watched.forgotten >= unit->limit_in_force();
        if (spoken_to && !watched.silent) watched.forgotten = {};
        if (!raised || restored) continue;
        ASSERT_LE(bus.limits_in_force(), ceiling_.value())
            << "unit " << unit->id() << " was raised from " << watched.in_force << " to "
            << unit->limit_in_force() << " cA";
    }
    Centiamps sum;
    bool all_at_minimum = true;
    for (const auto* charger : bridge.chargers()) {
        sum += counted(*charger);
        all_at_minimum = all_at_minimum && counted(*charger) <= charger->minimum();
    }
    ASSERT_TRUE(sum <= ceiling || all_at_minimum) << "offers of " << sum << " cA under " << ceiling << " cA";
}

void Promises::check_unit(const simulator::WallConnector& unit) const {
    ASSERT_EQ(unit.limits_above_rating(), 0u);
    ASSERT_EQ(unit.limits_below_floor(), 0u);
    ASSERT_LE(unit.limit_in_force(), config_.wiring_max_each);
    ASSERT_LE(unit.limit_in_force(), config_.wiring_max_all);
}

void Promises::check_charger(const Bridge& bridge, const Charger& charger,
                             const simulator::WallConnector& unit, Watched& watched, TimePoint now) {
    const auto offered = charger.offered();
    ASSERT_TRUE(offered == Centiamps{} || offered >= charger.minimum())
        << "an offer below the minimum: " << offered;
    if (offered > Centiamps{}) {
        ASSERT_LE(offered, charger.ceiling().amps);
        ASSERT_FALSE(forbidden(bridge, config_, charger)) << charger.key() << " must not charge";
        ASSERT_TRUE(charger.online());
    }
    if (offered > watched.offered && offered > unit.limit_in_force()) check_start(bridge, charger);
    watched.offered = offered;
    const bool raised = unit.heartbeats() != watched.heartbeats && unit.limit_in_force() > watched.in_force;
    const bool defiant = charger.stopping.status() == Stopping::Status::exhausted;
    // An offer may be on the line when charging is switched off.
    watched.may.note(!forbidden(bridge, config_, charger), now, on_the_line);
    ASSERT_TRUE(!raised || defiant || watched.may.value())
        << charger.key() << " must not charge and was raised from " << watched.in_force << " to "
        << unit.limit_in_force() << " cA";

    const bool limit = charger.wish().kind == twc::Wish::Kind::limit;
    // What a unit took with its last heartbeat shows in its next answer; until then nobody knows of it.
    const bool known = charger.limit_in_force() >= unit.limit_in_force();
    const bool obeys = charger.online() && unit.powered() && known && serves(watched) &&
                       now > collided_ + 5s && now > line_alive_since_ + follows_within;
    watched.told.note(
        obeys ? std::max({charger.minimum(), offered, limit ? charger.wish().limit : Centiamps{}}) : anything,
        now, follows_within);
    ASSERT_LE(unit.limit_in_force(), watched.told.value())
        << charger.key() << " was told to go lower 1.5 s ago, offered " << offered
        << ", reason: " << to_sentence(charger.reason);
}

void Promises::check_start(const Bridge& bridge, const Charger& charger) const {
    ASSERT_TRUE(charger.vehicle_connected()) << charger.key() << " is raised without a vehicle";
    auto sum = charger.offered();
    for (const auto* other : bridge.chargers()) sum += other == &charger ? Centiamps{} : other->held();
    ASSERT_LE(sum, bridge.ceiling().amps) << charger.key() << " is raised without room";
}

/// Since when one of the values is missing that the surplus is made of.
std::optional<TimePoint> Promises::silent_since() const {
    const auto& inputs = config_.inputs;
    std::vector<const std::optional<config::Input>*> needed{&inputs.battery};
    if (inputs.grid)
        needed.push_back(&inputs.grid);
    else
        needed.insert(needed.end(), {&inputs.generation, &inputs.consumption});
    std::optional<TimePoint> since;
    for (const auto* input : needed) {
        if (!*input) continue;
        const auto found = heard_.find((*input)->topic);
        const auto last = found == heard_.end() ? started_ : found->second;
        since = std::min(since.value_or(last), last);
    }
    return since;
}

/// Promise 5, on what the sun's values and the fuse's meter say when they say nothing any more.
void Promises::check_stale(const Bridge& bridge, TimePoint now) const {
    const auto since = silent_since();
    if (!since || now - *since < oldest_value) return;
    for (const auto* charger : bridge.chargers()) {
        const auto site_mode = bridge.settings().mode.value_or(config_.mode);
        const auto mode = charger->settings.mode.value_or(site_mode);
        const bool follows_sun = mode == config::Mode::solar || mode == config::Mode::solar_min;
        if (follows_sun) {
            ASSERT_LE(charger->offered(), charger->minimum())
                << charger->key() << " follows a sun that nobody has seen for two minutes";
        }
        const bool has_no_way_to_stop = config_.stop.surplus.empty() ||
                                        has_no_stops_left(*charger, config_) ||
                                        charger->reason.kind == Reason::Kind::held_at_minimum ||
                                        charger->reason.kind == Reason::Kind::cannot_be_stopped;
        if (mode == config::Mode::solar && now - *since >= oldest_value + stops_within) {
            ASSERT_TRUE(charger->offered() == Centiamps{} || has_no_way_to_stop)
                << charger->key() << ": " << to_sentence(charger->reason);
        }
    }
}

/// Promise 5.
void Promises::check_heartbeats(const simulator::WallConnector& unit, Watched& watched, bool due,
                                TimePoint now) const {
    const bool waits = unit.powered() && due && serves(watched) && now > collided_ + 5s;
    const bool heard = unit.heartbeats() != watched.heartbeats;
    if (waits) {
        ASSERT_LE(now - std::max(watched.heartbeat_heard, line_alive_since_), follows_within)
            << "unit " << unit.id() << " is left without heartbeats";
    }
    if (heard || !waits) watched.heartbeat_heard = now;
}

void Promises::published(const broker::Publication& publication) {
    if (!publication.retain) return;
    const std::string_view topic{publication.topic};
    if (topic.ends_with("/energy")) {
        auto& before = energy_[publication.topic];
        const auto energy = std::stod(publication.payload);
        ASSERT_GE(energy, before) << topic << " fell";
        before = energy;
    } else if (topic.ends_with("/total_limit") || topic.ends_with("/limit")) {
        const auto most = topic.ends_with("/limit") ? config_.wiring_max_each : config_.wiring_max_all;
        const auto amps = std::stod(publication.payload);
        ASSERT_GE(amps, 0) << topic;
        ASSERT_LE(amps * 100, static_cast<double>(most.count()) + 0.1) << topic;
    }
}

}  // namespace bridge::tests

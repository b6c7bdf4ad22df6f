// All the bridge keeps of one wall connector: what was heard, what is remembered, what is offered.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bridge/core/appetite.hpp"
#include "bridge/core/boost.hpp"
#include "bridge/core/energy.hpp"
#include "bridge/core/intent.hpp"
#include "bridge/core/plan.hpp"
#include "bridge/core/reservation.hpp"
#include "bridge/core/settings.hpp"
#include "bridge/core/spike.hpp"
#include "bridge/core/stopping.hpp"
#include "config/config.hpp"
#include "twc/codes.hpp"
#include "twc/master.hpp"
#include "twc/unit.hpp"

namespace bridge {

/// What happened to a car, as the topic `event` tells it.
enum class Happening : std::uint8_t {
    vehicle_connected,
    vehicle_disconnected,
    charging_started,
    charging_stopped,
    session_ended,
    fault,
    fault_cleared,
    guest_waiting,
};
std::string_view to_text(Happening);

/// How power follows from amps: the phases in use and their volts.
struct Electrics {
    int phases = 1;
    twc::Volts volts;  ///< sum over the phases in use: W per A
    bool operator==(const Electrics&) const = default;
};

using PhasesUsed = std::array<bool, 3>;

class Charger {
  public:
    /// `config` and `settings` must outlive the charger, which keeps its counters in the latter.
    Charger(const config::Config& config, std::string key, std::size_t bus, ChargerSettings& settings);
    /// The unit was at work in an earlier run: whatever that set may be in force until the unit tells.
    void expect(twc::TimePoint now);

    // What the bus said.
    /// Returns what happened. `answers_wish`: in answer to a heartbeat that already carried wish().
    std::vector<Happening> hear(const twc::SlaveHeartbeat&, bool answers_wish, twc::TimePoint now);
    /// After the first heartbeat of a unit that was found charging: the limit to go on with; else nothing.
    std::optional<twc::Centiamps> take_adoption();
    void found(const twc::Unit&);
    /// The unit is not addressed any more.
    void lost(twc::TimePoint now);
    /// Nobody repeats our zeros any more: protocol 1 goes back to its limit of before.
    void left_alone() { reservation_.report(before_zero_, false); }
    /// Time has passed. Returns what happened.
    std::vector<Happening> pass(twc::TimePoint now);
    /// Two units answer to this id.
    void note_twins(twc::TimePoint now) { twins_heard_ = now; }
    /// What the unit says of the car's VIN now, see twc::Unit. Until it was asked for this car's that is
    /// another's.
    void hear_vin(const std::optional<std::string>& vin);
    /// Its meters, as far as it has any, tell which phases the car uses; that holds until the car leaves.
    void hear_meters(const twc::Unit&);

    // What the bridge decided.
    /// From now on the wire carries this.
    void set_wish(twc::Wish wish);
    void note_raise(twc::TimePoint now) { raised_ = now; }
    /// A command has made this the target; as its raise may have to wait for others, it holds for 5 s.
    void command_target(twc::Centiamps target, twc::TimePoint now) { commanded_ = {target, now}; }
    /// The owner changed something: a car that left its offer unused is asked again.
    void ask_again() { appetite_.forget_limit(); }

    // What is known.
    [[nodiscard]] const std::string& key() const { return key_; }
    [[nodiscard]] std::size_t bus() const { return bus_; }
    [[nodiscard]] twc::TwcId id() const { return settings.known.id; }
    [[nodiscard]] bool online() const { return online_; }
    [[nodiscard]] bool heard() const { return heard_; }
    [[nodiscard]] bool vehicle_connected() const { return vehicle_connected_; }
    /// At least 1 A flows; over when two heartbeats in a row say less.
    [[nodiscard]] bool drawing() const { return drawing_; }
    /// As drawing, but over only after 5 s below 1 A: the current dips while a car negotiates.
    [[nodiscard]] bool charging() const { return charging_; }
    [[nodiscard]] bool fault() const { return raw_state_ == twc::codes::state_error; }
    [[nodiscard]] std::uint8_t raw_state() const { return raw_state_; }
    [[nodiscard]] twc::Centiamps limit_in_force() const { return limit_in_force_; }
    [[nodiscard]] twc::Centiamps drawn() const { return drawn_; }
    [[nodiscard]] twc::Watts power() const {
        return twc::Watts{drawn_.count() * electrics_.volts.count() / 100};
    }
    /// The lower one of the last two reports: what is added to a surplus must not rest on one frame.
    [[nodiscard]] twc::Centiamps steady_drawn() const { return std::min(drawn_before_, drawn_); }
    /// False while a unit of an earlier run, which may be charging, has not told twice what it draws.
    [[nodiscard]] bool draw_known() const { return unheard_reports_ == 0; }
    [[nodiscard]] const Electrics& electrics() const { return electrics_; }
    /// What the plan grants; 0 = nothing.
    [[nodiscard]] twc::Centiamps offered() const;
    /// The same, or the minimum while the car shall not charge and nothing stops it: what the house is told.
    [[nodiscard]] twc::Centiamps shown_offer() const;
    [[nodiscard]] const twc::Wish& wish() const { return wish_; }
    [[nodiscard]] const config::Charger& options() const { return options_; }
    [[nodiscard]] std::optional<twc::TimePoint> raised() const { return raised_; }
    /// Up to here a raise is due to a command of a moment ago; else 0.
    [[nodiscard]] twc::Centiamps commanded_target(twc::TimePoint now) const;
    /// What the house is told of the decision, to be compared before and after.
    [[nodiscard]] auto told() const {
        return std::tuple{shown_offer(), reason, intent.because, stopping.status(), state()};
    }
    /// Why the offer is what it is, for people.
    [[nodiscard]] std::string why() const { return to_sentence(intent.because, reason); }
    /// Two units were heard that share this id, within the last 10 min.
    [[nodiscard]] bool has_twin() const { return twins_heard_.has_value(); }
    /// The car that is plugged in, if that is known: as the unit tells, or as configured where it tells none.
    [[nodiscard]] std::optional<std::string> vin() const;
    /// Somebody can ask this very car to start or to stop; nothing: its VIN may still be told.
    [[nodiscard]] std::optional<bool> vehicle_reachable() const;
    /// Has had an offer for 60 s and draws nothing.
    [[nodiscard]] bool idle(twc::TimePoint now) const;
    /// What it draws although its limit is lower, for more than 5 s; else nothing.
    [[nodiscard]] twc::Centiamps excess() const { return above_limit_ ? drawn_ : twc::Centiamps{}; }
    [[nodiscard]] const Appetite& appetite() const { return appetite_; }
    /// No more than this can be in force or flow at this unit.
    [[nodiscard]] twc::Centiamps held() const;

    /// Never below the protocol's floor.
    [[nodiscard]] twc::Centiamps minimum() const;
    [[nodiscard]] Ceiling hard_ceiling() const;
    /// The same, with the owner's limit and those that come with the intent.
    [[nodiscard]] Ceiling ceiling() const;
    [[nodiscard]] int priority() const {
        return intent.priority.value_or(settings.priority.value_or(options_.priority));
    }
    /// Who the car is, as far as is known.
    [[nodiscard]] Identity identity(twc::TimePoint now) const;
    /// `headroom`: what the ceilings leave beside the others.
    [[nodiscard]] StopFacts stop_facts(twc::Centiamps headroom) const;
    /// One of idle, connected, waiting, starting, charging, paused, error.
    [[nodiscard]] std::string_view state() const;

    ChargerSettings& settings;
    Stopping stopping;
    Spike spike;
    BoostTimer boost_timer;
    Intent intent;  ///< as weighed for the last plan
    Decision decision;
    Reason reason;  ///< why the offer is what it is

  private:
    void hear_first_state(std::uint8_t state);
    void hear_state(std::uint8_t state, std::vector<Happening>& happenings);
    void vehicle_left();
    void watch_draw(twc::TimePoint now);
    void watch_vin(twc::TimePoint now);
    void hear_current(twc::Centiamps drawn, twc::TimePoint now, std::vector<Happening>& happenings);

    const config::Config* config_;
    config::Charger options_;
    std::string key_;
    std::size_t bus_;

    bool online_ = false;
    bool heard_ = false;  // in this run
    bool adopting_ = false;
    bool silent_before_ = false;  // nothing was heard since it was found
    int unheard_reports_ = 0;     // of a unit that is expected
    std::uint8_t raw_state_ = 0;
    std::optional<std::uint8_t> state_candidate_;
    bool plug_known_ = false;
    bool vehicle_connected_ = false;
    std::optional<twc::TimePoint> vehicle_since_;  // as far as was seen in this run
    std::optional<std::string> vin_heard_;
    bool vin_is_old_ = false;  // what was heard is of the car before
    bool drawing_ = false;
    int below_one_amp_ = 0;  // heartbeats in a row
    bool charging_ = false;
    std::optional<twc::TimePoint> below_one_amp_since_;
    std::optional<twc::TimePoint> above_limit_since_;
    bool above_limit_ = false;
    twc::Centiamps limit_in_force_;
    twc::Centiamps drawn_;
    twc::Centiamps drawn_before_;                     // one report earlier
    bool tells_vins_ = false;                         // it has told one in this run
    std::optional<twc::TimePoint> vin_missed_since_;  // a car is there and the unit has told no VIN
    bool vin_overdue_ = false;                        // it will hardly tell one any more
    PhasesUsed phases_used_{};
    Electrics electrics_;
    Electrics electrics_of_next_car_;
    EnergyMeter meter_;

    twc::Wish wish_;
    twc::Centiamps before_zero_;  // may have been in force; 0 while the wish is another
    std::optional<twc::TimePoint> raised_;
    std::optional<std::pair<twc::Centiamps, twc::TimePoint>> commanded_;
    std::optional<twc::TimePoint> unused_since_;
    bool idle_ = false;  // as of the last pass
    std::optional<twc::TimePoint> unaddressed_since_;
    std::optional<twc::TimePoint> twins_heard_;
    Reservation reservation_;
    Appetite appetite_;
};

/// What neither the owner nor a command may exceed at this unit: the lowest of rating, wiring and configured
/// maximum.
Ceiling hard_ceiling(const config::Config&, const twc::KnownUnit&);

/// Phases and volts by the unit's own meters where it has any, else by the configuration. `used`: phases that
/// have carried current to this car; none: not known.
Electrics electrics_of(const twc::Unit&, const PhasesUsed& used, std::optional<int> configured_phases,
                       const config::Config&);

}  // namespace bridge

// Stops one car: tries the configured methods in their order, watches the current, and says what the wire
// must carry meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bridge/core/contactor.hpp"
#include "bridge/core/plan.hpp"
#include "bridge/core/silence.hpp"
#include "config/config.hpp"
#include "twc/master.hpp"
#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

std::string_view to_text(config::StopMethod);

/// What a stop looks at.
struct StopFacts {
    twc::Protocol protocol = twc::Protocol::v2;
    twc::Centiamps minimum;
    twc::Centiamps limit_in_force;
    twc::Centiamps may_be_in_force;  ///< what we have told it and it may not have answered yet included
    bool zeroed = false;             ///< heartbeats carry a zero already
    bool vehicle_connected = false;
    bool drawing = false;         ///< at least 1 A flows
    bool asks_for_limit = false;  ///< state 04: the unit wants to start
    bool room = false;            ///< the minimum fits under the ceilings beside what the others hold
    /// Somebody can ask this very car to start or to stop; nothing: that will show in a moment.
    std::optional<bool> vehicle_reachable = true;
    int silences_left = 0;          ///< that the car may still bear under this plug
    int silences_left_for_sun = 0;  ///< the same for StopCause::surplus
};

/// What is to be done once, besides what heartbeats carry.
struct Acts {
    bool ask_vehicle_to_stop = false;
    bool ask_vehicle_to_start = false;
    bool open_contactor = false;
    bool close_contactor = false;
    bool fall_silent = false;               ///< wish() withholds heartbeats from now on: to be counted
    bool skip_unreachable_vehicle = false;  ///< to be told
    bool operator==(const Acts&) const = default;
};

class Stopping {
  public:
    enum class Status : std::uint8_t {
        not_wanted,  ///< the car may charge
        stopped,     ///< no current flows, or permit() was never called
        trying,      ///< a method is at work
        exhausted,   ///< current flows and no method is left
    };

    /// What an earlier run has left behind.
    struct Remembered {
        bool contactor_open = false;  ///< not seen closed again
        bool vehicle_asked = false;   ///< to stop, and not to start again
    };
    /// `methods` must outlive this.
    Stopping(const config::Stop& methods, Remembered remembered)
        : methods_{&methods},
          vehicle_asked_{remembered.vehicle_asked},
          contactor_{remembered.contactor_open} {}

    /// The car must not charge, for this cause; to be called again at every change and once a second.
    [[nodiscard]] Acts demand(StopCause cause, const StopFacts& facts, twc::TimePoint now);
    /// The car may charge; to be called like demand().
    [[nodiscard]] Acts permit(const StopFacts& facts, twc::TimePoint now);
    /// The unit has confirmed FC B1 (close) or FC B2.
    void contactor_answered(bool close);
    /// Until it is permitted to charge, or draws nevertheless, it is told no limit at all, not even zero: a
    /// car may take that amiss while it shakes hands with its unit.
    void vehicle_came() { untold_ = true; }
    /// The plug was pulled: what the next car does has nothing to do with this one.
    void vehicle_left();
    /// The unit does not answer any more: what it was permitted holds no longer.
    void withdraw();
    /// It must have stopped by itself.
    void unit_gone();

    /// What heartbeats carry until permit(). Never raises what is in force, but for a car that nothing stops.
    [[nodiscard]] twc::Wish wish(const StopFacts& facts) const;
    [[nodiscard]] Status status() const { return status_; }
    [[nodiscard]] StopCause cause() const { return cause_; }
    /// The method at work; only while trying.
    [[nodiscard]] std::optional<config::StopMethod> method() const;
    /// We opened it and have not seen it closed again.
    [[nodiscard]] bool contactor_open() const { return contactor_.is_open(); }
    /// We asked the car to stop and have not asked it to start again.
    [[nodiscard]] bool vehicle_asked() const { return vehicle_asked_; }
    /// A method that is left lets the car end its charge itself.
    [[nodiscard]] bool stops_cleanly(twc::Protocol protocol) const;

  private:
    [[nodiscard]] const std::vector<config::StopMethod>& list() const {
        return cause_ == StopCause::surplus ? methods_->surplus : methods_->command;
    }
    [[nodiscard]] bool applies(config::StopMethod, const StopFacts&) const;
    Acts try_from(std::size_t first, const StopFacts& facts, twc::TimePoint now);
    Acts keep_silence(const StopFacts& facts, twc::TimePoint now);
    Acts open_contactor(twc::TimePoint now);

    const config::Stop* methods_;
    Status status_ = Status::stopped;
    StopCause cause_ = StopCause::command;
    std::size_t tried_ = 0;  // index of the method at work
    twc::TimePoint tried_since_;
    bool vehicle_asked_;  // to stop, and not yet to start again
    Contactor contactor_;
    Silence silence_;      // of this attempt
    bool silent_ = false;  // heartbeats are withheld
    // The car has been told no limit since it was plugged in. Zeros of an earlier run lapse and then show.
    bool untold_ = true;
};

}  // namespace bridge

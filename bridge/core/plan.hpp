// The rule that decides who charges and with how much, from facts alone: the seam behind which a better rule
// goes.
//
// It says what is wanted. Whether a raise is already safe on the wire is not its question (see Reservation),
// nor how a car is stopped (see Stopping).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bridge/core/reason.hpp"
#include "bridge/core/regret.hpp"
#include "config/config.hpp"
#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

/// A ceiling and the name under which its owner knows it; whoever makes one keeps the name alive.
struct Ceiling {
    twc::Centiamps amps;
    std::string_view name;
    bool operator==(const Ceiling&) const = default;
};

/// One charger as the rule sees it.
struct CarFacts {
    bool online = false;
    bool vehicle_connected = false;
    bool allowed = true;  ///< charge ON
    config::Mode mode = config::Mode::solar;
    twc::Centiamps minimum{600};
    Ceiling ceiling;                      ///< the lowest of rating, wiring and the owner's limit
    twc::Volts volts;                     ///< sum over the phases in use: W per A
    twc::Centiamps offered;               ///< now; 0 = nothing
    bool drawing = false;                 ///< at least 1 A flows
    twc::Centiamps drawn;                 ///< per phase
    twc::Centiamps offset;                ///< draws so much less than it is offered
    twc::Centiamps least_drawn{600};      ///< at its minimum
    std::optional<twc::Centiamps> wants;  ///< an offer above this is wasted on it
    std::optional<twc::Centiamps> takes;  ///< what it draws of that
    int stops = 0;                        ///< for want of sun, since it was plugged in
    bool idle = false;                    ///< has had an offer for a while and does not draw
    /// What it may be using although it is offered nothing: being stopped, silent, or with a limit that it
    /// keeps.
    twc::Centiamps occupied;
    /// What it has been drawing for more than a moment although its limit is lower; else 0.
    twc::Centiamps excess;
    /// `occupied` is no reason to stop others: it is being stopped for want of room, or draws nothing.
    bool leaving = false;
    bool unstoppable = false;  ///< every method has been tried
    int priority = 5;
    bool stops_cleanly = false;
    std::size_t bus = 0;
    std::int64_t session_energy = 0;  ///< 0.01 kWh
};

struct SiteFacts {
    std::vector<CarFacts> cars;  ///< always in the same order
    Ceiling ceiling;             ///< the lowest for all together
    std::vector<std::optional<Ceiling>> buses;
    bool ceiling_is_measured = false;  ///< by the main fuse: it may rise and fall every second
    std::optional<twc::Watts> surplus;
    bool inputs_fresh = false;
    bool inputs_heard = false;  ///< fresh at least once
    twc::TimePoint inputs_stale_from;
    bool fuse_blind = false;  ///< a main fuse is configured and its values are too old: 6 A each at most
};

/// Why a car must not charge, the weakest first; decides which stop methods apply and how patiently.
enum class StopCause : std::uint8_t { surplus, command, ceiling };

struct Decision {
    std::optional<twc::Centiamps> target;  ///< nothing: shall not charge
    StopCause stop_cause = StopCause::command;
    bool follows_surplus = false;  ///< a raise is for the sun's sake and may be held back
    Reason reason;
    bool operator==(const Decision&) const = default;
};

class Planner {
  public:
    explicit Planner(const config::Config&);

    /// One decision for each car, in the order of the facts. The sum of targets and `occupied` stays below
    /// every ceiling, or everybody that runs gets just the minimum while others are being stopped. To be
    /// called at every change and once a second; `now` never runs backwards.
    std::vector<Decision> plan(const SiteFacts&, twc::TimePoint now);

    /// What the rule keeps in mind of one car.
    struct Memory {
        bool running = false;  ///< was wanted to charge after the last call
        std::optional<twc::TimePoint> started;
        std::optional<twc::TimePoint> stopped;
        std::optional<twc::TimePoint> not_before;  ///< after a stop by the main fuse
    };

  private:
    void remember(const SiteFacts&, const std::vector<Decision>&, twc::TimePoint now);

    config::Control control_;
    bool surplus_stop_exists_;
    std::vector<Memory> memory_;
    Regret regret_;
    std::optional<twc::TimePoint> overloaded_since_;  // the ceiling for all does not fit the minima
};

}  // namespace bridge

// A car at the end of a wall connector's cable: takes what it is offered, late and in its own steps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bridge/simulator/wire.hpp"
#include "twc/units.hpp"

namespace simulator {

using twc::Centiamps;
using twc::Volts;

/// A vehicle identification number with a right check digit; `serial` gives its last six digits.
std::string tesla_vin(std::uint32_t serial);

struct CarOptions {
    bool plugged = false;
    bool wants = true;                 ///< charges whenever it can
    Centiamps max_current{3200};       ///< what its own charger takes, per phase
    int phases = 3;                    ///< 1 … 3; uses no more than the wall connector has
    bool tesla = true;                 ///< tells its VIN and obeys the zero of protocol 1
    std::string vin = tesla_vin(317);  ///< 17 characters
    Duration start_delay = std::chrono::seconds{12};
    Duration lag = std::chrono::milliseconds{1500};
    std::optional<std::int64_t> full_after_wh = std::nullopt;  ///< counted from the beginning
    /// Software of 2017: raised to less than this it falls back to 6 A, until it had that much for 5 s.
    std::optional<Centiamps> falls_back_below = std::nullopt;
    /// An offer does not wake it: only a new plug, or whoever wakes it.
    bool asleep = false;
    /// How often it bears each mishap under one plug (docs/stopping.md); nothing: for ever.
    std::optional<int> bears_open_contactors = std::nullopt;
    std::optional<int> bears_silences = std::nullopt;
    std::optional<int> bears_first_zeros = std::nullopt;
};

/// What is done to a car that it may take amiss.
enum class Mishap : std::uint8_t {
    open_contactor,  ///< FC B2 while current flowed
    silence,         ///< the unit lost its master and cut off what flowed
    first_zero,      ///< the first limit after plugging in was 0 A
};

class Car {
  public:
    explicit Car(CarOptions);

    // What its driver, its battery or its maker's service does. Takes effect at once in the present of the
    // bus.
    void plug();
    void unplug();
    void set_plugged(bool plugged) { plugged ? plug() : unplug(); }
    /// True makes a full or stopped car charge again.
    void set_wants(bool wants);
    void set_full();
    /// What an automation answers to the bridge's vehicle_request; a full car does not start.
    void stop_itself();
    void start_itself();
    void fall_asleep();
    void wake();
    /// Its own schedule: it does not charge before `at`; nothing: no schedule.
    void set_timer(std::optional<TimePoint> at);

    [[nodiscard]] bool plugged() const { return plugged_; }
    [[nodiscard]] bool full() const { return full_; }
    /// It will not charge until it is plugged in anew.
    [[nodiscard]] bool refuses() const { return refuses_; }
    [[nodiscard]] bool waits_for_timer() const { return timer_.has_value(); }
    /// Plugged in and willing to charge.
    [[nodiscard]] bool asks_for_power() const {
        return plugged_ && wants_ && !full_ && !stopped_ && !asleep_ && !refuses_ && !timer_;
    }
    [[nodiscard]] Centiamps drawn(TimePoint now) const;  ///< per phase
    [[nodiscard]] std::int64_t energy_wh(TimePoint now) const;
    [[nodiscard]] const CarOptions& options() const { return options_; }

    // What its wall connector does.
    /// Counts what the driver, the battery and the maker's service did.
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    /// What the plug offers from now on; nothing: the contactor is open. Cheap if nothing changed.
    struct Supply {
        std::optional<Centiamps> pilot;
        Volts volts;
        int phases = 1;
        bool operator==(const Supply&) const = default;
    };
    void set_supply(const Supply&, TimePoint now);
    /// Before the set_supply that goes with it.
    void bear(Mishap, TimePoint now);
    /// Carries out what is due by `now`.
    void advance(TimePoint now);
    [[nodiscard]] TimePoint next_event() const;

  private:
    /// A straight line from `from` towards `to` at the ramp's rate, then constant.
    struct Course {
        TimePoint since;
        Centiamps from;
        Centiamps to;
    };
    /// A change of the pilot on its way through the car's electronics.
    struct Turn {
        TimePoint at;
        Centiamps to;
    };
    void notice_pilot(std::optional<Centiamps> pilot, TimePoint now);
    void react(TimePoint now);
    void head_for(Centiamps target, TimePoint now);
    void enter(const Course&);
    void cut_off(TimePoint now);
    [[nodiscard]] Centiamps target() const;
    [[nodiscard]] TimePoint arrival() const;
    [[nodiscard]] std::int64_t centiamp_microseconds(TimePoint until) const;
    [[nodiscard]] std::int64_t volts_of_all_phases() const;
    [[nodiscard]] std::int64_t centijoules(TimePoint now) const;
    [[nodiscard]] TimePoint full_at() const;

    CarOptions options_;
    bool plugged_;
    bool wants_;
    bool full_ = false;
    bool stopped_ = false;
    bool asleep_;
    bool refuses_ = false;
    std::array<int, 3> borne_{};  // mishaps under this plug, by kind
    std::optional<TimePoint> timer_;
    std::uint64_t changes_ = 0;
    bool charging_ = false;
    std::optional<TimePoint> starts_;  // the start delay is running
    bool falls_back_ = false;          // whenever the pilot is below falls_back_below
    std::optional<TimePoint> pilot_high_since_;
    Supply supply_;
    Course course_;
    std::optional<Turn> turn_;
    std::int64_t centijoules_ = 0;  // up to course_.since
};

}  // namespace simulator

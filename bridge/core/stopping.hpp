// Stops one car: tries the configured methods in their order, watches the current, and says what the wire
// must carry meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bridge/core/plan.hpp"
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
    bool vehicle_connected = false;
    bool drawing = false;         ///< at least 1 A flows
    bool asks_for_limit = false;  ///< state 04: the unit wants to start
};

class Stopping {
  public:
    enum class Status : std::uint8_t {
        not_wanted,  ///< the car may charge
        stopped,     ///< no current flows
        trying,      ///< a method is at work
        exhausted,   ///< current flows and no method is left
    };
    /// To be done once.
    enum class Act : std::uint8_t { nothing, request_from_vehicle, open_contactor, close_contactor };

    /// `contactor_open`: we opened it in an earlier run and have not closed it since.
    Stopping(const config::Stop& methods, bool contactor_open)
        : methods_{&methods}, contactor_open_{contactor_open} {}

    /// The car must not charge, for this cause; to be called again at every change and once a second.
    Act demand(StopCause cause, const StopFacts& facts, twc::TimePoint now);
    /// The car may charge (again).
    Act permit();

    /// What heartbeats carry while the stop is demanded.
    [[nodiscard]] twc::Wish wish(const StopFacts& facts) const;
    [[nodiscard]] Status status() const { return status_; }
    [[nodiscard]] StopCause cause() const { return cause_; }
    /// The method at work; only while trying.
    [[nodiscard]] std::optional<config::StopMethod> method() const;
    [[nodiscard]] bool contactor_open() const { return contactor_open_; }
    /// The first method that works for this generation lets the car end its charge itself.
    [[nodiscard]] bool stops_cleanly(twc::Protocol protocol) const;

  private:
    [[nodiscard]] const std::vector<config::StopMethod>& list() const {
        return cause_ == StopCause::surplus ? methods_->surplus : methods_->command;
    }
    Act try_from(std::size_t first, const StopFacts& facts, twc::TimePoint now);

    const config::Stop* methods_;
    Status status_ = Status::not_wanted;
    StopCause cause_ = StopCause::command;
    std::size_t tried_ = 0;  // index of the method at work
    twc::TimePoint tried_since_;
    std::optional<twc::TimePoint> contactor_opened_;
    bool contactor_open_;
};

}  // namespace bridge

// Do the house's inputs see what the chargers draw, and with the right sign? Our own steps tell: when the
// chargers begin or end to draw, an input moves by as much, not at all, or the wrong way (docs/control.md 1).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "twc/time.hpp"

namespace bridge {

/// How an input moves when the chargers draw more.
enum class Response : std::uint8_t { falls, none, third, half, full, twice, threefold };

/// `moved` of a `step` of the chargers' load; nothing when it is none of these clearly.
std::optional<Response> response_of(std::int64_t moved, std::int64_t step);

/// The least and the most that the chargers drew in the time that a value may have needed to arrive.
struct LoadRange {
    std::int64_t least = 0;
    std::int64_t most = 0;
};

/// Watches one input. Only steps from and to rest count: between them the load follows the sun, and what an
/// input shows of that is mostly the sun itself.
class StepWatch {
  public:
    /// A smaller step teaches nothing; in the unit of the values.
    explicit StepWatch(std::int64_t least_step) : least_step_{least_step} {}

    /// `load`: nothing when it is not known for long enough.
    void hear(std::int64_t value, std::optional<LoadRange> load, twc::TimePoint now);

    /// What three steps in a row agreed on last.
    [[nodiscard]] std::optional<Response> response() const { return response_; }
    /// Values were far below zero for a minute without a break, and since then never as long far above it.
    [[nodiscard]] bool negative() const { return negative_; }

  private:
    struct Settled {
        std::int64_t value;
        std::int64_t load;
        bool rests;
        twc::TimePoint when;
    };
    void watch_sign(std::int64_t value, twc::TimePoint now);
    void note(std::optional<Response>);

    std::int64_t least_step_;
    std::optional<Settled> last_;
    std::deque<std::optional<Response>> steps_;
    std::optional<Response> response_;
    int side_ = 0;  // of the last value: far below zero, about zero, far above
    twc::TimePoint side_since_;
    bool negative_ = false;
};

/// What the inputs have shown, and what the configuration says of them. Inputs that decide nothing are left
/// out.
struct Evidence {
    std::optional<Response> grid{};
    std::optional<Response> consumption{};
    std::optional<Response> generation{};
    std::array<std::optional<Response>, 3> grid_currents{};
    bool consumption_negative = false;
    bool generation_negative = false;
    bool subtract_charger_load = false;
    bool battery = false;  ///< configured: it may level out what the meter at the grid would see
};

/// A sentence without a full stop that names what is wrong and what to change; nothing when nothing seems
/// wrong.
std::optional<std::string> suspicion(const Evidence&);

}  // namespace bridge

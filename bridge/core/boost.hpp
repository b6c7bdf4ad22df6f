// Charge now, for so many minutes or kWh, then back by itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "twc/time.hpp"

namespace bridge {

/// Ends with what is used up first.
struct Boost {
    int minutes = 0;  ///< left, rounded up; 0: time does not end it
    std::optional<std::int64_t>
        until;  ///< 0.01 kWh that the charger's counter says then; else energy does not

    [[nodiscard]] bool on() const { return minutes > 0 || until; }
    /// 0.01 kWh; 0: energy does not end it.
    [[nodiscard]] std::int64_t energy_left(std::int64_t counter) const {
        return until ? std::max<std::int64_t>(*until - counter, 0) : 0;
    }
    bool operator==(const Boost&) const = default;
};

/// Lets the minutes of one boost pass.
class BoostTimer {
  public:
    /// All its minutes are still to come.
    void restart() { end_.reset(); }
    /// What is left of the boost now. `counter`: of the charger, 0.01 kWh.
    Boost pass(Boost boost, std::int64_t counter, twc::TimePoint now) {
        using std::chrono::minutes;
        const bool used_up = boost.until && counter >= *boost.until;
        if (boost.minutes == 0) end_.reset();
        if (boost.minutes > 0 && !end_) end_ = now + minutes{boost.minutes};
        if (used_up || (end_ && now >= *end_)) {
            end_.reset();
            return {};
        }
        if (end_) boost.minutes = static_cast<int>(std::chrono::ceil<minutes>(*end_ - now).count());
        return boost;
    }

  private:
    std::optional<twc::TimePoint> end_;
};

}  // namespace bridge

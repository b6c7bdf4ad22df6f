// How late a meter's values are: with the right lag the chargers' own steps vanish from the house's base load
// (docs/control.md 1).
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

class MeterLag {
  public:
    static constexpr std::size_t most = 12;  ///< s
    using Bases = std::array<twc::Watts, most + 1>;

    /// A value has arrived: what it makes of the base load if it is 0 … 12 s old. `load_moved`: the chargers'
    /// load of that time says something about it.
    void hear(const Bases& bases, bool load_moved) {
        if (load_moved && before_) {
            for (std::size_t lag = 0; lag <= most; ++lag) {
                const auto jump = bases[lag] - (*before_)[lag];
                unrest_[lag] = unrest_[lag] * 49 / 50 + std::max(jump, -jump).count();
            }
            const auto least = std::ranges::min_element(unrest_);
            // A little less says nothing.
            if (*least * 10 < unrest_[lag_] * 9) lag_ = static_cast<std::size_t>(least - unrest_.begin());
        }
        before_ = bases;
    }
    [[nodiscard]] twc::Duration lag() const { return std::chrono::seconds{lag_}; }

  private:
    std::optional<Bases> before_;
    std::array<std::int64_t, most + 1> unrest_{};  // W, older ones fade
    std::size_t lag_ = 1;
};

}  // namespace bridge

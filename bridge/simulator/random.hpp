// Numbers that look random and are the same in every run (xorshift, after Marsaglia).
#pragma once

#include <cstdint>

#include "twc/time.hpp"

namespace simulator {

class Random {
  public:
    explicit constexpr Random(std::uint32_t seed) : state_{seed * 2654435761U | 1U} {}

    constexpr std::uint32_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return state_;
    }
    /// In [first, last).
    constexpr twc::Duration between(twc::Duration first, twc::Duration last) {
        return first + twc::Duration{next() % (last - first).count()};
    }
    /// True in so many of a million cases.
    constexpr bool chance(std::uint32_t per_million) {
        return per_million != 0 && next() % 1'000'000 < per_million;
    }

  private:
    std::uint32_t state_;
};

}  // namespace simulator

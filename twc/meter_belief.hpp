// What a unit says of its meters is believed when it fits what it said before, or when it says it twice: the
// sum of one byte lies now and then, and volts and phases decide how many amperes a surplus makes.
#pragma once

#include <cstdint>
#include <optional>

#include "twc/message.hpp"

namespace twc {

class MeterBelief {
  public:
    enum class Verdict : std::uint8_t {
        believed,
        doubted,  ///< to be asked for again at once
        ignored,  ///< impossible, or doubted too often in a row: the next regular reading will tell
    };
    Verdict judge(const MeterReport&);

  private:
    std::optional<MeterReport> last_;
    int doubts_ = 0;
};

}  // namespace twc

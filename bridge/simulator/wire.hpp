// SLIP and the checksum, written a second time on purpose.
//
// The simulator examines the bridge. Were it made of the code in twc/, a mistake there would be made on both
// sides of the line and nobody would see it. So this follows docs/protocol.md 1 from the raw bytes; only the
// clock and the units of measure are shared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "twc/time.hpp"

namespace simulator {

using twc::Duration;
using twc::TimePoint;
using Bytes = std::vector<std::uint8_t>;

/// Time that `count` bytes take at 9600 baud, 10 bits each.
constexpr Duration line_time(std::size_t count) {
    return Duration{static_cast<Duration::rep>(count) * 10'000'000 / 9600};
}

/// A slave starts its answer at most this long after the end of the request (docs/protocol.md 4).
constexpr Duration latest_answer = std::chrono::milliseconds{200};

/// Appends the checksum, escapes, and puts C0 before and after.
Bytes to_line(std::span<const std::uint8_t> body_without_checksum);

/// A big-endian number of two bytes.
constexpr std::uint16_t number_at(std::span<const std::uint8_t> body, std::size_t offset) {
    return static_cast<std::uint16_t>(body[offset] << 8 | body[offset + 1]);
}

/// Cuts a stream into frames the way a wall connector does: one C0 opens, another closes.
class Receiver {
  public:
    enum class Result : std::uint8_t {
        nothing,
        opened,        ///< a delimiter that may begin a frame
        frame,         ///< body() is whole and its checksum right
        bad_slip,      ///< a wrong escape, a stray byte, or more bytes than any frame has
        bad_checksum,  ///< body() is what came
        bad_length,    ///< fewer than 13 bytes between two delimiters
    };

    Result push(std::uint8_t byte);
    /// The last body, checksum included; valid until the next push.
    [[nodiscard]] std::span<const std::uint8_t> body() const { return {body_.data(), size_}; }
    [[nodiscard]] bool inside_frame() const { return inside_ && (size_ != 0 || escaped_ || malformed_); }
    /// Forgets a half-received frame.
    void reset();

  private:
    Result open();
    Result close();

    std::array<std::uint8_t, 20> body_{};  // no frame is longer (docs/protocol.md 1)
    std::size_t size_ = 0;
    std::size_t outside_ = 0;  // bytes since the last frame
    bool inside_ = false;
    bool escaped_ = false;
    bool malformed_ = false;
};

}  // namespace simulator

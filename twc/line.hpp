// Half-duplex manners on one line: when a reply is due, when somebody is talking, when we may speak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "twc/expected.hpp"
#include "twc/slip.hpp"
#include "twc/time.hpp"

namespace twc {

/// Slaves answer 0.15 … 0.20 s after the request (docs/protocol.md 4); after that long nobody answers any
/// more.
inline constexpr Duration reply_window = std::chrono::milliseconds{300};
/// Silence before we transmit (docs/protocol.md 1). No more than that, for three units and a
/// question need nearly all of a second.
inline constexpr Duration quiet_time = std::chrono::milliseconds{30};
/// After opening we listen: somebody before us may have asked, and the answer starts 0.2 s after the request
/// at the latest, which itself takes up to 0.04 s.
inline constexpr Duration opening_time = std::chrono::milliseconds{250};
/// A half frame that pauses for so long will not be finished (docs/protocol.md 1).
inline constexpr Duration half_frame_patience = std::chrono::milliseconds{100};

/// How long that many bytes take at 9600 baud with start and stop bit (docs/protocol.md 1).
Duration time_on_line(std::size_t bytes);

/// Takes bytes apart into frames and tells when the line is free. Knows no message.
class Line {
  public:
    /// Half-received frames and awaited replies are forgotten; the line is free after opening_time.
    void open(TimePoint now);
    /// Not free until it is opened again.
    void close();
    [[nodiscard]] bool is_open() const { return open_; }

    /// Frames and malformed frames that these bytes complete, in order.
    std::vector<Expected<Body, DecodeError>> receive(std::span<const std::uint8_t>, TimePoint now);
    /// We put so many bytes on the line now, and listen for so long after the last of them.
    void transmit(std::size_t bytes, Duration listen, TimePoint now);
    /// What we listened for has come: only silence is left to wait for.
    void stop_listening(TimePoint now);

    /// True when the time to listen is over and no frame that began within it is still coming in.
    [[nodiscard]] bool done_listening(TimePoint now) const;
    /// The earliest moment at which we may transmit, unless more bytes come; TimePoint::max() while closed.
    [[nodiscard]] TimePoint free_at() const;

  private:
    SlipDecoder decoder_;
    bool open_ = false;
    TimePoint free_from_;  // after our own last byte and the silence that follows it
    TimePoint listen_until_;
    std::optional<TimePoint> byte_heard_;  // the last one
};

}  // namespace twc

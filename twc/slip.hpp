// Bytes of the line ⇄ frame bodies: SLIP delimiters and escapes (docs/protocol.md 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "twc/codec.hpp"
#include "twc/expected.hpp"

namespace twc {

inline constexpr std::uint8_t delimiter = 0xC0;
/// Bytes that a line leaves between two frames: "02 00" on a badly terminated one (docs/protocol.md 5).
inline constexpr std::size_t longest_artefact = 2;

/// Cuts a stream of bytes into frame bodies. A delimiter separates, it never toggles, so that a lost
/// byte costs two frames at most. What stands between frames (line artefacts) is dropped silently.
class SlipDecoder {
  public:
    /// A body when this byte ends one; an error when a frame was malformed.
    /// Fewer than 13 bytes between delimiters are an artefact or a lost delimiter, not a frame: nothing is
    /// returned.
    std::optional<Expected<Body, DecodeError>> push(std::uint8_t byte);
    /// More bytes since the last delimiter than any line artefact has (two, docs/protocol.md 1): somebody is
    /// talking.
    [[nodiscard]] bool inside_frame() const;
    /// Forgets a half-received frame, as after a pause.
    void reset();

  private:
    void take(std::uint8_t byte);

    Body body_;
    bool started_ = false;                // a delimiter has been seen
    bool escaped_ = false;                // the byte before was DB
    std::optional<DecodeError> failure_;  // why this body can no longer become a frame
};

/// What stands between two delimiters, its escapes undone; nothing if one of them is wrong.
std::optional<Body> slip_unescape(std::span<const std::uint8_t> raw);

/// Delimiter, escaped body, delimiter, and one FE that covers adapters which let go of the line too early
/// (docs/protocol.md 1).
std::vector<std::uint8_t> slip_encode(std::span<const std::uint8_t> body);

}  // namespace twc

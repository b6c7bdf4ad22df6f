// SLIP framing, lenient towards noise between frames and strict within them.
#include "twc/slip.hpp"

#include <utility>

namespace twc {

namespace {

constexpr std::uint8_t escape = 0xDB;
constexpr std::uint8_t escaped_delimiter = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;
constexpr std::uint8_t trailing = 0xFE;

/// What a byte behind an escape stands for.
std::optional<std::uint8_t> unescape(std::uint8_t byte) {
    if (byte == escaped_delimiter) return delimiter;
    if (byte == escaped_escape) return escape;
    return std::nullopt;
}

}  // namespace

std::optional<Expected<Body, DecodeError>> SlipDecoder::push(std::uint8_t byte) {
    if (byte != delimiter) {
        if (started_) take(byte);
        return std::nullopt;
    }
    if (escaped_) failure_ = DecodeError::escape;
    Body body = std::exchange(body_, {});
    const auto failure = std::exchange(failure_, std::nullopt);
    started_ = true;
    escaped_ = false;
    if (body.size() < shortest_body) return std::nullopt;
    if (failure) return Unexpected{*failure};
    return body;
}

void SlipDecoder::take(std::uint8_t byte) {
    if (!escaped_ && byte == escape) {
        escaped_ = true;
        return;
    }
    if (std::exchange(escaped_, false)) {
        const auto meant = unescape(byte);
        if (!meant && !failure_) failure_ = DecodeError::escape;
        byte = meant.value_or(byte);
    }
    if (body_.empty()) body_.reserve(longest_body);
    if (body_.size() < longest_body) {
        body_.push_back(byte);
    } else if (!failure_) {
        failure_ = DecodeError::length;
    }
}

bool SlipDecoder::inside_frame() const { return body_.size() > longest_artefact; }

void SlipDecoder::reset() { *this = SlipDecoder{}; }

std::optional<Body> slip_unescape(std::span<const std::uint8_t> raw) {
    Body body;
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (raw[at] != escape) {
            body.push_back(raw[at]);
            continue;
        }
        const auto meant = ++at < raw.size() ? unescape(raw[at]) : std::nullopt;
        if (!meant) return std::nullopt;
        body.push_back(*meant);
    }
    return body;
}

std::vector<std::uint8_t> slip_encode(std::span<const std::uint8_t> body) {
    std::vector<std::uint8_t> wire;
    wire.reserve(body.size() + 4);
    wire.push_back(delimiter);
    for (const std::uint8_t byte : body) {
        if (byte == delimiter) {
            wire.insert(wire.end(), {escape, escaped_delimiter});
        } else if (byte == escape) {
            wire.insert(wire.end(), {escape, escaped_escape});
        } else {
            wire.push_back(byte);
        }
    }
    wire.insert(wire.end(), {delimiter, trailing});
    return wire;
}

}  // namespace twc

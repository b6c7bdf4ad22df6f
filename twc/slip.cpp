// SLIP framing, lenient towards noise between frames and strict within them.
#include "twc/slip.hpp"

#include <utility>

namespace twc {

namespace {

constexpr std::uint8_t escape = 0xDB;
constexpr std::uint8_t escaped_delimiter = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;
constexpr std::uint8_t trailing = 0xFE;

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
    if (escaped_) {
        escaped_ = false;
        if (byte == escaped_delimiter) {
            byte = delimiter;
        } else if (byte == escaped_escape) {
            byte = escape;
        } else if (!failure_) {
            failure_ = DecodeError::escape;
        }
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
        std::uint8_t byte = raw[at];
        if (byte == escape) {
            if (++at == raw.size()) return std::nullopt;
            if (raw[at] != escaped_delimiter && raw[at] != escaped_escape) return std::nullopt;
            byte = raw[at] == escaped_delimiter ? delimiter : escape;
        }
        body.push_back(byte);
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

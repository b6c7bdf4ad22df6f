#include "bridge/simulator/wire.hpp"

namespace simulator {

namespace {

constexpr std::uint8_t delimiter = 0xC0;
constexpr std::uint8_t escape = 0xDB;
constexpr std::uint8_t escaped_delimiter = 0xDC;
constexpr std::uint8_t escaped_escape = 0xDD;
constexpr std::size_t shortest_body = 13;

/// Everything but the type byte in front (docs/protocol.md 1).
std::uint8_t checksum(std::span<const std::uint8_t> body_without_checksum) {
    unsigned sum = 0;
    for (const auto byte : body_without_checksum.subspan(1)) sum += byte;
    return static_cast<std::uint8_t>(sum);
}

void append_escaped(Bytes& line, std::uint8_t byte) {
    if (byte == delimiter) {
        line.insert(line.end(), {escape, escaped_delimiter});
    } else if (byte == escape) {
        line.insert(line.end(), {escape, escaped_escape});
    } else {
        line.push_back(byte);
    }
}

}  // namespace

Bytes to_line(std::span<const std::uint8_t> body_without_checksum) {
    Bytes line;
    line.reserve(body_without_checksum.size() + 6);
    line.push_back(delimiter);
    for (const auto byte : body_without_checksum) append_escaped(line, byte);
    append_escaped(line, checksum(body_without_checksum));
    line.push_back(delimiter);
    return line;
}

Receiver::Result Receiver::push(std::uint8_t byte) {
    if (byte == delimiter) return inside_frame() ? close() : open();
    if (!inside_) return ++outside_ == 2 ? Result::bad_slip : Result::nothing;  // one artefact is no fault
    if (escaped_) {
        escaped_ = false;
        if (byte == escaped_delimiter) {
            byte = delimiter;
        } else if (byte == escaped_escape) {
            byte = escape;
        } else {
            malformed_ = true;
        }
    } else if (byte == escape) {
        escaped_ = true;
        return Result::nothing;
    }
    if (size_ == body_.size()) {
        malformed_ = true;
    } else {
        body_[size_++] = byte;
    }
    return Result::nothing;
}

Receiver::Result Receiver::open() {
    reset();
    inside_ = true;
    return Result::opened;
}

Receiver::Result Receiver::close() {
    const bool broken = malformed_ || escaped_;
    const auto size = size_;
    reset();
    if (size < shortest_body) {
        inside_ = true;  // a delimiter was lost: this one may be the first of a frame
        return broken ? Result::bad_slip : Result::bad_length;
    }
    size_ = size;
    if (broken) return Result::bad_slip;
    return checksum(body().first(size - 1)) == body_[size - 1] ? Result::frame : Result::bad_checksum;
}

void Receiver::reset() {
    size_ = 0;
    outside_ = 0;
    inside_ = escaped_ = malformed_ = false;
}

}  // namespace simulator

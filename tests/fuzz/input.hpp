// What a fuzzer's bytes are taken for, and what a bridge may put on the wire.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fuzz {

using Bytes = std::vector<std::uint8_t>;

/// Ends the process, so that the fuzzer keeps the input.
inline void require(bool holds, const char* promise) {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

/// Takes numbers and bytes from the front; zeros when there are no more.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_{data, size} {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }
    std::uint16_t word() {
        const auto high = byte();
        return static_cast<std::uint16_t>(high << 8U | byte());
    }
    Bytes bytes(std::size_t most) {
        const auto taken = rest_.first(std::min(most, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return {taken.begin(), taken.end()};
    }

  private:
    std::span<const std::uint8_t> rest_;
};

/// Checksum, escapes and delimiters around a body without its checksum, so that a fuzzer need not guess them.
inline Bytes framed(Bytes body) {
    unsigned sum = 0;
    for (std::size_t at = 1; at < body.size(); ++at) sum += body[at];
    body.push_back(static_cast<std::uint8_t>(sum));
    Bytes wire{0xC0};
    for (const auto byte : body) {
        if (byte == 0xC0 || byte == 0xDB) {
            wire.push_back(0xDB);
            wire.push_back(byte == 0xC0 ? 0xDC : 0xDD);
        } else {
            wire.push_back(byte);
        }
    }
    wire.push_back(0xC0);
    return wire;
}

/// The body of one frame with a byte behind it, as a bridge sends it; with its checksum. Demands that it is
/// one.
inline Bytes unframed(const Bytes& wire) {
    require(wire.size() > 14 && wire[0] == 0xC0, "what is sent is a frame");
    Bytes body;
    std::size_t at = 1;
    for (; at < wire.size() && wire[at] != 0xC0; ++at) {
        if (wire[at] != 0xDB) {
            body.push_back(wire[at]);
            continue;
        }
        require(++at < wire.size() && (wire[at] == 0xDC || wire[at] == 0xDD), "escapes are right");
        body.push_back(wire[at] == 0xDC ? 0xC0 : 0xDB);
    }
    require(at + 2 == wire.size() && wire.back() == 0xFE, "one frame at a time, and one byte behind it");
    return body;
}

/// A heartbeat that grants something.
struct Grant {
    std::uint16_t to = 0;
    int centiamps = 0;
};

/// Demands that a frame that was transmitted is of a kind that may be sent; returns what it grants. Knows no
/// code of the bridge.
inline std::optional<Grant> require_allowed(const Bytes& wire) {
    const Bytes body = unframed(wire);
    require(body.size() == 14 || body.size() == 16, "lengths are those of the generations");
    const int code = body[0] << 8 | body[1];
    switch (code) {
        case 0xFCE1:
        case 0xFBE2:
        case 0xFBEB:
        case 0xFBEC:
        case 0xFBED:
        case 0xFBEE:
        case 0xFBEF:
        case 0xFBF1:
        case 0xFCB1:
        case 0xFCB2:
            return std::nullopt;
        case 0xFBE0:
            break;
        default:
            require(false, "only frames that harm nobody are sent");
    }
    const int command = body[6];
    require(command == 0 || command == 5 || command == 8 || command == 9, "only these commands are sent");
    if (command == 0) return std::nullopt;
    return Grant{static_cast<std::uint16_t>(body[4] << 8 | body[5]), body[7] << 8 | body[8]};
}

}  // namespace fuzz

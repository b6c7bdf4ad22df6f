// Raw bytes through framing and codec: prints "N MB/s" for a stream of what real buses carry, in time on the
// processor, so that other programs do not count.
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <vector>

#include "twc/codec.hpp"
#include "twc/slip.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A master's round with one slave: heartbeats, a query, their answers.
Bytes round_of_bus() {
    const std::vector<Bytes> bodies{
        {0xFB, 0xE0, 0x79, 0x73, 0x34, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x95},
        {0xFD, 0xE0, 0x34, 0x95, 0x79, 0x73, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x95},
        {0xFB, 0xEB, 0x79, 0x73, 0x34, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA0},
        {0xFD, 0xEB, 0x34, 0x95, 0, 0, 0x1A, 0x7E, 0, 0xF7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x43},
        {0xFD, 0xEF, 0x79, 0x73, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xDB},
    };
    Bytes bytes;
    for (const auto& body : bodies) {
        const auto wire = twc::slip_encode(body);
        bytes.insert(bytes.end(), wire.begin(), wire.end());
    }
    return bytes;
}

/// Messages in the bytes.
std::size_t decode_all(const Bytes& bytes) {
    twc::SlipDecoder decoder;
    std::size_t messages = 0;
    for (const auto byte : bytes) {
        const auto frame = decoder.push(byte);
        if (frame && *frame && twc::decode(**frame)) ++messages;
    }
    return messages;
}

}  // namespace

int main() {
    constexpr int repeats = 7;
    constexpr std::size_t rounds = 200'000;
    const auto round = round_of_bus();
    Bytes bytes;
    for (std::size_t i = 0; i < rounds; ++i) bytes.insert(bytes.end(), round.begin(), round.end());
    std::vector<double> rates;
    for (int i = 0; i < repeats; ++i) {
        const auto began = std::clock();
        if (decode_all(bytes) != 5 * rounds) {
            std::cerr << "framing: messages are missing\n";
            return 1;
        }
        const auto seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
        rates.push_back(static_cast<double>(bytes.size()) / 1e6 / seconds);
    }
    std::ranges::sort(rates);
    std::cout << static_cast<int>(rates[repeats / 2]) << " MB/s (median of " << repeats << ")\n";
}

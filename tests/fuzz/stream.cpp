// Promise: the same bytes give the same frames, whether they come at once, one by one, or in pieces with
// pauses below 100 ms; a frame has 13 to 20 bytes; and a text shows the same frames however it is cut into
// pieces. Nothing crashes.
#include <chrono>

#include "tests/fuzz/input.hpp"
#include "twc/line.hpp"
#include "twc/transcript.hpp"

namespace {

using Frames = std::vector<twc::Expected<twc::Body, twc::DecodeError>>;

Frames receive(const fuzz::Bytes& bytes, std::size_t piece, twc::Duration pause) {
    twc::Line line;
    twc::TimePoint now{};
    line.open(now);
    Frames frames;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto part = std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at));
        for (auto& frame : line.receive(part, now)) frames.push_back(std::move(frame));
        now += pause;
    }
    return frames;
}

bool same(const Frames& a, const Frames& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
        if (x.has_value() != y.has_value()) return false;
        return x ? *x == *y : x.error() == y.error();
    });
}

std::vector<twc::Body> read(std::string_view text, std::size_t piece) {
    twc::Transcript transcript;
    std::vector<twc::Body> bodies;
    const auto keep = [&](const std::vector<twc::Sighting>& found) {
        for (const auto& sighting : found) bodies.push_back(sighting.body);
    };
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        keep(transcript.push(text.substr(0, piece)));
    keep(transcript.finish());
    return bodies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::size_t piece = 1 + input.byte() % 32U;
    const auto bytes = input.bytes(size);
    const auto whole = receive(bytes, size + 1, {});
    fuzz::require(same(whole, receive(bytes, 1, std::chrono::milliseconds{1})), "byte by byte");
    fuzz::require(same(whole, receive(bytes, piece, std::chrono::milliseconds{99})), "with pauses");
    for (const auto& frame : whole) {
        if (!frame) continue;
        fuzz::require(frame->size() >= twc::shortest_body && frame->size() <= twc::longest_body, "length");
        (void)twc::decode(*frame);
    }

    std::string hex;
    for (const auto byte : bytes) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        hex += {digits[byte >> 4U], digits[byte & 0xFU], ' '};
    }
    const std::string_view raw{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    for (const std::string_view text : {std::string_view{hex}, raw})
        fuzz::require(read(text, size * 3 + 1) == read(text, piece), "text in pieces");
    return 0;
}

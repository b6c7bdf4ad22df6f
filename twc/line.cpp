// Everything here is arithmetic on three moments: our last byte, their last byte, the end of listening.
#include "twc/line.hpp"

#include <algorithm>
#include <utility>

namespace twc {

Duration time_on_line(std::size_t bytes) {
    constexpr std::int64_t bits_per_byte = 10;
    constexpr std::int64_t baud = 9600;
    constexpr std::int64_t second = 1'000'000;  // microseconds
    return Duration{(static_cast<std::int64_t>(bytes) * bits_per_byte * second + baud - 1) / baud};
}

void Line::open(TimePoint now) {
    *this = Line{};
    open_ = true;
    free_from_ = now + opening_time;
    listen_until_ = now;
}

void Line::close() { *this = Line{}; }

std::vector<Expected<Body, DecodeError>> Line::receive(std::span<const std::uint8_t> bytes, TimePoint now) {
    std::vector<Expected<Body, DecodeError>> frames;
    if (!open_ || bytes.empty()) return frames;
    if (byte_heard_ && now - *byte_heard_ >= half_frame_patience) decoder_.reset();
    byte_heard_ = now;
    for (const std::uint8_t byte : bytes) {
        if (auto frame = decoder_.push(byte)) frames.push_back(std::move(*frame));
    }
    return frames;
}

void Line::transmit(std::size_t bytes, Duration listen, TimePoint now) {
    const TimePoint end = now + time_on_line(bytes);
    free_from_ = end + quiet_time;
    listen_until_ = end + listen;
    decoder_.reset();
}

void Line::stop_listening(TimePoint now) { listen_until_ = std::min(listen_until_, now); }

bool Line::done_listening(TimePoint now) const {
    if (now < listen_until_) return false;
    return !decoder_.inside_frame() || now - *byte_heard_ >= half_frame_patience;
}

TimePoint Line::free_at() const {
    if (!open_) return TimePoint::max();
    TimePoint free = std::max(free_from_, listen_until_);
    if (byte_heard_) {
        free = std::max(free, *byte_heard_ + (decoder_.inside_frame() ? half_frame_patience : quiet_time));
    }
    return free;
}

}  // namespace twc

// What the tests of the simulator share: hex text, and a master that needs no code of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/simulator/bus.hpp"

namespace simulator {

/// "FB E0 79" → bytes.
inline Bytes bytes_of(std::string_view hex) {
    Bytes bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 3) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{hex.substr(at, 2)}, nullptr, 16)));
    }
    return bytes;
}

inline std::string hex_of(const Bytes& bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string hex;
    for (const auto byte : bytes) {
        if (!hex.empty()) hex += ' ';
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

/// A bus with the simplest of masters. Times are given as since the start.
class Line : public Bus {
  public:
    using Bus::Bus;

    [[nodiscard]] TimePoint now() const { return now_; }
    void pass(Duration duration) {
        now_ += duration;
        advance(now_);
    }
    /// Sends, waits for 300 ms, gives what came back.
    std::string ask(std::string_view hex) {
        take_received(now_);
        transmit(bytes_of(hex), now_);
        pass(std::chrono::milliseconds{300});
        return hex_of(take_received(now_));
    }
    /// A heartbeat of master 7777; the answer arrives within the 300 ms that this takes.
    Bytes heartbeat(const WallConnector& unit, std::uint8_t command = 0, int centiamps = 0) {
        const auto id = unit.id().value();
        Bytes body{0xFB, 0xE0, 0x77, 0x77, high(id), low(id), command, high(centiamps), low(centiamps)};
        body.resize(unit.options().protocol == Protocol::v1 ? 13 : 15);
        return exchange(body);
    }
    Bytes command(const WallConnector& unit, std::uint8_t type, std::uint8_t code) {
        const auto id = unit.id().value();
        Bytes body{type, code, 0x77, 0x77, high(id), low(id)};
        body.resize(unit.options().protocol == Protocol::v1 ? 13 : 15);
        return exchange(body);
    }
    /// One heartbeat a second for so long.
    void serve(const WallConnector& unit, Duration duration, std::uint8_t command = 0, int centiamps = 0) {
        for (const auto end = now_ + duration; now_ < end;) {
            heartbeat(unit, command, centiamps);
            pass(std::chrono::milliseconds{700});
        }
    }

  private:
    static std::uint8_t high(int number) { return static_cast<std::uint8_t>(number >> 8); }
    static std::uint8_t low(int number) { return static_cast<std::uint8_t>(number); }
    Bytes exchange(const Bytes& body) {
        take_received(now_);
        transmit(to_line(body), now_);
        pass(std::chrono::milliseconds{300});
        return take_received(now_);
    }

    TimePoint now_;
};

}  // namespace simulator

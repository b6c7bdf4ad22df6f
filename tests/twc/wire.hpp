// A bus in simulated time: a Master on one side, slaves scripted from raw bytes on the other, and the manners
// of the line checked at every transmission. Nothing here uses our own encoder, so that no mistake hides on
// both sides.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "twc/master.hpp"
#include "vectors.hpp"

namespace twc {

using Bytes = std::vector<std::uint8_t>;

/// Checksum, escapes, delimiters and the FC that a real driver leaves behind.
inline Bytes framed(Bytes body) {
    unsigned sum = 0;
    for (std::size_t i = 1; i < body.size(); ++i) sum += body[i];
    body.push_back(static_cast<std::uint8_t>(sum));
    Bytes wire{0xC0};
    for (const std::uint8_t byte : body) {
        if (byte == 0xC0) {
            wire.insert(wire.end(), {0xDB, 0xDC});
        } else if (byte == 0xDB) {
            wire.insert(wire.end(), {0xDB, 0xDD});
        } else {
            wire.push_back(byte);
        }
    }
    wire.insert(wire.end(), {0xC0, 0xFC});
    return wire;
}

/// "FD E2 18 39" and zeros up to the length without checksum.
inline Bytes frame_of(const std::string& hex, std::size_t length) {
    Bytes body = bytes_of(hex);
    body.resize(length - 1);
    return framed(std::move(body));
}

/// The body of what the master sent, without checksum; written for tests, trusts its input.
inline Bytes body_of(const Bytes& wire) {
    Bytes body;
    for (std::size_t i = 1; i + 2 < wire.size(); ++i) {
        if (wire[i] == 0xDB) {
            body.push_back(wire[++i] == 0xDC ? 0xC0 : 0xDB);
        } else {
            body.push_back(wire[i]);
        }
    }
    body.pop_back();
    return body;
}

inline std::string hex_of(const Bytes& bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) text += TwcId{byte}.text().substr(2);
    return text;
}

class Wire {
  public:
    /// One slave: answers what is addressed to it after its delay, as long as it is not silent.
    struct Station {
        std::string id;  // "1839"
        std::size_t length = 16;
        std::string status = "0000000000";  // state, limit, drawn of its FD E0
        Duration delay = std::chrono::milliseconds{195};
        bool silent = false;
        bool answers_questions = true;
        bool obeys = true;  // repeats a limit that it is told
    };
    struct Sent {
        TimePoint when;
        Bytes body;
    };

    explicit Wire(MasterSettings settings) : master{std::move(settings)} {}

    Master master;
    std::map<std::string, Station> stations;
    std::vector<Sent> sent;
    std::vector<std::pair<TimePoint, Event>> events;
    std::function<Bytes(Bytes)> damage = [](Bytes bytes) { return bytes; };
    bool echo = false;
    int wakes = 0;
    TimePoint now{std::chrono::seconds{100}};

    Station& add(const std::string& id, std::size_t length = 16) {
        Station& station = stations[id];
        station.id = id;
        station.length = length;
        return station;
    }
    /// Until the master has listened for long enough; its first frame goes out now.
    void open() {
        const auto before = sent.size();
        master.handle_open(now);
        run(opening_time - std::chrono::microseconds{1});
        EXPECT_EQ(sent.size(), before) << "talks before it has listened";
        run(std::chrono::microseconds{1});
    }
    /// Puts bytes on the line that end at `when`.
    void say(TimePoint when, Bytes bytes) { coming_.emplace(when, std::move(bytes)); }
    void say(Bytes bytes) { say(now, std::move(bytes)); }
    void link_ready(const std::string& id, const std::string& rating = "0C 80", std::size_t length = 16) {
        say(frame_of("FD E2" + id + "52" + rating, length));
        run(Duration::zero());
    }

    /// Lets so much time pass; the master wakes when it asked to, or when bytes come.
    void run(Duration time) {
        const TimePoint end = now + time;
        while (true) {
            const TimePoint next =
                std::min(master.next_deadline(), coming_.empty() ? end : coming_.begin()->first);
            if (next > end || (next == end && coming_.empty() && master.next_deadline() > end)) break;
            ASSERT_LT(++wakes, 2'000'000) << "it never sleeps";
            now = std::max(now, next);
            if (!coming_.empty() && coming_.begin()->first <= now) {
                const Bytes bytes = damage(coming_.begin()->second);
                coming_.erase(coming_.begin());
                last_byte_ = now;
                if (hex_of(bytes).find(awaited_) != std::string::npos) free_from_ = std::min(free_from_, now);
                master.handle_bytes(bytes, now);
            } else {
                master.handle_timeout(now);
            }
            drain();
            ASSERT_GT(master.next_deadline(), now) << "it spins";
        }
        now = end;
        drain();
    }
    void drain() {
        while (auto bytes = master.poll_transmit(now)) hear(*bytes);
        while (auto event = master.poll_event()) events.emplace_back(now, std::move(*event));
    }

    /// The longest time between two heartbeats to a unit, and up to now.
    [[nodiscard]] Duration longest_gap(const std::string& id) const {
        Duration longest{};
        std::optional<TimePoint> last;
        for (const Sent& frame : sent) {
            if (!is_heartbeat(frame.body, id)) continue;
            if (last) longest = std::max(longest, frame.when - *last);
            last = frame.when;
        }
        return last ? std::max(longest, now - *last) : Duration::max();
    }
    [[nodiscard]] std::vector<Sent> heartbeats(const std::string& id) const {
        std::vector<Sent> found;
        for (const Sent& frame : sent) {
            if (is_heartbeat(frame.body, id)) found.push_back(frame);
        }
        return found;
    }
    /// How many frames began with these bytes.
    [[nodiscard]] std::int64_t count(const std::string& start) const {
        const std::string begin = hex_of(bytes_of(start));
        return std::ranges::count_if(
            sent, [&](const Sent& frame) { return hex_of(frame.body).starts_with(begin); });
    }
    template <class Kind>
    [[nodiscard]] std::vector<Kind> heard() const {
        std::vector<Kind> found;
        for (const auto& [when, event] : events) {
            if (const Kind* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
        }
        return found;
    }

  private:
    static bool is_heartbeat(const Bytes& body, const std::string& id) {
        return body[0] == 0xFB && body[1] == 0xE0 && hex_of({body[4], body[5]}) == id;
    }

    void hear(const Bytes& wire) {
        const TimePoint end =
            now + std::chrono::microseconds{static_cast<std::int64_t>(wire.size()) * 1'000'000 / 960};
        EXPECT_GE(now, free_from_) << "transmits while our last frame or its reply is due";
        if (last_byte_) {
            EXPECT_GE(now - *last_byte_, std::chrono::milliseconds{30}) << "transmits into the silence";
        }
        const Bytes body = body_of(wire);
        sent.push_back({now, body});
        free_from_ = end;
        if (echo) say(end, wire);
        if (body[0] == 0xFB && body[1] == 0xE2) free_from_ = end + std::chrono::milliseconds{600};
        if (body[1] == 0xE1 || body[1] == 0xE2) return;
        const auto found = stations.find(hex_of({body[4], body[5]}));
        const auto reply = found == stations.end() ? std::nullopt : reply_of(found->second, body);
        // Until the reply has come the line is not ours, at most for 300 ms.
        free_from_ = end + std::chrono::milliseconds{300};
        awaited_ = "fd" + hex_of({body[1], body[4], body[5]});
        if (reply) say(end + found->second.delay, *reply);
    }

    static std::optional<Bytes> reply_of(Station& station, const Bytes& body) {
        if (station.silent) return std::nullopt;
        const std::string asker = hex_of({body[2], body[3]});
        switch (body[1]) {
            case 0xE0:
                if (station.obeys && body[6] != 0) {
                    station.status =
                        station.status.substr(0, 2) + hex_of({body[7], body[8]}) + station.status.substr(6);
                }
                return frame_of("FD E0" + station.id + asker + station.status, station.length);
            case 0xB1:
            case 0xB2:
                return frame_of("FD" + hex_of({body[1]}) + station.id, 16);
            default:
                break;
        }
        if (!station.answers_questions) return std::nullopt;
        switch (body[1]) {
            case 0xEB:
                return frame_of("FD EB" + station.id + "00 00 03 9C 00 F4 00 F0 00 F5 20 1F 20", 20);
            case 0xEC:
                return frame_of("FD EC" + station.id + "04 05 03 02", 16);
            case 0xED:
                return frame_of("FD ED" + station.id + "41 31 38 47 30 30 30 35 38 39 33", 20);
            case 0xEE:
                return frame_of("FD EE" + station.id + "31 4D 38 47 44 4D 39", 20);
            case 0xEF:
                return frame_of("FD EF" + station.id + "41 58 4B 50 30 34 32", 20);
            case 0xF1:
                return frame_of("FD F1" + station.id + "37 38 38", 20);
            default:
                return std::nullopt;
        }
    }

    std::multimap<TimePoint, Bytes> coming_;
    std::optional<TimePoint> last_byte_;
    std::string awaited_ = "nothing yet";
    TimePoint free_from_;
};

}  // namespace twc

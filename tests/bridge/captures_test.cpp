// Every recorded bus, heard by the whole bridge: as the master that it is, and as an onlooker.
//
// Four more logs of users, of TWCManager's issues 644, 296 and 215 and of dracoventions' issue 37, hold no
// frames but numbers that were decoded already; the simulated units were made after them.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/bridge/site.hpp"
#include "twc/transcript.hpp"

namespace bridge::tests {
namespace {

using simulator::Bytes;

const std::filesystem::path captures = std::filesystem::path{TEST_SOURCE_DIR} / "vectors" / "captures";

struct Heard {
    Duration after{};  ///< the first line
    bool sent = false;
    Bytes bytes;
};

/// Delimiters and escapes, which some logs left out.
Bytes on_the_line(const twc::Body& body) {
    Bytes bytes{0xC0};
    for (const auto byte : body) {
        if (byte == 0xC0 || byte == 0xDB) {
            bytes.push_back(0xDB);
            bytes.push_back(byte == 0xC0 ? 0xDC : 0xDD);
        } else {
            bytes.push_back(byte);
        }
    }
    bytes.insert(bytes.end(), {0xC0, 0xFC});
    return bytes;
}

/// "07:53:28" or "16:31:47.556"; a line without a time is half a second after the one before.
std::optional<Duration> time_of(const std::string& line) {
    if (line.size() < 8 || line[2] != ':' || line[5] != ':') return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t digits) {
        return std::stoi(line.substr(at, digits));
    };
    return 1h * number(0, 2) + 1min * number(3, 2) + 1s * number(6, 2) +
           (line[8] == '.' ? 1ms * number(9, 3) : 0ms);
}

std::vector<Heard> read(const std::string& name) {
    std::ifstream file{captures / name};
    std::vector<Heard> all;
    std::optional<Duration> first;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        twc::Transcript transcript;
        auto sightings = transcript.push(line);
        for (auto& sighting : transcript.finish()) sightings.push_back(std::move(sighting));
        EXPECT_EQ(sightings.size(), 1U) << line;
        const auto time = time_of(line);
        if (time && !first) first = time;
        // Within one second a log does not say when; frames take turns.
        const auto earliest = all.empty() ? 0s : all.back().after + 60ms;
        const auto after = time ? std::max<Duration>(*time - *first, earliest) : earliest + 440ms;
        all.push_back({after, sightings.at(0).facts.direction == twc::Direction::sent,
                       on_the_line(sightings.at(0).body)});
    }
    return all;
}

/// What became of a capture that was heard.
struct Outcome {
    twc::BusCounters counters;
    std::set<std::string> online;
    std::string problem;  ///< the last one
    std::uint64_t sent = 0;
};

/// A master hears only what others said, as the log's program did; an onlooker hears both.
Outcome replay(const std::string& name, bool observe, std::vector<twc::KnownUnit> known) {
    const auto lines = read(name);
    Settings settings;
    for (const auto& unit : known) settings.chargers[unit.id.text()].known = unit;
    TimePoint now{1h};
    Bridge bridge{quick_config(), settings, {.observe = observe}, now};
    Outcome outcome;
    const auto drain = [&] {
        while (const auto wire = bridge.poll_transmit(now)) {
            ++outcome.sent;
            EXPECT_FALSE(observe) << "an onlooker speaks";
        }
        while (const auto save = bridge.poll_save(now))
            bridge.handle_saved(save->revision, std::nullopt, now);
        while (const auto publication = bridge.poll_publication()) {
            if (publication->topic == "twcbridge/problem_reason" && !publication->payload.empty())
                outcome.problem = publication->payload;
            if (publication->topic.ends_with("/status") && publication->payload == "online" &&
                publication->topic.find("/charger/") != std::string::npos)
                outcome.online.insert(publication->topic.substr(18, 4));
        }
    };
    bridge.handle_broker(true, "", now);
    bridge.handle_bus_open(0, now);
    drain();
    const auto begin = now + 300ms;
    for (const auto& [after, sent, bytes] : lines) {
        while (bridge.next_deadline() < begin + after) {
            now = bridge.next_deadline();
            bridge.handle_timeout(now);
            drain();
        }
        now = begin + after;
        if (!sent || observe) bridge.handle_bytes(0, bytes, now);
        drain();
    }
    for (const auto end = now + 3s; bridge.next_deadline() < end;) {
        now = bridge.next_deadline();
        bridge.handle_timeout(now);
        drain();
    }
    outcome.counters = bridge.bus_counters(0);
    return outcome;
}

constexpr const char* in_master_position =
    "wall connector 7973 is in master position: set its rotary switch to F";

struct Capture {
    const char* name;
    std::vector<twc::KnownUnit> known;
    std::uint64_t received;  ///< by the master
    std::uint64_t echoes;
    std::set<std::string> online;
    std::string problem;
    std::uint64_t observed;  ///< good frames, by an onlooker, who also hears what the log's program sent
    std::uint64_t rejected;  ///< by him; that program sent some wrong ones
    std::set<std::string> online_for_onlooker;
};

std::vector<Capture> all_captures() {
    const twc::KnownUnit old_one{.id = TwcId{0x022C}, .protocol = twc::Protocol::v1, .max_current = 32_A};
    const twc::KnownUnit german{.id = TwcId{0x2433}, .max_current = 32_A};
    return {
        {"echo.trace", {}, 0, 9, {}, "", 16, 0, {}},
        {"fake_master_start.trace", {}, 2, 0, {}, "", 12, 0, {}},
        {"master_alone.trace", {}, 44, 0, {}, in_master_position, 44, 0, {"7973"}},
        {"master_and_slave.trace", {}, 76, 0, {"3495"}, in_master_position, 76, 0, {"3495", "7973"}},
        {"master_reports.trace", {}, 2, 0, {}, "", 2, 0, {}},
        {"unanswered_heartbeats.trace", {german}, 3, 0, {"2433"}, "", 7, 0, {"2433"}},
        {"version_one_error.trace", {old_one}, 1, 0, {}, "", 2, 0, {}},
        {"wrong_checksums.trace", {}, 2, 0, {}, "", 12, 4, {}},
    };
}

TEST(Captures, OfEveryBusAreHeardByABridgeThatIsItsMaster) {
    const auto all = all_captures();
    EXPECT_EQ(all.size(),
              static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{captures}, {})));
    for (const auto& capture : all) {
        SCOPED_TRACE(capture.name);
        const auto outcome = replay(capture.name, false, capture.known);
        EXPECT_EQ(outcome.counters.frames_received, capture.received);
        EXPECT_EQ(outcome.counters.frames_rejected, 0U);
        EXPECT_EQ(outcome.counters.echoes, capture.echoes);
        EXPECT_EQ(outcome.online, capture.online);
        EXPECT_EQ(outcome.problem, capture.problem);
        EXPECT_GT(outcome.sent, 0U);
    }
}

TEST(Captures, OfEveryBusAreHeardByABridgeThatLooksOnAndSaysNothing) {
    for (const auto& capture : all_captures()) {
        SCOPED_TRACE(capture.name);
        const auto outcome = replay(capture.name, true, {});
        EXPECT_EQ(outcome.counters.frames_received + outcome.counters.echoes, capture.observed);
        EXPECT_EQ(outcome.counters.frames_rejected, capture.rejected);
        EXPECT_EQ(outcome.online, capture.online_for_onlooker);
        EXPECT_EQ(outcome.sent, 0U);
    }
}

}  // namespace
}  // namespace bridge::tests

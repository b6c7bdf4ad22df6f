// Recorded buses, heard again: all of their frames are found, and an observer learns what was said.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "twc/hex_text.hpp"
#include "twc/master.hpp"
#include "twc/slip.hpp"
#include "twc/transcript.hpp"
#include "vectors.hpp"

namespace twc {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path captures = std::filesystem::path{TEST_SOURCE_DIR} / "vectors" / "captures";

std::vector<std::string> lines_of(const std::string& name) {
    std::ifstream file{captures / name};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with('#')) lines.push_back(line);
    }
    return lines;
}

struct Counts {
    std::string name;
    std::size_t frames;
    std::size_t wrong;
};

TEST(Captures, AreDecodedWithoutLoss) {
    const std::vector<Counts> all{
        {"echo.trace", 16, 0},
        {"fake_master_start.trace", 12, 0},
        {"master_alone.trace", 44, 0},
        {"master_and_slave.trace", 76, 0},
        {"master_reports.trace", 2, 0},
        {"unanswered_heartbeats.trace", 7, 0},
        {"version_one_error.trace", 2, 0},
        {"wrong_checksums.trace", 16, 4},
    };
    EXPECT_EQ(all.size(),
              static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{captures}, {})));
    for (const auto& [name, frames, wrong] : all) {
        std::size_t seen = 0;
        std::size_t refused = 0;
        for (const auto& line : lines_of(name)) {
            Transcript transcript;
            auto found = transcript.push(line);
            for (auto& sighting : transcript.finish()) found.push_back(std::move(sighting));
            ASSERT_EQ(found.size(), 1U) << name << ": " << line;
            EXPECT_TRUE(found[0].facts.direction.has_value());
            ++seen;
            refused += found[0].message ? 0U : 1U;
        }
        EXPECT_EQ(seen, frames) << name;
        EXPECT_EQ(refused, wrong) << name;
    }
}

TimePoint time_of(const std::string& line) {
    const auto number = [&](std::size_t at, std::size_t digits) {
        return std::stoi(line.substr(at, digits));
    };
    return TimePoint{1h * number(0, 2) + 1min * number(3, 2) + 1s * number(6, 2) + 1ms * number(9, 3)};
}

/// Gives a capture to an observer, byte for byte and at its times; it must never want to speak.
void replay(const std::string& name, Master& master) {
    bool open = false;
    for (const auto& line : lines_of(name)) {
        const TimePoint now = time_of(line);
        if (!std::exchange(open, true)) master.handle_open(now - 1s);
        while (master.next_deadline() <= now) {
            const auto deadline = master.next_deadline();
            master.handle_timeout(deadline);
            ASSERT_FALSE(master.poll_transmit(deadline).has_value());
            ASSERT_GT(master.next_deadline(), deadline);
        }
        master.handle_bytes(find_hex(line).back().bytes, now);
        ASSERT_FALSE(master.poll_transmit(now).has_value()) << line;
    }
}

TEST(Captures, OfARealMasterAreFollowedInSilence) {
    Master master{{.observe = true, .known = {}}};
    replay("master_and_slave.trace", master);
    EXPECT_EQ(master.counters().frames_received, 76U);
    EXPECT_EQ(master.counters().frames_rejected, 0U);
    const Unit* slave = master.unit(TwcId{0x3495});
    ASSERT_NE(slave, nullptr);
    EXPECT_TRUE(slave->online);
    EXPECT_EQ(slave->known.protocol, Protocol::v2);
    EXPECT_EQ(slave->known.max_current, 32_A);
    EXPECT_EQ(slave->serial, "A17A0003495");
    ASSERT_TRUE(slave->firmware.has_value());
    EXPECT_EQ(slave->firmware->version, (std::array<std::uint8_t, 4>{4, 5, 10, 2}));
    EXPECT_FALSE(slave->meter.has_value()) << "it came once only, and a sum of one byte can lie";
    EXPECT_EQ(slave->vin, std::nullopt) << "since the gap of five minutes it was not told whole";
    std::size_t other_masters = 0;
    while (const auto event = master.poll_event())
        other_masters += std::holds_alternative<OtherMasterHeard>(*event) ? 1U : 0U;
    EXPECT_GT(other_masters, 0U);
}

TEST(Captures, OfALoneMasterAreHeardInSilence) {
    Master master{{.observe = true, .known = {}}};
    replay("master_alone.trace", master);
    EXPECT_EQ(master.counters().frames_received, 44U);
    EXPECT_EQ(master.counters().frames_rejected, 0U);
}

/// Questions, commands and reports that we neither send nor ask for.
bool concerns_others(const Message& message) {
    return std::holds_alternative<Query>(message) || std::holds_alternative<ContactorCommand>(message) ||
           std::holds_alternative<MasterIdle>(message) || std::holds_alternative<OldQuery>(message) ||
           std::holds_alternative<OldTextReport>(message) ||
           std::holds_alternative<OldFirmwareReport>(message) || std::holds_alternative<PlugQuery>(message) ||
           std::holds_alternative<PlugReport>(message) || std::holds_alternative<Unknown>(message);
}

TEST(Captures, OfMessagesBetweenOthersTeachAnObserverNothing) {
    std::set<std::size_t> kinds;
    for (const auto& vector : vectors()) {
        const auto bytes = bytes_of(vector["hex"]);
        SlipDecoder decoder;
        for (const auto byte : bytes) {
            const auto frame = decoder.push(byte);
            if (!frame || !*frame) continue;
            const auto message = decode(**frame);
            if (!message || !concerns_others(*message)) continue;
            kinds.insert(message->index());
            Master master{{.observe = true, .known = {}}};
            const TimePoint now{100s};
            master.handle_open(now);
            master.handle_bytes(bytes, now + 1s);
            EXPECT_TRUE(master.units().empty()) << vector.dump();
            EXPECT_FALSE(master.poll_event().has_value()) << vector.dump();
            EXPECT_EQ(master.counters().frames_rejected, 0U) << vector.dump();
        }
    }
    EXPECT_EQ(kinds.size(), 9U) << "a kind is never shown";
}

}  // namespace
}  // namespace twc

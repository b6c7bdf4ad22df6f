// Traces: lines that decode reads back, and a file that fails without harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bridge/trace_file.hpp"
#include "bridge/trace_lines.hpp"
#include "twc/transcript.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;
using enum twc::Direction;

const Bytes idle{0xC0, 0xFC, 0x1D, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1D, 0xC0, 0xFC};
const std::string idle_line = "C0 FC 1D 00 00 00 00 00 00 00 00 00 00 00 1D C0";

class Lines : public testing::Test {
  protected:
    std::vector<std::string> add(twc::Duration after, twc::Direction direction, const Bytes& bytes,
                                 const std::string& bus = "") {
        return lines_.add(bus, direction, bytes, began_ + after);
    }
    const twc::TimePoint began_{12'345s};
    TraceLines lines_{1'782'900'000'123'456, began_};
};

using TraceLinesOfABus = Lines;

TEST_F(TraceLinesOfABus, EndWithTheFrameAndTellItsLastMoment) {
    EXPECT_THAT(add(1s, received, {idle.begin(), idle.begin() + 5}), ElementsAre());
    EXPECT_THAT(add(1s + 16ms, received, {idle.begin() + 5, idle.end()}),
                ElementsAre("2026-07-01T10:00:01.139Z rx " + idle_line));
    EXPECT_THAT(add(1s + 50ms, received, idle), ElementsAre("2026-07-01T10:00:01.173Z rx FC " + idle_line));
    EXPECT_THAT(lines_.finish(), ElementsAre("2026-07-01T10:00:01.173Z rx FC"));
}

TEST_F(TraceLinesOfABus, EndWithAPauseAndWithWhatWeSay) {
    EXPECT_THAT(add(0s, received, {0xC0, 0xFD}), ElementsAre());
    EXPECT_THAT(add(100ms, received, {0xC0}), ElementsAre("2026-07-01T10:00:00.123Z rx C0 FD"));
    EXPECT_THAT(add(150ms, sent, {0xC0, 0x01}),
                ElementsAre("2026-07-01T10:00:00.223Z rx C0", "2026-07-01T10:00:00.273Z tx C0 01"));
}

TEST_F(TraceLinesOfABus, DoNotMixWithThoseOfAnother) {
    EXPECT_THAT(add(0s, received, {idle.begin(), idle.begin() + 5}, "garage"), ElementsAre());
    EXPECT_THAT(add(1ms, sent, idle, "yard"),
                ElementsAre("2026-07-01T10:00:00.124Z yard tx " + idle_line + " FC"));
    EXPECT_THAT(add(2ms, received, {idle.begin() + 5, idle.end() - 1}, "garage"),
                ElementsAre("2026-07-01T10:00:00.125Z garage rx " + idle_line));
}

TEST_F(TraceLinesOfABus, AreBoundedWhateverComes) {
    const Bytes noise(1000, 0x55);
    EXPECT_EQ(add(0s, received, noise).size(), 15U);
    EXPECT_EQ(lines_.finish().size(), 1U);
}

TEST_F(TraceLinesOfABus, AreReadBackByATranscript) {
    twc::Transcript transcript;
    std::vector<twc::Sighting> found;
    for (int i = 0; i < 3; ++i) {
        for (const auto& line : add(i * 1s, received, idle, "garage")) {
            for (auto& sighting : transcript.push(line + '\n')) found.push_back(std::move(sighting));
        }
    }
    ASSERT_EQ(found.size(), 3U);
    for (const auto& sighting : found) {
        EXPECT_TRUE(sighting.message.has_value());
        EXPECT_EQ(sighting.facts.bus, "garage");
        EXPECT_EQ(sighting.facts.direction, received);
    }
    EXPECT_EQ(found[2].facts.time, "2026-07-01T10:00:02.123Z");
}

class TraceFiles : public testing::Test {
  protected:
    TraceFiles()
        : folder_{std::filesystem::temp_directory_path() / ("trace_test_" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(folder_);
    }
    ~TraceFiles() override { std::filesystem::remove_all(folder_); }
    static std::string content(const std::filesystem::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    const std::filesystem::path folder_;
};

TEST_F(TraceFiles, GetEveryLineBeforeTheyAreClosedAndGoOnWhereTheyEnded) {
    const auto path = folder_ / "bus.trace";
    for (const std::string text : {"first", "second"}) {
        TraceFile file{path};
        file.write(text);
        file.write("line");
    }
    EXPECT_EQ(content(path), "first\nline\nsecond\nline\n");
}

TEST_F(TraceFiles, ThatCannotBeWrittenAreWarnedOfOnceAndCounted) {
    for (const std::filesystem::path path : {"/dev/full", "/nowhere/bus.trace"}) {
        std::uint64_t dropped = 0;
        testing::internal::CaptureStdout();
        {
            TraceFile file{path};
            for (int i = 0; i < 5; ++i) file.write("line");
            for (int i = 0; i < 500 && file.dropped() < 5; ++i) ::usleep(10'000);
            dropped = file.dropped();
        }
        const auto log = testing::internal::GetCapturedStdout();
        EXPECT_EQ(dropped, 5U) << path;
        EXPECT_THAT(log, HasSubstr("lines of the trace are lost, the service goes on"));
        EXPECT_EQ(log.find("lines of the trace"), log.rfind("lines of the trace")) << log;
    }
}

TEST_F(TraceFiles, SayHowManyLinesAreMissingWhenTheyCanBeWrittenAgain) {
    const auto path = folder_ / "later" / "bus.trace";
    {
        TraceFile file{path};
        file.write("lost");
        for (int i = 0; i < 500 && file.dropped() < 1; ++i) ::usleep(10'000);
        std::filesystem::create_directory(path.parent_path());
        file.write("there");
    }
    EXPECT_EQ(content(path), "\n# 1 lines lost\nthere\n");
}

TEST_F(TraceFiles, DoNotWaitForThePipeThatNobodyReads) {
    const auto path = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    TraceFile file{path};
    for (int i = 0; i < 20'000; ++i) file.write("line");
}

}  // namespace
}  // namespace bridge

// Log lines as systemd and people read them.
#include "bridge/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <sstream>

#include "bridge/background_sink.hpp"

namespace bridge {
namespace {

std::string logged(LogStyle style, spdlog::level::level_enum level) {
    std::ostringstream text;
    spdlog::logger logger{"test", std::make_shared<spdlog::sinks::ostream_sink_st>(text)};
    logger.set_level(spdlog::level::trace);
    logger.set_formatter(log_formatter(style));
    logger.log(level, "charger 5893: online");
    return text.str();
}

TEST(LogFormat, GivesTheJournalThePriorityAndNoTime) {
    using namespace spdlog;
    EXPECT_EQ(logged(LogStyle::journal, level::trace), "<7>charger 5893: online\n");
    EXPECT_EQ(logged(LogStyle::journal, level::debug), "<7>charger 5893: online\n");
    EXPECT_EQ(logged(LogStyle::journal, level::info), "<6>charger 5893: online\n");
    EXPECT_EQ(logged(LogStyle::journal, level::warn), "<4>charger 5893: online\n");
    EXPECT_EQ(logged(LogStyle::journal, level::err), "<3>charger 5893: online\n");
    EXPECT_EQ(logged(LogStyle::journal, level::critical), "<2>charger 5893: online\n");
}

TEST(LogFormat, GivesPeopleTheTimeAndTheLevel) {
    EXPECT_THAT(logged(LogStyle::plain, spdlog::level::warn),
                testing::MatchesRegex("....-..-..T..:..:......[+-]..:.. warning charger 5893: online\n"));
}

TEST(LogStyleChoice, IsJournalOnlyWhenStandardErrorIsTheJournal) {
    struct stat file{};
    ASSERT_EQ(::fstat(STDERR_FILENO, &file), 0);
    const auto self = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
    EXPECT_EQ(log_style(self), LogStyle::journal);
    EXPECT_EQ(log_style(self + "1"), LogStyle::plain);
    EXPECT_EQ(log_style("nonsense"), LogStyle::plain);
    EXPECT_EQ(log_style(std::nullopt), LogStyle::plain);
}

/// A logger to a pipe that nobody has read so far.
class UnreadLog : public testing::Test {
  protected:
    UnreadLog() {
        std::signal(SIGPIPE, SIG_IGN);
        EXPECT_EQ(::pipe(ends_.data()), 0);
        logger_ = std::make_shared<spdlog::logger>("test", std::make_shared<BackgroundSink>(ends_[1]));
        logger_->set_pattern("%v");
        for (int number = 1; number <= 20'000; ++number) logger_->info("line {}", number);
    }
    ~UnreadLog() override { ::close(ends_[0]); }

    std::string read_up_to(const std::string& last) {
        std::string text;
        while (text.find(last) == std::string::npos) {
            std::array<char, 4096> block{};
            const auto count = ::read(ends_[0], block.data(), block.size());
            if (count <= 0) break;
            text.append(block.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

    std::array<int, 2> ends_{};
    std::shared_ptr<spdlog::logger> logger_;
};

TEST_F(UnreadLog, KeepsTheNewestLinesAndSaysHowManyAreMissing) {
    const auto text = read_up_to("line 20000\n");
    EXPECT_THAT(text, testing::ContainsRegex("[0-9]+ lines are missing here, because nobody read them\n"));
    EXPECT_THAT(text, testing::HasSubstr("\nline 19001\n"));
    logger_->info("again");
    EXPECT_EQ(read_up_to("again\n"), "again\n");
}

TEST_F(UnreadLog, KeepsNobodyFromEnding) {
    const auto start = std::chrono::steady_clock::now();
    logger_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
}

}  // namespace
}  // namespace bridge

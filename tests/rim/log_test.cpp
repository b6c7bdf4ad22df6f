// Log lines as systemd and people read them.
#include "bridge/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>

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

}  // namespace
}  // namespace bridge

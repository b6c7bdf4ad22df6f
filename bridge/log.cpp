// Where log lines go and what they look like.
#include "bridge/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include "bridge/background_sink.hpp"
#include "bridge/environment.hpp"

namespace bridge {
namespace {

/// Syslog's priority of a line, in the form that journald strips from its front.
class PriorityFlag : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
        // trace, debug, info, warning, error, critical, off
        static constexpr std::array<std::string_view, 7> priorities{"<7>", "<7>", "<6>", "<4>",
                                                                    "<3>", "<2>", "<2>"};
        const auto priority = priorities.at(static_cast<std::size_t>(line.level));
        out.append(priority.data(), priority.data() + priority.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<PriorityFlag>();
    }
};

}  // namespace

LogStyle log_style(const std::optional<std::string>& journal_stream) {
    struct stat file{};
    if (!journal_stream || ::fstat(STDERR_FILENO, &file) != 0) return LogStyle::plain;
    const auto name = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
    return *journal_stream == name ? LogStyle::journal : LogStyle::plain;
}

std::unique_ptr<spdlog::formatter> log_formatter(LogStyle style) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<PriorityFlag>('*');
    formatter->set_pattern(style == LogStyle::journal ? "%*%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    return formatter;
}

void set_up_log(spdlog::level::level_enum level) {
    auto logger =
        std::make_shared<spdlog::logger>("twcbridge", std::make_shared<BackgroundSink>(STDERR_FILENO));
    logger->set_formatter(log_formatter(log_style(environment("JOURNAL_STREAM"))));
    logger->set_level(level);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace bridge

// Where log lines go and what they look like.
#pragma once

#include <spdlog/common.h>
#include <spdlog/formatter.h>

#include <memory>
#include <optional>
#include <string>

namespace bridge {

enum class LogStyle : std::uint8_t {
    journal,  ///< "<4>text": systemd adds the time and reads the priority
    plain,    ///< "2026-07-01T12:00:00.000+02:00 warning text"
};

/// Journal if standard error is the stream that `journal_stream`, the content of JOURNAL_STREAM, names as
/// "device:inode".
LogStyle log_style(const std::optional<std::string>& journal_stream);
std::unique_ptr<spdlog::formatter> log_formatter(LogStyle style);
/// Makes spdlog's default logger write to standard error, without waiting for whoever reads that.
void set_up_log(spdlog::level::level_enum level);

}  // namespace bridge

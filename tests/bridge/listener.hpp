// What the program logs, for tests of its lines.
#pragma once

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace bridge::tests {

/// Takes what the program logs, as long as it lives.
class Listener {
  public:
    Listener() : before_{spdlog::default_logger()} {
        auto logger =
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_st>(text_));
        logger->set_pattern("%v");
        spdlog::set_default_logger(std::move(logger));
    }
    ~Listener() { spdlog::set_default_logger(before_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Since the last call of take_with, those that hold `word`.
    [[nodiscard]] std::vector<std::string> lines_with(const std::string& word) const {
        std::vector<std::string> lines;
        std::istringstream text{text_.str()};
        for (std::string line; std::getline(text, line);) {
            if (line.find(word) != std::string::npos) lines.push_back(line);
        }
        return lines;
    }
    /// The same, and all is forgotten.
    std::vector<std::string> take_with(const std::string& word) {
        auto lines = lines_with(word);
        text_.str({});
        return lines;
    }

  private:
    std::shared_ptr<spdlog::logger> before_;
    std::ostringstream text_;
};

}  // namespace bridge::tests

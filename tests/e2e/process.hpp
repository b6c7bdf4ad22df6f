// One run of the program under test: its standard input, what it has said so far, and its end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace e2e {

/// What a file holds; empty if there is none.
std::string content(const std::filesystem::path& file);

class Process {
  public:
    /// `log`: standard output goes to log.out, standard error to log.err. `variables`: NAME=VALUE, besides
    /// ours.
    Process(std::vector<std::string> arguments, const std::filesystem::path& log,
            const std::vector<std::string>& variables = {});
    /// Kills it if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t id() const { return process_; }
    void send(int signal) const;
    void write_line(const std::string& text) const;
    [[nodiscard]] std::string out() const { return content(out_); }
    [[nodiscard]] std::string err() const { return content(err_); }
    [[nodiscard]] bool runs();
    /// Exit status, or 128 and the signal's number; nothing if it still runs then.
    std::optional<int> end_within(std::chrono::milliseconds patience);
    /// Memory that it occupies now.
    [[nodiscard]] long resident_kilobytes() const;

  private:
    std::filesystem::path out_;
    std::filesystem::path err_;
    int input_ = -1;
    pid_t process_ = -1;
    std::optional<int> status_;
};

}  // namespace e2e

// A person's terminal: a program runs in it, its page is read, keys are pressed, its size changes.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace e2e {

class Terminal {
  public:
    Terminal(std::vector<std::string> arguments, int columns, int rows);
    /// Kills the program if it still runs.
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void press(const std::string& keys) const;
    void resize(int columns, int rows) const;
    void send(int signal) const;

    /// What is to be seen now, a line for each row.
    std::string page();
    /// All that the program has written so far.
    const std::string& written();
    /// Exit status, or 128 and the signal's number; nothing if it still runs then.
    std::optional<int> end_within(std::chrono::milliseconds patience);

    /// A full-screen page lies over what was there before.
    bool is_covered();
    bool shows_cursor();
    /// The settings are those from before the program.
    [[nodiscard]] bool is_as_before() const;

  private:
    void read();
    void obey();
    void obey(const std::string& parameters, char command);

    int master_ = -1;
    int slave_ = -1;  ///< held open, so that the settings outlive the program
    pid_t process_ = -1;
    std::optional<int> status_;
    termios before_{};
    std::string written_;
    std::size_t obeyed_ = 0;
    std::map<int, std::string> rows_;
    int row_ = 1;
    bool covered_ = false;
    bool cursor_ = true;
};

}  // namespace e2e

#include "tests/e2e/terminal.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cctype>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "tests/support/eventually.hpp"

namespace e2e {

Terminal::Terminal(std::vector<std::string> arguments, int columns, int rows) {
    winsize size{};
    if (::openpty(&master_, &slave_, nullptr, nullptr, &size) != 0) throw std::runtime_error{"no terminal"};
    resize(columns, rows);
    ::fcntl(master_, F_SETFD, FD_CLOEXEC);
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
    ::tcgetattr(slave_, &before_);
    arguments.insert(arguments.begin(), TWCBRIDGE_PROGRAM);
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
        ::login_tty(slave_);
        ::execv(words.front(), words.data());
        ::_exit(127);
    }
}

Terminal::~Terminal() {
    if (!end_within(std::chrono::milliseconds{0})) {
        send(SIGKILL);
        end_within(std::chrono::seconds{10});
    }
    ::close(master_);
    ::close(slave_);
}

void Terminal::press(const std::string& keys) const {
    if (::write(master_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
        throw std::runtime_error{"the terminal takes no keys"};
}

void Terminal::resize(int columns, int rows) const {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = static_cast<unsigned short>(rows);
    ::ioctl(master_, TIOCSWINSZ, &size);
}

void Terminal::send(int signal) const { ::kill(process_, signal); }

std::optional<int> Terminal::end_within(std::chrono::milliseconds patience) {
    support::eventually(
        [this] {
            read();
            int status = 0;
            if (!status_ && ::waitpid(process_, &status, WNOHANG) == process_)
                status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return status_.has_value();
        },
        patience);
    read();
    return status_;
}

std::string Terminal::page() {
    read();
    std::string text;
    for (const auto& [number, row] : rows_) text += row + '\n';
    return text;
}

const std::string& Terminal::written() {
    read();
    return written_;
}

bool Terminal::is_covered() {
    read();
    return covered_;
}

bool Terminal::shows_cursor() {
    read();
    return cursor_;
}

bool Terminal::is_as_before() const {
    termios now{};
    ::tcgetattr(slave_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_oflag == before_.c_oflag && std::memcmp(now.c_cc, before_.c_cc, sizeof now.c_cc) == 0;
}

void Terminal::read() {
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = ::read(master_, buffer.data(), buffer.size())) > 0;)
        written_.append(buffer.data(), static_cast<std::size_t>(count));
    obey();
}

/// Takes whole control sequences only; the rest waits for its end.
void Terminal::obey() {
    while (obeyed_ < written_.size()) {
        const char letter = written_[obeyed_];
        if (letter != '\x1B') {
            if (letter == '\n')
                ++row_;
            else if (letter != '\r')
                rows_[row_] += letter;
            ++obeyed_;
            continue;
        }
        auto end = obeyed_ + 2;
        while (end < written_.size() && std::isalpha(static_cast<unsigned char>(written_[end])) == 0) ++end;
        if (end >= written_.size()) return;
        obey(written_.substr(obeyed_ + 2, end - obeyed_ - 2), written_[end]);
        obeyed_ = end + 1;
    }
}

void Terminal::obey(const std::string& parameters, char command) {
    if (parameters == "?1049") covered_ = command == 'h';
    if (parameters == "?25") cursor_ = command == 'h';
    if (command == 'H') {
        row_ = std::stoi(parameters);
        rows_[row_].clear();  // each row is written whole, from its first column
    }
    if (command != 'J') return;
    rows_.erase(parameters == "2" ? rows_.begin() : rows_.lower_bound(row_), rows_.end());
}

}  // namespace e2e

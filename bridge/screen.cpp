// The terminal while a live view has it: whole pages without flicker, single keys, and given back as it was.
#include "bridge/screen.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/poll.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "bridge/cells.hpp"

namespace bridge {
namespace {

// Control sequences of ECMA-48 and xterm, which every terminal of today knows or passes over in silence.
constexpr std::string_view enter = "\x1B[?1049h\x1B[?25l\x1B[?7l";  // other page, no cursor, no wrapping
constexpr std::string_view leave = "\x1B[0m\x1B[?7h\x1B[?25h\x1B[?1049l";
constexpr std::string_view begin_update = "\x1B[?2026h";  // shown at once when it ends
constexpr std::string_view end_update = "\x1B[?2026l";
constexpr std::string_view clear_line = "\x1B[K";
constexpr std::string_view clear_all = "\x1B[2J";
constexpr std::string_view clear_below = "\x1B[J";
constexpr std::string_view normal = "\x1B[0m";

std::string_view start_of(Emphasis emphasis) {
    switch (emphasis) {
        case Emphasis::heading:
            return "\x1B[1m";
        case Emphasis::alarm:
            return "\x1B[1;31m";
        case Emphasis::none:
            break;
    }
    return "";
}

winsize size_of(int descriptor) {
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) size = {};
    if (size.ws_col == 0) size.ws_col = 80;
    if (size.ws_row == 0) size.ws_row = 24;
    return size;
}

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

std::size_t columns_of(int descriptor) { return size_of(descriptor).ws_col; }

Screen::Screen(const boost::asio::any_io_executor& executor)
    : terminal_{executor}, before_{std::make_unique<termios>()} {
    file_ = ::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) throw_errno("no terminal");
    terminal_.assign(file_);
    if (::tcgetattr(file_, before_.get()) != 0) throw_errno("terminal");
    auto raw = *before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON);  // nothing shall stop the output
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // the shell would get a terminal that is not as it was
    if (::tcsetattr(file_, TCSANOW, &raw) != 0) throw_errno("terminal");
    static_cast<void>(write(std::string{enter}));
}

Screen::~Screen() {
    static_cast<void>(write(std::string{leave}));
    ::tcsetattr(file_, TCSANOW, before_.get());
}

void Screen::read_keys(std::function<void(char)> handle_key) {
    handle_key_ = std::move(handle_key);
    terminal_.async_read_some(boost::asio::buffer(&key_, 1),
                              [this](const boost::system::error_code& error, std::size_t) {
                                  if (error == boost::asio::error::operation_aborted) return;
                                  handle_key_(error ? '\0' : key_);
                                  if (!error) read_keys(std::move(handle_key_));
                              });
}

std::size_t Screen::columns() const { return columns_of(file_); }

std::vector<Line> Screen::fitted(const std::vector<Line>& page) const {
    const std::size_t rows = size_of(file_).ws_row;
    if (page.size() <= rows) return page;
    std::vector<Line> part{page.begin(), page.begin() + static_cast<std::ptrdiff_t>(rows - 1)};
    part.push_back({cut("… " + std::to_string(page.size() - part.size()) + " lines more", columns()),
                    Emphasis::heading});
    return part;
}

void Screen::show(const std::vector<Line>& page) {
    const auto wanted = fitted(page);
    if (wanted == drawn_) return;
    std::string text{begin_update};
    if (drawn_.empty()) text += clear_all;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i < drawn_.size() && drawn_[i] == wanted[i]) continue;
        text += "\x1B[" + std::to_string(i + 1) + ";1H";
        text += start_of(wanted[i].emphasis);
        text += wanted[i].text;
        text += normal;
        text += clear_line;
    }
    if (drawn_.size() > wanted.size()) {
        text += "\x1B[" + std::to_string(wanted.size() + 1) + ";1H";
        text += clear_below;
    }
    text += end_update;
    if (write(text))
        drawn_ = wanted;
    else
        drawn_.clear();
}

bool Screen::write(const std::string& text) const {
    constexpr int patience = 200;  // ms
    for (std::string_view rest{text}; !rest.empty();) {
        const auto count = ::write(file_, rest.data(), rest.size());
        if (count > 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            pollfd room{.fd = file_, .events = POLLOUT, .revents = 0};
            if (errno != EAGAIN || ::poll(&room, 1, patience) != 1) return false;
        }
    }
    return true;
}

}  // namespace bridge

// Lock first, then settings: a device that another program uses must not notice that we tried.
#include "bridge/serial_device.hpp"

#include <fcntl.h>
#include <linux/serial.h>
#include <spdlog/fmt/fmt.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "bridge/descriptor.hpp"

namespace bridge {
namespace {

std::string system_message(int error) { return std::system_category().message(error); }

std::string why_not_opened(int error) {
    switch (error) {
        case ENOENT:
        case ENXIO:
        case ENODEV:
            return "no such device; is the adapter plugged in?";
        case EACCES:
            return "permission denied; add the user to dialout (usermod -aG dialout twcbridge) and restart";
        case EBUSY:
            return "in use by another program";
        case EISDIR:
            return "not a serial device";
        default:
            return "cannot be opened: " + system_message(error);
    }
}

/// Name and process id of the program that holds the lock, as far as /proc shows them.
std::optional<std::string> lock_holder(int fd) {
    struct stat device{};
    if (::fstat(fd, &device) != 0) return std::nullopt;
    const auto wanted =
        fmt::format("{:02x}:{:02x}:{}", major(device.st_dev), minor(device.st_dev), device.st_ino);
    std::ifstream locks{"/proc/locks"};
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words{line};
        std::string number, kind, mode, access, process, place;
        words >> number >> kind >> mode >> access >> process >> place;
        if (kind != "FLOCK" || place != wanted) continue;
        std::string name;
        std::getline(std::ifstream{"/proc/" + process + "/comm"}, name);
        if (name.empty()) return std::nullopt;
        return fmt::format("{}, process {}", name, process);
    }
    return std::nullopt;
}

std::string why_locked(int fd) {
    const auto holder = lock_holder(fd);
    return holder ? fmt::format("in use by another program ({})", *holder) : "in use by another program";
}

/// Raw, 9600 baud, 8 data bits, no parity, one stop bit, no flow control.
bool set_line(int fd) {
    termios line{};
    if (::tcgetattr(fd, &line) != 0) return false;
    ::cfmakeraw(&line);
    line.c_iflag |= IGNPAR | IGNBRK;
    line.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (::cfsetspeed(&line, B9600) != 0 || ::tcsetattr(fd, TCSANOW, &line) != 0) return false;
    // tcsetattr succeeds when it could do any part of what was asked.
    termios result{};
    return ::tcgetattr(fd, &result) == 0 && ::cfgetospeed(&result) == B9600 &&
           (result.c_cflag & (CSIZE | CSTOPB | PARENB)) == CS8;
}

/// An FTDI adapter holds received bytes back for 16 ms otherwise. Most other devices know no such setting.
void ask_for_low_latency(int fd) {
    serial_struct serial{};
    if (::ioctl(fd, TIOCGSERIAL, &serial) != 0) return;
    serial.flags |= ASYNC_LOW_LATENCY;
    ::ioctl(fd, TIOCSSERIAL, &serial);
}

}  // namespace

twc::Expected<int, std::string> open_serial_device(const std::string& path) {
    Descriptor device{::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (device.get() < 0) return twc::Unexpected{why_not_opened(errno)};
    if (::isatty(device.get()) == 0) return twc::Unexpected{std::string{"not a serial device"}};
    // TIOCEXCL does not keep root out, the lock does; TIOCEXCL keeps out who does not ask for the lock.
    if (::flock(device.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return twc::Unexpected{why_locked(device.get())};
        return twc::Unexpected{"cannot be locked: " + system_message(errno)};
    }
    if (::ioctl(device.get(), TIOCEXCL) != 0) {
        return twc::Unexpected{"cannot be used alone: " + system_message(errno)};
    }
    if (!set_line(device.get())) return twc::Unexpected{std::string{"does not accept 9600 baud 8N1"}};
    ask_for_low_latency(device.get());
    ::tcflush(device.get(), TCIOFLUSH);
    return device.release();
}

}  // namespace bridge

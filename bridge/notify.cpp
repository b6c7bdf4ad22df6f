// Tells systemd how the service is: the datagrams of sd_notify(3), without its library.
#include "bridge/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "bridge/environment.hpp"

namespace bridge {
namespace {

bool is_usable(const std::string& address) {
    return address.size() > 1 && (address.front() == '/' || address.front() == '@') &&
           address.size() < sizeof(sockaddr_un::sun_path);
}

std::optional<std::int64_t> parse_positive(const std::string& text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc{} || result.ptr != end || value <= 0) return std::nullopt;
    return value;
}

}  // namespace

Notifier::Notifier(std::optional<std::string> address) {
    if (!address || !is_usable(*address)) return;
    address_ = std::move(*address);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

Notifier Notifier::from_environment() { return Notifier{environment("NOTIFY_SOCKET")}; }

Notifier::Notifier(Notifier&& other) noexcept
    : address_{std::move(other.address_)}, socket_{std::exchange(other.socket_, -1)} {}

Notifier::~Notifier() {
    if (socket_ >= 0) ::close(socket_);
}

bool Notifier::status(std::string sentence) {
    std::ranges::replace(sentence, '\n', ' ');  // a line end would begin another assignment
    return send("STATUS=" + sentence);
}

bool Notifier::send(std::string_view datagram) {
    if (socket_ < 0) return false;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    // Not to wait: a supervisor that is slow must not keep the bus waiting.
    const auto sent = ::sendto(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&to), length);
    return sent == static_cast<ssize_t>(datagram.size());
}

std::optional<std::chrono::microseconds> watchdog_interval(const std::optional<std::string>& microseconds,
                                                           const std::optional<std::string>& process) {
    if (!microseconds) return std::nullopt;
    if (process && parse_positive(*process) != std::optional<std::int64_t>{::getpid()}) return std::nullopt;
    const auto interval = parse_positive(*microseconds);
    if (!interval) return std::nullopt;
    return std::chrono::microseconds{*interval};
}

std::optional<std::chrono::microseconds> watchdog_interval_from_environment() {
    return watchdog_interval(environment("WATCHDOG_USEC"), environment("WATCHDOG_PID"));
}

}  // namespace bridge

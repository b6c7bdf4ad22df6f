// What a service manager hears from a service: READY, WATCHDOG, STOPPING.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace support {

/// The other end of sd_notify(3).
class ServiceManager {
  public:
    using Clock = std::chrono::steady_clock;

    explicit ServiceManager(std::filesystem::path path)
        : path_{std::move(path)}, socket_{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
        if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error{"no socket for notifications"};
    }
    ~ServiceManager() { close(socket_); }
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    [[nodiscard]] std::string variable() const { return "NOTIFY_SOCKET=" + path_.string(); }
    /// When this arrives, whatever comes before it; nothing if it does not in time.
    std::optional<Clock::time_point> receive(const std::string& wanted,
                                             std::chrono::milliseconds within = std::chrono::seconds{20}) {
        const auto deadline = Clock::now() + within;
        while (Clock::now() < deadline) {
            pollfd awaited{socket_, POLLIN, 0};
            if (poll(&awaited, 1, 100) <= 0) continue;
            std::array<char, 256> datagram{};
            const auto size = recv(socket_, datagram.data(), datagram.size(), 0);
            if (std::string{datagram.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))} == wanted)
                return Clock::now();
        }
        return std::nullopt;
    }

  private:
    std::filesystem::path path_;
    int socket_;
};

}  // namespace support

// Tells systemd how the service is: the datagrams of sd_notify(3), without its library.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace bridge {

/// Without a supervisor every call does nothing and returns false. None blocks; each says whether the
/// datagram was sent.
class Notifier {
  public:
    /// Address as in NOTIFY_SOCKET: a path, or "@name" in the abstract name space. Others are treated as
    /// none.
    explicit Notifier(std::optional<std::string> address);
    /// To whom NOTIFY_SOCKET says.
    static Notifier from_environment();
    ~Notifier();
    Notifier(Notifier&&) noexcept;
    Notifier& operator=(Notifier&&) = delete;
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    bool ready() { return send("READY=1"); }
    bool stopping() { return send("STOPPING=1"); }
    bool watchdog() { return send("WATCHDOG=1"); }
    /// One line for `systemctl status`.
    bool status(std::string sentence);

  private:
    bool send(std::string_view datagram);

    std::string address_;  // empty: nobody to tell
    int socket_ = -1;
};

/// How often the supervisor wants to hear watchdog(), at least; half of it is a good interval. Nothing if it
/// does not ask this process. The values are those of WATCHDOG_USEC and WATCHDOG_PID.
std::optional<std::chrono::microseconds> watchdog_interval(const std::optional<std::string>& microseconds,
                                                           const std::optional<std::string>& process);
std::optional<std::chrono::microseconds> watchdog_interval_from_environment();

}  // namespace bridge

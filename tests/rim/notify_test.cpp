// Notifier against real datagram sockets.
#include "bridge/notify.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>

namespace bridge {
namespace {

using std::chrono::microseconds;

/// The end where systemd listens.
class Supervisor {
  public:
    /// A path, or "@name".
    explicit Supervisor(std::string address) : address_{std::move(address)} {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::memcpy(name.sun_path, address_.data(), address_.size());
        if (name.sun_path[0] == '@') name.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&name), length) != 0) {
            throw std::runtime_error{"cannot bind " + address_};
        }
    }
    ~Supervisor() {
        ::close(socket_);
        if (address_.front() == '/') std::filesystem::remove(address_);
    }
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    [[nodiscard]] const std::string& address() const { return address_; }
    /// The next datagram; "nothing" after 5 s.
    [[nodiscard]] std::string next() const {
        pollfd readable{socket_, POLLIN, 0};
        if (::poll(&readable, 1, 5000) != 1) return "nothing";
        std::array<char, 1024> buffer{};
        const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        return count < 0 ? "nothing" : std::string{buffer.data(), static_cast<std::size_t>(count)};
    }

  private:
    std::string address_;
    int socket_ = -1;
};

std::string unique(const std::string& prefix) {
    return prefix + "twcbridge_test_" + std::to_string(::getpid());
}

class NotifierAt : public testing::TestWithParam<const char*> {};

TEST_P(NotifierAt, SaysWhatSystemdUnderstands) {
    const Supervisor supervisor{unique(GetParam())};
    Notifier notifier{supervisor.address()};
    EXPECT_TRUE(notifier.ready());
    EXPECT_EQ(supervisor.next(), "READY=1");
    EXPECT_TRUE(notifier.status("1 charger online"));
    EXPECT_EQ(supervisor.next(), "STATUS=1 charger online");
    EXPECT_TRUE(notifier.watchdog());
    EXPECT_EQ(supervisor.next(), "WATCHDOG=1");
    EXPECT_TRUE(notifier.stopping());
    EXPECT_EQ(supervisor.next(), "STOPPING=1");
}
INSTANTIATE_TEST_SUITE_P(Addresses, NotifierAt, testing::Values("/tmp/", "@"),
                         [](const auto& at) { return at.param[0] == '@' ? "AbstractName" : "Path"; });

TEST(Notifier, KeepsAStatusOnOneLine) {
    const Supervisor supervisor{unique("@lines_")};
    EXPECT_TRUE(Notifier{supervisor.address()}.status("broken\nWATCHDOG=trigger"));
    EXPECT_EQ(supervisor.next(), "STATUS=broken WATCHDOG=trigger");
}

TEST(Notifier, DoesNothingWithoutASupervisor) {
    EXPECT_FALSE(Notifier{std::nullopt}.ready());
    EXPECT_FALSE(Notifier{""}.ready());
    EXPECT_FALSE(Notifier{"vsock:2:1234"}.ready());
    EXPECT_FALSE(Notifier{"/" + std::string(200, 'x')}.ready());
    EXPECT_FALSE(Notifier{unique("/tmp/nobody_")}.ready());
}

TEST(Notifier, NeverBlocksOnASupervisorThatDoesNotRead) {
    const Supervisor supervisor{unique("@full_")};
    Notifier notifier{supervisor.address()};
    int sent = 0;
    while (sent < 100'000 && notifier.watchdog()) ++sent;
    EXPECT_GT(sent, 0);
    EXPECT_LT(sent, 100'000);
    EXPECT_EQ(supervisor.next(), "WATCHDOG=1");
    EXPECT_TRUE(notifier.watchdog());
}

TEST(WatchdogInterval, IsWhatSystemdAsksOfThisProcess) {
    const auto self = std::to_string(::getpid());
    EXPECT_EQ(watchdog_interval("20000000", self), microseconds{20'000'000});
    EXPECT_EQ(watchdog_interval("20000000", std::nullopt), microseconds{20'000'000});
    EXPECT_EQ(watchdog_interval(std::nullopt, self), std::nullopt);
    EXPECT_EQ(watchdog_interval("20000000", "1"), std::nullopt);
    EXPECT_EQ(watchdog_interval("20000000", "this one"), std::nullopt);
}

TEST(WatchdogInterval, IsAbsentWhenTheNumberIsNone) {
    for (const auto* text : {"0", "-5", "20s", "1e6", "99999999999999999999"}) {
        EXPECT_EQ(watchdog_interval(text, std::nullopt), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace bridge

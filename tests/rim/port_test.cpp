// BusPort against real pseudo terminals and real sockets on this machine.
#include "bridge/port.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bridge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using Bytes = std::vector<std::uint8_t>;

/// The far end of a serial line; the port opens its path.
class FarEnd {
  public:
    FarEnd() {
        int near = -1;
        if (::openpty(&fd_, &near, nullptr, nullptr, nullptr) != 0)
            throw std::runtime_error{"no pseudo terminal"};
        path_ = ::ttyname(near);
        ::close(near);
    }
    ~FarEnd() { vanish(); }
    FarEnd(const FarEnd&) = delete;
    FarEnd& operator=(const FarEnd&) = delete;

    void vanish() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void send(const Bytes& bytes) const {
        ASSERT_EQ(::write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    /// Reads what is there; never waits.
    void receive(Bytes& into) const {
        pollfd readable{fd_, POLLIN, 0};
        if (::poll(&readable, 1, 0) != 1 || (readable.revents & POLLIN) == 0) return;
        std::array<std::uint8_t, 4096> buffer{};
        const auto count = ::read(fd_, buffer.data(), buffer.size());
        if (count > 0) into.insert(into.end(), buffer.begin(), buffer.begin() + count);
    }
    [[nodiscard]] termios line() const {
        termios result{};
        ::tcgetattr(fd_, &result);
        return result;
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    int fd_ = -1;
    std::string path_;
};

class BusPortTest : public testing::Test {
  protected:
    BusPortTest()
        : folder_{std::filesystem::temp_directory_path() / ("port_test_" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(folder_);
    }
    ~BusPortTest() override { std::filesystem::remove_all(folder_); }

    BusPort& make(const std::string& name) {
        return port_.emplace(io_.get_executor(), name,
                             PortHandlers{[this] { ++opened_; },
                                          [this](std::span<const std::uint8_t> bytes) {
                                              received_.insert(received_.end(), bytes.begin(), bytes.end());
                                          },
                                          [this](const std::string& why) { closed_.push_back(why); }});
    }
    BusPort& start(const std::string& name) {
        auto& port = make(name);
        port.start();
        return port;
    }

    /// Runs the loop until `condition` holds; false when it does not in time.
    bool until(const std::function<bool()>& condition, milliseconds patience = seconds{10}) {
        const auto deadline = steady_clock::now() + patience;
        while (!condition()) {
            if (steady_clock::now() > deadline) return false;
            if (io_.stopped()) io_.restart();
            io_.run_one_for(milliseconds{10});
        }
        return true;
    }
    bool until_opened(int times) {
        return until([&] { return opened_ >= times; });
    }
    bool until_closed(std::size_t times) {
        return until([&] { return closed_.size() >= times; });
    }

    /// The symbolic link that stands for /dev/serial/by-id/….
    [[nodiscard]] std::string link() const { return folder_ / "adapter"; }
    void point_link_to(const std::string& target) const {
        const auto next = folder_ / "next";
        std::filesystem::create_symlink(target, next);
        std::filesystem::rename(next, link());
    }

    std::filesystem::path folder_;
    asio::io_context io_;
    std::optional<BusPort> port_;
    int opened_ = 0;
    Bytes received_;
    std::vector<std::string> closed_;
};

using SerialPort = BusPortTest;
using TcpPort = BusPortTest;
using PortDestruction = BusPortTest;

TEST_F(SerialPort, CarriesBytesBothWaysUnchanged) {
    const FarEnd far;
    auto& port = start(far.path());
    ASSERT_TRUE(until_opened(1));
    EXPECT_TRUE(port.is_open());

    Bytes every_byte;
    for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<std::uint8_t>(byte));
    far.send(every_byte);
    port.send(every_byte);
    Bytes arrived;
    EXPECT_TRUE(until([&] {
        far.receive(arrived);
        return arrived.size() >= 256 && received_.size() >= 256;
    }));
    EXPECT_EQ(received_, every_byte);
    EXPECT_EQ(arrived, every_byte);
    EXPECT_EQ(port.dropped(), 0U);
    EXPECT_TRUE(closed_.empty());
}

TEST_F(SerialPort, SetsTheLineOfTheBus) {
    const FarEnd far;
    start(far.path());
    ASSERT_TRUE(until_opened(1));
    const auto line = far.line();
    EXPECT_EQ(::cfgetospeed(&line), static_cast<speed_t>(B9600));
    EXPECT_EQ(::cfgetispeed(&line), static_cast<speed_t>(B9600));
    EXPECT_EQ(line.c_cflag & (CSIZE | CSTOPB | CRTSCTS), static_cast<tcflag_t>(CS8));
    EXPECT_EQ(line.c_lflag & (ICANON | ECHO | ISIG), 0U);
    EXPECT_EQ(line.c_iflag & (IXON | IXOFF | ICRNL | ISTRIP), 0U);
    EXPECT_EQ(line.c_oflag & OPOST, 0U);
}

TEST_F(SerialPort, IsNotInheritedByOtherPrograms) {
    const FarEnd far;
    start(far.path());
    ASSERT_TRUE(until_opened(1));
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
        std::error_code gone;  // the iterator's own descriptor
        if (std::filesystem::read_symlink(entry.path(), gone) != far.path()) continue;
        ++found;
        EXPECT_NE(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
    }
    EXPECT_EQ(found, 1);
}

TEST_F(SerialPort, DropsWhatWasReceivedBeforeItWasOpen) {
    const FarEnd far;
    const int held = ::open(far.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios raw{};
    ::tcgetattr(held, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(held, TCSANOW, &raw);
    far.send({1, 2, 3});
    pollfd readable{held, POLLIN, 0};
    ASSERT_EQ(::poll(&readable, 1, 5000), 1);

    start(far.path());
    ASSERT_TRUE(until_opened(1));
    far.send({4});
    EXPECT_TRUE(until([&] { return !received_.empty(); }));
    EXPECT_EQ(received_, Bytes{4});
    ::close(held);
}

TEST_F(SerialPort, OpensTheDeviceThatTheSamePathLeadsToAfterALoss) {
    FarEnd first;
    point_link_to(first.path());
    auto& port = start(link());
    ASSERT_TRUE(until_opened(1));

    first.vanish();
    ASSERT_TRUE(until_closed(1));
    EXPECT_FALSE(port.is_open());
    EXPECT_EQ(closed_.front(), link() + ": the device has gone");

    const FarEnd second;
    point_link_to(second.path());
    ASSERT_TRUE(until_opened(2));
    second.send({7});
    EXPECT_TRUE(until([&] { return !received_.empty(); }));
    EXPECT_EQ(received_, Bytes{7});
}

TEST_F(SerialPort, WaitsForADeviceThatIsMissing) {
    start(link());
    ASSERT_TRUE(until_closed(1));
    EXPECT_EQ(closed_.front(), link() + ": no such device; is the adapter plugged in?");
    const FarEnd far;
    point_link_to(far.path());
    EXPECT_TRUE(until_opened(1));
}

TEST_F(SerialPort, SaysAReasonOnceUntilItChanges) {
    start(link());
    ASSERT_TRUE(until_closed(1));
    // Attempts follow after 0.1, 0.3, 0.7 s.
    EXPECT_FALSE(until([&] { return closed_.size() > 1; }, milliseconds{900}));
    std::ofstream{link()} << "a file, no device";
    ASSERT_TRUE(until_closed(2));
    EXPECT_EQ(closed_.back(), link() + ": not a serial device");
    std::filesystem::remove(link());
    ASSERT_TRUE(until_closed(3));
    EXPECT_THAT(closed_.back(), HasSubstr("no such device"));
}

TEST_F(SerialPort, RestsBetweenAttempts) {
    FarEnd far;
    start(far.path());
    ASSERT_TRUE(until_opened(1));
    far.vanish();
    ASSERT_TRUE(until_closed(1));
    const auto handlers_run = io_.run_for(milliseconds{600});
    EXPECT_LT(handlers_run, 20U);
    EXPECT_GT(handlers_run, 0U);
}

TEST_F(SerialPort, RefusesADeviceThatIsNone) {
    start("/dev/null");
    ASSERT_TRUE(until_closed(1));
    EXPECT_EQ(closed_.front(), "/dev/null: not a serial device");
    start("/dev");
    ASSERT_TRUE(until_closed(2));
    EXPECT_EQ(closed_.back(), "/dev: not a serial device");
}

TEST_F(SerialPort, LeavesADeviceAloneThatAnotherProgramHasLocked) {
    const FarEnd far;
    const int other = ::open(far.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
    termios line{};
    ::tcgetattr(other, &line);
    ::cfsetspeed(&line, B19200);
    ::tcsetattr(other, TCSANOW, &line);

    start(far.path());
    ASSERT_TRUE(until_closed(1));
    EXPECT_THAT(closed_.front(), StartsWith(far.path() + ": in use by another program ("));
    EXPECT_THAT(closed_.front(), EndsWith(", process " + std::to_string(::getpid()) + ")"));
    const auto kept = far.line();
    EXPECT_EQ(::cfgetospeed(&kept), static_cast<speed_t>(B19200));
    EXPECT_EQ(opened_, 0);

    ::close(other);
    EXPECT_TRUE(until_opened(1));
}

TEST_F(SerialPort, KeepsOtherProgramsOut) {
    const FarEnd far;
    start(far.path());
    ASSERT_TRUE(until_opened(1));
    std::vector<std::string> said;
    BusPort second{io_.get_executor(), far.path(),
                   PortHandlers{[] {}, [](auto) {}, [&](const std::string& why) { said.push_back(why); }}};
    second.start();
    ASSERT_TRUE(until([&] { return !said.empty(); }));
    EXPECT_THAT(said.front(), HasSubstr("in use by another program"));
    EXPECT_FALSE(second.is_open());
}

TEST_F(SerialPort, DropsAndCountsFramesWhileItIsNotOpen) {
    auto& port = start(link());
    port.send({1});
    ASSERT_TRUE(until_closed(1));
    port.send({2});
    EXPECT_EQ(port.dropped(), 2U);

    const FarEnd far;
    point_link_to(far.path());
    ASSERT_TRUE(until_opened(1));
    port.send({3});
    Bytes arrived;
    EXPECT_TRUE(until([&] {
        far.receive(arrived);
        return !arrived.empty();
    }));
    EXPECT_EQ(arrived, Bytes{3});
}

TEST_F(SerialPort, GivesUpALineThatTakesNoData) {
    const FarEnd far;
    auto& port = start(far.path());
    ASSERT_TRUE(until_opened(1));
    port.send(Bytes(1'000'000, 0x55));  // more than the terminal buffers
    port.send({1});
    port.send({2});
    port.send({3});
    EXPECT_EQ(port.dropped(), 0U);
    port.send({4});
    EXPECT_EQ(port.dropped(), 1U);

    ASSERT_TRUE(until_closed(1));
    EXPECT_EQ(closed_.front(), far.path() + ": takes no data");
    EXPECT_EQ(port.dropped(), 5U);
    EXPECT_TRUE(until_opened(2));
}

TEST_F(SerialPort, StaysClosedAfterClose) {
    const FarEnd far;
    auto& port = start(far.path());
    ASSERT_TRUE(until_opened(1));
    far.send({1});
    port.close();
    EXPECT_FALSE(port.is_open());
    // Nothing is left to wait for: the loop runs dry.
    const auto before = steady_clock::now();
    io_.restart();
    io_.run_for(seconds{5});
    EXPECT_LT(steady_clock::now() - before, seconds{4});
    EXPECT_EQ(opened_, 1);
    EXPECT_TRUE(received_.empty());
    EXPECT_TRUE(closed_.empty());
}

/// A serial server on this machine.
class Server {
  public:
    explicit Server(asio::io_context& io, std::uint16_t port = 0)
        : acceptor_{io, tcp::endpoint{asio::ip::address_v4::loopback(), port}}, client_{io} {
        acceptor_.async_accept(client_, [this](const boost::system::error_code& error) { joined_ = !error; });
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::string name() const { return "tcp://127.0.0.1:" + std::to_string(port()); }
    [[nodiscard]] bool joined() const { return joined_; }
    tcp::socket& client() { return client_; }

  private:
    tcp::acceptor acceptor_;
    tcp::socket client_;
    bool joined_ = false;
};

TEST_F(TcpPort, CarriesBytesBothWays) {
    Server server{io_};
    auto& port = start(server.name());
    ASSERT_TRUE(until([&] { return opened_ == 1 && server.joined(); }));
    port.send({1, 2});
    port.send({3});
    std::array<std::uint8_t, 8> buffer{};
    Bytes arrived;
    ASSERT_TRUE(until([&] {
        if (server.client().available() == 0) return false;
        const auto count = server.client().read_some(asio::buffer(buffer));
        arrived.insert(arrived.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
        return arrived.size() >= 3;
    }));
    EXPECT_EQ(arrived, (Bytes{1, 2, 3}));
    asio::write(server.client(), asio::buffer(Bytes{4, 5}));
    EXPECT_TRUE(until([&] { return received_.size() == 2; }));
    EXPECT_EQ(received_, (Bytes{4, 5}));
}

TEST_F(TcpPort, ComesBackWhenTheServerDoes) {
    std::optional<Server> server{std::in_place, io_};
    const auto number = server->port();
    auto& port = start(server->name());
    ASSERT_TRUE(until([&] { return opened_ == 1 && server->joined(); }));

    server.reset();
    ASSERT_TRUE(until_closed(2));
    EXPECT_THAT(closed_.at(0), EndsWith(": the other end closed the connection"));
    EXPECT_THAT(closed_.at(1), EndsWith(": connection refused; is the serial server running?"));
    EXPECT_FALSE(port.is_open());

    server.emplace(io_, number);
    EXPECT_TRUE(until([&] { return opened_ == 2 && server->joined(); }));
}

TEST_F(TcpPort, ComesBackAfterAReset) {
    std::optional<Server> server{std::in_place, io_};
    const auto number = server->port();
    start(server->name());
    ASSERT_TRUE(until([&] { return opened_ == 1 && server->joined(); }));
    server->client().set_option(asio::socket_base::linger{true, 0});
    server->client().close();
    server.reset();
    ASSERT_TRUE(until_closed(1));
    EXPECT_THAT(closed_.front(), HasSubstr(": connection lost: "));
    server.emplace(io_, number);
    EXPECT_TRUE(until_opened(2));
}

TEST_F(TcpPort, SaysWhenTheNameIsUnknown) {
    start("tcp://no-such-host.invalid:4000");
    ASSERT_TRUE(until_closed(1));
    EXPECT_THAT(closed_.front(), HasSubstr("the name"));
}

TEST_F(TcpPort, TriesTheNextAddressOfAName) {
    // localhost is ::1 first on many machines; the server is not there.
    Server server{io_};
    start("tcp://localhost:" + std::to_string(server.port()));
    EXPECT_TRUE(until_opened(1));
    EXPECT_TRUE(closed_.empty());
}

TEST_F(TcpPort, RefusesAnAddressWithoutPort) {
    for (const auto* name : {"tcp://host", "tcp://:4000", "tcp://host:", "tcp://host:4000/x"}) {
        closed_.clear();
        start(name);
        ASSERT_TRUE(until_closed(1));
        EXPECT_EQ(closed_.front(), std::string{name} + ": not of the form tcp://host:port");
    }
}

TEST_F(TcpPort, GivesUpAServerThatNeverAnswers) {
    // With a full backlog the kernel ignores further connection requests, like a host behind a dead link.
    tcp::acceptor acceptor{io_, tcp::v4()};
    acceptor.bind(tcp::endpoint{asio::ip::address_v4::loopback(), 0});
    acceptor.listen(0);
    std::vector<tcp::socket> fillers;
    fillers.reserve(4);
    for (int filler = 0; filler < 4; ++filler) {
        fillers.emplace_back(io_).async_connect(acceptor.local_endpoint(), [](const auto&) {});
    }
    const auto before = steady_clock::now();
    start("tcp://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
    ASSERT_TRUE(until_closed(1));
    EXPECT_THAT(closed_.front(), EndsWith(": no answer within 5 s"));
    EXPECT_GE(steady_clock::now() - before, milliseconds{4900});
}

TEST_F(PortDestruction, MayHappenBeforeTheFirstAttempt) {
    start("/dev/null");
    port_.reset();
    EXPECT_EQ(io_.run(), 1U);
    EXPECT_TRUE(closed_.empty());
}

TEST_F(PortDestruction, MayHappenWhileReadingAndWriting) {
    const FarEnd far;
    auto& port = start(far.path());
    ASSERT_TRUE(until_opened(1));
    port.send(Bytes(1'000'000, 0x55));
    port_.reset();
    io_.restart();
    io_.run();
    EXPECT_TRUE(closed_.empty());
}

TEST_F(PortDestruction, MayHappenWhileConnecting) {
    Server server{io_};
    start(server.name());
    io_.run_one();  // the attempt begins
    port_.reset();
    io_.restart();
    io_.run_for(milliseconds{200});
    EXPECT_EQ(opened_, 0);
    EXPECT_TRUE(closed_.empty());
}

TEST_F(PortDestruction, MayHappenInAnyHandler) {
    FarEnd far;
    const auto destroy = [this] { port_.reset(); };
    const auto with = [&](PortHandlers handlers) {
        port_.emplace(io_.get_executor(), far.path(), std::move(handlers));
        port_->start();
        return until([&] { return !port_; });
    };
    EXPECT_TRUE(with({destroy, [](auto) {}, [](auto&) {}}));
    EXPECT_TRUE(with({[&] { far.send({1}); }, [&](auto) { destroy(); }, [](auto&) {}}));
    EXPECT_TRUE(with({[&] { far.vanish(); }, [](auto) {}, [&](auto&) { destroy(); }}));
    io_.restart();
    io_.run();  // nothing is left behind
}

TEST_F(PortDestruction, MayHappenWithTheLoopNeverRunAgain) {
    const FarEnd far;
    start(far.path()).send({1});
    ASSERT_TRUE(until_opened(1));
    port_->send(Bytes(1'000'000, 0x55));
    port_.reset();
    EXPECT_TRUE(closed_.empty());
}

}  // namespace
}  // namespace bridge

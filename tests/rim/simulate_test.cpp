// The command `simulate` as a process of its own: what a bridge and a person see of it.
#include "bridge/simulate.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 10s;

bool readable_before(int descriptor, Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
    return left > 0 && ::poll(&wait, 1, static_cast<int>(left)) == 1;
}

/// simulate() in a child process, its standard streams in our hands.
class Child {
  public:
    explicit Child(const SimulateOptions& options) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(in[0], STDIN_FILENO);
            ::dup2(out[1], STDOUT_FILENO);
            for (const int end : {in[0], in[1], out[0], out[1]}) ::close(end);
            ::_exit(simulate(options));
        }
        ::close(in[0]);
        ::close(out[1]);
        input_ = in[1];
        output_ = out[0];
    }
    ~Child() {
        close_input();
        ::close(output_);
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// The next line; empty at the end or when patience is at an end.
    std::string line() {
        const auto deadline = Clock::now() + patience;
        for (;;) {
            if (const auto end = text_.find('\n'); end != std::string::npos) {
                auto line = text_.substr(0, end);
                text_.erase(0, end + 1);
                return line;
            }
            std::array<char, 512> buffer{};
            if (!readable_before(output_, deadline)) return {};
            const auto count = ::read(output_, buffer.data(), buffer.size());
            if (count <= 0) return {};
            text_.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    std::string line_with(const std::string& part) {
        for (auto text = line(); !text.empty(); text = line()) {
            if (text.find(part) != std::string::npos) return text;
        }
        return {};
    }
    void type(const std::string& text) {
        EXPECT_EQ(::write(input_, text.data(), text.size()), std::ssize(text));
    }
    void close_input() {
        if (input_ >= 0) ::close(input_);
        input_ = -1;
    }
    /// SIGTERM; the exit status.
    int end() {
        ::kill(pid_, SIGTERM);
        return wait();
    }
    int wait() {
        int status = -1;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string text_;
};

const std::string heartbeat{"\xC0\xFB\xE0\x77\x77\x58\x93\0\0\0\0\0\0\0\0\0\xB9\xC0", 18};
const std::string answer_head{"\xC0\xFD\xE0\x58\x93\x77\x77", 7};

/// Sends it and gathers what comes until `part` has come or patience is at an end.
std::string exchange(int descriptor, const std::string& frame, const std::string& part) {
    if (::write(descriptor, frame.data(), frame.size()) != std::ssize(frame)) return {};
    std::string heard;
    for (const auto deadline = Clock::now() + patience; readable_before(descriptor, deadline);) {
        std::array<char, 64> buffer{};
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count <= 0) return heard;
        heard.append(buffer.data(), static_cast<std::size_t>(count));
        const auto begin = heard.find(part);
        if (begin != std::string::npos && heard.size() >= begin + 19) return heard.substr(begin, 19);
    }
    return heard;
}

struct Simulate : ::testing::Test {
    std::filesystem::path folder = make_folder();
    std::string link = folder / "bus";

    static std::filesystem::path make_folder() {
        auto name = (std::filesystem::temp_directory_path() / "simulate-XXXXXX").string();
        return ::mkdtemp(name.data());
    }
    ~Simulate() override { std::filesystem::remove_all(folder); }
    SimulateOptions linked() const { return {.link = link, .listen_port = std::nullopt}; }
};

TEST(ParseChargerSpec, TakesIdMaximumAndProtocol) {
    EXPECT_EQ(*parse_charger_spec("5893"),
              (ChargerSpec{twc::TwcId{0x5893}, twc::Centiamps{3200}, twc::Protocol::v2}));
    EXPECT_EQ(*parse_charger_spec("02bb:80:1"),
              (ChargerSpec{twc::TwcId{0x02BB}, twc::Centiamps{8000}, twc::Protocol::v1}));
}

TEST(ParseChargerSpec, SaysWhatIsWrong) {
    for (const char* text :
         {"", "589", "58933", "5893:", "5893:5", "5893:81", "5893:16A", "5893:16:3", "5893:16:2:1"}) {
        const auto spec = parse_charger_spec(text);
        ASSERT_FALSE(spec.has_value()) << text;
        EXPECT_NE(spec.error().find("charger \"" + std::string{text} + "\": "), std::string::npos);
    }
}

TEST_F(Simulate, AnswersOnAPseudoTerminalThatIsClosedAndOpenedAgain) {
    Child child{linked()};
    EXPECT_EQ(child.line(), "ready: " + link);
    for (int round = 0; round < 2; ++round) {
        const int port = ::open(link.c_str(), O_RDWR | O_NOCTTY);
        ASSERT_GE(port, 0);
        const auto sent = Clock::now();
        const auto heard = exchange(port, heartbeat, answer_head);
        EXPECT_EQ(heard.substr(0, 7), answer_head);
        EXPECT_EQ(heard.substr(17), "\xC0\xFC");
        EXPECT_GE(Clock::now() - sent, 150ms + 38 * 1041us);
        ::close(port);
    }
    child.close_input();
    EXPECT_EQ(child.end(), 0);
    const auto report = nlohmann::json::parse(child.line_with("{"));
    EXPECT_EQ(report["bad_frames"], 0);
    EXPECT_EQ(report["master_collisions"], 0);
    EXPECT_EQ(report["chargers"]["5893"]["heartbeats"], 2);
    EXPECT_FALSE(std::filesystem::is_symlink(link));
}

TEST_F(Simulate, TellsChangesAndObeysItsStandardInput) {
    Child child{linked()};
    child.line();
    EXPECT_NE(child.line_with("state 03").find("charger 5893: state 03, in force 0.00 A"), std::string::npos);
    child.type("unplug 5893\nstatus\nplug 1111\n");
    EXPECT_NE(child.line_with("state 00"), "");
    EXPECT_NE(child.line_with("not understood: plug 1111; expected status, help, or plug|unplug|full|"), "");
    child.type("help\n");
    EXPECT_EQ(child.line_with("help").rfind("status, help, or plug|", 0), 0U);
}

TEST_F(Simulate, ExitStatusTellsOfViolations) {
    Child child{linked()};
    child.line();
    const int port = ::open(link.c_str(), O_RDWR | O_NOCTTY);
    auto wrong = heartbeat;
    wrong[16] = '\0';
    exchange(port, wrong + heartbeat, answer_head);
    ::close(port);
    EXPECT_EQ(child.end(), 1);
    EXPECT_EQ(nlohmann::json::parse(child.line_with("{"))["bad_frames"], 1);
}

TEST_F(Simulate, ReplacesAStaleLinkButNeverAFile) {
    std::filesystem::create_symlink(folder / "gone", link);
    {
        Child child{linked()};
        EXPECT_EQ(child.line(), "ready: " + link);
        Child second{linked()};
        EXPECT_EQ(second.wait(), 74);  // in use
        EXPECT_EQ(child.end(), 0);
    }
    std::ofstream{link} << "precious";
    Child child{linked()};
    EXPECT_EQ(child.wait(), 74);
    EXPECT_TRUE(std::filesystem::is_regular_file(link));
}

TEST_F(Simulate, AnswersOnAFreeTcpPort) {
    Child child{{.link = std::nullopt, .listen_port = 0}};
    const auto ready = child.line();
    const auto port = std::stoi(ready.substr(ready.rfind(':') + 1));
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(exchange(socket, heartbeat, answer_head).substr(0, 7), answer_head);
    ::close(socket);
    EXPECT_EQ(child.end(), 0);
}

TEST_F(Simulate, SaysWhatIsUnclearInItsOptions) {
    EXPECT_EQ(problem_with(linked()), std::nullopt);
    EXPECT_EQ(problem_with({}), "exactly one of --link and --listen is needed");
    EXPECT_EQ(problem_with({.link = link, .listen_port = 0}), "exactly one of --link and --listen is needed");
    auto twice = linked();
    twice.chargers = {ChargerSpec{}, ChargerSpec{}};
    EXPECT_EQ(problem_with(twice), "charger 5893 is given twice");
}

}  // namespace
}  // namespace bridge

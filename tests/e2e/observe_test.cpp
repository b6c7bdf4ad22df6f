// Beside a real master: everything is heard and told, and not one byte is sent.
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;

/// The far end of a line on which somebody else is master.
class ForeignLine {
  public:
    explicit ForeignLine(const std::string& link) : file_{posix_openpt(O_RDWR | O_NOCTTY)} {
        if (file_ < 0 || grantpt(file_) != 0 || unlockpt(file_) != 0)
            throw std::runtime_error{"no pseudo terminal"};
        const std::string name = ptsname(file_);  // NOLINT(concurrency-mt-unsafe): there is one thread
        other_end_ = open(name.c_str(), O_RDWR | O_NOCTTY);
        termios raw{};
        if (other_end_ < 0 || tcgetattr(other_end_, &raw) != 0) throw std::runtime_error{name};
        cfmakeraw(&raw);
        tcsetattr(other_end_, TCSANOW, &raw);
        std::filesystem::create_symlink(name, link);
    }
    ~ForeignLine() {
        close(other_end_);
        close(file_);
    }
    ForeignLine(const ForeignLine&) = delete;
    ForeignLine& operator=(const ForeignLine&) = delete;

    /// A frame as it stands in public logs of real units: hex digits, delimiters included.
    void say(const std::string& hex) const {
        std::vector<std::uint8_t> bytes;
        for (std::size_t at = 0; at + 1 < hex.size(); at += 3)
            bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
        if (write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            throw std::runtime_error{"the line takes nothing"};
    }
    /// Whatever the bridge has sent so far.
    [[nodiscard]] bool hears_anything() const {
        pollfd waiting{.fd = file_, .events = POLLIN, .revents = 0};
        return poll(&waiting, 1, 0) > 0;
    }

  private:
    int file_;
    int other_end_ = -1;
};

class Observing : public Site {};

TEST_F(Observing, TellsWhatARealMasterAndItsSlaveSayAndSendsNotOneByte) {
    start_broker();
    remember_charger();  // would be addressed at once
    const ForeignLine line{bus()};
    start_bridge({"--observe"});
    ASSERT_TRUE(logged("observing: nothing is transmitted"));
    ASSERT_TRUE(logged("open"));
    for (int round = 0; round < 3; ++round) {
        line.say("C0 FD EB 79 73 00 00 00 0B 00 F3 00 00 00 00 00 00 00 00 00 D5 C0 FE");  // its own meters
        std::this_thread::sleep_for(250ms);
        line.say("C0 FB E0 79 73 58 93 00 00 00 00 00 00 00 00 00 B7 C0 FC");
        std::this_thread::sleep_for(200ms);
        line.say("C0 FD E0 58 93 79 73 01 06 40 05 DC 00 00 00 00 DF C0 FC");
        std::this_thread::sleep_for(150ms);
        line.say("C0 FD E2 77 77 11 0C 80 00 00 00 00 00 00 00 00 6D C0 FC");  // with our id
        line.say("C0 FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 C0 FC");
        for (const auto* command : {"mode", "total_limit", "charger/5893/limit", "charger/5893/charge"}) {
            const std::string payload = std::string{command} == "mode"                  ? "off"
                                        : std::string{command} == "charger/5893/charge" ? "OFF"
                                                                                        : "6";
            watcher->publish("twc/" + std::string{command} + "/set", payload);
        }
        watcher->publish("homeassistant/status", "online");
    }
    EXPECT_TRUE(watcher->sees_last("twc/charger/7973/voltage_l1", "243"));
    EXPECT_TRUE(watcher->sees_last("twc/charger/7973/meter_energy", "11"));
    EXPECT_TRUE(watcher->sees_last("twc/charger/5893/status", "online"));
    EXPECT_TRUE(watcher->sees_last("twc/charger/5893/current", "15"));
    EXPECT_TRUE(watcher->sees_last("twc/charger/5893/limit_in_force", "16"));
    EXPECT_TRUE(watcher->sees_last("twc/charger/5893/reason", "observing only: another master decides"));
    EXPECT_TRUE(watcher->sees_last("twc/mode", "off"));
    std::this_thread::sleep_for(2s);  // longer than any heartbeat would wait
    EXPECT_FALSE(line.hears_anything());
    end_bridge();
    EXPECT_FALSE(line.hears_anything());
}

}  // namespace

// The wire tap of scripts/bench: stands between the bridge and the simulated chargers, gives commands by MQTT
// and measures how soon they are on the wire, and how long each charger waits for a heartbeat. Knows no code
// of the bridge.
//   bench BRIDGE_LINK CHARGERS_LINK BROKER_PORT ID…
// Each line on standard input, a number of seconds, is answered by that long a measurement and lines
// NAME<tab>RESULT.
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A terminal that passes every byte as it is.
void make_raw(int file) {
    termios settings{};
    if (tcgetattr(file, &settings) != 0) fail("tcgetattr");
    cfmakeraw(&settings);
    if (tcsetattr(file, TCSANOW, &settings) != 0) fail("tcsetattr");
}

/// A new pseudo terminal, reachable at `link`; returns our end. Its other end stays open here too, or reading
/// would fail whenever the bridge has not opened it.
int open_pseudo_terminal(const std::string& link) {
    const int file = posix_openpt(O_RDWR | O_NOCTTY);
    if (file < 0 || grantpt(file) != 0 || unlockpt(file) != 0) fail("pseudo terminal");
    const std::string name = ptsname(file);  // NOLINT(concurrency-mt-unsafe): there is one thread
    const int other_end = open(name.c_str(), O_RDWR | O_NOCTTY);
    if (other_end < 0) fail(name);
    make_raw(other_end);
    if (symlink(name.c_str(), link.c_str()) != 0) fail(link);
    return file;
}

int open_terminal(const std::string& link) {
    const int file = open(link.c_str(), O_RDWR | O_NOCTTY);
    if (file < 0) fail(link);
    make_raw(file);
    return file;
}

/// A master heartbeat as far as it matters here: FB E0, master, receiver, command, amps, each at its place in
/// the body.
struct Heartbeat {
    int receiver;
    std::optional<int> limit;  ///< 0.01 A, with the commands that carry one
};

std::optional<Heartbeat> read_heartbeat(std::span<const std::uint8_t> body) {
    if (body.size() < 10 || body[0] != 0xFB || body[1] != 0xE0) return std::nullopt;
    Heartbeat heartbeat{.receiver = body[4] << 8 | body[5], .limit = std::nullopt};
    const int command = body[6];
    if (command == 0x05 || command == 0x08 || command == 0x09) heartbeat.limit = body[7] << 8 | body[8];
    return heartbeat;
}

/// Cuts a stream of bytes into bodies: C0 before and after, DB DC for C0, DB DD for DB.
class Cutter {
  public:
    std::optional<Bytes> push(std::uint8_t byte) {
        if (byte == 0xC0) {
            escaped_ = false;
            Bytes body;
            body.swap(body_);
            return body.empty() ? std::nullopt : std::optional{body};
        }
        if (byte == 0xDB) {
            escaped_ = true;
            return std::nullopt;
        }
        const std::uint8_t plain = byte == 0xDC ? 0xC0 : 0xDB;
        body_.push_back(escaped_ ? plain : byte);
        escaped_ = false;
        return std::nullopt;
    }

  private:
    Bytes body_;
    bool escaped_ = false;
};

/// A publisher of one topic that is already connected, so that its start is not measured.
class Publisher {
  public:
    Publisher(const std::string& port, const std::string& topic)
        : pipe_(popen(("exec mosquitto_pub -h 127.0.0.1 -q 1 -l -p " + port + " -t " + topic).c_str(), "w"),
                pclose) {
        if (!pipe_) fail("mosquitto_pub");
    }
    void publish(int centiamps) {
        std::fprintf(pipe_.get(), "%d.%02d\n", centiamps / 100, centiamps % 100);
        std::fflush(pipe_.get());
    }

  private:
    std::unique_ptr<FILE, int (*)(FILE*)> pipe_;
};

std::string summary(std::vector<milliseconds> values) {
    if (values.empty()) return "none seen";
    std::ranges::sort(values);
    const auto at = [&](std::size_t percent) {
        return std::to_string(values[(values.size() - 1) * percent / 100].count());
    };
    return at(50) + " / " + at(95) + " / " + at(100) + " ms (" + std::to_string(values.size()) + ")";
}

/// By charger, 0.01 A: what its last heartbeat with a limit said.
using Limits = std::map<int, int>;

/// What the measurement in progress has seen so far.
class Measurement {
  public:
    Measurement(std::vector<int> chargers, const Limits& commanded, Publisher& limit, Publisher& total)
        : chargers_(std::move(chargers)),
          commanded_(commanded),
          limit_(limit),
          total_(total),
          next_(Clock::now()) {}

    void on(const Heartbeat& heartbeat, Clock::time_point now) {
        auto& unit = units_[heartbeat.receiver];
        if (unit.heard) unit.worst = std::max(unit.worst, now - *unit.heard);
        unit.heard = now;
        if (given_ && fulfilled_()) {
            results_[trial_].push_back(std::chrono::duration_cast<milliseconds>(now - *given_));
            finish_trial(now);
        }
    }

    void on_tick(Clock::time_point now) {
        if (given_ && now - *given_ > patience) {
            ++missed_;
            finish_trial(now);
        }
        if (!given_ && now >= next_) begin_trial(now);
    }

    /// Leaves the limits as they were.
    void report() {
        limit_.publish(highest);
        total_.publish(full_total);
        static constexpr std::array<const char*, 4> names{"limit lowered", "limit raised",
                                                          "total_limit lowered", "total_limit raised"};
        for (std::size_t trial = 0; trial < names.size(); ++trial)
            std::cout << names[trial] << ", median / p95 / worst\t" << summary(results_[trial]) << '\n';
        std::cout << "commands without effect within 10 s\t" << missed_ << '\n';
        for (const int id : chargers_) {
            std::array<char, 8> text{};
            std::snprintf(text.data(), text.size(), "%04x", static_cast<unsigned>(id));
            const auto worst = std::chrono::duration_cast<milliseconds>(units_[id].worst);
            std::cout << "worst heartbeat gap of " << text.data() << "\t" << worst.count() << " ms\n";
        }
        std::cout << "done\n" << std::flush;
    }

  private:
    struct Unit {
        std::optional<Clock::time_point> heard;
        Clock::duration worst{};
    };
    static constexpr seconds patience{10};
    static constexpr int highest = 1600;  ///< of one charger, 0.01 A
    static constexpr int full_total = 4800;

    void begin_trial(Clock::time_point now) {
        // Every figure is a new one, so that an old heartbeat cannot be taken for its effect.
        const int step = 10 * static_cast<int>(results_[trial_].size() % 20);
        switch (trial_) {
            case 0:
            case 1: {
                const int amps = (trial_ == 0 ? 800 : 1200) + step;
                fulfilled_ = [this, amps] {
                    const auto first = commanded_.find(chargers_[0]);
                    return first != commanded_.end() && first->second == amps;
                };
                limit_.publish(amps);
                break;
            }
            case 2:
                fulfilled_ = [this, amps = 2400 + step] { return commanded_sum() <= amps; };
                total_.publish(2400 + step);
                break;
            default:
                fulfilled_ = [this] { return commanded_sum() > 3000; };
                total_.publish(full_total);
        }
        given_ = now;
    }

    void finish_trial(Clock::time_point now) {
        static constexpr std::array<std::size_t, 8> trials{0, 1, 0, 1, 0, 1, 2, 3};
        given_.reset();
        finished_ = (finished_ + 1) % trials.size();
        trial_ = trials.at(finished_);
        next_ = now + milliseconds(
                          std::uniform_int_distribution(400, 1200)(random_));  // no step with the bus' rounds
    }

    [[nodiscard]] int commanded_sum() const {
        int sum = 0;
        for (const auto& [id, limit] : commanded_) sum += limit;
        return sum;
    }

    std::vector<int> chargers_;
    const Limits& commanded_;
    Publisher& limit_;
    Publisher& total_;
    Clock::time_point next_;
    std::optional<Clock::time_point> given_;
    std::function<bool()> fulfilled_;
    std::size_t finished_ = 0;  ///< trials, modulo their round
    std::size_t trial_ = 0;     ///< what is tried now, and where its result goes
    std::array<std::vector<milliseconds>, 4> results_;
    int missed_ = 0;
    std::map<int, Unit> units_;
    std::mt19937 random_{1};
};

/// Passes on what has arrived; false when there is nothing to pass on any more.
bool pass_on(int from, int to, std::array<std::uint8_t, 512>& buffer, std::size_t& size) {
    const auto got = read(from, buffer.data(), buffer.size());
    size = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got > 0 && write(to, buffer.data(), size) == got;
}

void run(const std::string& bridge_link, const std::string& chargers_link, const std::string& port,
         const std::vector<std::string>& ids) {
    std::vector<int> chargers;
    chargers.reserve(ids.size());
    for (const auto& id : ids) chargers.push_back(std::stoi(id, nullptr, 16));
    const int bridge = open_pseudo_terminal(bridge_link);
    const int bus = open_terminal(chargers_link);
    Publisher limit(port, "twcbridge/charger/" + ids.at(0) + "/limit/set");
    Publisher total(port, "twcbridge/total_limit/set");

    Cutter cutter;
    Limits commanded;
    std::optional<Measurement> measurement;
    Clock::time_point end;
    std::array<pollfd, 3> files{{{bridge, POLLIN, 0}, {bus, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    std::array<std::uint8_t, 512> buffer{};
    std::size_t size = 0;
    while (true) {
        if (poll(files.data(), files.size(), 10) < 0) fail("poll");
        const auto now = Clock::now();
        if (files[0].revents != 0) {
            if (!pass_on(bridge, bus, buffer, size)) fail("the chargers are gone");
            for (const auto byte : std::span(buffer).first(size)) {
                const auto body = cutter.push(byte);
                const auto heartbeat = body ? read_heartbeat(*body) : std::nullopt;
                if (heartbeat && heartbeat->limit) commanded[heartbeat->receiver] = *heartbeat->limit;
                if (heartbeat && measurement) measurement->on(*heartbeat, now);
            }
        }
        if (files[1].revents != 0 && !pass_on(bus, bridge, buffer, size)) fail("the chargers are gone");
        if (files[2].revents != 0) {
            std::string line;
            if (!std::getline(std::cin, line)) return;
            measurement.emplace(chargers, commanded, limit, total);
            end = now + seconds(std::stoi(line));
        }
        if (!measurement) continue;
        measurement->on_tick(now);
        if (now < end) continue;
        measurement->report();
        measurement.reset();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 4) {
        std::cerr << "usage: bench BRIDGE_LINK CHARGERS_LINK BROKER_PORT ID...\n";
        return 64;
    }
    try {
        run(arguments[0], arguments[1], arguments[2], {arguments.begin() + 3, arguments.end()});
    } catch (const std::exception& error) {
        std::cerr << "bench: " << error.what() << '\n';
        return 1;
    }
    return 0;
}

// The far end of `scripts/bench --scale`: so many buses behind TCP ports, three simulated wall connectors
// with cars on each, all in this process. Measures how evenly every unit gets its heartbeats. Knows no code
// of the bridge.
//   bench_scale FIRST_PORT BUSES
// Each line on standard input, a number of seconds, is answered by that long a measurement and one line.
#include <unistd.h>
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bridge/simulator/bus.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;
using simulator::Bytes;
using twc::Duration;
using twc::TimePoint;

constexpr int units_on_a_bus = 3;

TimePoint now() {
    return TimePoint{
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

/// The gaps between two heartbeats, of all units.
struct Record {
    bool running = false;
    std::vector<Duration> gaps;
};

/// One serial server, the bus behind it, and one master at a time.
class Server {
  public:
    Server(asio::io_context& loop, unsigned short port, std::uint32_t number, Record& record)
        : record_{record},
          bus_{{.seed = number, .start = now()}},
          acceptor_{loop, {asio::ip::address_v4::loopback(), port}},
          connection_{loop},
          wake_{loop} {
        for (int unit = 1; unit <= units_on_a_bus; ++unit) {
            const auto id = static_cast<std::uint16_t>(number * 16 + static_cast<unsigned>(unit));
            bus_.add({.id = twc::TwcId{id}, .seed = number}, {.plugged = true});
        }
        accept();
    }
    [[nodiscard]] bool everybody_charges() const {
        return std::ranges::all_of(bus_.units(),
                                   [](const auto* unit) { return unit->drawn() > twc::Centiamps{400}; });
    }
    [[nodiscard]] simulator::BusStatistics statistics() const { return bus_.statistics(); }

  private:
    void accept() {
        acceptor_.async_accept([this](error_code error, tcp::socket connection) {
            if (error) return;
            connection_ = std::move(connection);
            connection_.set_option(tcp::no_delay{true}, error);
            connection_.non_blocking(true, error);
            read();
            go_on();
            accept();
        });
    }
    void read() {
        connection_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t count) {
            if (error) return;
            const auto bytes = std::span{buffer_}.first(count);
            for (const auto byte : bytes) note(byte);
            bus_.transmit(bytes, now());
            go_on();
            read();
        });
    }
    void note(std::uint8_t byte) {
        if (receiver_.push(byte) != simulator::Receiver::Result::frame) return;
        const auto body = receiver_.body();
        if (body[0] != 0xFB || body[1] != 0xE0) return;
        auto& last = heard_[simulator::number_at(body, 4)];
        const auto present = now();
        if (record_.running && last != TimePoint{}) record_.gaps.push_back(present - last);
        last = present;
    }
    void go_on() {
        const auto present = now();
        if (const auto bytes = bus_.take_received(present); !bytes.empty() && connection_.is_open()) {
            error_code ignored;
            connection_.write_some(asio::buffer(bytes), ignored);
        }
        const auto next = std::clamp(bus_.next_event(), present + 1ms, present + 1s);
        wake_.expires_at(std::chrono::steady_clock::time_point{next.time_since_epoch()});
        wake_.async_wait([this](error_code error) {
            if (!error) go_on();
        });
    }

    Record& record_;
    simulator::Bus bus_;
    simulator::Receiver receiver_;
    std::map<unsigned, TimePoint> heard_;
    tcp::acceptor acceptor_;
    tcp::socket connection_;
    asio::steady_timer wake_;
    std::array<std::uint8_t, 256> buffer_{};
};

std::string milliseconds(Duration time) {
    const auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " ms";
}

Duration at_percent(std::vector<Duration>& values, std::size_t percent) {
    std::ranges::sort(values);
    return values.at((values.size() - 1) * percent / 100);
}

/// Jitter is how far a gap is from the gap that is usual, which is the schedule as a unit sees it.
std::string summary(Record& record, const std::vector<std::unique_ptr<Server>>& servers) {
    if (record.gaps.empty()) return "no heartbeats";
    const auto schedule = at_percent(record.gaps, 50);
    const auto longest = at_percent(record.gaps, 100);
    std::vector<Duration> jitter;
    for (const auto gap : record.gaps) jitter.push_back(std::chrono::abs(gap - schedule));
    std::uint64_t violations = 0;
    for (const auto& server : servers) violations += server->statistics().master.violations();
    const auto charging =
        std::ranges::count_if(servers, [](const auto& server) { return server->everybody_charges(); });
    return milliseconds(schedule) + " | " + milliseconds(at_percent(jitter, 50)) + " | " +
           milliseconds(at_percent(jitter, 99)) + " | " + milliseconds(longest) + " | " +
           std::to_string(record.gaps.size()) + " heartbeats; " + std::to_string(charging) + " of " +
           std::to_string(servers.size()) + " buses charge; faults of the master " +
           std::to_string(violations);
}

void serve(unsigned short first_port, unsigned buses) {
    asio::io_context loop{1};
    Record record;
    std::vector<std::unique_ptr<Server>> servers;
    for (unsigned number = 0; number < buses; ++number) {
        servers.push_back(std::make_unique<Server>(loop, static_cast<unsigned short>(first_port + number),
                                                   number + 1, record));
    }
    std::cout << "ready\n" << std::flush;
    asio::posix::stream_descriptor input{loop, ::dup(STDIN_FILENO)};
    asio::streambuf text;
    asio::steady_timer end{loop};
    const auto obey = [&](const auto& again) -> void {
        asio::async_read_until(input, text, '\n', [&, again](error_code error, std::size_t) {
            if (error) return loop.stop();
            std::istream stream{&text};
            int seconds = 0;
            stream >> seconds;
            stream.ignore(1);
            record = {};
            record.running = true;
            end.expires_after(std::chrono::seconds{seconds});
            end.async_wait([&](error_code) {
                record.running = false;
                std::cout << summary(record, servers) << '\n' << std::flush;
            });
            again(again);
        });
    };
    obey(obey);
    loop.run();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: bench_scale FIRST_PORT BUSES\n";
        return 64;
    }
    try {
        serve(static_cast<unsigned short>(std::stoi(argv[1])), static_cast<unsigned>(std::stoi(argv[2])));
    } catch (const std::exception& error) {
        std::cerr << "bench_scale: " << error.what() << '\n';
        return 1;
    }
    return 0;
}

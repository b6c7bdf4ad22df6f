// The loop of `twcbridge simulate`: what is due on the simulated wire, in real time.
#include "bridge/simulate.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

#include "bridge/clock.hpp"
#include "bridge/exit_status.hpp"
#include "bridge/simulate_commands.hpp"
#include "bridge/simulate_report.hpp"
#include "bridge/simulate_way.hpp"
#include "bridge/simulator/bus.hpp"

namespace bridge {

namespace asio = boost::asio;
using boost::system::error_code;
using simulator::Bus;
using namespace std::chrono_literals;

namespace {

/// While somebody talks, the master gets bytes this often: about as they come, as from a real adapter. A
/// frame delivered in one piece at its end would hide from the master that the line is taken.
constexpr auto delivery = 3ms;
/// Our own lateness on a busy machine must not be laid at the master's door.
constexpr auto reaction = 10ms;

/// What was last said of a unit.
struct Said {
    std::uint8_t state = 0;
    twc::Centiamps limit;
    twc::Centiamps drawn;
    twc::TimePoint drawn_at;
};

class Simulation {
  public:
    explicit Simulation(const SimulateOptions& options)
        : bus_{{.reaction = reaction}}, signals_{io_, SIGINT, SIGTERM}, wake_{io_}, input_{io_} {
        std::uint32_t number = 0;
        for (const auto& charger : options.chargers) add(charger, ++number);
        const auto heard = [this](std::span<const std::uint8_t> bytes) { hear(bytes); };
        if (options.link) {
            way_ = open_pseudo_terminal(io_, *options.link, heard);
        } else {
            way_ = open_tcp_listener(io_, *options.listen_port, heard);
        }
        signals_.async_wait([this](error_code error, int) {
            if (!error) io_.stop();
        });
        open_input();
    }

    int run() {
        std::cout << "ready: " << way_->name() << '\n' << std::flush;
        go_on();
        io_.run();
        bus_.advance(elapsed());
        std::cout << report(bus_) << '\n' << std::flush;
        return bus_.statistics().master.violations() == 0 ? 0 : 1;
    }

  private:
    void add(const ChargerSpec& charger, std::uint32_t number) {
        simulator::WallConnectorOptions options;
        options.id = charger.id;
        options.rating = charger.rating;
        options.protocol = charger.protocol;
        options.seed = number;
        if (charger.protocol == twc::Protocol::v1) options.linkready_period = 10s;
        simulator::CarOptions car;
        car.plugged = true;
        car.vin = simulator::tesla_vin(charger.id.value());
        bus_.add(options, car);
    }

    /// Time of the simulated world, which begins at 0.
    [[nodiscard]] twc::TimePoint elapsed() const { return twc::TimePoint{now() - begin_}; }

    void hear(std::span<const std::uint8_t> bytes) {
        bus_.transmit(bytes, elapsed());
        go_on();
    }

    /// Everything that is due, and an alarm for the next time.
    void go_on() {
        const auto present = elapsed();
        if (const auto bytes = bus_.take_received(present); !bytes.empty()) way_->send(bytes);
        say_changes(present);
        const auto next = std::max(bus_.next_event(), present + delivery);
        wake_.expires_after(
            std::min<twc::Duration>(next - present, 250ms));  // currents change without an event
        wake_.async_wait([this](error_code error) {
            if (!error) go_on();
        });
    }

    void say_changes(twc::TimePoint present) {
        for (const auto* unit : bus_.units()) {
            auto& said = said_[unit->id()];
            const auto step = std::abs((unit->drawn() - said.drawn).count());
            const bool drawn_changed = step >= 50 && present >= said.drawn_at + 1s;
            if (unit->state() == said.state && unit->limit_in_force() == said.limit && !drawn_changed)
                continue;
            said = {unit->state(), unit->limit_in_force(), unit->drawn(), present};
            std::cout << describe(*unit) << '\n' << std::flush;
        }
    }

    /// Waits with asio and reads without it: asio would make the descriptor non-blocking, and with a terminal
    /// standard output along with it. A file or /dev/null cannot be waited for and has nothing to say.
    void open_input() {
        error_code error;
        input_.assign(::dup(STDIN_FILENO), error);
        if (!error) wait_for_commands();
    }

    void wait_for_commands() {
        input_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code error) {
            if (error) return;
            std::array<char, 256> text{};
            const auto count = ::read(input_.native_handle(), text.data(), text.size());
            if (count <= 0) return;  // the end of standard input is not the end of the simulation
            obey_lines({text.data(), static_cast<std::size_t>(count)});
            wait_for_commands();
        });
    }

    void obey_lines(std::string_view text) {
        input_text_ += text;
        for (auto end = input_text_.find('\n'); end != std::string::npos; end = input_text_.find('\n')) {
            bus_.advance(elapsed());
            obey(input_text_.substr(0, end), bus_, std::cout);
            input_text_.erase(0, end + 1);
        }
        go_on();
    }

    const twc::TimePoint begin_ = now();
    Bus bus_;
    asio::io_context io_;
    asio::signal_set signals_;
    asio::steady_timer wake_;
    asio::posix::stream_descriptor input_;
    std::string input_text_;
    std::unique_ptr<Way> way_;
    std::map<twc::TwcId, Said> said_;
};

}  // namespace

int simulate(const SimulateOptions& options) {
    std::signal(SIGTTIN,
                SIG_IGN);  // in the background of a terminal there are no commands, and no stopping either
    std::unique_ptr<Simulation> simulation;
    try {
        simulation = std::make_unique<Simulation>(options);
    } catch (const std::runtime_error& error) {
        std::cerr << "simulate: " << error.what() << '\n' << std::flush;
        return exit_cannot_open;
    }
    return simulation->run();
}

}  // namespace bridge

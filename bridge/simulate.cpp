#include "bridge/simulate.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bridge/clock.hpp"
#include "bridge/descriptor.hpp"
#include "bridge/simulator/bus.hpp"

namespace bridge {

namespace asio = boost::asio;
using boost::system::error_code;
using simulator::Bus;
using simulator::Bytes;
using simulator::WallConnector;
using namespace std::chrono_literals;

namespace {

constexpr int wrong_usage = 64;
constexpr int cannot_open = 74;

/// While somebody talks, the master gets bytes this often: about as they come, as from a real adapter. A
/// frame delivered in one piece at its end would hide from the master that the line is taken.
constexpr auto delivery = 3ms;
/// Our own lateness on a busy machine must not be laid at the master's door.
constexpr auto reaction = 10ms;

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error{errno, std::generic_category(), what};
}

/// Where the master's bytes come from and ours go to.
class Way {
  public:
    using Heard = std::function<void(std::span<const std::uint8_t>)>;
    Way() = default;
    virtual ~Way() = default;
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;
    [[nodiscard]] virtual std::string name() const = 0;
    /// Lost if nobody is at the other end.
    virtual void send(const Bytes&) = 0;
};

class PseudoTerminal : public Way {
  public:
    PseudoTerminal(asio::io_context& io, std::string link, Heard heard)
        : link_{std::move(link)}, heard_{std::move(heard)}, master_{io} {
        Descriptor master{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
        if (master.get() < 0 || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) {
            throw_errno("pseudo terminal");
        }
        std::array<char, 128> name{};
        if (::ptsname_r(master.get(), name.data(), name.size()) != 0) throw_errno("pseudo terminal");
        // Held open for ever: while nobody has the slave side open, reading the master side fails with EIO.
        keeper_ = std::make_unique<Descriptor>(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios settings{};
        if (keeper_->get() < 0 || ::tcgetattr(keeper_->get(), &settings) != 0) throw_errno(name.data());
        ::cfmakeraw(&settings);
        if (::tcsetattr(keeper_->get(), TCSANOW, &settings) != 0) throw_errno(name.data());
        make_link(name.data());
        master_.assign(master.release());
        master_.non_blocking(true);
        read();
    }
    ~PseudoTerminal() override {
        std::error_code ignored;
        // Another simulator may have put its own link there meanwhile.
        if (std::filesystem::read_symlink(link_, ignored) == target_) std::filesystem::remove(link_, ignored);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    [[nodiscard]] std::string name() const override { return link_; }
    void send(const Bytes& bytes) override {
        // A bridge that was killed leaves its exclusive use behind as long as we hold the other side open.
        ::ioctl(keeper_->get(), TIOCNXCL);
        error_code error;
        master_.write_some(asio::buffer(bytes), error);
        if (error == asio::error::would_block) ::tcflush(keeper_->get(), TCIFLUSH);  // nobody listens
    }

  private:
    void make_link(const std::string& target) {
        namespace fs = std::filesystem;
        if (fs::is_symlink(fs::symlink_status(link_))) {
            if (fs::exists(link_))
                throw std::system_error{EEXIST, std::generic_category(), link_ + " is in use"};
            fs::remove(link_);
        }
        fs::create_symlink(target, link_);
        target_ = target;
    }
    void read() {
        master_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t count) {
            if (error) return;
            heard_(std::span{buffer_}.first(count));
            read();
        });
    }

    std::string link_;
    std::string target_;
    Heard heard_;
    asio::posix::stream_descriptor master_;
    std::unique_ptr<Descriptor> keeper_;
    std::array<std::uint8_t, 256> buffer_{};
};

/// One master at a time; a later one takes the place of the earlier.
class TcpListener : public Way {
  public:
    TcpListener(asio::io_context& io, std::uint16_t port, Heard heard)
        : heard_{std::move(heard)}, acceptor_{io, {asio::ip::address_v4::loopback(), port}}, connection_{io} {
        accept();
    }

    [[nodiscard]] std::string name() const override {
        return "tcp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    void send(const Bytes& bytes) override {
        if (!connection_.is_open()) return;
        error_code ignored;
        connection_.write_some(asio::buffer(bytes), ignored);
    }

  private:
    void accept() {
        acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket connection) {
            if (error) return;
            connection_ = std::move(connection);
            connection_.non_blocking(true, error);
            connection_.set_option(asio::ip::tcp::no_delay{true}, error);
            read();
            accept();
        });
    }
    void read() {
        connection_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t count) {
            if (error == asio::error::operation_aborted) return;
            if (error) {
                connection_.close(error);
                return;
            }
            heard_(std::span{buffer_}.first(count));
            read();
        });
    }

    Heard heard_;
    asio::ip::tcp::acceptor acceptor_;
    asio::ip::tcp::socket connection_;
    std::array<std::uint8_t, 256> buffer_{};
};

std::string hex(std::uint8_t byte) {
    std::array<char, 3> text{};
    std::snprintf(text.data(), text.size(), "%02X", unsigned{byte});
    return text.data();
}

double amps(twc::Centiamps current) { return static_cast<double>(current.count()) / 100; }

std::string describe(const WallConnector& unit) {
    return "charger " + unit.id().text() + ": state " + hex(unit.state()) + ", limit " +
           twc::to_text(unit.limit_in_force()) + " A, drawn " + twc::to_text(unit.drawn()) + " A";
}

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
            way_ = std::make_unique<PseudoTerminal>(io_, *options.link, heard);
        } else {
            way_ = std::make_unique<TcpListener>(io_, *options.listen_port, heard);
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
        std::cout << report().dump() << '\n' << std::flush;
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
            obey(input_text_.substr(0, end));
            input_text_.erase(0, end + 1);
        }
        go_on();
    }

    void obey(const std::string& line) {
        bus_.advance(elapsed());
        std::istringstream words{line};
        std::string verb;
        std::string name;
        words >> verb >> name;
        if (verb.empty()) return;
        if (verb == "status") {
            for (const auto* unit : bus_.units()) std::cout << describe(*unit) << '\n' << std::flush;
            return;
        }
        using Action = void (*)(WallConnector&);
        static const std::map<std::string, Action> actions{
            {"plug", [](WallConnector& unit) { unit.car().plug(); }},
            {"unplug", [](WallConnector& unit) { unit.car().unplug(); }},
            {"full", [](WallConnector& unit) { unit.car().set_full(); }},
            {"want", [](WallConnector& unit) { unit.car().set_wants(true); }},
            {"stop", [](WallConnector& unit) { unit.car().stop_itself(); }},
            {"start", [](WallConnector& unit) { unit.car().start_itself(); }},
            {"mute", [](WallConnector& unit) { unit.set_mute(true); }},
            {"unmute", [](WallConnector& unit) { unit.set_mute(false); }},
            {"restart", [](WallConnector& unit) { unit.restart(); }},
        };
        const auto action = actions.find(verb);
        auto* const unit = find(name);
        if (action == actions.end() || unit == nullptr) {
            std::cout << "not understood: " << line << '\n' << std::flush;
            return;
        }
        action->second(*unit);
    }

    [[nodiscard]] WallConnector* find(const std::string& name) {
        const auto id = twc::TwcId::parse(name);
        for (auto* unit : bus_.units()) {
            if (unit->id() == id) return unit;
        }
        return nullptr;
    }

    [[nodiscard]] nlohmann::json report() const {
        const auto milliseconds = [](twc::Duration duration) {
            return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
        };
        const auto statistics = bus_.statistics();
        const auto& master = statistics.master;
        auto chargers = nlohmann::json::object();
        for (const auto* unit : bus_.units()) {
            chargers[unit->id().text()] = {
                {"heartbeats", unit->heartbeats()},
                {"worst_heartbeat_gap_ms", milliseconds(unit->worst_heartbeat_gap())},
                {"limits_above_rating", unit->limits_above_rating()},
                {"limits_below_floor", unit->limits_below_floor()},
                {"contactor_switched", unit->contactor_switched()},
                {"state", hex(unit->state())},
                {"limit", amps(unit->limit_in_force())},
                {"drawn", amps(unit->drawn())},
                {"kwh", static_cast<double>(unit->lifetime_wh()) / 1000},
            };
        }
        return {{"master_frames", master.frames},
                {"unit_frames", statistics.unit_frames},
                {"collisions", statistics.collisions},
                {"unit_collisions", statistics.unit_collisions},
                {"master_collisions", master.collisions},
                {"bad_frames", master.bad_frames()},
                {"forbidden", master.forbidden},
                {"short_pauses", master.short_pauses},
                {"chargers", chargers}};
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

std::optional<std::string> problem_with(const SimulateOptions& options) {
    if (options.link.has_value() == options.listen_port.has_value()) {
        return "exactly one of --link and --listen is needed";
    }
    if (options.chargers.empty()) return "at least one charger is needed";
    for (auto charger = options.chargers.begin(); charger != options.chargers.end(); ++charger) {
        const auto same = [&](const ChargerSpec& other) { return other.id == charger->id; };
        if (std::any_of(options.chargers.begin(), charger, same))
            return "charger " + charger->id.text() + " is given twice";
    }
    return std::nullopt;
}

}  // namespace

twc::Expected<ChargerSpec, std::string> parse_charger_spec(std::string_view text) {
    std::vector<std::string_view> parts;
    for (auto rest = text;; rest.remove_prefix(parts.back().size() + 1)) {
        parts.push_back(rest.substr(0, rest.find(':')));
        if (parts.back().size() == rest.size()) break;
    }
    const auto failure = [&](const std::string& why) {
        return twc::Unexpected{"charger \"" + std::string{text} + "\": " + why};
    };
    if (parts.size() > 3) return failure("expected ID[:MAX[:PROTOCOL]]");
    ChargerSpec spec;
    const auto id = twc::TwcId::parse(parts[0]);
    if (!id) return failure("the id must have four hex digits");
    spec.id = *id;
    if (parts.size() > 1) {
        const auto rating = whole_number(parts[1]);
        if (!rating || *rating < 6 || *rating > 80)
            return failure("the maximum must be 6 to 80 whole amperes");
        spec.rating = twc::Centiamps{*rating * 100};
    }
    if (parts.size() > 2) {
        if (parts[2] != "1" && parts[2] != "2") return failure("the protocol must be 1 or 2");
        spec.protocol = parts[2] == "1" ? twc::Protocol::v1 : twc::Protocol::v2;
    }
    return spec;
}

int simulate(const SimulateOptions& options) {
    if (const auto problem = problem_with(options)) {
        std::cerr << "simulate: " << *problem << '\n' << std::flush;
        return wrong_usage;
    }
    std::signal(SIGTTIN,
                SIG_IGN);  // in the background of a terminal there are no commands, and no stopping either
    std::unique_ptr<Simulation> simulation;
    try {
        simulation = std::make_unique<Simulation>(options);
    } catch (const std::runtime_error& error) {
        std::cerr << "simulate: " << error.what() << '\n' << std::flush;
        return cannot_open;
    }
    return simulation->run();
}

}  // namespace bridge

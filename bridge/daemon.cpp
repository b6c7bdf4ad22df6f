// The service's rim: one event loop that feeds the bridge with what the world does and drains what it wants
// done.
#include "bridge/daemon.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/clock.hpp"
#include "bridge/core/bridge.hpp"
#include "bridge/core/complaints.hpp"
#include "bridge/notify.hpp"
#include "bridge/password_file.hpp"
#include "bridge/port.hpp"
#include "bridge/settings_file.hpp"
#include "bridge/trace_file.hpp"
#include "bridge/trace_lines.hpp"
#include "bridge/vehicle_http.hpp"
#include "bridge/zone.hpp"
#include "mqtt/client.hpp"

namespace bridge {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto patience_at_stop = 2s;
constexpr auto patience_at_end = 3s;

std::uint32_t random_number() { return std::random_device{}(); }

std::string client_id(const config::Mqtt& mqtt, std::uint32_t random) {
    return mqtt.client_id.value_or("twcbridge-" + std::to_string(getpid()) + "-" +
                                   std::to_string(random % 100000));
}

/// All is stored and said, and only threads are awaited now, which a name server may hold for half a minute.
void end_soon() {
    std::thread{[] {
        std::this_thread::sleep_for(patience_at_end);
        std::_Exit(EXIT_SUCCESS);
    }}.detach();
}

/// Lines and the file they go to.
class Trace {
  public:
    explicit Trace(const std::filesystem::path& path) : lines_{wall_clock(), now()}, file_{path} {}
    ~Trace() {
        for (auto& line : lines_.finish()) file_.write(std::move(line));
    }
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    void add(const std::string& bus, twc::Direction direction, std::span<const std::uint8_t> bytes) {
        for (auto& line : lines_.add(bus, direction, bytes, now())) file_.write(std::move(line));
    }

  private:
    TraceLines lines_;
    TraceFile file_;
};

class Daemon {
  public:
    Daemon(const config::Config& config, Settings settings, const RunOptions& options)
        : seed_{random_number()},
          bridge_{
              config, std::move(settings), {options.observe, seed_, calendar_of(config.time_zone)}, now()},
          writer_{std::in_place, SettingsFile{config.settings_path}, loop_.get_executor(),
                  [this](const SettingsWriter::Result& result) {
                      bridge_.handle_saved(result.revision, result.error, now());
                      drain_soon();
                  }},
          broker_{{config.mqtt, read_password(config.mqtt), client_id(config.mqtt, seed_),
                   bridge_.topics().status(), bridge_.subscriptions()},
                  loop_.get_executor(),
                  {[this](bool connected, const std::string& why) {
                       bridge_.handle_broker(connected, why, now());
                       first_attempt(broker_attempted_);
                       drain_soon();
                   },
                   [this](const broker::Inbound& message) {
                       bridge_.handle_message(message, now());
                       drain_soon();
                   }}},
          deadline_{loop_},
          watchdog_{loop_},
          signals_{loop_, SIGINT, SIGTERM, SIGHUP} {
        if (config.vehicle_api) {
            vehicles_.emplace(*config.vehicle_api, loop_.get_executor(),
                              [this](std::uint64_t call, const HttpReply& reply) {
                                  bridge_.handle_vehicle_answer(call, reply, now());
                                  drain_soon();
                              });
        }
        if (options.trace) trace_.emplace(*options.trace);
        for (std::size_t bus = 0; bus < config.buses.size(); ++bus) {
            names_.push_back(config.buses[bus].name);
            add_port(bus, config.buses[bus].port);
        }
    }

    int run() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) return;
            spdlog::info("{}: stopping", signal == SIGINT ? "interrupted" : "asked to terminate");
            stop();
        });
        tell_wall_clock();
        for (const auto& port : ports_) port->start();
        broker_.start();
        feed_watchdog();
        drain();
        loop_.run();
        writer_.reset();
        trace_.reset();
        end_soon();
        return 0;
    }

  private:
    void add_port(std::size_t bus, const std::string& port) {
        port_attempted_.push_back(false);
        ports_.push_back(
            std::make_unique<BusPort>(loop_.get_executor(), port,
                                      PortHandlers{[this, bus] {
                                                       bridge_.handle_bus_open(bus, now());
                                                       first_attempt_of_port(bus);
                                                       drain();
                                                   },
                                                   [this, bus](std::span<const std::uint8_t> bytes) {
                                                       trace(bus, twc::Direction::received, bytes);
                                                       bridge_.handle_bytes(bus, bytes, now());
                                                       drain();
                                                   },
                                                   [this, bus](const std::string& why) {
                                                       bridge_.handle_bus_closed(bus, why, now());
                                                       first_attempt_of_port(bus);
                                                       drain();
                                                   }}));
    }

    /// After an input that is not of the bus: when bytes that wait there were read, because in the middle of
    /// a unit's answer nothing may be said. The loop looks at its ports before its timers.
    void drain_soon() {
        const auto at_once = now();
        if (armed_for_ == twc::TimePoint{} || armed_for_ > at_once) rearm(at_once);
    }

    /// After every input: the bus first, because heartbeats cannot wait.
    void drain() {
        while (auto wire = bridge_.poll_transmit(now())) {
            trace(wire->bus, twc::Direction::sent, wire->bytes);
            ports_[wire->bus]->send(std::move(wire->bytes));
        }
        while (auto save = bridge_.poll_save(now())) writer_->save(save->revision, std::move(save->settings));
        while (auto topic = bridge_.poll_subscription()) broker_.subscribe(std::move(*topic));
        while (vehicles_) {
            const auto call = bridge_.poll_vehicle_call(now());
            if (!call) break;
            vehicles_->send(*call);
        }
        while (auto publication = bridge_.poll_publication()) broker_.publish(std::move(*publication));
        tell_losses();
        rearm(bridge_.next_deadline());
    }

    void tell_wall_clock() {
        bridge_.handle_wall_clock(
            Moment{std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds{wall_clock()})});
    }

    void tell_losses() {
        const auto dropped = broker_.dropped();
        if (dropped == std::exchange(dropped_, dropped)) return;
        const auto line = losses_.report(
            "broker", "messages of the broker are dropped: they are too many or too large; heartbeats go on",
            now());
        if (line) spdlog::warn("{}", *line);
    }

    void trace(std::size_t bus, twc::Direction direction, std::span<const std::uint8_t> bytes) {
        if (trace_) trace_->add(names_[bus], direction, bytes);
    }

    void rearm(twc::TimePoint deadline) {
        if (deadline == armed_for_) return;
        armed_for_ = deadline;
        deadline_.expires_after(deadline - now());  // its clock is another
        deadline_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            armed_for_ = {};
            tell_wall_clock();
            bridge_.handle_timeout(now());
            drain();
        });
    }

    void first_attempt_of_port(std::size_t bus) {
        port_attempted_[bus] = true;
        tell_ready();
    }
    void first_attempt(bool& attempted) {
        attempted = true;
        tell_ready();
    }
    void tell_ready() {
        const bool all =
            broker_attempted_ && std::ranges::find(port_attempted_, false) == port_attempted_.end();
        if (!all || ready_) return;
        ready_ = true;
        notifier_.ready();
    }

    void feed_watchdog() {
        const auto interval = watchdog_interval_from_environment();
        if (!interval) return;
        notifier_.watchdog();
        watchdog_.expires_after(*interval / 3);  // one may get lost
        watchdog_.async_wait([this](const boost::system::error_code& error) {
            if (!error) feed_watchdog();
        });
    }

    void stop() {
        notifier_.stopping();
        deadline_.cancel();
        watchdog_.cancel();
        writer_->save(std::numeric_limits<std::uint64_t>::max(),
                      bridge_.settings());  // energy counted since the last save
        broker_.stop(patience_at_stop);
        for (const auto& port : ports_) port->close();
        loop_.stop();
    }

    std::uint32_t seed_;
    asio::io_context loop_{1};
    Bridge bridge_;
    std::optional<SettingsWriter> writer_;
    broker::Client broker_;
    std::optional<VehicleHttp> vehicles_;
    std::vector<std::unique_ptr<BusPort>> ports_;
    std::vector<std::string> names_;  // of the buses
    std::optional<Trace> trace_;
    asio::steady_timer deadline_;
    asio::steady_timer watchdog_;
    asio::signal_set signals_;
    Notifier notifier_ = Notifier::from_environment();
    Complaints losses_;
    std::uint64_t dropped_ = 0;
    twc::TimePoint armed_for_;
    std::vector<bool> port_attempted_;
    bool broker_attempted_ = false;
    bool ready_ = false;
};

/// Not for good: the service is started again.
int give_up(const std::string& sentence) {
    spdlog::error("{}", sentence);
    return EXIT_FAILURE;
}

}  // namespace

int run(const config::Config& config, const RunOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    const rlimit no_core_dump{};  // it would hold the password
    ::setrlimit(RLIMIT_CORE, &no_core_dump);
    std::error_code error;
    std::filesystem::create_directories(config.settings_path,
                                        error);  // what is wrong with it, the first save will say
    const SettingsFile file{config.settings_path};
    const auto claimed = file.claim();
    if (!claimed) return give_up(claimed.error());
    auto loaded = file.load();
    if (!loaded) return give_up(loaded.error() + "; not starting without what was set before");
    if (loaded->remark) spdlog::warn("{}", *loaded->remark);
    for (const auto& sentence : exposed_secrets(config)) spdlog::warn("{}", sentence);
    for (const auto& sentence : empty_secrets(config)) spdlog::warn("{}", sentence);
    Daemon daemon{config, std::move(loaded->settings), options};
    return daemon.run();
}

}  // namespace bridge

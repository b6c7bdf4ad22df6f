// The command `twcbridge monitor`: a running bridge as its broker shows it.
#include "bridge/monitor.hpp"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <utility>

#include "bridge/cells.hpp"
#include "bridge/clock.hpp"
#include "bridge/exit_status.hpp"
#include "bridge/monitor_state.hpp"
#include "bridge/monitor_view.hpp"
#include "bridge/password_file.hpp"
#include "bridge/screen.hpp"
#include "config/syntax.hpp"
#include "mqtt/client.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto connection_patience = 5s;
constexpr auto bridge_patience = 3s;
constexpr auto farewell = 1s;
/// Stored messages come in one go after the subscription; when nothing came for so long they are all there.
constexpr auto silence = 400ms;
/// Changes that come together are drawn together.
constexpr auto drawing_delay = 50ms;

/// Keeps the state of the bridge up to date with what the broker says.
class Listener {
  public:
    Listener(const MonitorOptions& options, asio::io_context& loop, std::function<void()> changed)
        : state_{options.mqtt.url, options.mqtt.base_topic},
          changed_{std::move(changed)},
          client_{{.mqtt = options.mqtt,
                   .password = read_password(options.mqtt),
                   .client_id = "twcbridge-monitor-" + std::to_string(::getpid()),
                   .will_topic = {},  // the bridge's status is not ours to touch
                   .subscriptions = {options.mqtt.base_topic + "/#"}},
                  loop.get_executor(),
                  {.link =
                       [this](bool connected, const std::string& why) {
                           state_.set_link(connected, why, now());
                           changed_();
                       },
                   .message =
                       [this](const broker::Inbound& message) {
                           state_.hear(message, now());
                           changed_();
                       }}} {
        state_.names = options.names;
        client_.start();
    }
    ~Listener() { client_.stop(farewell); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] const MonitorState& state() const { return state_; }

  private:
    MonitorState state_;
    std::function<void()> changed_;
    broker::Client client_;
};

/// Waits until everything stored was heard, or for as long as it has patience.
class Snapshot {
  public:
    explicit Snapshot(const MonitorOptions& options)
        : listener_{options, loop_, [this] { handle_change(); }} {
        end_after(connection_patience);
    }

    int print() {
        loop_.run();
        const auto& state = listener_.state();
        if (const auto failure = missing(state); !failure.empty()) {
            std::cerr << failure << '\n';
            return EXIT_FAILURE;
        }
        for (const auto& line : render(state, columns_of(STDOUT_FILENO), now()))
            std::cout << line.text << '\n';
        std::cout.flush();
        return std::cout ? EXIT_SUCCESS : EXIT_FAILURE;
    }

  private:
    static std::string missing(const MonitorState& state) {
        if (!state.connected)
            return state.why_not.empty() ? "the broker at " + state.url + " does not answer" : state.why_not;
        const auto where = " at " + state.url + " below the topic " + state.base_topic;
        if (!state.has_bridge()) return "there is no bridge" + where;
        if (state.site.at("status").text != "online") return "the bridge" + where + " is not running";
        return {};
    }

    void handle_change() {
        const auto& state = listener_.state();
        if (!state.connected) return loop_.stop();  // a sentence says why
        end_after(state.has_bridge() ? std::chrono::milliseconds{silence} : bridge_patience);
    }

    void end_after(std::chrono::milliseconds pause) {
        timer_.expires_after(pause);
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error) loop_.stop();
        });
    }

    asio::io_context loop_{1};
    asio::steady_timer timer_{loop_};
    Listener listener_;
};

class LiveView {
  public:
    explicit LiveView(const MonitorOptions& options)
        : ends_{loop_, SIGINT, SIGTERM, SIGHUP},
          resizes_{loop_, SIGWINCH},
          listener_{options, loop_, [this] { draw_soon(); }},
          screen_{loop_.get_executor()} {}

    void run() {
        ends_.async_wait([this](const boost::system::error_code& error, int) {
            if (!error) loop_.stop();
        });
        wait_for_resize();
        screen_.read_keys([this](char key) {
            if (key == 'q' || key == 'Q' || key == '\0') loop_.stop();
        });
        draw();
        loop_.run();
    }

  private:
    void wait_for_resize() {
        resizes_.async_wait([this](const boost::system::error_code& error, int) {
            if (error) return;
            screen_.forget();
            draw();
            wait_for_resize();
        });
    }

    void draw_soon() {
        if (std::exchange(due_, true)) return;
        draw_after(drawing_delay);
    }

    /// Ages grow while nothing happens: at least one page a second.
    void draw() {
        due_ = false;
        const auto width = screen_.columns();
        auto page = render(listener_.state(), width, now());
        page.push_back({});
        page.push_back({cut("q ends", width), Emphasis::none});
        screen_.show(page);
        draw_after(1s);
    }

    void draw_after(std::chrono::milliseconds pause) {
        timer_.expires_after(pause);
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error) draw();
        });
    }

    asio::io_context loop_{1};
    asio::steady_timer timer_{loop_};
    asio::signal_set ends_;
    asio::signal_set resizes_;
    Listener listener_;
    Screen screen_;  ///< given back before the farewell to the broker, which may take a while
    bool due_ = false;
};

}  // namespace

MonitorOptions monitor_of(const config::Config& config) {
    MonitorOptions options{.mqtt = config.mqtt, .names = {}, .once = false};
    for (const auto& [id, charger] : config.chargers) {
        if (charger.name) options.names[id.text()] = printable(*charger.name);
    }
    return options;
}

std::optional<MonitorOptions> monitor_at(const std::string& url) {
    if (!config::is_broker_url(url)) return std::nullopt;
    MonitorOptions options;
    options.mqtt.url = url;
    return options;
}

int monitor(const MonitorOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    if (options.once) return Snapshot{options}.print();
    if (::isatty(STDOUT_FILENO) == 0) {
        std::cerr << "twcbridge: monitor needs a terminal; monitor --once prints how things stand\n";
        return exit_usage;
    }
    LiveView{options}.run();
    return EXIT_SUCCESS;
}

}  // namespace bridge

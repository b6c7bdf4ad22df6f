// `twcbridge discovery`: what Home Assistant is told, without the service.
#include "bridge/discovery_command.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bridge/core/charger.hpp"
#include "bridge/core/describe.hpp"
#include "bridge/password_file.hpp"
#include "bridge/settings_file.hpp"
#include "mqtt/client.hpp"
#include "mqtt/discovery.hpp"
#include "mqtt/topics.hpp"

namespace bridge {
namespace {

using namespace std::chrono_literals;

constexpr auto broker_patience = 8s;
constexpr auto patience_at_end = 2s;
constexpr auto acknowledgement_patience = 10s;

struct KnownCharger {
    twc::Unit unit;
    twc::Centiamps ceiling;
};

/// By key as in topics. Of a charger that was never met only the configuration is known.
std::map<std::string, KnownCharger> known_chargers(const config::Config& config, const Settings& settings) {
    std::map<std::string, KnownCharger> chargers;
    for (const auto& [id, options] : config.chargers) {
        auto& charger = chargers[id.text()];
        charger.unit.known.id = id;
        charger.ceiling = hard_ceiling(config, charger.unit.known).amps;
    }
    for (const auto& [key, kept] : settings.chargers) {
        auto& charger = chargers[key];
        charger.unit.known = kept.known;
        charger.ceiling = hard_ceiling(config, kept.known).amps;
    }
    return chargers;
}

Settings kept_settings(const config::Config& config) {
    auto loaded = SettingsFile{config.settings_path}.load();
    if (!loaded) {
        std::cerr << loaded.error() << '\n';
        return {};
    }
    if (loaded->remark) std::cerr << *loaded->remark << '\n';
    return std::move(loaded->settings);
}

/// Empties `topics` once the broker is there, or gives up.
class Clearing {
  public:
    Clearing(const config::Config& config, std::vector<std::string> topics)
        : url_{config.mqtt.url},
          topics_{std::move(topics)},
          timer_{io_},
          client_{{.mqtt = config.mqtt,
                   .password = read_password(config.mqtt),
                   .client_id = fmt::format("twcbridge-discovery-{}", ::getpid()),
                   .will_topic = {},  // the service's status is not ours to touch
                   .subscriptions = {}},
                  io_.get_executor(),
                  {.link = [this](bool connected, const std::string& why) { handle_link(connected, why); },
                   .message = [](const broker::Inbound&) {}}} {}

    /// Nothing, or a sentence why the broker has not confirmed them all.
    std::optional<std::string> run() {
        timer_.expires_after(broker_patience);
        timer_.async_wait([this](const auto& error) {
            if (!error) give_up("the broker at " + url_ + " does not answer");
        });
        client_.start();
        io_.run();
        return failure_;
    }

  private:
    void handle_link(bool connected, const std::string& why) {
        if (!connected) return give_up(why);
        for (const auto& topic : topics_) client_.publish({topic, "", true});
        if (!client_.stop(acknowledgement_patience)) {
            failure_ = "the broker at " + url_ + " has not confirmed all of it";
        }
        io_.stop();
    }

    void give_up(const std::string& why) {
        failure_ = why;
        client_.stop(patience_at_end);
        io_.stop();
    }

    const std::string url_;
    const std::vector<std::string> topics_;
    boost::asio::io_context io_;
    boost::asio::steady_timer timer_;
    broker::Client client_;
    std::optional<std::string> failure_;
};

}  // namespace

std::vector<broker::Publication> discovery_messages(const config::Config& config, const Settings& settings) {
    const broker::Topics topics{config.mqtt.base_topic};
    const auto chargers = known_chargers(config, settings);
    const auto site = describe_site(config, chargers.size());
    auto messages = broker::announce_site(config.home_assistant, topics, site);
    for (const auto& [key, charger] : chargers) {
        auto announced =
            broker::announce_charger(config.home_assistant, topics, site,
                                     describe_charger(config, key, charger.unit, charger.ceiling));
        std::ranges::move(announced, std::back_inserter(messages));
    }
    return messages;
}

int print_discovery(const config::Config& config) {
    for (const auto& message : discovery_messages(config, kept_settings(config))) {
        std::cout << message.topic << ' ' << message.payload << '\n';
    }
    std::cout.flush();
    return std::cout ? 0 : 1;
}

int clear_discovery(const config::Config& config) {
    const auto settings = kept_settings(config);
    std::vector<std::string> topics;
    auto with_form = config;
    for (const auto form : {config::Discovery::device, config::Discovery::component}) {
        with_form.home_assistant.discovery = form;
        for (auto& message : discovery_messages(with_form, settings))
            topics.push_back(std::move(message.topic));
    }
    const auto count = topics.size();
    if (const auto failure = Clearing{config, std::move(topics)}.run()) {
        std::cerr << "discovery messages were not cleared: " << *failure << '\n';
        return 1;
    }
    std::cout << "cleared " << count << " discovery topics at " << config.mqtt.url << '\n';
    return 0;
}

}  // namespace bridge

// A broker client under test, and what its handlers were told.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/client.hpp"
#include "tests/support/mosquitto.hpp"

namespace rim {

struct Link {
    bool connected;
    std::string why;
};

/// A client and what its handlers were told.
class Subject {
  public:
    explicit Subject(const support::Mosquitto& broker) {
        settings.mqtt.url = broker.url();
        settings.client_id = "subject";
        settings.will_topic = "twc/status";
        settings.subscriptions = {"twc/+/set", "house/power"};
    }

    broker::Client& start() {
        client.emplace(
            settings, io.get_executor(),
            broker::ClientHandlers{
                .link = [this](bool connected, const std::string& why) { links.push_back({connected, why}); },
                .message = [this](broker::Inbound message) { messages.push_back(std::move(message)); }});
        client->start();
        return *client;
    }

    template <class Condition>
    bool run_until(Condition condition, std::chrono::seconds patience = std::chrono::seconds{30}) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!condition() && std::chrono::steady_clock::now() < deadline) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds{20});
        }
        return condition();
    }
    bool connects() {
        return run_until([this] { return !links.empty() && links.back().connected; });
    }
    bool breaks() {
        return run_until([this] { return !links.empty() && !links.back().connected; });
    }
    bool hears(const broker::Inbound& message) {
        return run_until([&] { return std::ranges::find(messages, message) != messages.end(); });
    }

    boost::asio::io_context io;
    broker::ClientSettings settings;
    std::vector<Link> links;
    std::vector<broker::Inbound> messages;
    std::optional<broker::Client> client;
};

}  // namespace rim

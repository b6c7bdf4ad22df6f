// Another user of the broker: sees every message and sends some, with Paho as it comes.
#pragma once

#include <mqtt/async_client.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace support {

struct Seen {
    std::string topic;
    std::string payload;
    bool retained;
    bool operator==(const Seen&) const = default;
};

class Watcher {
  public:
    /// Connected and subscribed to everything when constructed.
    explicit Watcher(
        std::uint16_t port, const std::string& client_id = "watcher",
        const mqtt::connect_options& options = mqtt::connect_options_builder{}.clean_session(true).finalize())
        : client_{"tcp://127.0.0.1:" + std::to_string(port), client_id,
                  mqtt::create_options_builder{}.max_buffered_messages(30'000).finalize()} {
        client_.set_message_callback([this](const mqtt::const_message_ptr& message) {
            const std::scoped_lock lock{mutex_};
            seen_.push_back({message->get_topic(), message->get_payload_str(), message->is_retained()});
            changed_.notify_all();
        });
        client_.connect(options)->wait_for(patience);
        client_.subscribe("#", 1)->wait_for(patience);
    }
    ~Watcher() {
        try {
            client_.disable_callbacks();
            client_.disconnect()->wait_for(patience);  // otherwise its destructor waits for two seconds
        } catch (const mqtt::exception&) {
            return;  // the broker has gone before
        }
    }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    void publish(const std::string& topic, const std::string& payload, bool retain = false, int qos = 1) {
        last_ = client_.publish(topic, payload.data(), payload.size(), qos, retain);
    }
    /// The broker has all that was published.
    void flush() { last_->wait_for(patience); }

    /// Waits for a message, seen already or not.
    bool sees(const Seen& expected) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience,
                                 [&] { return std::ranges::find(seen_, expected) != seen_.end(); });
    }
    /// Waits until the newest payload of the topic is this one.
    bool sees_last(const std::string& topic, const std::string& payload) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] {
            const auto newest = std::find_if(seen_.rbegin(), seen_.rend(),
                                             [&](const Seen& one) { return one.topic == topic; });
            return newest != seen_.rend() && newest->payload == payload;
        });
    }
    /// In the order of arrival.
    std::vector<Seen> all() {
        const std::scoped_lock lock{mutex_};
        return seen_;
    }
    std::vector<std::string> payloads(const std::string& topic) {
        const std::scoped_lock lock{mutex_};
        std::vector<std::string> result;
        for (const auto& one : seen_) {
            if (one.topic == topic) result.push_back(one.payload);
        }
        return result;
    }

  private:
    static constexpr std::chrono::seconds patience{20};

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Seen> seen_;
    mqtt::delivery_token_ptr last_;
    mqtt::async_client client_;  // last, so that its callbacks end first
};

}  // namespace support

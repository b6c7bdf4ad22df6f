// The only place that knows Paho. A worker thread of its own makes every call to it, because they may block
// for seconds while a name resolves; everything that arrives is posted to the executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "mqtt/publication.hpp"

namespace broker {

struct ClientSettings {
    config::Mqtt mqtt;
    std::string password;                    ///< content of password_file, without its line end
    std::string client_id;                   ///< unique per instance
    std::string will_topic;                  ///< "offline", retained, QoS 1, when we are gone; empty: no Will
    std::vector<std::string> subscriptions;  ///< QoS 1, renewed after every connect
};

/// Both are called on the executor only.
struct ClientHandlers {
    /// Connected and subscribed, or not (any more); `why` is a sentence for the log. Called at each change; a
    /// broker that cannot be reached at the start is told once, one that refuses us once for each reason.
    std::function<void(bool connected, const std::string& why)> link;
    std::function<void(Inbound)> message;
};

/// Connects for ever with backoff. At most 1000 messages wait in either direction. Outward a retained one
/// replaces what waits for its topic, and all are dropped when the link goes down. Inward each is kept while
/// there is room, then it replaces the oldest of its topic, or else the oldest of all. Payloads over 64 kB
/// are dropped: of version 5 by the broker, because we tell it so; of 3.1.1 here, after Paho has made room
/// for all of them. Version `automatic` is 5, or 3.1.1 where the broker does not know better. Start, publish,
/// subscribe and stop on the executor's thread; the executor's context must outlive stop().
class Client {
  public:
    Client(ClientSettings, boost::asio::any_io_executor, ClientHandlers);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();
    /// Never blocks. Lost when not connected: the caller sends everything again when `link` says connected.
    void publish(Publication);
    /// One topic more, QoS 1, now and after every connect. Refusals are not told.
    void subscribe(std::string topic);
    /// Sends what still waits, publishes "offline" (with a will_topic) and disconnects; takes `patience` at
    /// most. If the broker does not play along its Will says "offline" for us. No handler is called
    /// afterwards; there is no second start. Returns whether the broker has acknowledged everything that was
    /// published while connected.
    bool stop(std::chrono::milliseconds patience);
    /// Messages dropped or replaced because a queue was full, and payloads too large that came all the same.
    [[nodiscard]] std::uint64_t dropped() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace broker

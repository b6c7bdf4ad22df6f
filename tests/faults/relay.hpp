// A way between a client and a broker that can be cut like a network: quietly, or with a reset.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace faults {

/// Listens on a free port of the loopback; works on a thread of its own.
class Relay {
  public:
    explicit Relay(std::uint16_t broker_port) : broker_{loopback(broker_port)} {
        accept();
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    ~Relay() {
        loop_.stop();
        thread_.join();
    }
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] std::string url() const {
        return "mqtt://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    /// So many clients have connected so far.
    [[nodiscard]] int connections() const { return connections_; }

    /// Nothing goes through any more, neither bytes nor ends of connections; new ones are accepted.
    void hold() { held_ = true; }
    /// What was held is lost, its connections are closed; new ones work.
    void let_go() {
        boost::asio::post(loop_, [this] {
            held_ = false;
            close_all();
        });
    }
    void reset_connections() {
        boost::asio::post(loop_, [this] {
            for (const auto& pair : pairs_) {
                boost::system::error_code ignored;
                pair->client.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
            }
            close_all();
        });
    }

  private:
    using Tcp = boost::asio::ip::tcp;
    struct Pair {
        Tcp::socket client;
        Tcp::socket broker;
        std::array<char, 4096> up{};
        std::array<char, 4096> down{};
    };

    static Tcp::endpoint loopback(std::uint16_t port) {
        return {boost::asio::ip::address_v4::loopback(), port};
    }

    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, Tcp::socket client) {
            if (!error) join(std::move(client));
            accept();
        });
    }

    void close_all() {
        for (const auto& pair : pairs_) close(*pair);
        pairs_.clear();
    }
    static void close(Pair& pair) {
        boost::system::error_code ignored;
        pair.client.close(ignored);
        pair.broker.close(ignored);
    }
    void end(const std::shared_ptr<Pair>& pair) {
        close(*pair);
        pairs_.remove(pair);
    }

    void join(Tcp::socket client) {
        ++connections_;
        auto pair = std::make_shared<Pair>(Pair{std::move(client), Tcp::socket{loop_}});
        pairs_.push_back(pair);
        if (held_) return;
        boost::system::error_code error;
        pair->broker.connect(broker_, error);
        if (error) return end(pair);
        pump(pair, pair->client, pair->broker, pair->up);
        pump(pair, pair->broker, pair->client, pair->down);
    }

    void pump(const std::shared_ptr<Pair>& pair, Tcp::socket& from, Tcp::socket& to,
              std::array<char, 4096>& buffer) {
        from.async_read_some(boost::asio::buffer(buffer),
                             [this, pair, &from, &to, &buffer](auto error, std::size_t count) {
                                 if (held_) return;  // lost, and so is all that would follow it
                                 if (!error)
                                     boost::asio::write(to, boost::asio::buffer(buffer, count), error);
                                 if (error) return end(pair);
                                 pump(pair, from, to, buffer);
                             });
    }

    boost::asio::io_context loop_;
    Tcp::endpoint broker_;
    Tcp::acceptor acceptor_{loop_, loopback(0)};
    std::list<std::shared_ptr<Pair>> pairs_;
    std::atomic<bool> held_ = false;
    std::atomic<int> connections_ = 0;
    std::thread thread_;
};

}  // namespace faults

// A TCP port, which a bridge opens like a serial server.
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "bridge/simulate_way.hpp"

namespace bridge {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

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
    void send(const std::vector<std::uint8_t>& bytes) override {
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

}  // namespace

std::unique_ptr<Way> open_tcp_listener(asio::io_context& io, std::uint16_t port, Way::Heard heard) {
    return std::make_unique<TcpListener>(io, port, std::move(heard));
}

}  // namespace bridge

// One reader that only closing ends, one writer, one timer for whatever is awaited besides.
#include "bridge/port.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "bridge/serial_device.hpp"
#include "config/address.hpp"
#include "config/syntax.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t most_waiting = 4;
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause_device{2000};
constexpr milliseconds longest_pause_tcp{10000};
constexpr seconds connect_patience{5};
/// A frame needs 20 ms on the line; what waited longer than this says what was true long ago.
constexpr seconds write_patience{2};
/// After this time an opening counts as good and the next loss is answered quickly.
constexpr seconds held{10};

constexpr std::string_view tcp_scheme = "tcp://";

/// One opening of the port; a handler of an earlier one knows by it that it comes too late.
struct Link {
    std::variant<asio::posix::stream_descriptor, tcp::socket> stream;
    std::array<std::uint8_t, 512> received{};
    std::deque<std::vector<std::uint8_t>> waiting{};  // the first one is being written
    std::uint64_t written = 0;
};
using LinkPointer = std::shared_ptr<Link>;

void close_stream(Link& link) {
    error_code ignored;
    std::visit([&](auto& stream) { stream.close(ignored); }, link.stream);
}

void set_option(tcp::socket& socket, int level, int name, int value) {
    ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
}

/// A dead peer is noticed after 25 s of silence at most, or 5 s after a frame that it does not acknowledge.
void set_tcp_options(tcp::socket& socket) {
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 10);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 5000);
}

/// Linux may join a socket to itself when it connects to a free port of its own machine.
bool is_joined_to_itself(const tcp::socket& socket) {
    error_code ignored;
    return socket.local_endpoint(ignored) == socket.remote_endpoint(ignored);
}

std::string why_not_connected(const error_code& error) {
    if (error == asio::error::connection_refused) return "connection refused; is the serial server running?";
    if (error == asio::error::operation_aborted) return "no answer within 5 s";
    return "cannot connect: " + error.message();
}

}  // namespace

class BusPort::Impl : public std::enable_shared_from_this<BusPort::Impl> {
  public:
    Impl(const asio::any_io_executor& executor, std::string port, PortHandlers handlers)
        : executor_{executor},
          timer_{executor},
          write_timer_{executor},
          resolver_{executor},
          port_{std::move(port)},
          is_tcp_{port_.starts_with(tcp_scheme)},
          handlers_{std::move(handlers)} {}

    /// Posted, so that no handler is called before the caller is ready.
    void start() {
        asio::post(executor_, [self = shared_from_this()] { self->attempt(); });
    }

    void close() {
        closed_ = true;
        drop_link();
        timer_.cancel();
        resolver_.cancel();
    }

    void send(std::vector<std::uint8_t> frame) {
        if (!open_ || link_->waiting.size() >= most_waiting) {
            ++dropped_;
            return;
        }
        link_->waiting.push_back(std::move(frame));
        if (link_->waiting.size() == 1) write(link_);
    }

    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  private:
    void attempt() {
        if (closed_) return;
        if (is_tcp_) {
            resolve();
        } else {
            open_device();
        }
    }

    void open_device() {
        const auto device = open_serial_device(port_);
        if (!device) {
            lost(device.error());
            return;
        }
        asio::posix::stream_descriptor stream{executor_};
        error_code error;
        if (stream.assign(*device, error)) {
            ::close(*device);
            lost("cannot be read: " + error.message());
            return;
        }
        link_ = std::make_shared<Link>(Link{std::move(stream)});
        opened();
    }

    void resolve() {
        const auto address =
            config::split_address(std::string_view{port_}.substr(std::min(port_.size(), tcp_scheme.size())));
        if (!config::is_bus_port(port_) || !address || !address->port) {
            lost("not of the form tcp://host:port");
            return;
        }
        link_ = std::make_shared<Link>(Link{tcp::socket{executor_}});
        timer_.expires_after(connect_patience);
        timer_.async_wait([self = shared_from_this(), link = link_](const error_code& error) {
            if (error || link != self->link_ || self->open_) return;
            self->resolver_.cancel();
            self->lost("the name server does not answer");
        });
        resolver_.async_resolve(std::string{address->host}, std::string{*address->port},
                                [self = shared_from_this(), link = link_](
                                    const error_code& error, const tcp::resolver::results_type& found) {
                                    if (link != self->link_) return;
                                    if (error) {
                                        self->lost("the name cannot be resolved: " + error.message());
                                    } else {
                                        self->connect(found.begin(), {});
                                    }
                                });
    }

    /// Tries one address after the other; `why` is what the one before said.
    void connect(tcp::resolver::results_type::iterator next, const std::string& why) {
        if (next == tcp::resolver::results_type::iterator{}) {
            lost(why);
            return;
        }
        timer_.expires_after(connect_patience);
        timer_.async_wait([self = shared_from_this(), link = link_](const error_code& error) {
            if (!error && link == self->link_ && !self->open_) close_stream(*link);
        });
        auto& socket = std::get<tcp::socket>(link_->stream);
        const auto endpoint = next->endpoint();
        socket.async_connect(endpoint,
                             [self = shared_from_this(), link = link_, next](error_code error) mutable {
                                 if (link != self->link_) return;
                                 auto& connected = std::get<tcp::socket>(link->stream);
                                 if (!error && is_joined_to_itself(connected))
                                     error = asio::error::connection_refused;
                                 if (!error) {
                                     set_tcp_options(connected);
                                     self->opened();
                                     return;
                                 }
                                 close_stream(*link);
                                 self->connect(++next, why_not_connected(error));
                             });
    }

    void opened() {
        open_ = true;
        said_.clear();
        timer_.expires_after(held);
        timer_.async_wait([self = shared_from_this(), link = link_](const error_code& error) {
            if (!error && link == self->link_) self->pause_ = first_pause;
        });
        read(link_);
        handlers_.open();
    }

    void read(const LinkPointer& link) {
        std::visit(
            [&](auto& stream) {
                stream.async_read_some(
                    asio::buffer(link->received),
                    [self = shared_from_this(), link](const error_code& error, std::size_t count) {
                        self->handle_read(link, error, count);
                    });
            },
            link->stream);
    }

    void handle_read(const LinkPointer& link, const error_code& error, std::size_t count) {
        if (link != link_) return;
        if (error) {
            lost(why_ended(error));
            return;
        }
        handlers_.bytes(std::span{link->received}.first(count));
        if (link == link_) read(link);
    }

    void write(const LinkPointer& link) {
        write_timer_.expires_after(write_patience);
        write_timer_.async_wait(
            [self = shared_from_this(), link, number = link->written](const error_code& error) {
                if (error || link != self->link_ || link->written != number) return;
                self->lost("takes no data");
            });
        std::visit(
            [&](auto& stream) {
                asio::async_write(stream, asio::buffer(link->waiting.front()),
                                  [self = shared_from_this(), link](const error_code& error, std::size_t) {
                                      self->handle_written(link, error);
                                  });
            },
            link->stream);
    }

    void handle_written(const LinkPointer& link, const error_code& error) {
        if (link != link_) return;
        if (error) {
            lost(why_ended(error));
            return;
        }
        write_timer_.cancel();
        ++link->written;
        link->waiting.pop_front();
        if (!link->waiting.empty()) write(link);
    }

    /// A tty whose device has gone ends every read (end of file) and fails every write (input/output error),
    /// at once and for ever; only closing ends that.
    [[nodiscard]] std::string why_ended(const error_code& error) const {
        const bool gone = error == asio::error::eof || error.value() == EIO;
        if (gone) return is_tcp_ ? "the other end closed the connection" : "the device has gone";
        return "connection lost: " + error.message();
    }

    void lost(const std::string& why) {
        const bool was_open = open_;
        // Otherwise close() may wait half a minute for bytes that a stuck device does not take.
        if (was_open && !is_tcp_) {
            ::tcflush(std::get<asio::posix::stream_descriptor>(link_->stream).native_handle(), TCIOFLUSH);
        }
        drop_link();
        timer_.expires_after(pause_);
        timer_.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error) self->attempt();
        });
        pause_ = std::min(pause_ * 2, is_tcp_ ? longest_pause_tcp : longest_pause_device);
        if (!was_open && why == said_) return;
        said_ = why;
        handlers_.closed(fmt::format("{}: {}", port_, why));
    }

    void drop_link() {
        open_ = false;
        write_timer_.cancel();
        if (!link_) return;
        dropped_ += link_->waiting.size();
        close_stream(*link_);
        link_.reset();
    }

    asio::any_io_executor executor_;
    asio::steady_timer
        timer_;  // pause before the next attempt, patience with this one, or proof that it held
    asio::steady_timer write_timer_;
    tcp::resolver resolver_;
    std::string port_;
    bool is_tcp_;
    PortHandlers handlers_;
    LinkPointer link_;  // while trying or open
    bool open_ = false;
    bool closed_ = false;
    milliseconds pause_ = first_pause;
    std::string said_;  // why it is not open
    std::uint64_t dropped_ = 0;
};

BusPort::BusPort(const boost::asio::any_io_executor& executor, std::string port, PortHandlers handlers)
    : impl_{std::make_shared<Impl>(executor, std::move(port), std::move(handlers))} {}
BusPort::~BusPort() { impl_->close(); }

void BusPort::start() { impl_->start(); }
void BusPort::close() { impl_->close(); }
void BusPort::send(std::vector<std::uint8_t> frame) { impl_->send(std::move(frame)); }
bool BusPort::is_open() const { return impl_->is_open(); }
std::uint64_t BusPort::dropped() const { return impl_->dropped(); }

}  // namespace bridge

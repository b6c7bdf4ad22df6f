#include "bridge/vehicle_http.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "config/address.hpp"

namespace bridge {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using Error = boost::system::error_code;
using asio::ip::tcp;

constexpr std::size_t most_header = 8192;
constexpr std::size_t most_body = 65536;
constexpr int http_1_1 = 11;

/// A url that was checked when the configuration was loaded.
struct Place {
    bool tls = false;
    std::string host;  ///< as resolvers want it
    std::string port;
    std::string authority;  ///< as the header Host wants it
};

Place place_of(const std::string& url) {
    Place place;
    const auto slashes = url.find("://");
    place.tls = url.starts_with("https");
    place.authority = url.substr(slashes + 3);
    place.port = place.tls ? "443" : "80";
    const auto address = config::split_address(place.authority).value();
    place.host = address.host;
    if (address.port) place.port = *address.port;
    return place;
}

/// The token, or nothing and why.
struct Token {
    std::string text;
    std::string failure;
};

Token read_token(const std::optional<std::string>& file) {
    Token token;
    if (!file) return token;
    std::ifstream stream{*file};
    std::getline(stream, token.text);
    while (!token.text.empty() && (token.text.back() == '\r' || token.text.back() == ' '))
        token.text.pop_back();
    const bool plain = token.text.find_first_of("\t\r\n ") == std::string::npos;
    if (token.text.empty() || !plain) return {"", *file + ": no token in its first line"};
    return token;
}

std::optional<std::chrono::seconds> retry_after(const http::response<http::string_body>& response) {
    const auto text = response[http::field::retry_after];
    int seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || rest != end || seconds < 0) return std::nullopt;
    return std::chrono::seconds{seconds};
}

}  // namespace

struct VehicleHttp::Impl {
    Impl(config::VehicleApi api, asio::any_io_executor executor, Handler handler,
         std::chrono::milliseconds patience_of_all)
        : settings{std::move(api)},
          place{place_of(settings.url)},
          outside{std::move(executor)},
          on_reply{std::move(handler)},
          patience{patience_of_all} {}

    const config::VehicleApi settings;
    const Place place;
    const asio::any_io_executor outside;
    const Handler on_reply;
    const std::chrono::milliseconds patience;
    bool ended = false;  // only on the executor's thread
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread;
};

namespace {

using Plain = beast::tcp_stream;
using Tls = ssl::stream<beast::tcp_stream>;

/// One request and its reply. Keeps itself alive until `done` was called, which happens once.
template <class Stream>
class Exchange : public std::enable_shared_from_this<Exchange<Stream>> {
  public:
    using Done = std::function<void(const HttpReply&)>;

    Exchange(asio::io_context& context, std::shared_ptr<ssl::context> tls, Stream stream, Done done)
        : resolver_{context},
          timer_{context},
          tls_{std::move(tls)},
          stream_{std::move(stream)},
          done_{std::move(done)} {
        parser_.header_limit(most_header);
        parser_.body_limit(most_body);
    }

    void start(const Place& place, http::request<http::string_body> request,
               std::chrono::milliseconds patience) {
        request_ = std::move(request);
        patience_ = patience;
        timer_.expires_after(patience);
        timer_.async_wait([self = this->shared_from_this()](const Error& error) {
            if (!error)
                self->finish("no answer within " + std::to_string(self->patience_.count() / 1000) + " s");
        });
        resolver_.async_resolve(
            place.host, place.port,
            [self = this->shared_from_this()](const Error& error, const tcp::resolver::results_type& found) {
                if (error) return self->fail("its name", error);
                self->connect(found);
            });
    }

  private:
    void connect(const tcp::resolver::results_type& found) {
        if (!done_) return;
        beast::get_lowest_layer(stream_).async_connect(
            found, [self = this->shared_from_this()](const Error& error, const tcp::endpoint&) {
                if (error) return self->fail("connecting", error);
                self->shake_hands();
            });
    }

    void shake_hands() {
        if constexpr (std::is_same_v<Stream, Tls>) {
            stream_.async_handshake(ssl::stream_base::client,
                                    [self = this->shared_from_this()](const Error& error) {
                                        if (error) return self->fail("TLS", error);
                                        self->write();
                                    });
        } else {
            write();
        }
    }

    void write() {
        http::async_write(stream_, request_,
                          [self = this->shared_from_this()](const Error& error, std::size_t) {
                              if (error) return self->fail("sending", error);
                              self->read();
                          });
    }

    void read() {
        http::async_read(stream_, buffer_, parser_,
                         [self = this->shared_from_this()](const Error& error, std::size_t) {
                             if (error) return self->fail("reading its answer", error);
                             const auto& response = self->parser_.get();
                             self->finish({.status = static_cast<int>(response.result_int()),
                                           .body = response.body(),
                                           .retry_after = retry_after(response)});
                         });
    }

    void fail(const char* what, const Error& error) {
        auto sentence = std::string{what} + ": " + error.message();
        if constexpr (std::is_same_v<Stream, Tls>) {
            const auto verdict = SSL_get_verify_result(stream_.native_handle());
            if (verdict != X509_V_OK) sentence += std::string{": "} + X509_verify_cert_error_string(verdict);
        }
        finish(sentence);
    }
    void finish(const std::string& failure) { finish(HttpReply{.failure = failure}); }
    void finish(const HttpReply& reply) {
        if (!done_) return;
        std::exchange(done_, nullptr)(reply);
        timer_.cancel();
        resolver_.cancel();
        // No farewell of TLS: the answer has its length, and a proxy that hangs would keep us waiting.
        Error ignored;
        beast::get_lowest_layer(stream_).socket().close(ignored);
    }

    tcp::resolver resolver_;
    asio::steady_timer timer_;
    std::shared_ptr<ssl::context> tls_;  // outlives the stream
    Stream stream_;
    Done done_;
    std::chrono::milliseconds patience_{};
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_;
    http::response_parser<http::string_body> parser_;
};

/// TeslaBleHttpProxy answers before it has done anything unless it is told to wait; others do not mind.
std::string target_of(const VehicleCall& call) {
    const auto vehicle = "/api/1/vehicles/" + call.vin;
    if (call.command == VehicleCommand::wake_up) return vehicle + "/wake_up";
    return vehicle + "/command/" + std::string{to_text(call.command)} + "?wait=true";
}

http::request<http::string_body> request_for(const VehicleCall& call, const Place& place,
                                             const std::string& token) {
    http::request<http::string_body> request{http::verb::post, target_of(call), http_1_1};
    request.set(http::field::host, place.authority);
    request.set(http::field::user_agent, "twcbridge/" TWCBRIDGE_VERSION);
    request.set(http::field::content_type, "application/json");
    if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
    request.keep_alive(false);
    request.body() = "{}";
    request.prepare_payload();
    return request;
}

/// Nothing if the certificates cannot be read; `failure` says why.
std::shared_ptr<ssl::context> tls_context(const std::optional<std::string>& ca_file, std::string& failure) {
    auto tls = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    Error error;
    if (ca_file)
        tls->load_verify_file(*ca_file, error);
    else
        tls->set_default_verify_paths(error);
    if (error) {
        failure = ca_file.value_or("the system's certificates") + ": " + error.message();
        return nullptr;
    }
    tls->set_verify_mode(ssl::verify_peer);
    return tls;
}

bool is_address(const std::string& host) {
    Error error;
    asio::ip::make_address(host, error);
    return !error;
}

/// The certificate must be for this host. False if OpenSSL cannot check that: then nobody may be trusted.
bool demand_certificate_of(Tls& stream, const std::string& host) {
    auto* const handle = stream.native_handle();
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    auto name = host;  // what the macro SSL_set_tlsext_host_name does, without its casts
    return SSL_set1_host(handle, host.c_str()) == 1 &&
           SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

}  // namespace

VehicleHttp::VehicleHttp(config::VehicleApi settings, asio::any_io_executor executor, Handler handler,
                         std::chrono::milliseconds patience)
    : impl_{std::make_shared<Impl>(std::move(settings), std::move(executor), std::move(handler), patience)} {
    impl_->thread = std::thread{[impl = impl_.get()] { impl->context.run(); }};
}

VehicleHttp::~VehicleHttp() {
    impl_->ended = true;
    impl_->context.stop();
    impl_->thread.join();
}

void VehicleHttp::send(const VehicleCall& call) {
    asio::post(impl_->context, [impl = std::weak_ptr{impl_}, call] {
        const auto self = impl.lock();
        if (!self) return;
        const auto done = [impl, id = call.id](const HttpReply& reply) {
            const auto still = impl.lock();
            if (!still) return;
            asio::post(still->outside, [impl, id, reply] {
                const auto there = impl.lock();
                if (there && !there->ended) there->on_reply(id, reply);
            });
        };
        const auto token = read_token(self->settings.token_file);
        if (!token.failure.empty()) return done({.failure = token.failure});
        auto request = request_for(call, self->place, token.text);
        if (!self->place.tls) {
            std::make_shared<Exchange<Plain>>(self->context, nullptr, Plain{self->context}, done)
                ->start(self->place, std::move(request), self->patience);
            return;
        }
        std::string failure;
        const auto tls = tls_context(self->settings.ca_file, failure);
        if (!tls) return done({.failure = failure});
        const auto& host = self->place.host;
        Tls stream{self->context, *tls};
        if (!demand_certificate_of(stream, host))
            return done({.failure = "TLS: no certificate can be checked for " + host});
        std::make_shared<Exchange<Tls>>(self->context, tls, std::move(stream), done)
            ->start(self->place, std::move(request), self->patience);
    });
}

}  // namespace bridge

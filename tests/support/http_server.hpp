// A real HTTP or HTTPS server in a thread of its own, that behaves as a test wants.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

namespace support {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

/// What a proxy says that has done what it was told.
inline const std::string done = R"({"response":{"result":true,"reason":""}})";

inline std::string reply(const std::string& status, const std::string& body,
                         const std::string& headers = "") {
    return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// Serves one connection after the other: reads a request, writes these bytes, closes.
class HttpServer {
  public:
    std::string answer = reply("200 OK", done);
    std::chrono::milliseconds delay{};
    bool hangs = false;

    explicit HttpServer(asio::ssl::context* tls = nullptr) : tls_{tls}, thread_{[this] { serve(); }} {}
    ~HttpServer() {
        ending_ = true;
        // The acceptor's accept has no deadline: a last visitor ends it.
        asio::io_context context;
        tcp::socket visitor{context};
        boost::system::error_code ignored;
        visitor.connect({asio::ip::address_v4::loopback(), port()}, ignored);
        thread_.join();
    }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::string request() {
        const std::lock_guard lock{mutex_};
        return request_;
    }

  private:
    void serve() {
        while (!ending_) {
            tcp::socket socket{context_};
            boost::system::error_code error;
            acceptor_.accept(socket, error);
            if (error || ending_) continue;
            if (tls_ == nullptr) {
                talk(socket);
            } else {
                asio::ssl::stream<tcp::socket&> stream{socket, *tls_};
                stream.handshake(asio::ssl::stream_base::server, error);
                if (!error) talk(stream);
            }
        }
    }
    template <class Stream>
    void talk(Stream& stream) {
        boost::system::error_code error;
        asio::streambuf buffer;
        const auto head = asio::read_until(stream, buffer, "\r\n\r\n", error);
        std::string request{asio::buffers_begin(buffer.data()), asio::buffers_end(buffer.data())};
        const auto field = request.find("Content-Length: ");
        const auto length = field == std::string::npos ? 0U : std::stoul(request.substr(field + 16));
        std::string rest(head + length - std::min(head + length, request.size()), '\0');
        asio::read(stream, asio::buffer(rest), error);
        {
            const std::lock_guard lock{mutex_};
            request_ = request + rest;
        }
        for (auto waited = 0ms; (waited < delay || hangs) && !ending_; waited += 10ms)
            std::this_thread::sleep_for(10ms);
        asio::write(stream, asio::buffer(answer), error);
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, {asio::ip::address_v4::loopback(), 0}};
    asio::ssl::context* tls_;
    std::mutex mutex_;
    std::string request_;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

}  // namespace support

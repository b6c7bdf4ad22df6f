// Commands for cars against real HTTP and HTTPS servers: what is sent, what comes back, and everything that
// can go wrong between.
#include "bridge/vehicle_http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "tests/support/mosquitto.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using tcp = asio::ip::tcp;

const std::string vin = "5YJ3E7EB8KF000317";
const std::string done = R"({"response":{"result":true,"reason":""}})";

std::string reply(const std::string& status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// Serves one connection after the other: reads a request, writes these bytes, closes.
class Server {
  public:
    std::string answer = reply("200 OK", done);
    std::chrono::milliseconds delay{};
    bool hangs = false;

    explicit Server(asio::ssl::context* tls = nullptr) : tls_{tls}, thread_{[this] { serve(); }} {}
    ~Server() {
        ending_ = true;
        // The acceptor's accept has no deadline: a last visitor ends it.
        asio::io_context context;
        tcp::socket visitor{context};
        boost::system::error_code ignored;
        visitor.connect({asio::ip::address_v4::loopback(), port()}, ignored);
        thread_.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

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

class VehicleHttpTest : public testing::Test {
  protected:
    VehicleHttpTest() {
        auto name = testing::TempDir() + "proxy_XXXXXX";
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    ~VehicleHttpTest() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] static config::VehicleApi api(const std::string& url) {
        config::VehicleApi api;
        api.url = url;
        return api;
    }
    [[nodiscard]] static config::VehicleApi api(const Server& server) {
        return api("http://127.0.0.1:" + std::to_string(server.port()));
    }
    /// Sends one command and runs the loop until its answer has come; how often the loop ran meanwhile is in
    /// turns_.
    HttpReply ask(const config::VehicleApi& settings, VehicleCommand command = VehicleCommand::charge_stop,
                  std::chrono::milliseconds patience = 20s) {
        asio::io_context loop;
        std::optional<HttpReply> reply;
        VehicleHttp vehicle{settings, loop.get_executor(),
                            [&](std::uint64_t id, const HttpReply& heard) {
                                EXPECT_EQ(id, 42U);
                                EXPECT_FALSE(reply) << "answered twice";
                                reply = heard;
                            },
                            patience};
        vehicle.send({42, vin, command});
        const auto end = std::chrono::steady_clock::now() + 25s;
        for (turns_ = 0; !reply && std::chrono::steady_clock::now() < end; ++turns_) {
            loop.restart();
            loop.run_for(10ms);
        }
        EXPECT_TRUE(reply);
        return reply.value_or(HttpReply{});
    }

    fs::path folder_;
    int turns_ = 0;
};

TEST_F(VehicleHttpTest, SendsWhatTheFleetApiWants) {
    Server server;
    const auto heard = ask(api(server));
    EXPECT_EQ(heard.status, 200);
    EXPECT_EQ(heard.body, done);
    EXPECT_THAT(server.request(), testing::StartsWith("POST /api/1/vehicles/" + vin +
                                                      "/command/charge_stop?wait=true HTTP/1.1\r\n"));
    EXPECT_THAT(server.request(), HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
    EXPECT_THAT(server.request(), HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(server.request(), testing::EndsWith("\r\n\r\n{}"));
    EXPECT_THAT(server.request(), Not(HasSubstr("Authorization")));
    ask(api(server), VehicleCommand::charge_start);
    EXPECT_THAT(server.request(), HasSubstr("/command/charge_start?wait=true "));
    ask(api(server), VehicleCommand::wake_up);
    EXPECT_THAT(server.request(), HasSubstr("POST /api/1/vehicles/" + vin + "/wake_up "));
}

TEST_F(VehicleHttpTest, ReadsTheTokenAtEachUseAndLogsItNever) {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    spdlog::set_level(spdlog::level::trace);
    Server server;
    auto settings = api(server);
    settings.token_file = file("token");
    std::ofstream{file("token")} << "first-secret\n";
    ask(settings);
    EXPECT_THAT(server.request(), HasSubstr("\r\nAuthorization: Bearer first-secret\r\n"));
    std::ofstream{file("token")} << "second-secret\r\nanother line";
    server.answer = reply("401 Unauthorized", "{}");
    const auto heard = ask(settings);
    EXPECT_THAT(server.request(), HasSubstr("\r\nAuthorization: Bearer second-secret\r\n"));
    fs::remove(file("token"));
    const auto without = ask(settings);
    spdlog::set_default_logger(before);
    EXPECT_EQ(without.status, 0);
    EXPECT_EQ(without.failure, file("token") + ": no token in its first line");
    for (const auto& text : {log.str(), heard.failure, without.failure})
        EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST_F(VehicleHttpTest, BringsEveryStatusAndHowLongToWait) {
    Server server;
    for (const auto& [line, status] : {std::pair{"401 Unauthorized", 401},
                                       {"408 Request Timeout", 408},
                                       {"500 Internal Server Error", 500},
                                       {"503 Service Unavailable", 503}}) {
        server.answer = reply(line, R"({"error":"x"})");
        const auto heard = ask(api(server));
        EXPECT_EQ(heard.status, status);
        EXPECT_EQ(heard.body, R"({"error":"x"})");
    }
    server.answer = reply("429 Too Many Requests", "", "Retry-After: 120\r\n");
    EXPECT_EQ(ask(api(server)).retry_after, 120s);
    for (const auto* nonsense : {"Retry-After: soon\r\n", "Retry-After: -5\r\n", ""}) {
        server.answer = reply("429 Too Many Requests", "", nonsense);
        EXPECT_EQ(ask(api(server)).retry_after, std::nullopt);
    }
}

TEST_F(VehicleHttpTest, ASlowProxyIsWaitedForAndAHangingOneIsNot) {
    Server server;
    server.delay = 300ms;
    EXPECT_EQ(ask(api(server)).status, 200);
    EXPECT_GT(turns_, 10) << "the loop goes on meanwhile";
    server.hangs = true;
    const auto begin = std::chrono::steady_clock::now();
    const auto heard = ask(api(server), VehicleCommand::charge_stop, 1s);
    EXPECT_EQ(heard.status, 0);
    EXPECT_EQ(heard.failure, "no answer within 1 s");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(VehicleHttpTest, WhatIsNoAnswerIsAFailureInWords) {
    Server server;
    for (const auto& answer :
         {std::string{}, std::string{"SSH-2.0-OpenSSH_9.2\r\n"}, std::string{"HTTP/1.1 200 OK\r\nContent-Le"},
          std::string{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"resp"},
          reply("200 OK", std::string(70'000, 'x')),
          "HTTP/1.1 200 OK\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n"}) {
        server.answer = answer;
        const auto heard = ask(api(server));
        EXPECT_EQ(heard.status, 0) << answer.substr(0, 40);
        EXPECT_THAT(heard.failure, testing::StartsWith("reading its answer: "));
    }
}

TEST_F(VehicleHttpTest, AProxyThatIsNotThereIsAFailureInWords) {
    std::string url;
    {
        const Server gone;
        url = api(gone).url;
    }
    EXPECT_EQ(ask(api(url)).failure, "connecting: Connection refused");
    EXPECT_THAT(ask(api("http://proxy.invalid")).failure, testing::StartsWith("its name: "));
}

TEST_F(VehicleHttpTest, EndsAtOnceWithACallUnderWay) {
    Server server;
    server.hangs = true;
    asio::io_context loop;
    const auto begin = std::chrono::steady_clock::now();
    {
        VehicleHttp vehicle{api(server), loop.get_executor(),
                            [](std::uint64_t, const HttpReply&) { FAIL(); }};
        vehicle.send({1, vin, VehicleCommand::charge_stop});
        while (server.request().empty()) std::this_thread::sleep_for(5ms);
    }
    loop.run_for(50ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

class VehicleHttps : public VehicleHttpTest {
  protected:
    VehicleHttps() {
        make_certificate("certificate", "DNS:localhost,IP:127.0.0.1");
        use("certificate");
    }
    void make_certificate(const std::string& name, const std::string& names,
                          const std::string& days = "2") const {
        support::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-days", days, "-subj", "/CN=proxy", "-addext", "subjectAltName=" + names,
                      "-keyout", file(name + "-key.pem"), "-out", file(name + ".pem")});
    }
    void use(const std::string& name) {
        tls_.use_certificate_file(file(name + ".pem"), asio::ssl::context::pem);
        tls_.use_private_key_file(file(name + "-key.pem"), asio::ssl::context::pem);
    }
    [[nodiscard]] config::VehicleApi secure(const Server& server,
                                            const std::string& host = "localhost") const {
        auto settings = api("https://" + host + ':' + std::to_string(server.port()));
        settings.ca_file = file("certificate.pem");
        return settings;
    }

    asio::ssl::context tls_{asio::ssl::context::tls_server};
};

TEST_F(VehicleHttps, TrustsTheConfiguredAuthorityByNameAndByAddress) {
    const Server server{&tls_};
    EXPECT_EQ(ask(secure(server)).status, 200);
    EXPECT_EQ(ask(secure(server, "127.0.0.1")).status, 200);
}

TEST_F(VehicleHttps, SendsNoTokenToAStrangerOrToAnotherHost) {
    std::ofstream{file("token")} << "secret";
    make_certificate("other", "DNS:elsewhere.example");
    Server server{&tls_};
    auto stranger = secure(server);
    stranger.ca_file.reset();
    stranger.token_file = file("token");
    const auto heard = ask(stranger);
    EXPECT_EQ(heard.status, 0);
    EXPECT_THAT(heard.failure, HasSubstr("certificate"));
    use("other");
    auto other_host = secure(server);
    other_host.ca_file = file("other.pem");
    other_host.token_file = file("token");
    EXPECT_THAT(ask(other_host).failure, HasSubstr("ostname mismatch"));
    EXPECT_EQ(server.request(), "");
}

TEST_F(VehicleHttps, WantsTlsOnePointTwo) {
    SSL_CTX_set_max_proto_version(tls_.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(tls_.native_handle(), "ALL:@SECLEVEL=0");
    Server server{&tls_};
    EXPECT_THAT(ask(secure(server)).failure, testing::StartsWith("TLS: "));
    EXPECT_EQ(server.request(), "");
}

TEST_F(VehicleHttps, ACertificateFileThatIsNoneAndAServerWithoutTlsAreFailuresInWords) {
    const Server plain;
    auto settings = secure(plain);
    EXPECT_THAT(ask(settings).failure, testing::StartsWith("TLS: "));
    std::ofstream{file("nonsense.pem")} << "nonsense";
    settings.ca_file = file("nonsense.pem");
    EXPECT_THAT(ask(settings).failure, HasSubstr("nonsense.pem: "));
}

}  // namespace
}  // namespace bridge

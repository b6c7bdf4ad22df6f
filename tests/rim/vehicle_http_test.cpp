// Commands for cars against real HTTP and HTTPS servers: what is sent, what comes back, and everything that
// can go wrong between.
#include "bridge/vehicle_http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/support/http_server.hpp"
#include "tests/support/mosquitto.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using support::done;
using support::HttpServer;
using support::reply;
using testing::HasSubstr;
using testing::Not;

const std::string vin = "5YJ3E7EB8KF000317";

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
    [[nodiscard]] static config::VehicleApi api(const HttpServer& server) {
        return api("http://127.0.0.1:" + std::to_string(server.port()));
    }
    /// Sends one command and runs the loop until its answer has come; how often the loop ran meanwhile is in
    /// turns_.
    HttpReply ask(const config::VehicleApi& settings, VehicleCommand command = VehicleCommand::charge_stop,
                  std::chrono::milliseconds longest = 20s) {
        asio::io_context loop;
        std::optional<HttpReply> reply;
        VehicleHttp vehicle{settings, loop.get_executor(),
                            [&](std::uint64_t id, const HttpReply& heard) {
                                EXPECT_EQ(id, 42U);
                                EXPECT_FALSE(reply) << "answered twice";
                                reply = heard;
                            },
                            longest};
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
    HttpServer server;
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
    HttpServer server;
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
    HttpServer server;
    for (const auto& [line, status] : {std::pair{"401 Unauthorized", 401},
                                       {"408 Request Timeout", 408},
                                       {"500 Internal HttpServer Error", 500},
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
    HttpServer server;
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
    HttpServer server;
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
        const HttpServer gone;
        url = api(gone).url;
    }
    EXPECT_EQ(ask(api(url)).failure, "connecting: Connection refused");
    EXPECT_THAT(ask(api("http://proxy.invalid")).failure, testing::StartsWith("its name: "));
}

TEST_F(VehicleHttpTest, EndsAtOnceWithACallUnderWay) {
    HttpServer server;
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
    [[nodiscard]] config::VehicleApi secure(const HttpServer& server,
                                            const std::string& host = "localhost") const {
        auto settings = api("https://" + host + ':' + std::to_string(server.port()));
        settings.ca_file = file("certificate.pem");
        return settings;
    }

    asio::ssl::context tls_{asio::ssl::context::tls_server};
};

TEST_F(VehicleHttps, TrustsTheConfiguredAuthorityByNameAndByAddress) {
    const HttpServer server{&tls_};
    EXPECT_EQ(ask(secure(server)).status, 200);
    EXPECT_EQ(ask(secure(server, "127.0.0.1")).status, 200);
}

TEST_F(VehicleHttps, SendsNoTokenToAStrangerOrToAnotherHost) {
    std::ofstream{file("token")} << "secret";
    make_certificate("other", "DNS:elsewhere.example");
    HttpServer server{&tls_};
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

TEST_F(VehicleHttps, AsksNobodyWhoseCertificateCannotBeCheckedForItsName) {
    // An address with a zone, and a name longer than TLS can carry.
    for (const auto& host : {std::string{"[::1%1]"}, std::string(300, 'a')})
        EXPECT_THAT(ask(api("https://" + host)).failure,
                    testing::StartsWith("TLS: no certificate can be checked for "));
}

TEST_F(VehicleHttps, WantsTlsOnePointTwo) {
    SSL_CTX_set_max_proto_version(tls_.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(tls_.native_handle(), "ALL:@SECLEVEL=0");
    HttpServer server{&tls_};
    EXPECT_THAT(ask(secure(server)).failure, testing::StartsWith("TLS: "));
    EXPECT_EQ(server.request(), "");
}

TEST_F(VehicleHttps, ACertificateFileThatIsNoneIsAFailureInWords) {
    const HttpServer server{&tls_};
    auto settings = secure(server);
    std::ofstream{file("nonsense.pem")} << "nonsense";
    settings.ca_file = file("nonsense.pem");
    EXPECT_THAT(ask(settings).failure, HasSubstr("nonsense.pem: "));
}

}  // namespace
}  // namespace bridge

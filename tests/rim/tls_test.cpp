// Who may read what goes to the broker: certificates that hold and that do not, and never plain text instead.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "tests/rim/client_subject.hpp"

namespace {

using rim::Subject;
using support::Mosquitto;
using testing::HasSubstr;

class SecureClient : public testing::Test {
  protected:
    explicit SecureClient(const std::string& more_lines = "")
        : broker_{"allow_anonymous true\ncertfile @/certificate.pem\nkeyfile @/key.pem\n" + more_lines} {
        make_certificate("certificate", "localhost");
        subject_.settings.mqtt.ca_file = file("certificate.pem");
        subject_.settings.mqtt.url = url("localhost");
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (broker_.folder() / name).string();
    }
    [[nodiscard]] std::string url(const std::string& host) const {
        return "mqtts://" + host + ':' + std::to_string(broker_.port());
    }
    /// Signed by itself, good for two days from now, or from so many seconds later.
    void make_certificate(const std::string& name, const std::string& host, long begin = 0) const {
        const auto key = name == "certificate" ? "key" : name + "-key";
        std::ofstream{file("clock")} << begin;
        support::run({"env",
                      "LD_PRELOAD=" JUMPING_CLOCK_LIBRARY,
                      "JUMPING_CLOCK=" + file("clock"),
                      "openssl",
                      "req",
                      "-x509",
                      "-newkey",
                      "ec",
                      "-pkeyopt",
                      "ec_paramgen_curve:prime256v1",
                      "-nodes",
                      "-days",
                      "2",
                      "-subj",
                      "/CN=" + host,
                      "-addext",
                      "subjectAltName=DNS:" + host,
                      "-keyout",
                      file(std::string{key} + ".pem"),
                      "-out",
                      file(name + ".pem")});
    }
    void expect_refusal() {
        ASSERT_TRUE(subject_.breaks());
        EXPECT_THAT(subject_.links.front().why, HasSubstr("cannot reach the broker at mqtts://"));
        EXPECT_THAT(subject_.links.front().why, HasSubstr("certificate"));
    }

    Mosquitto broker_;
    Subject subject_{broker_};
};

TEST_F(SecureClient, TrustsTheConfiguredAuthority) {
    broker_.start();
    subject_.start();
    EXPECT_TRUE(subject_.connects());
}

TEST_F(SecureClient, SpeaksVersionFiveToo) {
    broker_.start();
    subject_.settings.mqtt.version = config::MqttVersion::v5;
    subject_.start();
    EXPECT_TRUE(subject_.connects());
}

TEST_F(SecureClient, RefusesACertificateForAnotherHost) {
    broker_.start();
    subject_.settings.mqtt.url = url("127.0.0.1");
    subject_.start();
    expect_refusal();
}

TEST_F(SecureClient, RefusesACertificateOfAStranger) {
    broker_.start();
    subject_.settings.mqtt.ca_file.reset();
    subject_.start();
    expect_refusal();
}

TEST_F(SecureClient, RefusesACertificateThatHasExpired) {
    constexpr long week = 7L * 24 * 3600;
    make_certificate("certificate", "localhost", -week);
    broker_.start();
    subject_.start();
    expect_refusal();
}

class CertifiedClient : public SecureClient {
  protected:
    CertifiedClient() : SecureClient{"cafile @/client.pem\nrequire_certificate true\n"} {
        make_certificate("client", "twcbridge");
        broker_.start();
    }
};

TEST_F(CertifiedClient, ShowsItsCertificateToABrokerThatAsksForOne) {
    subject_.settings.mqtt.cert_file = file("client.pem");
    subject_.settings.mqtt.key_file = file("client-key.pem");
    subject_.start();
    EXPECT_TRUE(subject_.connects());
}

TEST_F(CertifiedClient, IsNamedWhenItHasNone) {
    subject_.start();
    expect_refusal();
}

/// Listens where a broker should be, and keeps what clients say first.
class Eavesdropper {
  public:
    [[nodiscard]] std::string url() const {
        return "mqtts://localhost:" + std::to_string(acceptor_.local_endpoint().port());
    }
    /// The first 2 kB at most of the next client's.
    std::vector<std::uint8_t> hear() {
        auto client = acceptor_.accept();
        std::vector<std::uint8_t> bytes(2048);
        bytes.resize(client.read_some(boost::asio::buffer(bytes)));
        return bytes;
    }

  private:
    boost::asio::io_context loop_;
    boost::asio::ip::tcp::acceptor acceptor_{loop_, {boost::asio::ip::address_v4::loopback(), 0}};
};

TEST(SecureHandshake, IsTriedAgainAndNeverGivenUpForPlainText) {
    constexpr int handshake = 0x16;
    Eavesdropper eavesdropper;
    const Mosquitto unused;
    Subject subject{unused};
    subject.settings.mqtt.url = eavesdropper.url();
    subject.start();
    for (int attempt = 0; attempt < 3; ++attempt) EXPECT_EQ(eavesdropper.hear().front(), handshake);
}

TEST(SecureHandshake, IsRefusedToVersionsBeforeTls12) {
    const Mosquitto place;  // for its folder and port
    const auto file = [&](const char* name) { return (place.folder() / name).string(); };
    support::run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                  "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", file("key.pem"),
                  "-out", file("certificate.pem")});
    // Weak enough that nothing but its version speaks against it.
    const auto server =
        support::spawn({"sh", "-c",
                        "exec openssl s_server -quiet -tls1_1 -cipher kRSA:@SECLEVEL=0 -accept " +
                            std::to_string(place.port()) + " -cert " + file("certificate.pem") + " -key " +
                            file("key.pem") + " >" + file("log") + " 2>&1 </dev/null"});
    Subject subject{place};
    subject.settings.mqtt.url = "mqtts://localhost:" + std::to_string(place.port());
    subject.settings.mqtt.ca_file = file("certificate.pem");
    subject.start();
    const auto log = [&] {
        std::ifstream stream{file("log")};
        return std::string{std::istreambuf_iterator<char>{stream}, {}};
    };
    EXPECT_TRUE(subject.run_until([&] {
        // The words of OpenSSL 3.0 and of 3.5.
        return log().find("no shared cipher") != std::string::npos ||
               log().find("unsupported protocol") != std::string::npos;
    })) << log();
    kill(server, SIGTERM);
    waitpid(server, nullptr, 0);
}

}  // namespace

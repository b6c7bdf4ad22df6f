// Which texts are topics, addresses, pointers and names.
#include "config/syntax.hpp"

#include <gtest/gtest.h>

#include <string>

namespace config {
namespace {

TEST(Syntax, BrokerUrlsHaveASchemeAHostAndPerhapsAPort) {
    for (const auto* url : {"mqtt://localhost", "mqtts://broker.lan:8883", "mqtt://192.168.1.2:1",
                            "mqtt://[::1]", "mqtts://[fe80::1%eth0]:65535", "mqtt://my_nas"}) {
        EXPECT_TRUE(is_broker_url(url)) << url;
    }
    for (const auto* url :
         {"", "localhost", "mqtt:/localhost", "tcp://localhost:1883", "MQTT://a", "mqtt://a b", "mqtt://a:1x",
          "mqtt://a:-1", "mqtt://[]", "mqtt://[::1]1883", "mqtt://::1", "mqtt://a?b"}) {
        EXPECT_FALSE(is_broker_url(url)) << url;
    }
}

TEST(Syntax, HttpUrlsHaveASchemeAHostAndPerhapsAPort) {
    for (const auto* url : {"http://localhost", "https://proxy.lan:4443", "http://[::1]:8080"}) {
        EXPECT_TRUE(is_http_url(url)) << url;
    }
    for (const auto* url :
         {"", "localhost:8080", "http://", "mqtt://a", "http://a/path", "http://a?b", "http://me@a"}) {
        EXPECT_FALSE(is_http_url(url)) << url;
    }
}

TEST(Syntax, LoopbackUrlsLeadToThisMachine) {
    for (const auto* url : {"http://localhost", "http://localhost:8080", "http://127.0.0.1:1",
                            "http://127.8.0.1", "http://[::1]:8"}) {
        EXPECT_TRUE(is_loopback_url(url)) << url;
    }
    for (const auto* url : {"http://proxy.lan", "http://localhost.evil", "http://127.0.0.1.evil",
                            "http://127.evil", "http://[::2]", "http://10.127.0.1"}) {
        EXPECT_FALSE(is_loopback_url(url)) << url;
    }
}

TEST(Syntax, BusPortsAreDevicesOrTcpAddressesWithPort) {
    for (const auto* port :
         {"/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI 1", "tcp://adapter.lan:8899", "tcp://[::1]:1"}) {
        EXPECT_TRUE(is_bus_port(port)) << port;
    }
    for (const auto* port :
         {"", "COM1", "tcp://adapter.lan", "tcp://:8899", "tcp://[::1]", "tcp://a:99999", "/dev/\n"}) {
        EXPECT_FALSE(is_bus_port(port)) << port;
    }
}

TEST(Syntax, TopicsHaveNoWildcardsAndNoControlCharacters) {
    EXPECT_TRUE(is_topic("/leading/and/trailing/"));
    EXPECT_TRUE(is_topic("Zähler/Leistung"));
    EXPECT_TRUE(is_topic(std::string(65535, 'a')));
    EXPECT_TRUE(is_topic("50 \u20AC \u00A0 \U0001F50C \uFFFD"));
    for (const std::string refused : {"a\u0080", "\u0085b", "\u009F", "\uFDD0", "\uFDEF", "\uFFFE", "\uFFFF",
                                      "\U0001FFFE", "\U0010FFFF"}) {
        EXPECT_FALSE(is_topic(refused)) << refused;
        EXPECT_FALSE(is_name(refused)) << refused;
    }
    EXPECT_TRUE(is_topic(std::string(199, '/')));
    EXPECT_FALSE(is_topic(std::string(200, '/'))) << "of 201 levels";
    EXPECT_FALSE(is_topic(std::string(65536, 'a')));
    EXPECT_FALSE(is_topic(""));
    EXPECT_FALSE(is_topic("a/+/b"));
    EXPECT_FALSE(is_topic("a/#"));
    EXPECT_FALSE(is_topic(std::string{"a\0b", 3}));
}

TEST(Syntax, TopicIsAboveAnotherOnlyAtALevelBoundary) {
    EXPECT_TRUE(is_same_or_above("a/b", "a/b"));
    EXPECT_TRUE(is_same_or_above("a/b", "a/b/c"));
    EXPECT_FALSE(is_same_or_above("a/b", "a/bc"));
    EXPECT_FALSE(is_same_or_above("a/b", "a"));
}

TEST(Syntax, JsonPointersEscapeTildesAndSlashes) {
    for (const auto* pointer : {"", "/", "/a/0", "/a~0b/~1", "/ä"})
        EXPECT_TRUE(is_json_pointer(pointer)) << pointer;
    for (const auto* pointer : {"a", "#/a", "/a~", "/~2", "/a~0~"})
        EXPECT_FALSE(is_json_pointer(pointer)) << pointer;
}

}  // namespace
}  // namespace config

// The parts of "host:port".
#include "config/address.hpp"

#include <gtest/gtest.h>

namespace config {
namespace {

TEST(Address, HasAHostAndPerhapsAPort) {
    const auto alone = split_address("broker.lan").value();
    EXPECT_EQ(alone.host, "broker.lan");
    EXPECT_FALSE(alone.is_ipv6);
    EXPECT_EQ(alone.port, std::nullopt);
    const auto both = split_address("192.168.1.2:8883").value();
    EXPECT_EQ(both.host, "192.168.1.2");
    EXPECT_EQ(both.port, "8883");
    EXPECT_EQ(split_address("host:").value().port, "");
    EXPECT_EQ(split_address(":1").value().host, "");
}

TEST(Address, HasAnIpv6AddressInBrackets) {
    const auto alone = split_address("[fe80::1%eth0]").value();
    EXPECT_EQ(alone.host, "fe80::1%eth0");
    EXPECT_TRUE(alone.is_ipv6);
    EXPECT_EQ(alone.port, std::nullopt);
    EXPECT_EQ(split_address("[::1]:1883").value().port, "1883");
    EXPECT_FALSE(split_address("[::1"));
    EXPECT_FALSE(split_address("[::1]1883"));
}

}  // namespace
}  // namespace config

// The parts of "host:port".
#pragma once

#include <optional>
#include <string_view>

namespace config {

/// Views of the text; neither part was looked into.
struct Address {
    std::string_view host;  ///< without the brackets of an IPv6 address
    bool is_ipv6 = false;   ///< it stood in brackets
    std::optional<std::string_view> port;
};

/// "host", "host:port", "[::1]" or "[::1]:port"; nothing where something else stands behind the bracket.
std::optional<Address> split_address(std::string_view text);

}  // namespace config

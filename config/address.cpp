// The parts of "host:port".
#include "config/address.hpp"

#include <algorithm>

namespace config {

std::optional<Address> split_address(std::string_view text) {
    Address address{.host = {}, .is_ipv6 = text.starts_with('['), .port = {}};
    const auto end = address.is_ipv6 ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == std::string_view::npos) return std::nullopt;
    address.host = address.is_ipv6 ? text.substr(1, end - 1) : text.substr(0, end);
    const auto rest = text.substr(address.is_ipv6 ? end + 1 : end);
    if (rest.empty()) return address;
    if (!rest.starts_with(':')) return std::nullopt;
    address.port = rest.substr(1);
    return address;
}

}  // namespace config

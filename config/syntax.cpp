// Which texts are topics, addresses, pointers and names.
#include "config/syntax.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "config/address.hpp"

namespace config {
namespace {

bool is_control(char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_small(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_capital(char letter) { return letter >= 'A' && letter <= 'Z'; }

bool is_plain(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && std::ranges::none_of(text, is_control);
}

/// Brokers end the connection of whoever sends these in a topic or a name (MQTT 5, section 1.5.4): control
/// characters from U+0080 to U+009F, and code points that are no characters. `text` is UTF-8.
bool holds_what_brokers_refuse(std::string_view text) {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto first = byte(at);
        const auto second = byte(at + 1);
        const auto third = byte(at + 2);
        if (first == 0xC2 && second < 0xA0) return true;
        if (first == 0xEF && second == 0xB7 && third >= 0x90 && third <= 0xAF) return true;
        if (first == 0xEF && second == 0xBF && third >= 0xBE) return true;
        const bool ends_a_plane = (second & 0x0F) == 0x0F && third == 0xBF && byte(at + 3) >= 0xBE;
        if (first >= 0xF0 && ends_a_plane) return true;
    }
    return false;
}

bool is_port_number(std::string_view text) {
    constexpr std::uint32_t last_port = 65535;
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= last_port;
}

bool is_host_name(std::string_view text) {
    constexpr std::size_t longest = 253;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char letter) {
        return is_small(letter) || is_capital(letter) || is_digit(letter) || letter == '.' || letter == '-' ||
               letter == '_';
    });
}

/// An IPv6 address, perhaps with a zone as in fe80::1%eth0.
bool is_ipv6(std::string_view text) {
    const auto zone = text.find('%');
    if (zone != std::string_view::npos && !is_host_name(text.substr(zone + 1))) return false;
    const std::string address{text.substr(0, zone)};
    in6_addr parsed{};
    return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

enum class Port : std::uint8_t { required, optional };

bool is_host_and_port(std::string_view text, Port port) {
    const auto address = split_address(text);
    if (!address) return false;
    if (!(address->is_ipv6 ? is_ipv6(address->host) : is_host_name(address->host))) return false;
    return address->port ? is_port_number(*address->port) : port == Port::optional;
}

bool is_url(std::string_view text, std::initializer_list<std::string_view> schemes) {
    const auto* const scheme =
        std::ranges::find_if(schemes, [&](std::string_view known) { return text.starts_with(known); });
    return scheme != schemes.end() && is_host_and_port(text.substr(scheme->size()), Port::optional);
}

}  // namespace

bool is_topic(std::string_view text) {
    constexpr std::size_t longest = 65535;
    constexpr auto most_levels = 200;  // of mosquitto
    return is_plain(text, longest) && text.find_first_of("+#") == std::string_view::npos &&
           std::ranges::count(text, '/') < most_levels && !holds_what_brokers_refuse(text);
}

bool is_base_topic(std::string_view text) {
    constexpr std::size_t longest = 200;
    return is_topic(text) && text.size() <= longest && !text.starts_with('/') && !text.ends_with('/') &&
           text.find("//") == std::string_view::npos && !text.starts_with('$');
}

bool is_same_or_above(std::string_view topic, std::string_view other) {
    return other.starts_with(topic) && (other.size() == topic.size() || other[topic.size()] == '/');
}

bool is_broker_url(std::string_view text) { return is_url(text, {"mqtt://", "mqtts://"}); }

bool is_http_url(std::string_view text) { return is_url(text, {"http://", "https://"}); }

bool is_harmless_url(std::string_view text) {
    constexpr std::size_t longest_port = 5;
    if (text.find_first_of("@?#") != std::string_view::npos) return false;
    const auto scheme = text.find("://");
    auto rest = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
    if (rest.starts_with('['))
        rest.remove_prefix(std::min(rest.find_first_not_of("[0123456789abcdefABCDEF:."), rest.size()));
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return true;
    rest.remove_prefix(colon + 1);
    const auto port = rest.substr(0, rest.find('/'));
    return port.size() <= longest_port && std::ranges::all_of(port, is_digit) &&
           rest.find(':') == std::string_view::npos;
}

bool is_loopback_url(std::string_view text) {
    const auto slashes = text.find("//");
    const auto address = split_address(slashes == std::string_view::npos ? text : text.substr(slashes + 2));
    if (!address) return false;
    if (address->is_ipv6) return address->host == "::1";
    const std::string host{address->host};
    in_addr parsed{};
    const bool is_address = inet_pton(AF_INET, host.c_str(), &parsed) == 1;
    return host == "localhost" || (is_address && host.starts_with("127."));
}

bool is_bus_port(std::string_view text) {
    constexpr std::string_view scheme = "tcp://";
    if (text.starts_with(scheme)) return is_host_and_port(text.substr(scheme.size()), Port::required);
    return is_absolute_path(text);
}

bool is_json_pointer(std::string_view text) {
    if (!text.empty() && text.front() != '/') return false;
    for (auto tilde = text.find('~'); tilde != std::string_view::npos; tilde = text.find('~', tilde + 1)) {
        const auto next = text.substr(tilde + 1, 1);
        if (next != "0" && next != "1") return false;
    }
    return true;
}

bool is_name(std::string_view text) {
    constexpr std::size_t longest = 100;
    return is_plain(text, longest) && !holds_what_brokers_refuse(text);
}

bool is_bus_name(std::string_view text) {
    constexpr std::size_t longest = 32;
    return is_plain(text, longest) && std::ranges::all_of(text, [](char letter) {
               return is_small(letter) || is_digit(letter) || letter == '_' || letter == '-';
           });
}

bool is_vin(std::string_view text) {
    constexpr std::size_t length = 17;
    return text.size() == length && std::ranges::all_of(text, [](char letter) {
               return is_digit(letter) ||
                      (is_capital(letter) && letter != 'I' && letter != 'O' && letter != 'Q');
           });
}

bool is_time_zone(std::string_view text) {
    constexpr std::size_t longest = 64;
    // No dot: the name becomes part of a path.
    return is_plain(text, longest) && !text.starts_with('/') && std::ranges::all_of(text, [](char letter) {
               return is_small(letter) || is_capital(letter) || is_digit(letter) || letter == '/' ||
                      letter == '_' || letter == '-' || letter == '+';
           });
}

bool is_absolute_path(std::string_view text) {
    constexpr std::size_t longest = 4095;
    return is_plain(text, longest) && text.starts_with('/');
}

}  // namespace config

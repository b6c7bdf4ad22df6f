// Which texts are topics, addresses, pointers and names. Each function is true for a text that may be used.
#pragma once

#include <string_view>

namespace config {

/// An MQTT topic without wildcards or control characters, 1 … 65535 bytes.
bool is_topic(std::string_view);
/// A topic to put others below: at most 200 bytes, no empty level, not of the broker's own ("$SYS").
bool is_base_topic(std::string_view);
/// True if one is the other or a level above it.
bool is_same_or_above(std::string_view topic, std::string_view other);
/// mqtt://host, mqtts://host, each perhaps with :port; host may be [an IPv6 address].
bool is_broker_url(std::string_view);
/// The same with http:// and https://.
bool is_http_url(std::string_view);
/// Whether a wrong url may be shown: nothing in it looks like a password or a token.
bool is_harmless_url(std::string_view);
/// The host of such a url is this machine, so that what is sent there is on no wire.
bool is_loopback_url(std::string_view);
/// An absolute path, or tcp://host:port.
bool is_bus_port(std::string_view);
/// RFC 6901.
bool is_json_pointer(std::string_view);
/// 1 … 100 bytes without control characters.
bool is_name(std::string_view);
/// 1 … 32 of a-z, 0-9, _ and -.
bool is_bus_name(std::string_view);
/// 17 digits and capital letters other than I, O, Q.
bool is_vin(std::string_view);
/// A name as the zone database has them: "Europe/Berlin", "UTC". Whether there is one is another question.
bool is_time_zone(std::string_view);
bool is_absolute_path(std::string_view);

}  // namespace config

// The command `twcbridge simulate`: simulated wall connectors with cars, in real time, for a bridge that
// takes them for real ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twc/expected.hpp"
#include "twc/units.hpp"

namespace bridge {

struct ChargerSpec {
    twc::TwcId id{0x5893};
    twc::Centiamps rating{3200};
    twc::Protocol protocol = twc::Protocol::v2;
    bool operator==(const ChargerSpec&) const = default;
};

/// ID[:MAX[:PROTOCOL]]: four hex digits, whole amperes from 6 to 80, 1 or 2. The error is a sentence.
twc::Expected<ChargerSpec, std::string> parse_charger_spec(std::string_view);

struct SimulateOptions {
    std::optional<std::string> link;           ///< a pseudo terminal, reached by this symbolic link
    std::optional<std::uint16_t> listen_port;  ///< raw TCP on 127.0.0.1; 0 takes a free port
    std::vector<ChargerSpec> chargers{ChargerSpec{}};
};

/// Runs until SIGINT or SIGTERM and obeys lines on standard input: plug, unplug, full, want, stop, start,
/// mute, unmute, restart, each with an ID, and status. Standard output: `ready: WHERE`, a line per change,
/// and a last line of JSON with what the master did. Returns 0, or 1 if the master sent bad frames or
/// forbidden ones or talked over somebody; 64 with neither or both of link and port, or without or with equal
/// chargers; 74 if the way could not be opened.
int simulate(const SimulateOptions&);

}  // namespace bridge

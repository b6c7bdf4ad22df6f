// What `twcbridge simulate` is asked for.
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

/// A sentence on what is missing, contradicts or is given twice; nothing if all is well.
std::optional<std::string> problem_with(const SimulateOptions&);

}  // namespace bridge

// What goes to the broker and what comes from it, as values.
#pragma once

#include <string>

namespace broker {

/// Always QoS 1.
struct Publication {
    std::string topic;
    std::string payload;
    bool retain = true;
    bool operator==(const Publication&) const = default;
};

struct Inbound {
    std::string topic;
    std::string payload;
    bool retained = false;  ///< the broker delivered a stored copy
    bool operator==(const Inbound&) const = default;
};

}  // namespace broker

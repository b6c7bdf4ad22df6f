// What somebody at the broker has heard of one bridge, and since when it is so.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "mqtt/publication.hpp"
#include "twc/time.hpp"

namespace bridge {

/// The newest payload of one topic.
struct Heard {
    std::string text;       ///< safe to print
    twc::TimePoint since;   ///< when it came to be so
    bool at_least = false;  ///< it was so before: the first we heard of it was a stored copy
};

struct MonitorState {
    using Leaves = std::map<std::string, Heard, std::less<>>;

    MonitorState(std::string broker_url, std::string base);

    std::string url;
    std::string base_topic;
    std::map<std::string, std::string> names;  ///< of chargers, by key as in topics

    bool connected = false;
    std::string why_not;  ///< a sentence
    twc::TimePoint link_since;

    Leaves site;                             ///< by leaf: "mode"
    std::map<std::string, Leaves> chargers;  ///< by key and leaf: "5893", "reason"

    /// Takes state topics of the bridge; commands, inputs, events and others' topics are ignored. An empty
    /// payload means that there is no such value any more.
    void hear(const broker::Inbound&, twc::TimePoint now);
    void set_link(bool is_connected, const std::string& why, twc::TimePoint now);
    /// Whether a bridge has ever said anything of itself here.
    [[nodiscard]] bool has_bridge() const { return site.contains("status"); }
};

}  // namespace bridge

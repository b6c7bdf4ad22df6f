// What somebody at the broker has heard of one bridge, and since when it is so.
#include "bridge/monitor_state.hpp"

#include <utility>

#include "bridge/cells.hpp"

namespace bridge {
namespace {

/// Published once and not kept: they say what happened, not how things are.
bool is_passing(std::string_view leaf) {
    return leaf == "error" || leaf == "event" || leaf == "vehicle_request";
}

void note(MonitorState::Leaves& leaves, std::string_view leaf, const broker::Inbound& message,
          twc::TimePoint now) {
    const auto known = leaves.find(leaf);
    if (message.payload.empty()) {
        if (known != leaves.end()) leaves.erase(known);
        return;
    }
    auto text = printable(message.payload);
    // After a reconnect everything comes again: that is no change.
    if (known != leaves.end() && known->second.text == text) return;
    leaves.insert_or_assign(std::string{leaf},
                            Heard{std::move(text), now, message.retained && known == leaves.end()});
}

}  // namespace

MonitorState::MonitorState(std::string broker_url, std::string base)
    : url{std::move(broker_url)}, base_topic{std::move(base)} {}

void MonitorState::hear(const broker::Inbound& message, twc::TimePoint now) {
    std::string_view topic{message.topic};
    if (!topic.starts_with(base_topic + '/')) return;
    topic.remove_prefix(base_topic.size() + 1);
    constexpr std::string_view charger = "charger/";
    if (!topic.starts_with(charger)) {
        if (topic.find('/') == std::string_view::npos && !is_passing(topic)) note(site, topic, message, now);
        return;
    }
    topic.remove_prefix(charger.size());
    const auto slash = topic.find('/');
    if (slash == std::string_view::npos) return;
    const auto leaf = topic.substr(slash + 1);
    if (leaf.find('/') != std::string_view::npos || is_passing(leaf)) return;
    const auto key = printable(topic.substr(0, slash));
    auto& leaves = chargers[key];
    note(leaves, leaf, message, now);
    if (leaves.empty()) chargers.erase(key);
}

void MonitorState::set_link(bool is_connected, const std::string& why, twc::TimePoint now) {
    if (connected != is_connected || why_not.empty()) link_since = now;
    connected = is_connected;
    why_not = printable(why);
}

}  // namespace bridge

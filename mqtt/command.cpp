// Topic and payload of a …/set message → Command, or why not.
#include "mqtt/command.hpp"

namespace broker {
namespace {

using twc::Expected;
using twc::Unexpected;

constexpr std::int64_t most_reserve = 50'000;  // W
constexpr std::int64_t most_priority = 10;

/// What `make` turns the parsed value into, or the parser's reason.
template <class Value, class Make>
Expected<Command, Reason> command_of(Expected<Value, Reason> parsed, Make make) {
    if (!parsed) return Unexpected{std::move(parsed.error())};
    return Command{make(*parsed)};
}

Unexpected<Reason> unknown(std::string_view topic) {
    return {"expected a topic of a setting, found " + in_quotes(topic)};
}

Expected<Command, Reason> parse_site(std::string_view topic, std::string_view leaf,
                                     std::string_view payload) {
    if (leaf == "mode") {
        return command_of(parse_mode(payload), [](config::Mode mode) { return SetMode{mode}; });
    }
    if (leaf == "total_limit") {
        return command_of(parse_amps(payload), [](twc::Centiamps limit) { return SetTotalLimit{limit}; });
    }
    if (leaf == "grid_reserve") {
        return command_of(parse_whole(payload, -most_reserve, most_reserve),
                          [](std::int64_t watts) { return SetGridReserve{twc::Watts{watts}}; });
    }
    if (leaf == "schedule") {
        return command_of(parse_schedule(payload),
                          [](auto windows) { return SetSchedule{std::move(windows)}; });
    }
    if (leaf == "schedule_active") {
        return command_of(parse_switch(payload), [](bool active) { return SetScheduleActive{active}; });
    }
    return unknown(topic);
}

Expected<Command, Reason> parse_charger(std::string_view topic, const std::string& key, std::string_view leaf,
                                        std::string_view payload) {
    if (leaf == "limit") {
        return command_of(parse_amps(payload),
                          [&](twc::Centiamps limit) { return SetChargerLimit{key, limit}; });
    }
    if (leaf == "charge") {
        return command_of(parse_switch(payload), [&](bool allowed) { return SetCharge{key, allowed}; });
    }
    if (leaf == "enabled") {
        return command_of(parse_truth(payload), [&](bool allowed) { return SetCharge{key, allowed}; });
    }
    if (leaf == "mode") {
        return command_of(parse_charger_mode(payload),
                          [&](std::optional<config::Mode> mode) { return SetChargerMode{key, mode}; });
    }
    if (leaf == "priority") {
        return command_of(parse_whole(payload, 1, most_priority), [&](std::int64_t priority) {
            return SetPriority{key, static_cast<int>(priority)};
        });
    }
    if (leaf == "boost_minutes") {
        return command_of(parse_whole(payload, 0, most_boost_minutes), [&](std::int64_t minutes) {
            return SetBoostMinutes{key, static_cast<int>(minutes)};
        });
    }
    if (leaf == "boost_energy") {
        return command_of(parse_energy(payload),
                          [&](std::int64_t energy) { return SetBoostEnergy{key, energy}; });
    }
    if (leaf == "target_energy") {
        return command_of(parse_energy(payload),
                          [&](std::int64_t energy) { return SetTargetEnergy{key, energy}; });
    }
    if (leaf == "target_time") {
        return command_of(parse_time(payload),
                          [&](std::chrono::minutes time) { return SetTargetTime{key, time}; });
    }
    if (leaf == "guest_allowed") {
        return command_of(parse_switch(payload), [&](bool allowed) { return SetGuestAllowed{key, allowed}; });
    }
    return unknown(topic);
}

/// Cuts `part` off the front (or back) of `text`; false, and nothing cut, if it is not there.
bool cut_front(std::string_view& text, std::string_view part) {
    if (!text.starts_with(part)) return false;
    text.remove_prefix(part.size());
    return true;
}

bool cut_back(std::string_view& text, std::string_view part) {
    if (!text.ends_with(part)) return false;
    text.remove_suffix(part.size());
    return true;
}

}  // namespace

Expected<Command, Reason> parse_command(const Topics& topics, std::string_view topic,
                                        std::string_view payload) {
    auto path = topic;
    if (!cut_front(path, topics.base()) || !cut_front(path, "/") || !cut_back(path, "/set"))
        return unknown(topic);
    if (!cut_front(path, "charger/")) return parse_site(topic, path, payload);
    const auto slash = path.find('/');
    if (slash == 0 || slash == std::string_view::npos) return unknown(topic);
    return parse_charger(topic, std::string{path.substr(0, slash)}, path.substr(slash + 1), payload);
}

}  // namespace broker

// Topic and payload of a …/set message → Command, or why not.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "mqtt/topics.hpp"
#include "mqtt/values.hpp"
#include "twc/expected.hpp"

namespace broker {

struct SetMode {
    config::Mode mode;
    bool operator==(const SetMode&) const = default;
};
struct SetTotalLimit {
    twc::Centiamps limit;
    bool operator==(const SetTotalLimit&) const = default;
};
struct SetGridReserve {
    twc::Watts reserve;
    bool operator==(const SetGridReserve&) const = default;
};
/// `key` names the charger as in its topics; whether there is one is the caller's question.
struct SetChargerLimit {
    std::string key;
    twc::Centiamps limit;
    bool operator==(const SetChargerLimit&) const = default;
};
struct SetCharge {
    std::string key;
    bool allowed;
    bool operator==(const SetCharge&) const = default;
};
/// No mode: `site`, follow the bridge.
struct SetChargerMode {
    std::string key;
    std::optional<config::Mode> mode;
    bool operator==(const SetChargerMode&) const = default;
};
struct SetPriority {
    std::string key;
    int priority;
    bool operator==(const SetPriority&) const = default;
};

/// 0: no boost.
struct SetBoostMinutes {
    std::string key;
    int minutes;
    bool operator==(const SetBoostMinutes&) const = default;
};
/// 0.01 kWh; 0: no boost.
struct SetBoostEnergy {
    std::string key;
    std::int64_t energy;
    bool operator==(const SetBoostEnergy&) const = default;
};
/// 0.01 kWh; 0: no target.
struct SetTargetEnergy {
    std::string key;
    std::int64_t energy;
    bool operator==(const SetTargetEnergy&) const = default;
};
/// Since midnight.
struct SetTargetTime {
    std::string key;
    std::chrono::minutes time;
    bool operator==(const SetTargetTime&) const = default;
};
struct SetGuestAllowed {
    std::string key;
    bool allowed;
    bool operator==(const SetGuestAllowed&) const = default;
};
/// Nothing: that of the configuration. Whether the chargers it names exist is the caller's question.
struct SetSchedule {
    std::optional<std::vector<config::Window>> windows;
    bool operator==(const SetSchedule&) const = default;
};
struct SetScheduleActive {
    bool active;
    bool operator==(const SetScheduleActive&) const = default;
};

using Command = std::variant<SetMode, SetTotalLimit, SetGridReserve, SetSchedule, SetScheduleActive,
                             SetChargerLimit, SetCharge, SetChargerMode, SetPriority, SetBoostMinutes,
                             SetBoostEnergy, SetTargetEnergy, SetTargetTime, SetGuestAllowed>;

/// The topic must be below `topics.base()` and end in "/set". Ceilings are not applied here.
twc::Expected<Command, Reason> parse_command(const Topics& topics, std::string_view topic,
                                             std::string_view payload);

}  // namespace broker

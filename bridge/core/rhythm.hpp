// How often measured values are told: a recorder keeps every message for ever, and a car's current never
// rests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "mqtt/projection.hpp"
#include "twc/time.hpp"

namespace bridge {

/// What measures, and nothing else, goes this way: states, limits and echoes must not wait. A change is told
/// at once, unless the topic spoke within the last 2 s. A change below the topic's band, or 1 % of what was
/// told, waits until it has been silent for 10 s. The last value is always told.
class Rhythm {
  public:
    /// `value` and `band` in the same unit, whichever it is.
    void set(const std::string& topic, std::int64_t value, std::int64_t band, std::string payload,
             broker::Projection&, twc::TimePoint now);
    /// Tells what has waited long enough; to be called about once a second.
    void handle_timeout(broker::Projection&, twc::TimePoint now);

  private:
    struct Waiting {
        std::int64_t value = 0;
        std::string payload;
        twc::TimePoint due;
    };
    struct Topic {
        std::int64_t told = 0;
        twc::TimePoint told_at;
        std::optional<Waiting> waiting;
    };
    std::map<std::string, Topic> topics_;
};

}  // namespace bridge

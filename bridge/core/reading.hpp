// One value that arrives by MQTT, and how old it may grow before it no longer counts.
#pragma once

#include <cstdint>
#include <optional>

#include "twc/time.hpp"

namespace bridge {

class Reading {
  public:
    /// `max_age`: fixed by the owner; otherwise three times the usual interval, 10 … 120 s. `started`: when
    /// we began to listen.
    Reading(std::optional<twc::Duration> max_age, twc::TimePoint started)
        : max_age_{max_age}, started_{started} {}

    /// A copy the broker had stored is shown but never fresh, and does not replace a live value.
    void receive(std::int64_t thousandths, bool retained, twc::TimePoint now);

    /// The last value, however old.
    [[nodiscard]] std::optional<std::int64_t> thousandths() const { return value_; }
    [[nodiscard]] bool heard_live() const { return heard_.has_value(); }
    /// True up to and including this age.
    [[nodiscard]] bool fresh(twc::TimePoint now) const { return heard_ && now <= *heard_ + allowed_age(); }
    /// When it became, or will become, too old; before any live value counted from the start.
    [[nodiscard]] twc::TimePoint stale_from() const { return heard_.value_or(started_) + allowed_age(); }
    [[nodiscard]] std::optional<twc::TimePoint> heard() const { return heard_; }
    /// Usual time between two live messages.
    [[nodiscard]] twc::Duration interval() const { return interval_; }

  private:
    [[nodiscard]] twc::Duration allowed_age() const;

    std::optional<twc::Duration> max_age_;
    twc::TimePoint started_;
    std::optional<std::int64_t> value_;
    std::optional<twc::TimePoint> heard_;  // last live message
    twc::Duration interval_ = std::chrono::seconds{10};
};

}  // namespace bridge

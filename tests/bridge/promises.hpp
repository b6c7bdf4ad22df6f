// Watches a site from outside and fails the test when a promise is broken.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "bridge/core/bridge.hpp"
#include "bridge/simulator/bus.hpp"

namespace bridge::tests {

/// The greatest of the values that held within a window of time, and of the one before it.
template <class Value>
class RecentMaximum {
  public:
    void note(Value value, twc::TimePoint now, twc::Duration window) {
        if (entries_.empty() || entries_.back().second != value) entries_.emplace_back(now, value);
        while (entries_.size() > 1 && entries_[1].first < now - window) entries_.pop_front();
    }
    [[nodiscard]] Value value() const {
        auto greatest = entries_.front().second;
        for (const auto& entry : entries_) greatest = std::max(greatest, entry.second);
        return greatest;
    }

  private:
    std::deque<std::pair<twc::TimePoint, Value>> entries_;
};

class Promises {
  public:
    explicit Promises(config::Config config) : config_{std::move(config)} {}

    /// To be called after everything that happened, once the bridge's output has been carried out.
    void check(const Bridge&, const simulator::Bus&, twc::TimePoint now);
    void published(const broker::Publication&);

    // What excuses the bridge.
    /// Nobody could talk to anybody until now.
    void line_was_dead(twc::TimePoint now);
    /// The line has no heartbeats at all from now on.
    void line_is_dead() { line_dead_ = true; }
    void unit_is_silent(twc::TwcId id, bool silent) { watched_[id].silent = silent; }
    /// Bytes get lost: what needs every heartbeat is not asked for.
    void line_is_noisy(bool noisy, twc::TimePoint now);
    /// Something came on a topic, whatever it was.
    void heard(const std::string& topic, twc::TimePoint now) { heard_[topic] = now; }
    /// A new process, which has heard nothing yet.
    void restarted(twc::TimePoint now);

  private:
    /// One unit and the bridge's side of it, as they were at the last check.
    struct Watched {
        twc::Centiamps in_force;
        twc::Centiamps
            forgotten;  ///< had in force before it restarted or lost its car, until it is spoken to
        std::uint64_t heartbeats = 0;
        twc::TimePoint heartbeat_heard;
        twc::Centiamps offered;
        RecentMaximum<twc::Centiamps> told;  ///< what heartbeats carry
        RecentMaximum<bool> may;             ///< charge, as its owner wants it
        bool silent = false;
    };

    void check_manners(const simulator::Bus&, twc::TimePoint now);
    void check_sum(const Bridge&, const simulator::Bus&, twc::TimePoint now);
    void check_unit(const simulator::WallConnector&) const;
    void check_charger(const Bridge&, const Charger&, const simulator::WallConnector&, Watched&,
                       twc::TimePoint now);
    void check_start(const Bridge&, const Charger&) const;
    void check_stale(const Bridge&, twc::TimePoint now) const;
    [[nodiscard]] std::optional<twc::TimePoint> silent_since() const;
    void check_heartbeats(const simulator::WallConnector&, Watched&, bool due, twc::TimePoint now) const;
    [[nodiscard]] bool serves(const Watched& watched) const {
        return !line_dead_ && !noisy_ && !watched.silent;
    }

    const config::Config config_;
    std::map<twc::TwcId, Watched> watched_;
    RecentMaximum<twc::Centiamps> ceiling_;
    std::map<std::string, twc::TimePoint> heard_;
    twc::TimePoint started_;
    std::map<std::string, double> energy_;
    std::uint64_t violations_ = 0;
    std::uint64_t collisions_ = 0;
    twc::TimePoint collided_;
    twc::TimePoint line_alive_since_;
    bool line_dead_ = false;
    bool noisy_ = false;
};

}  // namespace bridge::tests

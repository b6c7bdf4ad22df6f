// Watches over our own announcements at the broker: what others take back, and what an earlier run left
// there.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "mqtt/projection.hpp"
#include "mqtt/publication.hpp"
#include "twc/time.hpp"

namespace bridge {

class Announcer {
  public:
    explicit Announcer(config::HomeAssistant settings) : settings_{std::move(settings)} {}

    /// Where a device with this identifier is announced, in either form: to be subscribed.
    [[nodiscard]] std::vector<std::string> topics_of(const std::string& identifier) const;
    [[nodiscard]] bool is_announcement(const std::string& topic) const;

    /// What a topic shall say: at once, or a pause after its last version.
    void announce(broker::Publication, broker::Projection&, twc::TimePoint now);
    /// A message on such a topic, ours or not. Returns a sentence for the log where something was done.
    std::optional<std::string> handle(const broker::Inbound&, broker::Projection&, twc::TimePoint now);
    void handle_timeout(broker::Projection&, twc::TimePoint now);
    /// The broker is new or has lost everything: all is said again, and what is to follow waits for its turn.
    void resend_all(broker::Projection&, twc::TimePoint now);
    [[nodiscard]] std::optional<twc::TimePoint> next_deadline() const;

  private:
    /// Home Assistant loses components when one version of a document follows another too soon, so each step
    /// of a farewell waits for its turn.
    struct Step {
        twc::TimePoint due;
        broker::Publication publication;
    };
    [[nodiscard]] Step* last_step(const std::string& topic);
    void say(broker::Publication, broker::Projection&, twc::TimePoint now);

    config::HomeAssistant settings_;
    std::vector<Step> steps_;
    std::map<std::string, twc::TimePoint> said_;  // when, by topic
    std::set<std::string> cleared_;               // what others have left there, as far as we clear it
    std::optional<twc::TimePoint> renew_at_;      // once what stood in the way has been cleared
};

}  // namespace bridge

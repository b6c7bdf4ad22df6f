// One site without its rim: the controller, with bus masters on one side and topics on the other.
//
// No I/O (log lines aside), no clock, no thread. After every handle_… call the caller drains poll_transmit,
// poll_save and poll_publication, in this order, and comes back at next_deadline at the latest. Time never
// runs backwards.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bridge/core/allowance.hpp"
#include "bridge/core/announcer.hpp"
#include "bridge/core/births.hpp"
#include "bridge/core/charger.hpp"
#include "bridge/core/complaints.hpp"
#include "bridge/core/controller.hpp"
#include "bridge/core/rhythm.hpp"
#include "bridge/core/settings.hpp"
#include "bridge/core/vehicle_requests.hpp"
#include "config/config.hpp"
#include "mqtt/discovery.hpp"
#include "mqtt/projection.hpp"
#include "mqtt/publication.hpp"
#include "mqtt/topics.hpp"
#include "twc/master.hpp"
#include "twc/time.hpp"

namespace bridge {

struct BridgeOptions {
    bool observe = false;    ///< never transmit on a bus
    std::uint32_t seed = 1;  ///< for the sign byte and the jitter after Home Assistant's birth message
    Calendar calendar = {};
};

/// Bytes for one bus.
struct Wire {
    std::size_t bus = 0;
    std::vector<std::uint8_t> bytes;
};

/// Settings to be stored; to be confirmed by handle_saved with the same revision.
struct Save {
    std::uint64_t revision = 0;
    Settings settings;
};

class Bridge {
  public:
    Bridge(const config::Config&, Settings, BridgeOptions, twc::TimePoint now);
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    // What the world did.
    void handle_bus_open(std::size_t bus, twc::TimePoint now);
    /// `why`: a sentence that begins with the port.
    void handle_bus_closed(std::size_t bus, const std::string& why, twc::TimePoint now);
    void handle_bytes(std::size_t bus, std::span<const std::uint8_t>, twc::TimePoint now);
    void handle_broker(bool connected, const std::string& why, twc::TimePoint now);
    void handle_message(const broker::Inbound&, twc::TimePoint now);
    /// `error`: a sentence why the settings could not be stored.
    void handle_saved(std::uint64_t revision, const std::optional<std::string>& error, twc::TimePoint now);
    /// To a call of poll_vehicle_call.
    void handle_vehicle_answer(std::uint64_t call, const HttpReply&, twc::TimePoint now);
    /// What the clock on the wall says; to be called before handle_timeout and at the beginning.
    void handle_wall_clock(Moment moment) { controller_.handle_wall_clock(moment); }
    void handle_timeout(twc::TimePoint now);

    // What the caller must do now.
    std::optional<Wire> poll_transmit(twc::TimePoint now);
    std::optional<Save> poll_save(twc::TimePoint now);
    std::optional<broker::Publication> poll_publication();
    /// A command for a car, to be sent to the configured proxy.
    std::optional<VehicleCall> poll_vehicle_call(twc::TimePoint now);
    /// A topic to be subscribed besides those of subscriptions().
    std::optional<std::string> poll_subscription();
    [[nodiscard]] twc::TimePoint next_deadline() const;

    // What is known.
    [[nodiscard]] std::vector<std::string> subscriptions() const;
    [[nodiscard]] const broker::Topics& topics() const { return topics_; }
    [[nodiscard]] const Settings& settings() const { return controller_.settings(); }
    [[nodiscard]] std::vector<const Charger*> chargers() const;
    [[nodiscard]] const twc::BusCounters& bus_counters(std::size_t bus) const {
        return buses_[bus].master.counters();
    }
    /// The lowest ceiling for all chargers together, now.
    [[nodiscard]] Ceiling ceiling() const { return controller_.ceiling(); }

  private:
    struct Bus {
        config::Bus config;
        twc::Master master;
        bool open = false;
        std::string why_closed;                     ///< empty before the first attempt
        std::optional<twc::TimePoint> quiet_since;  ///< open, and nothing valid heard since
        bool quiet_told = false;
        std::optional<twc::TimePoint> other_master_heard;
        twc::TwcId other_master;
        std::optional<twc::TimePoint> own_id_heard;

        /// Open, and a valid frame in the last 30 s.
        [[nodiscard]] bool heard(twc::TimePoint now) const;
    };

    // bridge.cpp
    void drain_events(std::size_t bus, twc::TimePoint now);
    void on(std::size_t bus, const twc::UnitFound&, twc::TimePoint now);
    void on(std::size_t bus, const twc::UnitLost&, twc::TimePoint now);
    void on(std::size_t bus, const twc::UnitChanged&, twc::TimePoint now);
    void on(std::size_t bus, const twc::HeartbeatHeard&, twc::TimePoint now);
    void on(std::size_t bus, const twc::ContactorAnswered&, twc::TimePoint now);
    void on(std::size_t bus, const twc::OtherMasterHeard&, twc::TimePoint now);
    void on(std::size_t bus, const twc::OwnIdHeard&, twc::TimePoint now);
    void on(std::size_t bus, const twc::TwinsHeard&, twc::TimePoint now);
    void on(std::size_t bus, const twc::FourthUnitIgnored&, twc::TimePoint now);
    void on(std::size_t bus, const twc::FrameRejected&, twc::TimePoint now);
    void on(const WishGiven&, twc::TimePoint now);
    void on(const ContactorOrdered&, twc::TimePoint now);
    void on(const VehicleAsked&, twc::TimePoint now);
    void on(const Happened&, twc::TimePoint now);
    const twc::Unit& unit_of(const Charger&) const;
    void watch_buses(twc::TimePoint now);
    void watch_vehicles(twc::TimePoint now);
    static void complain(Complaints&, const std::string& about, const std::string& sentence,
                         twc::TimePoint now);
    void finish(twc::TimePoint now);

    // commands.cpp
    void handle_command(const broker::Inbound&, twc::TimePoint now);
    void tell_command(const broker::Inbound&, twc::TimePoint now);
    void tell_more_commands(twc::TimePoint now);
    void refuse(const broker::Inbound&, const broker::Reason&, twc::TimePoint now);
    void complain_of(std::string_view what, const broker::Inbound&, const broker::Reason&,
                     twc::TimePoint now);
    void explain(std::string_view what, const broker::Inbound&, const broker::Reason&, twc::TimePoint now);

    // publish.cpp
    void announce(twc::TimePoint now);
    void announce(const Charger&, twc::TimePoint now);
    [[nodiscard]] std::vector<std::string> announcement_topics(std::string_view of) const;
    void publish_site(twc::TimePoint now);
    /// What may change with every heartbeat.
    void publish_charger(const Charger&, twc::TimePoint now);
    /// What the unit was asked for.
    void publish_unit_facts(const Charger&);
    /// What is stored.
    void publish_settings(const Charger&);
    void publish(std::string topic, std::string payload) {
        projection_.set({std::move(topic), std::move(payload), true});
    }
    /// In W, or 0.01 A.
    void publish_measured(const std::string& topic, twc::Watts power, twc::TimePoint now);
    void publish_measured(const std::string& topic, twc::Centiamps current, twc::TimePoint now);
    [[nodiscard]] std::string problem() const;

    void tell_save_error(const std::string& error);

    // status.cpp
    void log_start() const;
    void log_status(twc::TimePoint now);
    void log_staleness(twc::TimePoint now);
    void log_clock();
    void log_suspicion();
    void log_reasons(twc::TimePoint now);

    const config::Config config_;
    const BridgeOptions options_;
    const broker::Topics topics_;
    std::vector<Bus> buses_;
    Controller controller_;
    broker::Projection projection_;
    Announcer announcer_;
    Rhythm rhythm_;
    std::deque<std::string> new_subscriptions_;
    Complaints complaints_;  // about what the configuration, the wall connectors and we ourselves name
    Complaints strangers_;   // about topics that others choose, which hide none of those
    Allowance command_lines_{20, std::chrono::seconds{10}};
    std::uint64_t commands_untold_ = 0;  // for want of lines
    VehicleRequests vehicle_requests_;

    Settings saved_;  // as they are stored: what is echoed
    std::optional<Save> saving_;
    twc::TimePoint saving_since_;
    Allowance saves_{10, std::chrono::seconds{1}};  // storage cards wear out
    std::uint64_t revision_ = 0;
    bool save_due_ = false;
    bool energy_save_due_ = false;  // may wait, for the sake of the storage card
    std::optional<twc::TimePoint> saved_at_;
    std::optional<twc::TimePoint> save_again_at_;  // after a failure
    std::string save_error_;
    std::set<std::string> echoes_;         // topics of accepted commands, to be sent again once stored
    std::set<std::string> saving_echoes_;  // those of them that the save under way contains

    bool site_dirty_ = true;
    bool status_dirty_ = true;
    bool rs485_heard_ = false;
    std::map<std::string, broker::ChargerDescription> announced_;  // by key
    twc::TimePoint next_tick_;
    Births births_;  // of Home Assistant
    bool broker_connected_ = false;
    std::string last_status_;
    std::optional<twc::TimePoint> status_logged_at_;
    std::optional<bool> stale_logged_;
    bool clock_missing_logged_ = false;
    struct ReasonTold {
        using Kinds = std::tuple<Because::Kind, Reason::Kind, std::string_view>;
        Kinds present;  // without its numbers
        twc::TimePoint since;
        std::optional<Kinds> logged;
    };
    std::map<std::string, ReasonTold> reasons_told_;  // by key of the charger
    std::optional<std::string> suspicion_;            // of the inputs, as logged and told
};

}  // namespace bridge

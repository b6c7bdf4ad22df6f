// One site's decisions: from what the units, the house and its owner say to wishes for the wall connectors.
//
// Knows neither wire nor broker: the service puts bus masters and topics around it, `cosim` and `backtest`
// a simulated world. After every handle_… call the caller drains poll_effect and take_changes. No I/O (log
// lines aside), no clock, no thread. Time never runs backwards.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bridge/core/calendar.hpp"
#include "bridge/core/charger.hpp"
#include "bridge/core/fuse.hpp"
#include "bridge/core/inputs.hpp"
#include "bridge/core/plan.hpp"
#include "bridge/core/settings.hpp"
#include "config/config.hpp"
#include "mqtt/command.hpp"
#include "mqtt/publication.hpp"
#include "twc/master.hpp"
#include "twc/time.hpp"

namespace bridge {

/// From now on heartbeats to this unit carry this.
struct WishGiven {
    Charger* charger;
    twc::Wish wish;
    twc::Urgency urgency;
};
struct ContactorOrdered {
    Charger* charger;
    bool close;
};
/// The car itself shall start or stop; whoever can reach it acts on this.
struct VehicleAsked {
    Charger* charger;
    bool start;
};
struct Happened {
    Charger* charger;
    Happening happening;
};
using Effect = std::variant<WishGiven, ContactorOrdered, VehicleAsked, Happened>;

/// The order of keys: nothing that is seen outside shall depend on where chargers lie in memory.
struct ByKey {
    bool operator()(const Charger* a, const Charger* b) const { return a->key() < b->key(); }
};

/// What is no longer as it was told.
struct Changes {
    bool site = false;
    bool settings = false;  ///< to be saved now
    bool energy = false;    ///< only counters: saving them may wait
    std::set<const Charger*, ByKey> chargers;
};

class Controller {
  public:
    /// `observe`: look on, decide nothing.
    Controller(const config::Config&, Settings, bool observe, twc::TimePoint now, Calendar = {});
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

    // What the world did.
    Charger& handle_found(std::size_t bus, const twc::Unit&, twc::TimePoint now);
    void handle_lost(Charger&, twc::TimePoint now);
    /// Two units answer to its id: neither may charge.
    void handle_twins(Charger&, twc::TimePoint now);
    /// The unit has told more of itself.
    void handle_changed(Charger&, const twc::Unit&, twc::TimePoint now);
    /// `answers_wish`: in answer to a heartbeat that already carried the charger's wish.
    void handle_heartbeat(Charger&, const twc::SlaveHeartbeat&, bool answers_wish, twc::TimePoint now);
    void handle_contactor(Charger&, bool closed);
    /// Nobody speaks to the units of this bus any more.
    void handle_bus_closed(std::size_t bus);
    /// A message on an input's topic; why it was refused, if it was.
    std::optional<broker::Reason> handle_input(const broker::Inbound&, twc::TimePoint now);
    /// The same for a value that needs no reading.
    std::optional<broker::Reason> handle_input(InputKind, std::int64_t thousandths, twc::TimePoint now);
    struct Obeyed {
        bool changed = false;                  ///< the settings are not as before
        std::optional<broker::Reason> remark;  ///< why not, or not quite
    };
    Obeyed handle_command(const broker::Command&);
    /// What the clock on the wall says; holds until the next time. It may jump.
    void handle_wall_clock(Moment);
    /// To be called once a second.
    void handle_tick(twc::TimePoint now);
    /// Decides anew if anything gave cause to; to be called after whatever was handled at this moment.
    void decide(twc::TimePoint now);

    // What the caller must do now.
    /// In the order in which they were decided.
    std::optional<Effect> poll_effect();
    Changes take_changes() { return std::exchange(changes_, {}); }

    // What is known.
    [[nodiscard]] const config::Config& config() const { return config_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Charger>>& chargers() const { return chargers_; }
    [[nodiscard]] Charger* find(std::size_t bus, twc::TwcId);
    [[nodiscard]] Charger* find(const std::string& key);
    [[nodiscard]] const Inputs& inputs() const { return inputs_; }
    [[nodiscard]] const SitePicture& picture() const { return picture_; }
    /// The lowest ceiling for all chargers together, now.
    [[nodiscard]] Ceiling ceiling() const;
    /// Something goes by the clock on the wall, and nobody has set that.
    [[nodiscard]] bool clock_missing() const;
    [[nodiscard]] const std::vector<config::Window>& schedule() const {
        return settings_.schedule ? *settings_.schedule : config_.schedule;
    }
    /// A main fuse is configured, and what it must follow is too old or was never heard.
    [[nodiscard]] bool fuse_blind() const;

  private:
    /// What one bus may carry.
    struct Supply {
        std::string name;
        std::optional<twc::Centiamps> wiring_max;
        std::string ceiling_name;
        twc::Centiamps held{};  ///< by its units, see add_up_held
        [[nodiscard]] std::optional<Ceiling> ceiling() const;
    };

    // controller.cpp
    Charger& ensure_charger(std::size_t bus, const twc::Unit&);
    void remember_unit(Charger&);
    void retire_replaced_units(std::size_t bus);
    void hear_vin(Charger&, const twc::Unit&);
    void tell(Charger&, const std::vector<Happening>&);
    void note_load(twc::TimePoint now);
    void mark(const Charger& charger) { changes_.chargers.insert(&charger); }
    void must_decide() { decision_due_ = changes_.site = true; }

    // obey.cpp
    std::optional<broker::Reason> obey(const broker::Command&);

    // intents.cpp
    void weigh_intents(twc::TimePoint now);
    void weigh_intent(Charger&, twc::TimePoint now);
    [[nodiscard]] Admission admit(const Charger&, twc::TimePoint now) const;
    /// Brings its target up to date; nothing if there is none, or its time is not known.
    std::optional<TargetState> pursue_target(Charger&);
    [[nodiscard]] twc::Watts available_for_target(const Charger&) const;
    void refresh_windows();

    // control.cpp
    void replan(twc::TimePoint now);
    void refresh_picture(twc::TimePoint now);
    [[nodiscard]] SiteFacts gather(twc::TimePoint now) const;
    [[nodiscard]] CarFacts facts_of(const Charger&, twc::TimePoint now) const;
    void offer(Charger&, twc::Centiamps amps, twc::TimePoint now);
    void take_back_what_no_longer_fits(Charger&, twc::TimePoint now);
    void raise(Charger&, twc::TimePoint now);
    [[nodiscard]] bool may_exceed_target(const Charger&) const;
    [[nodiscard]] bool keeps_spike(const Charger&, twc::TimePoint now) const;
    void explain_idle(Charger&, twc::TimePoint now);
    void stop(Charger&, twc::TimePoint now);
    void act(Charger&, const Acts&);
    void send_wish(Charger&, twc::Wish, twc::TimePoint now);
    /// Before headroom_for, which is asked for every charger; send_wish keeps the sums right.
    void add_up_held();
    [[nodiscard]] twc::Centiamps headroom_for(const Charger&) const;
    [[nodiscard]] twc::Centiamps in_steps(const Charger&, twc::Centiamps amps) const;

    const config::Config config_;
    const bool observe_;
    std::vector<Supply> buses_;
    Settings settings_;
    std::vector<std::unique_ptr<Charger>> chargers_;
    Inputs inputs_;
    const Calendar calendar_;
    std::optional<Moment> wall_clock_;          // nothing while it cannot be right
    std::vector<config::Window> open_windows_;  // of the schedule, if that is active
    Planner planner_;
    FuseCeiling fuse_;
    SitePicture picture_;

    twc::Centiamps held_;  // by all units, see add_up_held

    bool commanded_ = false;  // the next plan is due to a command
    bool decision_due_ = true;
    std::deque<Effect> effects_;
    Changes changes_;
};

}  // namespace bridge

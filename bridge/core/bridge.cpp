#include "bridge/core/bridge.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "mqtt/values.hpp"

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr twc::Duration tick = 1s;
constexpr twc::Duration quiet_bus = 60s;             // a unit without a master says its linkready every 10 s
constexpr twc::Duration rs485_silence = 30s;         // docs/mqtt.md, topic rs485
constexpr twc::Duration other_master_memory = 120s;  // a lone master announces itself seldom
constexpr twc::Duration own_id_memory = 30s;         // its linkready comes every 6 to 10 s
// Energy: not with every 0.01 kWh, for the sake of the storage card.
constexpr twc::Duration save_pause = 10s;
constexpr twc::Duration disk_patience = 30s;

std::vector<twc::KnownUnit> known_units(const Settings& settings, const std::string& bus) {
    std::vector<twc::KnownUnit> known;
    for (const auto& [key, charger] : settings.chargers) {
        if (charger.bus == bus && !charger.replaced && known.size() < twc::most_units)
            known.push_back(charger.known);
    }
    return known;
}

}  // namespace

Bridge::Bridge(const config::Config& config, Settings settings, BridgeOptions options, TimePoint now)
    : config_{config},
      options_{options},
      topics_{config.mqtt.base_topic},
      controller_{config, std::move(settings), options.observe, now, options.calendar},
      announcer_{config.home_assistant},
      saved_{controller_.settings()},
      next_tick_{now} {
    for (const auto& bus : config_.buses) {
        twc::MasterSettings master;
        master.sign = static_cast<std::uint8_t>(options_.seed);
        master.observe = options_.observe;
        master.known = known_units(controller_.settings(), bus.name);
        buses_.push_back({bus, twc::Master{std::move(master)}, false, "", {}, false, {}, {}, {}});
    }
    log_start();
    publish(topics_.status(), "online");
    announce(now);
    for (const auto& charger : controller_.chargers()) {
        announce(*charger, now);
        publish_settings(*charger);
    }
    finish(now);
}

void Bridge::handle_bus_open(std::size_t bus, TimePoint now) {
    auto& opened = buses_[bus];
    spdlog::info("{}: open", opened.config.port);
    opened.open = true;
    opened.quiet_since = now;
    opened.quiet_told = false;
    opened.master.handle_open(now);
    drain_events(bus, now);
    site_dirty_ = true;
    finish(now);
}

void Bridge::handle_bus_closed(std::size_t bus, const std::string& why, TimePoint now) {
    auto& closed = buses_[bus];
    spdlog::warn("{}; trying again until it is there", why);
    closed.open = false;
    closed.why_closed = why;
    closed.quiet_since.reset();
    closed.master.handle_closed(now);
    drain_events(bus, now);
    controller_.handle_bus_closed(bus);
    site_dirty_ = true;
    finish(now);
}

void Bridge::handle_bytes(std::size_t bus, std::span<const std::uint8_t> bytes, TimePoint now) {
    buses_[bus].master.handle_bytes(bytes, now);
    drain_events(bus, now);
    finish(now);
}

void Bridge::handle_broker(bool connected, const std::string& why, TimePoint now) {
    if (connected)
        spdlog::info("{}", why);
    else
        spdlog::warn("{}; trying again until it answers", why);
    broker_connected_ = connected;
    projection_.set_online(connected);
    if (connected) announcer_.resend_all(projection_, now);
    finish(now);
}

void Bridge::handle_message(const broker::Inbound& message, TimePoint now) {
    if (controller_.inputs().is_input(message.topic)) {
        if (const auto refusal = controller_.handle_input(message, now))
            complain(complaints_, message.topic,
                     message.topic + ": " + *refusal + "; the last good value stays", now);
    } else if (message.topic == config_.home_assistant.prefix + "/status") {
        // A stored copy is no birth. After one give Home Assistant a moment, and not all bridges the same.
        if (message.payload == "online" && !message.retained)
            births_.heard(now, 1s + options_.seed % 2000 * 1ms);
    } else if (announcer_.is_announcement(message.topic)) {
        if (const auto done = announcer_.handle(message, projection_, now)) {
            const auto line = strangers_.report(broker::for_log(message.topic), *done, now);
            if (line) spdlog::info("{}", *line);
        }
    } else {
        handle_command(message, now);
    }
    finish(now);
}

void Bridge::handle_saved(std::uint64_t revision, const std::optional<std::string>& error, TimePoint now) {
    if (!saving_ || saving_->revision != revision) return;
    if (error) {
        tell_save_error(*error);
        save_again_at_ = now + save_pause;
        save_due_ = true;
        echoes_.merge(saving_echoes_);
    } else {
        if (!save_error_.empty()) spdlog::info("settings: stored again");
        save_error_.clear();
        saved_ = std::move(saving_->settings);
        for (const auto& topic : saving_echoes_) projection_.resend(topic);
        for (const auto& charger : controller_.chargers()) publish_settings(*charger);
    }
    saving_echoes_.clear();
    saving_.reset();
    saved_at_ = now;
    site_dirty_ = true;
    finish(now);
}

void Bridge::handle_timeout(TimePoint now) {
    for (std::size_t bus = 0; bus < buses_.size(); ++bus) {
        if (now < buses_[bus].master.next_deadline()) continue;  // with many buses most have nothing to do
        buses_[bus].master.handle_timeout(now);
        drain_events(bus, now);
    }
    if (const auto due = births_.due(); due && now >= *due) {
        births_.told(now);
        spdlog::info("Home Assistant has started: announcing everything again");
        projection_.reinstate();
        announcer_.resend_all(projection_, now);
    }
    announcer_.handle_timeout(projection_, now);
    rhythm_.handle_timeout(projection_, now);
    if (now >= next_tick_) {
        next_tick_ = now + tick;
        controller_.handle_tick(now);
        watch_buses(now);
        if (saving_ && now - saving_since_ > disk_patience) tell_save_error("the disk does not answer");
        tell_more_commands(now);
        log_status(now);
    }
    finish(now);
}

std::optional<Wire> Bridge::poll_transmit(TimePoint now) {
    for (std::size_t bus = 0; bus < buses_.size(); ++bus) {
        if (auto bytes = buses_[bus].master.poll_transmit(now)) return Wire{bus, std::move(*bytes)};
    }
    return std::nullopt;
}

void Bridge::tell_save_error(const std::string& error) {
    if (save_error_ != error)
        spdlog::error("settings: {}; what was changed holds until the next restart", error);
    save_error_ = error;
    site_dirty_ = true;
}
std::optional<Save> Bridge::poll_save(TimePoint now) {
    if (saving_ || (save_again_at_ && now < *save_again_at_) || !saves_.has(now)) return std::nullopt;
    const bool energy_may_wait = saved_at_ && now - *saved_at_ < save_pause;
    if (!save_due_ && (!energy_save_due_ || energy_may_wait)) return std::nullopt;
    save_due_ = energy_save_due_ = false;
    save_again_at_.reset();
    saves_.take(now);
    saving_since_ = now;
    saving_ = Save{++revision_, settings()};
    saving_echoes_ = std::exchange(echoes_, {});
    return saving_;
}

void Bridge::handle_vehicle_answer(std::uint64_t call, const HttpReply& reply, TimePoint now) {
    vehicle_requests_.handle_answer(call, reply, now);
}

std::optional<VehicleCall> Bridge::poll_vehicle_call(TimePoint now) { return vehicle_requests_.poll(now); }

std::optional<broker::Publication> Bridge::poll_publication() { return projection_.poll(); }

TimePoint Bridge::next_deadline() const {
    auto deadline = next_tick_;
    if (const auto due = births_.due()) deadline = std::min(deadline, *due);
    if (const auto due = announcer_.next_deadline()) deadline = std::min(deadline, *due);
    for (const auto& bus : buses_) deadline = std::min(deadline, bus.master.next_deadline());
    return std::min(deadline, vehicle_requests_.next_deadline());
}

std::vector<std::string> Bridge::subscriptions() const {
    auto subscriptions = controller_.inputs().topics();
    subscriptions.push_back(topics_.site_commands());
    subscriptions.push_back(topics_.charger_commands());
    if (config_.home_assistant.discovery != config::Discovery::off) {
        subscriptions.push_back(config_.home_assistant.prefix + "/status");
    }
    std::ranges::move(announcement_topics("bridge"), std::back_inserter(subscriptions));
    for (const auto& charger : controller_.chargers()) {
        std::ranges::move(announcement_topics(charger->key()), std::back_inserter(subscriptions));
    }
    return subscriptions;
}

std::optional<std::string> Bridge::poll_subscription() {
    if (new_subscriptions_.empty()) return std::nullopt;
    auto topic = std::move(new_subscriptions_.front());
    new_subscriptions_.pop_front();
    return topic;
}

std::vector<const Charger*> Bridge::chargers() const {
    std::vector<const Charger*> chargers;
    chargers.reserve(controller_.chargers().size());
    for (const auto& charger : controller_.chargers()) chargers.push_back(charger.get());
    return chargers;
}

void Bridge::drain_events(std::size_t bus, TimePoint now) {
    while (const auto event = buses_[bus].master.poll_event()) {
        std::visit([&](const auto& happened) { on(bus, happened, now); }, *event);
    }
}

void Bridge::on(std::size_t bus, const twc::UnitFound& found, TimePoint now) {
    const auto& unit = *buses_[bus].master.unit(found.id);
    const auto known = controller_.chargers().size();
    auto& charger = controller_.handle_found(bus, unit, now);
    if (controller_.chargers().size() != known) {
        announce(now);
        std::ranges::move(announcement_topics(charger.key()), std::back_inserter(new_subscriptions_));
    }
    announce(charger, now);
    publish_unit_facts(charger);
    publish_settings(charger);
}

void Bridge::on(std::size_t bus, const twc::UnitLost& lost, TimePoint now) {
    auto* charger = controller_.find(bus, lost.id);
    if (charger == nullptr) return;
    spdlog::warn(
        "{}: no answer for 26 s; its car stops by itself, waiting for the wall connector to report again",
        charger->key());
    controller_.handle_lost(*charger, now);
}

void Bridge::on(std::size_t bus, const twc::UnitChanged& changed, TimePoint now) {
    auto* charger = controller_.find(bus, changed.id);
    if (charger == nullptr) return;
    controller_.handle_changed(*charger, *buses_[bus].master.unit(changed.id), now);
    announce(*charger, now);
    publish_unit_facts(*charger);
    publish_settings(*charger);
}

void Bridge::on(std::size_t bus, const twc::HeartbeatHeard& heard, TimePoint now) {
    auto* charger = controller_.find(bus, heard.heartbeat.from);
    if (charger == nullptr) return;
    controller_.handle_heartbeat(*charger, heard.heartbeat, heard.answers == charger->wish(), now);
}

void Bridge::on(std::size_t bus, const twc::ContactorAnswered& answered, TimePoint) {
    auto* charger = controller_.find(bus, answered.id);
    if (charger != nullptr) controller_.handle_contactor(*charger, answered.close);
}

void Bridge::on(std::size_t bus, const twc::OtherMasterHeard& heard, TimePoint now) {
    if (options_.observe) return;  // there is one, and it should be
    auto& where = buses_[bus];
    if (!where.other_master_heard) {
        spdlog::error(
            "{}: wall connector {} is in master position: set its rotary switch to F and restart it",
            where.config.port, heard.id.text());
    }
    where.other_master_heard = now;
    where.other_master = heard.id;
    site_dirty_ = true;
}

void Bridge::on(std::size_t bus, const twc::OwnIdHeard&, TimePoint now) {
    auto& where = buses_[bus];
    if (!where.own_id_heard) {
        spdlog::error(
            "{}: a wall connector has the bridge's own id; it should choose another when it hears the bridge",
            where.config.port);
    }
    where.own_id_heard = now;
    site_dirty_ = true;
}

void Bridge::on(std::size_t bus, const twc::TwinsHeard& twins, TimePoint now) {
    auto* charger = controller_.find(bus, twins.id);
    if (charger == nullptr) return;
    if (!charger->has_twin()) {
        spdlog::error(
            "{}: two wall connectors have this id, so that neither may charge: connect one of them to a bus "
            "of its own",
            charger->key());
    }
    controller_.handle_twins(*charger, now);
}

void Bridge::on(std::size_t bus, const twc::FourthUnitIgnored& ignored, TimePoint now) {
    complain(complaints_, "fourth unit " + ignored.id.text(),
             buses_[bus].config.port + ": wall connector " + ignored.id.text() +
                 " is ignored: a bus carries three at most; put it on a bus of its own",
             now);
}

void Bridge::on(std::size_t bus, const twc::FrameRejected& rejected, TimePoint now) {
    complain(complaints_, buses_[bus].config.port + twc::to_text(rejected.error),
             buses_[bus].config.port + ": frame dropped, wrong " + twc::to_text(rejected.error), now);
}

void Bridge::on(const WishGiven& given, TimePoint) {
    buses_[given.charger->bus()].master.set_wish(given.charger->id(), given.wish, given.urgency);
}

void Bridge::on(const ContactorOrdered& ordered, TimePoint) {
    buses_[ordered.charger->bus()].master.send_contactor(ordered.charger->id(), ordered.close);
}

// One hand asks the car: the configured proxy, or else an automation of the house.
void Bridge::on(const VehicleAsked& asked, TimePoint now) {
    if (config_.vehicle_api) {
        if (const auto vin = asked.charger->vin())
            vehicle_requests_.ask(asked.charger->key(), *vin, asked.start, now);
        return;
    }
    projection_.set(
        {topics_.charger(asked.charger->key(), "vehicle_request"), asked.start ? "start" : "stop", false});
}

void Bridge::on(const Happened& happened, TimePoint) {
    const auto& charger = *happened.charger;
    const auto word = to_text(happened.happening);
    spdlog::info("{}: {}", charger.key(), [&] {
        std::string words{word};
        std::ranges::replace(words, '_', ' ');
        return words;
    }());
    auto event = R"({"event_type": ")" + std::string{word} + '"';
    if (happened.happening == Happening::session_ended)
        event += ", \"energy\": " + broker::hundredths(charger.settings.session_energy);
    projection_.set({topics_.charger(charger.key(), "event"), event + "}", false});
    if (happened.happening == Happening::vehicle_disconnected) publish_unit_facts(charger);
    if (happened.happening == Happening::vehicle_connected)
        buses_[charger.bus()].master.ask_vin(charger.id());
}

const twc::Unit& Bridge::unit_of(const Charger& charger) const {
    static const twc::Unit nothing_known;
    const auto* unit = buses_[charger.bus()].master.unit(charger.id());
    return unit != nullptr ? *unit : nothing_known;
}

void Bridge::watch_vehicles(TimePoint now) {
    if (!config_.vehicle_api || options_.observe) return;
    for (const auto& charger : controller_.chargers()) {
        const bool there = charger->online();
        vehicle_requests_.observe(charger->key(),
                                  {.vin = there ? charger->vin() : std::nullopt,
                                   .drawing = charger->drawing(),
                                   .may_charge = charger->offered() > Centiamps{},
                                   .leaves_offer = charger->idle(now)},
                                  now);
    }
}

void Bridge::watch_buses(TimePoint now) {
    for (auto& bus : buses_) {
        const auto heard = bus.master.valid_frame_heard();
        if (bus.quiet_since && heard && *heard > *bus.quiet_since) {
            bus.quiet_since = heard;
            if (bus.quiet_told) spdlog::info("{}: valid frames are heard again", bus.config.port);
            site_dirty_ = site_dirty_ || bus.quiet_told;
            bus.quiet_told = false;
        }
        if (bus.quiet_since && now - *bus.quiet_since >= quiet_bus && !bus.quiet_told) {
            bus.quiet_told = site_dirty_ = true;
            spdlog::error(
                "{}: nothing valid heard for 60 s: A and B may be swapped, or the wall connector's rotary "
                "switch is not on F, "
                "or this is the wrong port or there is no right to it (add the user to dialout)",
                bus.config.port);
        }
        if (bus.other_master_heard && now - *bus.other_master_heard > other_master_memory) {
            spdlog::info("{}: no other master heard any more", bus.config.port);
            bus.other_master_heard.reset();
            site_dirty_ = true;
        }
        if (bus.own_id_heard && now - *bus.own_id_heard > own_id_memory) {
            spdlog::info("{}: no wall connector with the bridge's own id any more", bus.config.port);
            bus.own_id_heard.reset();
            site_dirty_ = true;
        }
    }
    const bool all_heard = std::ranges::all_of(buses_, [&](const Bus& bus) { return bus.heard(now); });
    site_dirty_ = site_dirty_ || std::exchange(rs485_heard_, all_heard) != all_heard;
}

bool Bridge::Bus::heard(TimePoint now) const {
    const auto frame = master.valid_frame_heard();
    return open && frame && now - *frame <= rs485_silence;
}

void Bridge::complain(Complaints& complaints, const std::string& about, const std::string& sentence,
                      TimePoint now) {
    if (const auto line = complaints.report(about, sentence, now)) spdlog::warn("{}", *line);
}

void Bridge::finish(TimePoint now) {
    controller_.decide(now);
    while (const auto effect = controller_.poll_effect())
        std::visit([&](const auto& decided) { on(decided, now); }, *effect);
    watch_vehicles(now);
    const auto changes = controller_.take_changes();
    save_due_ = save_due_ || changes.settings;
    energy_save_due_ = energy_save_due_ || changes.energy;
    for (const auto* charger : changes.chargers) publish_charger(*charger, now);
    if (std::exchange(site_dirty_, false) || changes.site) publish_site(now);
}

}  // namespace bridge

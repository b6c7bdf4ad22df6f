#include "bridge/core/bridge.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace bridge {

using namespace std::chrono_literals;
using twc::Centiamps;
using twc::TimePoint;

namespace {

constexpr twc::Duration tick = 1s;
constexpr twc::Duration quiet_bus = 60s;             // a unit without a master says its linkready every 10 s
constexpr twc::Duration rs485_silence = 30s;         // contract, topic rs485
constexpr twc::Duration other_master_memory = 120s;  // a lone master announces itself seldom
constexpr twc::Duration save_pause =
    10s;  // energy: not with every 0.01 kWh, for the sake of the storage card

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
      inputs_{config, now},
      planner_{config},
      settings_{std::move(settings)},
      saved_{settings_},
      next_tick_{now} {
    for (const auto& bus : config_.buses) {
        twc::MasterSettings master;
        master.sign = static_cast<std::uint8_t>(options_.seed);
        master.observe = options_.observe;
        master.known = known_units(settings_, bus.name);
        buses_.push_back({bus,
                          "wiringMaxAmps of bus " + bus.name,
                          twc::Master{std::move(master)},
                          false,
                          "",
                          {},
                          false,
                          {},
                          {}});
    }
    for (auto& [key, charger] : settings_.chargers) {
        const auto bus = std::ranges::find(buses_, charger.bus,
                                           [](const Bus& candidate) { return candidate.config.name; });
        if (bus == buses_.end()) {
            spdlog::warn("{}: remembered from bus \"{}\", which is not configured any more: left alone", key,
                         charger.bus);
            continue;
        }
        const auto index = static_cast<std::size_t>(bus - buses_.begin());
        chargers_.push_back(std::make_unique<Charger>(config_, key, index, charger));
        if (!charger.replaced) chargers_.back()->expect(now);
    }
    log_start();
    publish(topics_.status(), "online");
    announce();
    for (const auto& charger : chargers_) {
        dirty_.insert(charger.get());
        announce(*charger);
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
    for (const auto& charger : chargers_) {
        if (charger->bus() == bus) charger->left_alone();
    }
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
    if (connected) projection_.resend_all();
    finish(now);
}

void Bridge::handle_message(const broker::Inbound& message, TimePoint now) {
    if (inputs_.is_input(message.topic)) {
        if (const auto refusal = inputs_.receive(message.topic, message.payload, message.retained, now)) {
            complain(message.topic, message.topic + ": " + *refusal + "; the last good value stays", now);
        } else {
            replan_due_ = site_dirty_ = true;
        }
    } else if (message.topic == config_.home_assistant.prefix + "/status") {
        // A stored copy is no birth; after a live one give Home Assistant a moment, and not all bridges the
        // same.
        if (message.payload == "online" && !message.retained)
            birth_at_ = now + 1s + options_.seed % 2000 * 1ms;
    } else {
        handle_command(message, now);
    }
    finish(now);
}

void Bridge::handle_saved(std::uint64_t revision, const std::optional<std::string>& error, TimePoint now) {
    if (!saving_ || saving_->revision != revision) return;
    if (error) {
        if (save_error_ != *error)
            spdlog::error("settings: {}; what was changed holds until the next restart", *error);
        save_error_ = *error;
        save_again_at_ = now + save_pause;
        save_due_ = true;
    } else {
        if (!save_error_.empty()) spdlog::info("settings: stored again");
        save_error_.clear();
        saved_ = std::move(saving_->settings);
        for (const auto& topic : saving_echoes_) projection_.resend(topic);
        for (const auto& charger : chargers_) publish_settings(*charger);
    }
    if (error) echoes_.merge(saving_echoes_);
    saving_echoes_.clear();
    saving_.reset();
    saved_at_ = now;
    site_dirty_ = true;
    finish(now);
}

void Bridge::handle_timeout(TimePoint now) {
    for (std::size_t bus = 0; bus < buses_.size(); ++bus) {
        buses_[bus].master.handle_timeout(now);
        drain_events(bus, now);
    }
    if (birth_at_ && now >= *birth_at_) {
        birth_at_.reset();
        spdlog::info("Home Assistant has started: announcing everything again");
        projection_.resend_all();
    }
    if (now >= next_tick_) {
        next_tick_ = now + tick;
        for (const auto& charger : chargers_) {
            const auto drawn = charger->drawn();
            const auto happenings = charger->pass(now);
            tell(*charger, happenings);
            if (charger->drawn() != drawn || !happenings.empty()) dirty_.insert(charger.get());
        }
        note_load(now);
        watch_buses(now);
        replan_due_ = true;
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

std::optional<Save> Bridge::poll_save(TimePoint now) {
    if (saving_ || (save_again_at_ && now < *save_again_at_)) return std::nullopt;
    const bool energy_may_wait = saved_at_ && now - *saved_at_ < save_pause;
    if (!save_due_ && (!energy_save_due_ || energy_may_wait)) return std::nullopt;
    save_due_ = energy_save_due_ = false;
    save_again_at_.reset();
    saving_ = Save{++revision_, settings_};
    saving_echoes_ = std::exchange(echoes_, {});
    return saving_;
}

std::optional<broker::Publication> Bridge::poll_publication() { return projection_.poll(); }

TimePoint Bridge::next_deadline() const {
    auto deadline = next_tick_;
    if (birth_at_) deadline = std::min(deadline, *birth_at_);
    for (const auto& bus : buses_) deadline = std::min(deadline, bus.master.next_deadline());
    return deadline;
}

std::vector<std::string> Bridge::subscriptions() const {
    auto subscriptions = inputs_.topics();
    subscriptions.push_back(topics_.site_commands());
    subscriptions.push_back(topics_.charger_commands());
    if (config_.home_assistant.discovery != config::Discovery::off) {
        subscriptions.push_back(config_.home_assistant.prefix + "/status");
    }
    return subscriptions;
}

std::vector<const Charger*> Bridge::chargers() const {
    std::vector<const Charger*> chargers;
    chargers.reserve(chargers_.size());
    for (const auto& charger : chargers_) chargers.push_back(charger.get());
    return chargers;
}

void Bridge::drain_events(std::size_t bus, TimePoint now) {
    while (const auto event = buses_[bus].master.poll_event()) {
        std::visit([&](const auto& happened) { on(bus, happened, now); }, *event);
    }
}

void Bridge::on(std::size_t bus, const twc::UnitFound& found, TimePoint now) {
    const auto& unit = *buses_[bus].master.unit(found.id);
    auto& charger = ensure_charger(bus, unit);
    charger.found(unit);
    remember_unit(charger);
    spdlog::info("{}: wall connector found, protocol {}, rated {}", charger.key(),
                 static_cast<int>(unit.known.protocol),
                 unit.known.max_current ? twc::to_sentence(*unit.known.max_current) : "nobody knows what");
    buses_[bus].master.set_wish(found.id, charger.wish(), twc::Urgency::in_turn);
    charger.set_electrics(electrics_of(unit, charger.options().phases, config_));
    announce(charger);
    publish_unit_facts(charger);
    publish_settings(charger);
    replan_due_ = site_dirty_ = true;
    dirty_.insert(&charger);
    note_load(now);
}

void Bridge::on(std::size_t bus, const twc::UnitLost& lost, TimePoint now) {
    auto* charger = find(bus, lost.id);
    if (charger == nullptr) return;
    spdlog::warn(
        "{}: no answer for 26 s; its car stops by itself, waiting for the wall connector to report again",
        charger->key());
    charger->lost(now);
    replan_due_ = site_dirty_ = true;
    dirty_.insert(charger);
}

void Bridge::on(std::size_t bus, const twc::UnitChanged& changed, TimePoint now) {
    auto* charger = find(bus, changed.id);
    if (charger == nullptr) return;
    const auto& unit = *buses_[bus].master.unit(changed.id);
    if (charger->settings.known != unit.known) {
        charger->settings.known = unit.known;
        remember_unit(*charger);
    }
    charger->set_electrics(electrics_of(unit, charger->options().phases, config_));
    announce(*charger);
    publish_unit_facts(*charger);
    publish_settings(*charger);
    replan_due_ = site_dirty_ = true;
    dirty_.insert(charger);
    note_load(now);
}

void Bridge::on(std::size_t bus, const twc::HeartbeatHeard& heard, TimePoint now) {
    auto* charger = find(bus, heard.heartbeat.from);
    if (charger == nullptr) return;
    const auto facts = [&] {
        return std::tuple{charger->raw_state(), charger->limit_in_force(), charger->drawn(),
                          charger->held(),      charger->state(),          charger->settings.energy};
    };
    const auto before = facts();
    const auto happenings = charger->hear(heard.heartbeat, heard.answers == charger->wish(), now);
    tell(*charger, happenings);
    if (const auto limit = charger->take_adoption(); limit && !options_.observe) {
        act(*charger, charger->stopping.permit(charger->stop_facts(headroom_for(*charger)), now));
        offer(*charger, *limit, now);
    }
    if (before == facts()) return;
    if (charger->settings.energy != std::get<5>(before)) energy_save_due_ = true;
    note_load(now);
    replan_due_ = site_dirty_ = true;
    dirty_.insert(charger);
}

void Bridge::on(std::size_t bus, const twc::ContactorAnswered& answered, TimePoint) {
    auto* charger = find(bus, answered.id);
    if (charger == nullptr) return;
    charger->stopping.contactor_answered(answered.close);
    replan_due_ = true;
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

void Bridge::on(std::size_t bus, const twc::FourthUnitIgnored& ignored, TimePoint now) {
    complain("fourth unit " + ignored.id.text(),
             buses_[bus].config.port + ": wall connector " + ignored.id.text() +
                 " is ignored: a bus carries three at most; put it on a bus of its own",
             now);
}

void Bridge::on(std::size_t bus, const twc::FrameRejected& rejected, TimePoint now) {
    complain(buses_[bus].config.port + twc::to_text(rejected.error),
             buses_[bus].config.port + ": frame dropped, wrong " + twc::to_text(rejected.error), now);
}

void Bridge::tell(Charger& charger, const std::vector<Happening>& happenings) {
    for (const auto happening : happenings) {
        spdlog::info("{}: {}", charger.key(), [&] {
            std::string words{to_text(happening)};
            std::ranges::replace(words, '_', ' ');
            return words;
        }());
        auto event = R"({"event_type": ")" + std::string{to_text(happening)} + '"';
        if (happening == Happening::session_ended) {
            event += ", \"energy\": " + broker::hundredths(charger.settings.session_energy);
        }
        projection_.set({topics_.charger(charger.key(), "event"), event + "}", false});
        if (happening == Happening::vehicle_disconnected) publish_unit_facts(charger);
        if (happening == Happening::vehicle_connected) {
            buses_[charger.bus()].master.ask_vin(charger.id());
            remember_unit(charger);
        }
    }
}

Charger* Bridge::find(std::size_t bus, twc::TwcId id) {
    const auto found = std::ranges::find_if(
        chargers_, [&](const auto& charger) { return charger->bus() == bus && charger->id() == id; });
    return found == chargers_.end() ? nullptr : found->get();
}

Charger& Bridge::ensure_charger(std::size_t bus, const twc::Unit& unit) {
    if (auto* charger = find(bus, unit.known.id)) return *charger;
    const auto& name = buses_[bus].config.name;
    auto key = unit.known.id.text();
    if (const auto found = settings_.chargers.find(key); found != settings_.chargers.end()) {
        // Of a bus that is not configured any more it is the same charger, of another bus it is not.
        const bool orphan = std::ranges::none_of(
            buses_, [&](const Bus& candidate) { return candidate.config.name == found->second.bus; });
        if (!orphan) key = name + "_" + key;
    }
    auto& fresh = settings_.chargers[key];
    fresh.known = unit.known;
    fresh.bus = name;
    chargers_.push_back(std::make_unique<Charger>(config_, std::move(key), bus, fresh));
    announce();
    return *chargers_.back();
}

const twc::Unit& Bridge::unit_of(const Charger& charger) const {
    static const twc::Unit nothing_known;
    const auto* unit = buses_[charger.bus()].master.unit(charger.id());
    return unit != nullptr ? *unit : nothing_known;
}

void Bridge::remember_unit(Charger& charger) {
    charger.settings.replaced = false;
    retire_replaced_units(charger.bus());
    save_due_ = true;
}

// A bus carries three units; whoever is silent while a fourth answers has been taken away.
void Bridge::retire_replaced_units(std::size_t bus) {
    const auto takes_a_place = [&](const auto& charger) {
        return charger->bus() == bus && !charger->settings.replaced;
    };
    auto places = std::ranges::count_if(chargers_, takes_a_place);
    for (const auto& charger : chargers_) {
        if (places <= static_cast<std::ptrdiff_t>(twc::most_units)) return;
        if (!takes_a_place(charger) || charger->online()) continue;
        charger->settings.replaced = true;
        --places;
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
    }
    const bool all_heard = std::ranges::all_of(buses_, [&](const Bus& bus) { return bus.heard(now); });
    site_dirty_ = site_dirty_ || std::exchange(rs485_heard_, all_heard) != all_heard;
}

std::optional<Ceiling> Bridge::Bus::ceiling() const {
    if (!config.wiring_max) return std::nullopt;
    return Ceiling{*config.wiring_max, ceiling_name};
}

bool Bridge::Bus::heard(TimePoint now) const {
    const auto frame = master.valid_frame_heard();
    return open && frame && now - *frame <= rs485_silence;
}

void Bridge::complain(const std::string& about, const std::string& sentence, TimePoint now) {
    if (const auto line = complaints_.report(about, sentence, now)) spdlog::warn("{}", *line);
}

void Bridge::finish(TimePoint now) {
    if (replan_due_) {
        replan_due_ = false;
        replan(now);
    }
    for (const auto* charger : dirty_) publish_charger(*charger);
    dirty_.clear();
    if (site_dirty_) publish_site(now);
    site_dirty_ = false;
}

}  // namespace bridge

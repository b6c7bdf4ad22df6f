#include "tests/bridge/site.hpp"

#include <algorithm>

namespace bridge::tests {

config::Config quick_config() {
    config::Config config;
    config.buses.push_back({"/dev/simulated", "", std::nullopt});
    config.wiring_max_all = 32_A;
    config.wiring_max_each = 32_A;
    config.inputs.generation = config::Input{"twcbridge/input/generation", std::nullopt, 1};
    config.inputs.consumption = config::Input{"twcbridge/input/consumption", std::nullopt, 1};
    config.control.min_on = 0s;
    config.control.min_off = 0s;
    return config;
}

Site::Site(config::Config config, const std::vector<UnitSpec>& units, Settings settings,
           simulator::BusOptions options)
    : config_{std::move(config)}, bus_{options}, stored_{std::move(settings)} {
    for (const auto& spec : units) {
        simulator::WallConnectorOptions unit;
        unit.id = spec.id;
        unit.protocol = spec.protocol;
        unit.phases = spec.phases;
        bus_.add(unit, spec.car);
    }
    restart_bridge(0s);
}

Site::~Site() {
    EXPECT_EQ(bus_.statistics().master.violations(), 0u)
        << "the simulated wall connectors found fault with the master";
    if (strict_gaps) {
        EXPECT_LE(bus_.statistics().worst_heartbeat_gap, 1500ms);
    }
}

void Site::restart_bridge(Duration pause) {
    bridge_.reset();
    now_ += pause;
    bus_.advance(now_);
    (void)bus_.take_received(now_);
    bridge_ = std::make_unique<Bridge>(config_, stored_, BridgeOptions{}, now_);
    bridge_->handle_broker(true, "", now_);
    if (adapter_) bridge_->handle_bus_open(0, now_);
    drain();
}

void Site::unplug_adapter() {
    adapter_ = false;
    bridge_->handle_bus_closed(0, "the adapter is gone", now_);
    drain();
}

void Site::plug_adapter() {
    adapter_ = true;
    (void)bus_.take_received(now_);
    bridge_->handle_bus_open(0, now_);
    drain();
}

void Site::run_for(Duration duration) {
    const auto end = now_ + duration;
    while (next_event() < end && !testing::Test::HasFatalFailure()) step(std::max(next_event(), now_));
    step(end);
}

TimePoint Site::next_event() const {
    auto next = std::min(bridge_->next_deadline(), bus_.next_event());
    return solar_ ? std::min(next, next_sun_) : next;
}

void Site::step(TimePoint to) {
    now_ = to;
    bus_.advance(now_);
    const auto received = bus_.take_received(now_);
    if (!received.empty() && adapter_) bridge_->handle_bytes(0, received, now_);
    if (solar_ && now_ >= next_sun_) {
        next_sun_ = now_ + 5s;
        bridge_->handle_message({"twcbridge/input/consumption", std::to_string(solar_->second), false}, now_);
        bridge_->handle_message({"twcbridge/input/generation", std::to_string(solar_->first), false}, now_);
    }
    if (now_ >= bridge_->next_deadline()) bridge_->handle_timeout(now_);
    drain();
    assert_promises();
}

void Site::drain() {
    while (const auto wire = bridge_->poll_transmit(now_)) {
        if (adapter_) bus_.transmit(wire->bytes, now_);
    }
    while (const auto save = bridge_->poll_save(now_)) {
        if (!disk_error_) stored_ = save->settings;
        bridge_->handle_saved(save->revision, disk_error_, now_);
    }
    while (auto publication = bridge_->poll_publication()) {
        if (publication->retain)
            retained_[publication->topic] = publication->payload;
        else
            passing_.push_back(std::move(*publication));
    }
}

void Site::send(const std::string& topic, const std::string& payload, bool retained) {
    bridge_->handle_message({topic, payload, retained}, now_);
    drain();
    assert_promises();
}

void Site::sun(std::int64_t solar_watts, std::int64_t house_watts) {
    solar_ = {solar_watts, house_watts};
    next_sun_ = now_;
}

std::string Site::topic(const std::string& name) const {
    const auto found = retained_.find("twcbridge/" + name);
    return found == retained_.end() ? "" : found->second;
}

std::string Site::charger(const std::string& leaf, const std::string& key) const {
    return topic("charger/" + key + "/" + leaf);
}

std::vector<std::string> Site::passing(const std::string& name) const {
    std::vector<std::string> payloads;
    for (const auto& publication : passing_) {
        if (publication.topic == "twcbridge/" + name) payloads.push_back(publication.payload);
    }
    return payloads;
}

void Site::assert_promises() {
    // A command may be on its way while the ceiling falls: what counts is the highest of the last second.
    ceilings_.emplace_back(now_, bridge_->ceiling().amps);
    while (ceilings_.front().first < now_ - 1s) ceilings_.pop_front();
    const auto ceiling =
        std::ranges::max(ceilings_, {}, [](const auto& entry) { return entry.second; }).second;
    for (auto* unit : bus_.units()) {
        auto& before = in_force_[unit->id()];
        if (unit->limit_in_force() > before) {
            ASSERT_LE(bus_.limits_in_force(), ceiling) << "unit " << unit->id() << " was raised from "
                                                       << before << " to " << unit->limit_in_force() << " cA";
        }
        before = unit->limit_in_force();
    }
}

}  // namespace bridge::tests

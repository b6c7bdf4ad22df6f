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
    config.control.switch_wh = 0;
    config.control.min_on = 0s;
    config.control.min_off = 0s;
    return config;
}

Site::Site(config::Config config, const std::vector<UnitSpec>& units, Settings settings,
           simulator::BusOptions options)
    : config_{std::move(config)}, bus_{options}, stored_{std::move(settings)}, promises_{config_} {
    noise(options.noise);
    for (const auto& spec : units) {
        simulator::WallConnectorOptions unit;
        unit.id = spec.id;
        unit.protocol = spec.protocol;
        unit.phases = spec.phases;
        unit.rating = spec.rating;
        unit.queries = spec.queries;
        unit.keeps_limit = spec.keeps_limit;
        unit.vin_after = spec.vin_after;
        bus_.add(unit, spec.car);
    }
    restart_bridge(0s);
}

Site::~Site() {
    if (strict_gaps) {
        EXPECT_LE(bus_.statistics().worst_heartbeat_gap, 1500ms);
    }
}

void Site::restart_bridge(Duration pause) {
    bridge_.reset();
    answers_.clear();
    now_ += pause;
    bus_.advance(now_);
    (void)bus_.take_received(now_);
    const auto file = settings_from_json(to_json(stored_));
    ASSERT_TRUE(file.has_value()) << file.error();
    promises_.restarted(now_);
    bridge_ = std::make_unique<Bridge>(config_, *file, BridgeOptions{}, now_);
    tell_clock();
    bridge_->handle_broker(true, "connected to the broker", now_);
    if (adapter_) {
        promises_.line_was_dead(now_);
        bridge_->handle_bus_open(0, now_);
    }
    drain();
}

void Site::noise(simulator::Noise noise) {
    bus_.set_noise(noise);
    promises_.line_is_noisy(noise.drop + noise.flip + noise.insert > 0, now_);
}

void Site::freeze(Duration pause) {
    now_ += pause;
    if (adapter_) promises_.line_was_dead(now_);
    step(now_);
}

void Site::unplug_adapter() {
    adapter_ = false;
    promises_.line_is_dead();
    bridge_->handle_bus_closed(0, "/dev/simulated: the adapter is gone", now_);
    drain();
}

void Site::plug_adapter() {
    adapter_ = true;
    promises_.line_was_dead(now_);
    (void)bus_.take_received(now_);
    bridge_->handle_bus_open(0, now_);
    drain();
}

void Site::mute(TwcId id, bool mute) {
    bus_.unit(id).set_mute(mute);
    promises_.unit_is_silent(id, mute);
}

void Site::broker(bool connected) {
    bridge_->handle_broker(connected, "", now_);
    drain();
}

void Site::run_for(Duration duration) {
    const auto end = now_ + duration;
    while (next_event() < end && !testing::Test::HasFatalFailure()) step(std::max(next_event(), now_));
    step(end);
}

TimePoint Site::next_event() const {
    auto next = std::min(bridge_->next_deadline(), bus_.next_event());
    if (!answers_.empty()) next = std::min(next, answers_.begin()->first);
    return solar_ ? std::min(next, next_sun_) : next;
}

void Site::step(TimePoint to) {
    ASSERT_LT(idle_steps_ = to > now_ ? 0 : idle_steps_ + 1, 100)
        << "the bridge asks for the same moment for ever";
    now_ = to;
    bus_.advance(now_);
    const auto received = bus_.take_received(now_);
    if (!received.empty() && adapter_) bridge_->handle_bytes(0, received, now_);
    if (solar_ && now_ >= next_sun_) send_inputs();
    while (!answers_.empty() && answers_.begin()->first <= now_) {
        const auto [call, reply] = answers_.begin()->second;
        answers_.erase(answers_.begin());
        bridge_->handle_vehicle_answer(call, reply, now_);
    }
    if (now_ >= bridge_->next_deadline()) {
        tell_clock();
        bridge_->handle_timeout(now_);
    }
    drain();
    assert_promises();
}

void Site::send_inputs() {
    next_sun_ = now_ + 5s;
    const auto put = [&](const std::optional<config::Input>& input, std::int64_t watts) {
        if (!input) return;
        promises_.heard(input->topic, now_);
        bridge_->handle_message({input->topic, std::to_string(watts), false}, now_);
    };
    std::int64_t cars = 0;
    for (const auto* unit : bus_.units()) {
        const auto phases = std::min(unit->options().phases, unit->car().options().phases);
        cars += unit->drawn().count() * unit->options().volts.count() * phases / 100;
    }
    put(config_.inputs.consumption, solar_->second);
    put(config_.inputs.generation, solar_->first);
    put(config_.inputs.grid, solar_->second - solar_->first + cars);
    put(config_.inputs.battery, 0);
}

void Site::tell_clock() {
    if (wall_)
        bridge_->handle_wall_clock(*wall_ +
                                   std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch()));
}

void Site::drain() {
    while (const auto wire = bridge_->poll_transmit(now_)) {
        remember({reinterpret_cast<const char*>(wire->bytes.data()), wire->bytes.size()});
        if (adapter_) bus_.transmit(wire->bytes, now_);
    }
    while (const auto save = bridge_->poll_save(now_)) {
        if (!disk_error_) stored_ = save->settings;
        bridge_->handle_saved(save->revision, disk_error_, now_);
    }
    while (const auto call = bridge_->poll_vehicle_call(now_)) {
        calls_.push_back(std::string{to_text(call->command)} + ' ' + call->vin);
        answers_.emplace(now_ + 2s, std::pair{call->id, proxy_(*call)});
    }
    while (auto publication = bridge_->poll_publication()) publish(std::move(*publication));
}

void Site::publish(broker::Publication publication) {
    remember(publication.topic);
    remember(publication.payload);
    promises_.published(publication);
    ++publications_;
    if (publication.retain)
        retained_[publication.topic] = publication.payload;
    else
        passing_.push_back(std::move(publication));
}

/// FNV-1a.
void Site::remember(std::string_view bytes) {
    for (const char byte : bytes) {
        fingerprint_ ^= static_cast<unsigned char>(byte);
        fingerprint_ *= 1'099'511'628'211U;
    }
}

void Site::send(const std::string& topic, const std::string& payload, bool retained) {
    promises_.heard(topic, now_);
    bridge_->handle_message({topic, payload, retained}, now_);
    drain();
    assert_promises();
}

void Site::sun(std::int64_t solar_watts, std::int64_t house_watts) {
    solar_ = {solar_watts, house_watts};
    next_sun_ = now_;
}

std::string Site::topic(const std::string& name) const { return topic_at("twcbridge/" + name); }

std::string Site::topic_at(const std::string& whole) const {
    const auto found = retained_.find(whole);
    return found == retained_.end() ? "" : found->second;
}

std::string Site::charger(const std::string& leaf, const std::string& key) const {
    return topic("charger/" + key + "/" + leaf);
}

std::vector<std::string> Site::topics() const {
    std::vector<std::string> topics;
    for (const auto& [topic, payload] : retained_) topics.push_back(topic);
    return topics;
}

std::vector<std::string> Site::passing(const std::string& name) const {
    std::vector<std::string> payloads;
    for (const auto& publication : passing_) {
        if (publication.topic == "twcbridge/" + name) payloads.push_back(publication.payload);
    }
    return payloads;
}

void Site::assert_promises() {
    ++steps_;
    promises_.check(*bridge_, bus_, now_);
}

}  // namespace bridge::tests

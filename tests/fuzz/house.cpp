// Promise: of all that may arrive by MQTT only valid commands and values count. Of two equal bridges one is
// told everything, the other nothing but what a grammar of its own takes for valid: both put the same bytes
// on the wire, store the same, and offer the same, at every moment. No offer goes beyond the wiring. What is
// said to the house is UTF-8 of bounded length, however much nonsense came.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "bridge/core/bridge.hpp"
#include "bridge/simulator/bus.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

constexpr std::string_view spaces = " \t\r\n\v\f";
constexpr twc::Centiamps wiring = 20_A;
constexpr std::size_t longest_publication = 65'536;

config::Config config_for(std::uint8_t choice) {
    config::Config config;
    config.buses = {{"/dev/simulated", "", std::nullopt}};
    config.wiring_max_all = config.wiring_max_each = wiring;
    config.mode = (choice & 1U) != 0 ? config::Mode::solar : config::Mode::fast;
    if ((choice & 2U) != 0) config.main_fuse = 25_A;
    // Most of the time goes into announcements.
    if ((choice & 12U) != 12) config.home_assistant.discovery = config::Discovery::off;
    config.control.min_on = config.control.min_off = 0s;
    config.control.switch_wh = 0;
    config.inputs.generation = config::Input{"sun", "/a/b~1c/0", 1};
    config.inputs.consumption = config::Input{"twcbridge/input/consumption", std::nullopt, 1};
    return config;
}

// ---- What is valid, told without any code of the bridge; see the topics in docs/mqtt.md.

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}
bool is_one_of(std::string_view payload, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, trimmed(payload)) != words.end();
}
bool are_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
/// "-12.50", at most 12 digits before the point.
bool is_decimal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto point = text.find('.');
    return are_digits(text.substr(0, point)) && std::min(point, text.size()) <= 12 &&
           (point == std::string_view::npos || are_digits(text.substr(point + 1)));
}
/// Its value is a whole number of so much.
bool is_whole(std::string_view payload, long long low, long long high) {
    const auto text = trimmed(payload);
    if (!is_decimal(text)) return false;
    const auto point = text.find('.');
    if (point != std::string_view::npos && text.find_first_not_of('0', point + 1) != std::string_view::npos)
        return false;
    const auto value = std::stoll(std::string{text.substr(0, point)});
    return value >= low && value <= high;
}
bool is_limit(std::string_view payload) {
    const auto text = trimmed(payload);
    const bool negative = text.starts_with('-') && text.find_first_of("123456789") != std::string_view::npos;
    return is_decimal(text) && !negative;
}
/// Commands whose values have a grammar of their own, which is not told here: both bridges hear all of them.
bool may_be_command(std::string_view topic) {
    if (topic == "twcbridge/schedule/set" || topic == "twcbridge/schedule_active/set") return true;
    constexpr std::string_view charger = "twcbridge/charger/5893/";
    if (!topic.starts_with(charger)) return false;
    constexpr std::array leaves{"boost_minutes/set", "boost_energy/set", "target_energy/set",
                                "target_time/set", "guest_allowed/set"};
    return std::ranges::find(leaves, topic.substr(charger.size())) != leaves.end();
}
bool is_command(std::string_view topic, std::string_view payload) {
    if (topic == "twcbridge/mode/set") return is_one_of(payload, {"off", "solar", "solar_min", "fast"});
    if (topic == "twcbridge/total_limit/set") return is_limit(payload);
    if (topic == "twcbridge/grid_reserve/set") return is_whole(payload, -50'000, 50'000);
    constexpr std::string_view charger = "twcbridge/charger/5893/";
    if (!topic.starts_with(charger)) return false;
    const auto leaf = topic.substr(charger.size());
    if (leaf == "limit/set") return is_limit(payload);
    if (leaf == "charge/set") return is_one_of(payload, {"ON", "OFF"});
    if (leaf == "enabled/set") return is_one_of(payload, {"true", "false"});
    if (leaf == "mode/set") return is_one_of(payload, {"site", "off", "solar", "solar_min", "fast"});
    return leaf == "priority/set" && is_whole(payload, 1, 10);
}
/// Without a digit there is no number in it, whatever JSON makes of it.
bool may_be_value(std::string_view topic, std::string_view payload) {
    return (topic == "sun" || topic == "twcbridge/input/consumption") &&
           payload.find_first_of("0123456789") != std::string_view::npos;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        if ((byte >= 0x80 && byte < 0xC2) || byte > 0xF4 || at + length > text.size()) return false;
        for (std::size_t next = 1; next < length; ++next) {
            if ((static_cast<unsigned char>(text[at + next]) & 0xC0U) != 0x80U) return false;
        }
        at += length;
    }
    return true;
}

// ---- One bridge with one wall connector.

class World {
  public:
    explicit World(const config::Config& config) : bridge_{config, {}, {}, now_} {
        simulator::WallConnectorOptions unit;
        unit.id = twc::TwcId{0x5893};
        bus_.add(unit, {.plugged = true});
        bridge_.handle_broker(true, "", now_);
        bridge_.handle_bus_open(0, now_);
        drain();
    }

    void hear(const broker::Inbound& message) {
        bridge_.handle_message(message, now_);
        drain();
    }
    void run_for(twc::Duration time) {
        const auto end = now_ + time;
        for (auto next = next_event(); next < end; next = next_event()) step(next);
        step(end);
    }
    [[nodiscard]] twc::Centiamps offered() const {
        const auto chargers = bridge_.chargers();
        return chargers.empty() ? twc::Centiamps{} : chargers.front()->offered();
    }
    [[nodiscard]] const fuzz::Bytes& sent() const { return sent_; }
    /// Energy aside, which is saved with whatever else is saved.
    [[nodiscard]] const bridge::Settings& settings() const { return bridge_.settings(); }

  private:
    [[nodiscard]] twc::TimePoint next_event() const {
        return std::min(bridge_.next_deadline(), bus_.next_event());
    }
    void step(twc::TimePoint to) {
        now_ = std::max(to, now_);
        bus_.advance(now_);
        const auto received = bus_.take_received(now_);
        if (!received.empty()) bridge_.handle_bytes(0, received, now_);
        if (now_ >= bridge_.next_deadline()) bridge_.handle_timeout(now_);
        drain();
    }
    void drain() {
        while (const auto wire = bridge_.poll_transmit(now_)) {
            bus_.transmit(wire->bytes, now_);
            sent_.insert(sent_.end(), wire->bytes.begin(), wire->bytes.end());
        }
        while (const auto save = bridge_.poll_save(now_))
            bridge_.handle_saved(save->revision, std::nullopt, now_);
        while (const auto publication = bridge_.poll_publication()) {
            fuzz::require(publication->payload.size() < longest_publication && is_utf8(publication->payload),
                          "what is said to the house is short and UTF-8");
        }
        while (bridge_.poll_subscription()) continue;
        fuzz::require(offered() <= wiring, "nothing raises an offer above the wiring");
    }

    twc::TimePoint now_{};
    simulator::Bus bus_;
    bridge::Bridge bridge_;
    fuzz::Bytes sent_;
};

// ---- What comes.

constexpr std::array<std::string_view, 18> topics{"twcbridge/mode/set",
                                                  "twcbridge/total_limit/set",
                                                  "twcbridge/grid_reserve/set",
                                                  "twcbridge/charger/5893/limit/set",
                                                  "twcbridge/charger/5893/charge/set",
                                                  "twcbridge/charger/5893/enabled/set",
                                                  "twcbridge/charger/5893/mode/set",
                                                  "twcbridge/charger/5893/priority/set",
                                                  "twcbridge/charger/5894/limit/set",
                                                  "twcbridge/charger//set",
                                                  "twcbridge/charger/5893/set",
                                                  "twcbridge/input/consumption",
                                                  "sun",
                                                  "homeassistant/status",
                                                  "homeassistant/device/twcbridge_bridge/config",
                                                  "homeassistant/device/twcbridge_5893/config",
                                                  "twcbridge/total_limit",
                                                  "twcbridge/status"};
constexpr std::array<std::string_view, 20> words{"off",
                                                 "solar",
                                                 "solar_min",
                                                 "fast",
                                                 "site",
                                                 "ON",
                                                 "OFF",
                                                 "true",
                                                 "false",
                                                 "0",
                                                 "6",
                                                 "7.5",
                                                 "16",
                                                 "-0.00",
                                                 " 9.99\n",
                                                 "online",
                                                 "1e1",
                                                 "\"8\"",
                                                 "{\"a\":{\"b/c\":[4000]}}",
                                                 "{\"a\":{\"b/c\":[1]},\"a\":{\"b/c\":[2e3,\"\xC3\"]}}"};

std::string text_of(const fuzz::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::string payload_from(fuzz::Input& input) {
    const auto kind = input.byte() % 8;
    if (kind < 3) return std::string{words.at(input.byte() % words.size())};
    if (kind == 3) return "{\"a\":{\"b/c\":[" + text_of(input.bytes(input.byte() % 32U)) + "]}}";
    const auto part = text_of(input.bytes(input.byte() % 64U));
    if (kind > 4) return part;
    // Oversize, or deep.
    std::string whole;
    for (std::size_t times = input.word() % 9000U; times > 0 && whole.size() < 70'000; --times) whole += part;
    return whole;
}

broker::Inbound message_from(fuzz::Input& input) {
    const auto which = input.byte();
    std::string topic{topics.at(which % topics.size())};
    if (which >= 240) topic = text_of(input.bytes(input.byte() % 48U));
    if (which >= 220 && which < 240)
        topic = "twcbridge/charger/" + text_of(input.bytes(input.byte() % 16U)) + "/set";
    auto payload = payload_from(input);
    return {std::move(topic), std::move(payload), input.byte() % 4 == 0};
}

void require_equal(const World& all, const World& valid) {
    fuzz::require(all.sent() == valid.sent(), "nonsense changes no byte on the wire");
    fuzz::require(all.offered() == valid.offered(), "nonsense changes no offer");
    fuzz::require(all.settings() == valid.settings(), "nonsense changes no setting");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const auto config = config_for(input.byte());
    World all{config};
    World valid{config};
    const auto both = [&](auto act) {
        act(all);
        act(valid);
    };
    both([](World& world) { world.run_for(4s); });
    if (config.mode == config::Mode::fast && !config.main_fuse)
        fuzz::require(all.offered() > twc::Centiamps{}, "the car may charge before anything comes");
    while (!input.empty()) {
        const auto message = message_from(input);
        const bool floods = input.byte() % 16 == 0 && message.payload.size() < 200;
        const int count = floods ? 1 + input.byte() * 4 : 1;
        const bool counts = (!message.retained &&
                             (is_command(message.topic, message.payload) || may_be_command(message.topic))) ||
                            may_be_value(message.topic, message.payload);
        for (int times = 0; times < count; ++times) {
            all.hear(message);
            if (counts) valid.hear(message);
        }
        require_equal(all, valid);
        const auto pause = input.byte() * 20ms;
        both([&](World& world) { world.run_for(pause); });
        require_equal(all, valid);
    }
    both([](World& world) { world.run_for(2s); });
    require_equal(all, valid);
    return 0;
}

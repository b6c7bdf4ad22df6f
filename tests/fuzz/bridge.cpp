// Promise: whatever arrives on two buses and from the broker, and whenever, the bridge sends only whole
// frames of harmless kinds and only where a port is open; it grants no unit more than its wiring carries, and
// raises none beyond what the ceilings leave beside all that may be in force elsewhere; its offers fit under
// the ceilings unless all are at the minimum; nothing that is said to it raises a ceiling; and where a line
// is calm every unit hears a heartbeat at least every 1.5 s. It asks to be woken later than now. Nothing
// crashes.
#include "bridge/core/bridge.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "tests/fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Centiamps;
using twc::TimePoint;

constexpr Centiamps wiring_of_all = 30_A;
constexpr Centiamps wiring_of_each = 20_A;
constexpr Centiamps wiring_of_second_bus = 16_A;
constexpr twc::Duration heartbeat_bound = 1500ms;
constexpr twc::Duration calms_down_after = 7s;  // repeated heartbeats end after 5 s, an exchange is under way

constexpr std::array topics{"total_limit/set",
                            "mode/set",
                            "grid_reserve/set",
                            "charger/5890/limit/set",
                            "charger/5891/charge/set",
                            "charger/5890/mode/set",
                            "charger/5892/priority/set",
                            "charger/second_5890/limit/set",
                            "input/generation",
                            "input/consumption",
                            "input/grid",
                            "status"};
constexpr std::array words{"off", "solar", "solar_min", "fast", "site", "ON", "OFF",
                           "0",   "6",     "8.5",       "16",   "1e9",  "-3"};

config::Config config_for(std::uint8_t choice) {
    config::Config config;
    config.buses = {{"/dev/first", "first", std::nullopt}, {"/dev/second", "second", wiring_of_second_bus}};
    config.wiring_max_all = wiring_of_all;
    config.wiring_max_each = wiring_of_each;
    config.mode = static_cast<config::Mode>(choice % 4);
    if ((choice & 4U) != 0) config.main_fuse = 25_A;
    // Most of the time goes into announcements.
    if (choice < 192) config.home_assistant.discovery = config::Discovery::off;
    config.control.spike16 = (choice & 8U) != 0;
    config.control.min_on = config.control.min_off = 0s;
    config.control.switch_wh = 0;
    using config::StopMethod;
    config.stop.surplus =
        config.stop.command = {StopMethod::zero, StopMethod::vehicle, StopMethod::contactor};
    if ((choice & 16U) != 0) config.stop.command.push_back(StopMethod::silence);
    if ((choice & 32U) != 0)
        config.inputs.grid = config::Input{"twcbridge/input/grid", std::nullopt, 1};
    else
        config.inputs.generation = config::Input{"twcbridge/input/generation", std::nullopt, 1};
    config.inputs.consumption = config::Input{"twcbridge/input/consumption", std::nullopt, 1};
    return config;
}

class Run {
  public:
    explicit Run(const fuzz::Input& input)
        : input_{input}, config_{config_for(input_.byte())}, bridge_{config_, {}, {}, now_} {}

    void go() {
        bridge_.handle_broker(true, "", now_);
        drain();
        while (!input_.empty()) {
            act();
            drain();
        }
    }

  private:
    /// A wall connector that answers what it is asked, and does what it is told.
    struct Station {
        bool answers = false;
        std::uint8_t state = 0;
        int limit = 0;
        int drawn = 0;
    };
    struct Line {
        bool open = false;
        TimePoint disturbed;  // by what no station said
        std::map<std::uint16_t, Station> stations;
        std::map<std::uint16_t, TimePoint> heartbeats;
        std::map<std::uint16_t, int> granted;
        std::optional<std::pair<TimePoint, fuzz::Bytes>> answer;
    };

    void act() {
        const auto what = input_.byte();
        const std::size_t bus = what / 128U;
        auto& line = lines_.at(bus);
        switch (what % 12) {
            case 0:
                return disturb(bus, input_.bytes(input_.byte() % 64U));
            case 1:
                return disturb(bus, fuzz::framed(report(0xE2, 15)));
            case 2:
                return disturb(bus, fuzz::framed(report(0xE0, input_.byte() % 2 == 0 ? 13 : 15)));
            case 3:
                return disturb(bus, fuzz::framed(report(input_.byte(), 19)));
            case 4:
                return wait(input_.word() * 100us);
            case 5:
                return wait(input_.byte() * 200ms);
            case 6:
                line.open = !line.open;
                line.disturbed = now_;
                line.answer.reset();
                return line.open ? bridge_.handle_bus_open(bus, now_)
                                 : bridge_.handle_bus_closed(bus, "it is gone", now_);
            case 7:
                return meet(bus);
            case 8:
                return live(line);
            case 9:
                disk_works_ = !disk_works_;
                return;
            case 10:
                return bridge_.handle_broker(input_.byte() % 2 == 0, "it is gone", now_);
            default:
                return hear();
        }
    }

    void disturb(std::size_t bus, const fuzz::Bytes& bytes) {
        lines_.at(bus).disturbed = now_;
        if (lines_.at(bus).open) bridge_.handle_bytes(bus, bytes, now_);
    }
    /// A station that is there from now on.
    void meet(std::size_t bus) {
        const auto id = number();
        lines_.at(bus).stations[id].answers = true;
        fuzz::Bytes body{0xFD, 0xE2, static_cast<std::uint8_t>(id >> 8U), static_cast<std::uint8_t>(id), 0x11,
                         0x0C, 0x80};
        body.resize(15);
        disturb(bus, fuzz::framed(body));
    }
    /// What its driver or a power failure does to a station.
    void live(Line& line) {
        const auto found = line.stations.find(number());
        const auto what = input_.byte();
        if (found == line.stations.end()) return;
        auto& station = found->second;
        station.answers = what % 8 != 0;
        station.state = static_cast<std::uint8_t>(what % 16);
        if (station.state == 0) station.limit = 0;
        station.drawn = what % 3 == 0 ? 0 : input_.byte() * 10;
    }
    void hear() {
        const std::string topic = topics.at(input_.byte() % topics.size());
        const auto kind = input_.byte();
        std::string payload;
        if (kind % 4 == 0) {
            for (const auto byte : input_.bytes(kind / 4U)) payload.push_back(static_cast<char>(byte));
        } else if (kind % 4 == 1) {
            payload = words.at(input_.byte() % words.size());
        } else {
            payload = std::to_string(input_.word() - 20'000);
        }
        bridge_.handle_message({"twcbridge/" + topic, payload, (kind & 64U) != 0}, now_);
    }

    void wait(twc::Duration time) {
        for (const auto end = now_ + time;;) {
            auto next = bridge_.next_deadline();
            for (const auto& line : lines_) {
                if (line.answer) next = std::min(next, line.answer->first);
            }
            if (next > end) {
                now_ = end;
                break;
            }
            now_ = next;
            for (std::size_t bus = 0; bus < lines_.size(); ++bus) deliver(bus);
            bridge_.handle_timeout(now_);
            drain();
        }
        bridge_.handle_timeout(now_);
    }
    void deliver(std::size_t bus) {
        auto& line = lines_.at(bus);
        if (!line.answer || line.answer->first > now_) return;
        const auto bytes = std::exchange(line.answer, std::nullopt)->second;
        bridge_.handle_bytes(bus, bytes, now_);
    }

    void drain() {
        for (int times = 0; times == 0 || bridge_.next_deadline() <= now_; ++times) {
            fuzz::require(times < 10, "sleeps");
            if (bridge_.next_deadline() <= now_) bridge_.handle_timeout(now_);
            carry_out();
        }
        check_offers();
        for (std::size_t bus = 0; bus < lines_.size(); ++bus) check_rhythm(bus);
    }
    void carry_out() {
        while (const auto wire = bridge_.poll_transmit(now_)) sent(*wire);
        while (const auto save = bridge_.poll_save(now_))
            bridge_.handle_saved(save->revision,
                                 disk_works_ ? std::nullopt : std::optional<std::string>{"full"}, now_);
        while (bridge_.poll_publication()) continue;
        while (bridge_.poll_subscription()) continue;
    }

    void sent(const bridge::Wire& wire) {
        auto& line = lines_.at(wire.bus);
        fuzz::require(line.open, "silent while closed");
        const auto grant = fuzz::require_allowed(wire.bytes);
        const auto body = fuzz::unframed(wire.bytes);
        if (body[0] != 0xFB || body[1] == 0xE2) return;
        const auto to = static_cast<std::uint16_t>(body[4] << 8U | body[5]);
        if (grant) check_grant(wire.bus, *grant);
        if (body[1] == 0xE0) line.heartbeats[to] = now_;
        const auto found = line.stations.find(to);
        if (found == line.stations.end() || !found->second.answers || body[1] != 0xE0) return;
        auto& station = found->second;
        fuzz::Bytes answer{0xFD, 0xE0, body[4], body[5], body[2], body[3], station.state};
        for (const int number : {station.limit, station.drawn}) {
            answer.push_back(static_cast<std::uint8_t>(number >> 8));
            answer.push_back(static_cast<std::uint8_t>(number));
        }
        answer.resize(15);
        line.answer = {now_ + 215ms, fuzz::framed(answer)};
        if (grant && station.state != 0) station.limit = grant->centiamps;
    }

    const bridge::Charger* charger_of(std::size_t bus, std::uint16_t id) const {
        for (const auto* charger : bridge_.chargers()) {
            if (charger->bus() == bus && charger->id().value() == id) return charger;
        }
        return nullptr;
    }

    void check_grant(std::size_t bus, const fuzz::Grant& grant) {
        const Centiamps granted{grant.centiamps};
        fuzz::require(granted <= wiring_of_each, "no unit gets more than its wiring carries");
        const auto* charger = charger_of(bus, grant.to);
        fuzz::require(charger != nullptr, "only units that are known are granted anything");
        const bool raises =
            grant.centiamps > std::exchange(lines_.at(bus).granted[grant.to], grant.centiamps) &&
            granted > charger->limit_in_force();
        if (!raises || granted == charger->minimum()) return;
        Centiamps all = granted;
        Centiamps on_bus = granted;
        for (const auto* other : bridge_.chargers()) {
            if (other == charger) continue;
            all += other->held();
            if (other->bus() == bus) on_bus += other->held();
        }
        fuzz::require(all <= bridge_.ceiling().amps, "raised only into what others leave");
        fuzz::require(bus == 0 || on_bus <= wiring_of_second_bus, "… on its bus too");
    }

    void check_offers() const {
        fuzz::require(bridge_.ceiling().amps <= wiring_of_all, "nothing raises a ceiling");
        Centiamps all;
        Centiamps on_second;
        bool at_minimum = true;
        bool second_at_minimum = true;
        for (const auto* charger : bridge_.chargers()) {
            const auto offered = charger->offered();
            fuzz::require(offered == Centiamps{} || offered >= charger->minimum(),
                          "no offer below the minimum");
            all += offered;
            at_minimum = at_minimum && offered <= charger->minimum();
            if (charger->bus() == 0) continue;
            on_second += offered;
            second_at_minimum = second_at_minimum && offered <= charger->minimum();
        }
        fuzz::require(all <= bridge_.ceiling().amps || at_minimum, "offers fit under the ceiling");
        fuzz::require(on_second <= wiring_of_second_bus || second_at_minimum, "offers fit on their bus");
    }

    void check_rhythm(std::size_t bus) const {
        const auto& line = lines_.at(bus);
        if (!line.open || now_ - line.disturbed < calms_down_after) return;
        for (const auto* charger : bridge_.chargers()) {
            if (charger->bus() != bus || !charger->online()) continue;
            const auto heard = line.heartbeats.find(charger->id().value());
            fuzz::require(heard != line.heartbeats.end() && now_ - heard->second <= heartbeat_bound,
                          "heartbeats keep their rhythm");
        }
    }

    std::uint16_t number() { return static_cast<std::uint16_t>(0x5890 + input_.byte() % 5); }
    fuzz::Bytes report(std::uint8_t code, std::size_t length) {
        const auto from = number();
        fuzz::Bytes body{0xFD, code, static_cast<std::uint8_t>(from >> 8U), static_cast<std::uint8_t>(from)};
        for (const auto byte : input_.bytes(input_.byte() % 16U)) body.push_back(byte);
        body.resize(length);
        return body;
    }

    fuzz::Input input_;
    config::Config config_;
    TimePoint now_{100s};
    bridge::Bridge bridge_;
    std::array<Line, 2> lines_;
    bool disk_works_ = true;
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run{fuzz::Input{data, size}}.go();
    return 0;
}

// Promise: any text is either settings, which come back the same from the text they are stored as, or an
// error in one line. A bridge that starts with them, whoever wrote them, keeps to its configuration, in what
// it says, wants and puts on the wire.
#include "bridge/core/settings.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>

#include "bridge/core/bridge.hpp"
#include "bridge/simulator/bus.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

constexpr twc::Centiamps wiring_of_all = 20_A;
constexpr twc::Centiamps wiring_of_each = 16_A;

/// With a wall connector that is found charging at 13 A.
void start_with(const bridge::Settings& settings) {
    config::Config config;
    config.buses = {{"/dev/simulated", "", std::nullopt}};
    config.wiring_max_all = wiring_of_all;
    config.wiring_max_each = wiring_of_each;
    config.mode = config::Mode::fast;
    twc::TimePoint now{};
    simulator::Bus bus;
    simulator::WallConnectorOptions unit;
    unit.id = twc::TwcId{0x5893};
    auto& wall_connector = bus.add(unit, {.plugged = true});
    bridge::Bridge bridge{config, settings, {}, now};
    bridge.handle_broker(true, "", now);
    bridge.handle_bus_open(0, now);
    while (now < twc::TimePoint{15s}) {
        while (const auto wire = bridge.poll_transmit(now)) {
            if (const auto grant = fuzz::require_allowed(wire->bytes)) {
                fuzz::require(twc::Centiamps{grant->centiamps} <= wiring_of_each,
                              "no unit gets more than its wiring carries");
            }
            bus.transmit(wire->bytes, now);
        }
        while (const auto save = bridge.poll_save(now)) {
            fuzz::require(bridge::settings_from_json(to_json(save->settings)).has_value(),
                          "what is stored can be read again");
            bridge.handle_saved(save->revision, std::nullopt, now);
        }
        while (bridge.poll_publication()) continue;
        fuzz::require(bridge.ceiling().amps <= wiring_of_all, "nothing raises a ceiling");
        fuzz::require(wall_connector.limit_in_force() <= wiring_of_each, "… and nobody has more in force");
        now = std::max(now, std::min(bridge.next_deadline(), bus.next_event()));
        bus.advance(now);
        const auto received = bus.take_received(now);
        if (!received.empty()) bridge.handle_bytes(0, received, now);
        if (now >= bridge.next_deadline()) bridge.handle_timeout(now);
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto settings = bridge::settings_from_json({reinterpret_cast<const char*>(data), size});
    if (!settings) {
        fuzz::require(!settings.error().empty() && settings.error().find('\n') == std::string::npos,
                      "an error is one line");
        return 0;
    }
    const auto again = bridge::settings_from_json(to_json(*settings));
    fuzz::require(again && *again == *settings, "settings come back as they were stored");
    start_with(*settings);
    return 0;
}

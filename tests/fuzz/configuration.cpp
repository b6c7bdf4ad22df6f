// Promise: any text is either a configuration or a list of problems, each with its place and what was
// expected, told in UTF-8 without control characters. What is a configuration respects the limits of the
// protocol; a bridge that gets it starts, announces itself in well-formed documents, and offers nothing above
// it.
#include "config/load.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <string>

#include "bridge/core/bridge.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

void check(const config::Problems& problems) {
    fuzz::require(!problems.empty(), "what is refused has a reason");
    for (const auto& problem : problems) {
        const auto sentence = to_sentence(problem);
        fuzz::require(!problem.expected.empty(), "a problem says what was expected");
        fuzz::require(sentence.find('\n') == std::string::npos, "a problem is one line");
    }
}

void check(const config::Config& config) {
    fuzz::require(!config.buses.empty(), "there is a bus");
    fuzz::require(config.minimum >= 5_A && config.minimum <= config.wiring_max_each &&
                      config.wiring_max_each <= 80_A && config.minimum <= config.wiring_max_all,
                  "wiring and minimum make sense");
    for (const auto& [id, charger] : config.chargers) {
        fuzz::require(!charger.max_current || *charger.max_current >= config.minimum, "maxAmps makes sense");
        fuzz::require(charger.priority >= 1 && charger.priority <= 10, "priorities are in their range");
    }
    twc::TimePoint now{100s};
    bridge::Bridge bridge{config, {}, {}, now};
    bridge.handle_broker(true, "", now);
    for (std::size_t bus = 0; bus < config.buses.size(); ++bus) bridge.handle_bus_open(bus, now);
    for (int times = 0; times < 3; ++times) {
        while (bridge.poll_transmit(now)) continue;
        while (const auto save = bridge.poll_save(now))
            bridge.handle_saved(save->revision, std::nullopt, now);
        while (const auto publication = bridge.poll_publication()) {
            fuzz::require(!publication->topic.empty() && publication->topic.size() < 65'536 &&
                              publication->topic.find_first_of(std::string{"+#\0", 3}) == std::string::npos,
                          "topics are legal");
        }
        now = std::max(now, bridge.next_deadline());
        bridge.handle_timeout(now);
    }
    fuzz::require(bridge.ceiling().amps <= config.wiring_max_all, "the ceiling is that of the file");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = config::parse({reinterpret_cast<const char*>(data), size});
    if (config)
        check(*config);
    else
        check(config.error());
    return 0;
}

// What limits the offers before anybody commands anything: for `check`, and for the log at start.
#include "bridge/core/ceilings.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>

namespace bridge {
namespace {

using twc::Centiamps;

std::string number(Centiamps amps) { return twc::to_text(amps, true); }

std::string_view remark(const config::Config& config, std::string_view pointer) {
    return std::ranges::find(config.defaulted, pointer) == config.defaulted.end() ? "" : " (the default)";
}

/// The lowest of what holds for this charger alone.
std::string charger_ceiling(const config::Config& config, twc::TwcId id, Centiamps own) {
    if (own < config.wiring_max_each) {
        return fmt::format("charger {} is offered at most {} A, because its maxAmps is {}", id.text(),
                           number(own), number(own));
    }
    return fmt::format(
        "charger {} is offered at most {} A, because wiringMaxAmpsPerTWC is below its maxAmps of {}",
        id.text(), number(config.wiring_max_each), number(own));
}

}  // namespace

std::vector<std::string> describe_ceilings(const config::Config& config) {
    const auto all = number(config.wiring_max_all);
    const auto each = number(config.wiring_max_each);
    std::vector<std::string> sentences{
        fmt::format("all chargers together are offered at most {} A, because wiringMaxAmpsAllTWCs is {}{}",
                    all, all, remark(config, "/wiringMaxAmpsAllTWCs")),
        fmt::format("each charger is offered at most {} A, because wiringMaxAmpsPerTWC is {}{}", each, each,
                    remark(config, "/wiringMaxAmpsPerTWC"))};
    for (const auto& bus : config.buses) {
        if (!bus.wiring_max) continue;
        const auto most = number(*bus.wiring_max);
        sentences.push_back(
            fmt::format("the chargers on bus {} are offered at most {} A, because its wiringMaxAmps is {}",
                        bus.name.empty() ? bus.port : bus.name, most, most));
    }
    for (const auto& [id, charger] : config.chargers) {
        if (charger.max_current) sentences.push_back(charger_ceiling(config, id, *charger.max_current));
    }
    if (config.main_fuse) {
        sentences.push_back(
            fmt::format("the house is kept below {} A on each phase, because maxAmpsAllowedFromGrid is {}",
                        number(*config.main_fuse), number(*config.main_fuse)));
    }
    return sentences;
}

}  // namespace bridge

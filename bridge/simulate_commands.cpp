// What a person types at a running simulation.
#include "bridge/simulate_commands.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "bridge/simulate_report.hpp"
#include "twc/units.hpp"

namespace bridge {

namespace {

using simulator::WallConnector;

struct Verb {
    std::string_view word;
    void (*act)(WallConnector&);
};

constexpr std::array verbs{
    Verb{"plug", [](WallConnector& unit) { unit.car().plug(); }},
    Verb{"unplug", [](WallConnector& unit) { unit.car().unplug(); }},
    Verb{"full", [](WallConnector& unit) { unit.car().set_full(); }},
    Verb{"want", [](WallConnector& unit) { unit.car().set_wants(true); }},
    Verb{"stop", [](WallConnector& unit) { unit.car().stop_itself(); }},
    Verb{"start", [](WallConnector& unit) { unit.car().start_itself(); }},
    Verb{"mute", [](WallConnector& unit) { unit.set_mute(true); }},
    Verb{"unmute", [](WallConnector& unit) { unit.set_mute(false); }},
    Verb{"restart", [](WallConnector& unit) { unit.restart(); }},
};

WallConnector* find(const simulator::Bus& bus, const std::string& name) {
    const auto id = twc::TwcId::parse(name);
    for (auto* unit : bus.units()) {
        if (unit->id() == id) return unit;
    }
    return nullptr;
}

}  // namespace

std::string simulate_commands() {
    std::string words;
    for (const auto& verb : verbs) words += (words.empty() ? "" : "|") + std::string{verb.word};
    return "status, help, or " + words + " and an id";
}

void obey(const std::string& line, simulator::Bus& bus, std::ostream& answers) {
    std::istringstream words{line};
    std::string verb;
    std::string name;
    words >> verb >> name;
    if (verb.empty()) return;
    if (verb == "status") {
        for (const auto* unit : bus.units()) answers << describe(*unit) << '\n' << std::flush;
        return;
    }
    if (verb == "help") {
        answers << simulate_commands() << '\n' << std::flush;
        return;
    }
    const auto* const known = std::ranges::find(verbs, verb, &Verb::word);
    auto* const unit = find(bus, name);
    if (known == verbs.end() || unit == nullptr) {
        answers << "not understood: " << line << "; expected " << simulate_commands() << '\n' << std::flush;
        return;
    }
    known->act(*unit);
}

}  // namespace bridge

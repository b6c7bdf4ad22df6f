#include "tests/e2e/site.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bridge/core/settings.hpp"

namespace e2e {

Site::Site() {
    std::string pattern = (std::filesystem::temp_directory_path() / "e2e-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no folder"};
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "settings");
    config = {{"bus", {{"port", bus()}}},
              {"wiringMaxAmpsAllTWCs", 32},
              {"wiringMaxAmpsPerTWC", 32},
              {"mqtt", {{"url", broker.url()}, {"baseTopic", "twc"}}},
              {"mode", "fast"},
              {"settingsPath", (folder_ / "settings").string()}};
}

Site::~Site() {
    watcher.reset();
    bridge.reset();
    chargers.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void Site::TearDown() {
    if (chargers) end_chargers();
    if (bridge && HasFailure()) ADD_FAILURE() << "the bridge's log:\n" << bridge->err();
    if (bridge) end_bridge();
}

void Site::remember_charger() const {
    bridge::Settings settings;
    settings.chargers["5893"].known = {.id = twc::TwcId{0x5893}, .max_current = twc::Centiamps{3200}};
    std::ofstream{folder_ / "settings" / "settings.json"} << bridge::to_json(settings);
}

void Site::start_chargers(const std::vector<std::string>& units, std::vector<std::string> way) {
    std::vector<std::string> arguments{"simulate"};
    if (way.empty()) way = {"--link", bus()};
    arguments.insert(arguments.end(), way.begin(), way.end());
    for (const auto& one : units) arguments.insert(arguments.end(), {"--charger", one});
    chargers.emplace(arguments, folder_ / ("chargers" + std::to_string(++processes_)));
    if (!eventually([this] { return chargers->out().find('\n') != std::string::npos; }))
        throw std::runtime_error{"the chargers do not start: " + chargers->err()};
}

nlohmann::json Site::end_chargers() {
    chargers->send(SIGTERM);
    EXPECT_EQ(chargers->end_within(10s), 0);
    const auto said = chargers->out();
    const auto report = nlohmann::json::parse(said.substr(said.find("\n{") + 1), nullptr, false);
    chargers.reset();
    if (report.is_discarded()) {
        ADD_FAILURE() << "the chargers end without a report: " << said;
        return {};
    }
    for (const auto* violation : {"master_collisions", "bad_frames", "forbidden"}) {
        EXPECT_EQ(report.at(violation), 0) << report;
    }
    for (const auto& [id, unit] : report.at("chargers").items()) {
        EXPECT_EQ(unit.at("limits_above_rating"), 0) << id;
        EXPECT_EQ(unit.at("limits_below_floor"), 0) << id;
    }
    return report;
}

void Site::start_bridge(const std::vector<std::string>& options, const std::vector<std::string>& variables) {
    std::vector<std::string> arguments{"run", "--config", write_config()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    bridge.emplace(arguments, folder_ / ("bridge" + std::to_string(++processes_)), variables);
}

void Site::end_bridge() {
    bridge->send(SIGTERM);
    EXPECT_EQ(bridge->end_within(10s), 0) << bridge->err();
    bridge.reset();
}

void Site::start_broker() {
    broker.start();
    watcher.emplace(broker.port());
}

std::string Site::write_config(const nlohmann::json& other, const std::string& name) const {
    const auto file = folder_ / name;
    std::ofstream{file} << other.dump(2);
    return file.string();
}

std::string Site::unit(const std::string& id) const {
    const auto said = chargers->out();
    const auto begin = said.rfind("charger " + id + ": ");
    if (begin == std::string::npos) return {};
    return said.substr(begin, said.find('\n', begin) - begin);
}

bool Site::in_force(const std::string& amps, const std::string& id,
                    std::chrono::milliseconds patience) const {
    return eventually([&] { return unit(id).find("in force " + amps + " A") != std::string::npos; },
                      patience);
}

bool Site::logged(const std::string& text) const {
    return eventually([&] { return bridge->err().find(text) != std::string::npos; });
}

}  // namespace e2e

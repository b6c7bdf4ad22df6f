// What docs/other-programs.md configures: each topic and payload, used by the rules of the program it is for.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>

#include "tests/docs/live.hpp"
#include "tests/docs/markdown.hpp"

namespace docs {
namespace {

/// The block behind the comment `<!-- marker -->`.
std::string block_behind(const std::string& marker) {
    const auto shown = document("docs/other-programs.md");
    const auto from = std::ranges::find(shown.prose, "<!-- " + marker + " -->", &Prose::text);
    if (from == shown.prose.end()) return {};
    const auto block =
        std::ranges::find_if(shown.blocks, [&](const Block& it) { return it.line > from->line; });
    return block == shown.blocks.end() ? std::string{} : block->text;
}

bool is_number(const std::string& text) {
    char* end = nullptr;
    std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0';
}

/// A source or sink of evcc: one of the keys of a charger or meter.
struct Plugin {
    std::string topic;
    std::string payload;  ///< of those that set something
};

std::map<std::string, Plugin> plugins_of(const std::string& yaml) {
    static const std::regex part{
        R"(    (\w+):\n      source: mqtt\n      topic: (\S+)\n(?:      payload: (\S+)\n)?)"};
    std::map<std::string, Plugin> plugins;
    for (auto found = std::sregex_iterator{yaml.begin(), yaml.end(), part}; found != std::sregex_iterator{};
         ++found)
        plugins[(*found)[1]] = {(*found)[2], (*found)[3]};
    return plugins;
}

/// evcc takes these words for yes, in any case, and everything else for no.
bool is_true_for_evcc(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return text == "1" || text == "true" || text == "on";
}

class OtherPrograms : public LiveSite {
  protected:
    bool becomes(const std::string& topic, const std::string& payload, std::chrono::seconds patience = 40s) {
        return comes_true([&] { return newest(topic) == payload; }, patience);
    }
    /// As evcc does: its value in place of `${key}` or `${key:%.1f}`.
    void set(const Plugin& plugin, const std::string& value) {
        ASSERT_TRUE(std::regex_match(plugin.payload, std::regex{R"(\$\{\w+(:%\.1f)?\})"})) << plugin.payload;
        watcher().publish(plugin.topic, value);
    }
    void expect_state_of_openhab(const std::string& type, std::map<std::string, std::string> settings);
    void expect_command_of_openhab(const std::string& type, std::map<std::string, std::string> settings);
};

TEST_F(OtherPrograms, EvccReadsAndControlsTheChargerAsShown) {
    // Protocol 1, because such a unit stops in a moment.
    start_bridge({{"bus", {{"port", start_charger("bus", "5893:32:1")}}}, {"mode", "fast"}});
    auto charger = plugins_of(block_behind("evcc: charger"));
    ASSERT_EQ(charger.size(), 7U);
    EXPECT_TRUE(becomes(charger["status"].topic, "C"));
    EXPECT_TRUE(is_true_for_evcc(*newest(charger["enabled"].topic)));
    for (const auto* value : {"power", "energy"})
        EXPECT_TRUE(comes_true([&] { return is_number(newest(charger[value].topic).value_or("")); }))
            << value;

    set(charger["enable"], "false");
    EXPECT_TRUE(
        comes_true([&] { return !is_true_for_evcc(newest(charger["enabled"].topic).value_or("1")); }));
    EXPECT_TRUE(becomes(charger["status"].topic, "B"));
    set(charger["enable"], "true");
    EXPECT_TRUE(becomes(charger["enabled"].topic, "true"));

    set(charger["maxcurrent"], "8");
    EXPECT_TRUE(becomes("twcbridge/charger/5893/limit_in_force", "8"));
    set(charger["maxcurrentmillis"], "9.5");
    EXPECT_TRUE(becomes("twcbridge/charger/5893/limit_in_force", "9.5"));
    EXPECT_TRUE(watcher().payloads("twcbridge/error").empty());
}

TEST_F(OtherPrograms, EvccReadsAllChargersAsAMeter) {
    start_with_inputs("{}");
    auto meter = plugins_of(block_behind("evcc: meter"));
    ASSERT_EQ(meter.size(), 2U);
    for (const auto& [key, plugin] : meter)
        EXPECT_TRUE(comes_true([&] { return is_number(newest(plugin.topic).value_or("")); })) << key;
}

std::map<std::string, std::string> settings_of_openhab(const std::string& text) {
    static const std::regex setting{R"re((\w+)=("([^"]*)"|[0-9.]+))re"};
    std::map<std::string, std::string> settings;
    for (auto found = std::sregex_iterator{text.begin(), text.end(), setting};
         found != std::sregex_iterator{}; ++found)
        settings[(*found)[1]] = (*found)[3].matched ? (*found)[3].str() : (*found)[2].str();
    return settings;
}

void OtherPrograms::expect_state_of_openhab(const std::string& type,
                                            std::map<std::string, std::string> settings) {
    const auto& topic = settings["stateTopic"];
    ASSERT_TRUE(comes_true([&] { return newest(topic).has_value(); })) << topic;
    const auto value = *newest(topic);
    const bool of_two = type == "switch" || type == "contact";
    const auto allowed = ',' + settings["allowedStates"] + ',';
    EXPECT_TRUE(type != "number" || is_number(value)) << topic << ' ' << value;
    EXPECT_TRUE(!of_two || value == settings["on"] || value == settings["off"]) << topic << ' ' << value;
    EXPECT_TRUE(allowed == ",," || allowed.find(',' + value + ',') != std::string::npos)
        << topic << ' ' << value;
}

void OtherPrograms::expect_command_of_openhab(const std::string& type,
                                              std::map<std::string, std::string> settings) {
    const auto& topic = settings["commandTopic"];
    std::vector<std::string> payloads{settings["off"], settings["on"]};
    if (type == "number") payloads = {"7.5", "10"};
    if (type == "string") payloads = split(settings["allowedStates"], ",");
    ASSERT_GE(payloads.size(), 2U) << topic;
    for (const auto& payload : payloads) {
        watcher().publish(topic, payload);
        const auto state = state_topic_of(topic);
        const auto shown = topic.ends_with("/set") ? payload : payload.substr(0, payload.find('.'));
        EXPECT_TRUE(becomes(state, shown)) << topic << ' ' << payload;
    }
}

TEST_F(OtherPrograms, OpenhabReadsAndCommandsEveryChannelShown) {
    start_with_inputs("{}");
    for (const auto* input : {"generation", "consumption"})
        watcher().publish(std::string{"twcbridge/input/"} + input, "300");
    const auto things = block_behind("openhab: things");
    static const std::regex thing{R"(Thing topic \w+ "[^"]+" \[ (.*) \] \{)"};
    static const std::regex channel{R"(Type (\w+) *: \w+ +"[^"]+" +\[ (.*) \])"};
    int things_tried = 0;
    int channels_tried = 0;
    int channels_shown = 0;
    std::istringstream lines{things};
    for (std::string line; std::getline(lines, line);) {
        std::smatch part;
        if (line.find("Type ") != std::string::npos) ++channels_shown;
        if (std::regex_search(line, part, thing)) {
            auto settings = settings_of_openhab(part[1]);
            EXPECT_TRUE(becomes(settings["availabilityTopic"], settings["payloadAvailable"])) << line;
            EXPECT_EQ(settings["payloadNotAvailable"], "offline") << line;
            ++things_tried;
        }
        if (!std::regex_search(line, part, channel)) continue;
        const auto settings = settings_of_openhab(part[2]);
        if (settings.contains("stateTopic")) expect_state_of_openhab(part[1], settings);
        if (settings.contains("commandTopic")) expect_command_of_openhab(part[1], settings);
        ++channels_tried;
    }
    EXPECT_EQ(things_tried, 2);
    EXPECT_EQ(channels_tried, channels_shown);
    EXPECT_TRUE(watcher().payloads("twcbridge/error").empty());
}

}  // namespace
}  // namespace docs

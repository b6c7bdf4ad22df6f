// What the documents say of MQTT, tried with a broker, simulated wall connectors and the bridge.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "tests/docs/live.hpp"
#include "tests/docs/markdown.hpp"

namespace docs {
namespace {

class Live : public LiveSite {
  protected:
    /// The line of a document, sent to our broker.
    [[nodiscard]] std::string here(const std::string& line) const {
        const auto blank = line.find(' ');
        auto rest = line.substr(blank);
        const std::string host = " -h localhost";
        if (const auto at = rest.find(host); at != std::string::npos) rest.erase(at, host.size());
        return line.substr(0, blank) + " -h 127.0.0.1 -p " + std::to_string(port()) + rest;
    }

    void expect_effect(const Command&);
    void expect_messages(const Command&);
};

/// The word behind an option, without quotes.
std::string option(const std::string& line, const std::string& name) {
    const auto all = words(line);
    const auto found = std::ranges::find(all, name);
    if (found == all.end() || std::next(found) == all.end()) return {};
    auto value = *std::next(found);
    const auto is_open = [&] { return std::ranges::count(value, '\'') % 2 != 0; };
    for (auto more = std::next(found, 2); is_open() && more != all.end(); ++more) value += ' ' + *more;
    std::erase(value, '\'');
    return value;
}

void Live::expect_effect(const Command& command) {
    const auto payload = option(command.text, "-m");
    const auto state = state_topic_of(option(command.text, "-t"));
    ASSERT_FALSE(state.empty()) << command.place << ": no effect is known of " << command.text;
    EXPECT_NE(newest(state), payload) << command.place << ": shows nothing, the state is so already";
    const auto outcome = shell(here(command.text));
    EXPECT_EQ(outcome.status, 0) << command.place << '\n' << outcome.output;
    EXPECT_TRUE(watcher().sees_last(state, payload)) << command.place << ": " << command.text;
}

void Live::expect_messages(const Command& command) {
    // For those who listen to what is not retained.
    std::atomic<bool> over = false;
    std::thread house{[&] {
        while (!over) {
            watcher().publish("twcbridge/input/generation", "3000");
            watcher().publish("twcbridge/mode/set", "sunny");
            std::this_thread::sleep_for(100ms);
        }
    }};
    const auto outcome = shell("timeout 10 " + here(command.text) + " -C 1");
    over = true;
    house.join();
    EXPECT_EQ(outcome.status, 0) << command.place << ": " << command.text << '\n' << outcome.output;
    EXPECT_FALSE(outcome.output.empty()) << command.place << ": " << command.text;
}

TEST_F(Live, EveryCommandShownHasItsEffect) {
    start_with_inputs(R"({ "generation": {}, "consumption": {} })");
    const auto shown = commands({"mosquitto_pub", "mosquitto_sub"});
    EXPECT_GE(shown.size(), 10U);
    for (const auto& command : shown) {
        if (command.text.starts_with("mosquitto_pub"))
            expect_effect(command);
        else
            expect_messages(command);
    }
}

TEST_F(Live, TheMonitorShowsTheTableOfTheDocument) {
    start_with_inputs("{}");
    const auto outcome = shell(std::string{TWCBRIDGE_PROGRAM} +
                               " monitor --once --url mqtt://127.0.0.1:" + std::to_string(port()));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    const auto text = read_project_file("docs/log.md");
    const auto from = text.find("\ncharger         state ");
    ASSERT_NE(from, std::string::npos);
    const auto head = text.substr(from, text.find('\n', from + 1) - from);
    EXPECT_NE(outcome.output.find(head), std::string::npos) << outcome.output;
}

struct TopicRow {
    std::string topic;  ///< of charger 5893
    bool takes_commands;
    bool retained;
};

std::vector<TopicRow> documented_topics() {
    std::vector<TopicRow> topics;
    for (const auto& row : table(document("docs/mqtt.md"), "topics")) {
        auto topic = "twcbridge/" + code_spans(row.at(0)).at(0);
        if (const auto id = topic.find("<id>"); id != std::string::npos) topic.replace(id, 4, "5893");
        topics.push_back({topic, row.at(1) == "set", row.at(2).find("not retained") == std::string::npos});
    }
    return topics;
}

bool is_ours(const std::string& topic) {
    return topic.starts_with("twcbridge/") && !topic.starts_with("twcbridge/input/") &&
           !topic.ends_with("/set");
}

/// Makes the bridge say everything it can say: a charge from plug to stop, and a mistake.
void live_through_a_charge(support::Watcher& watcher) {
    watcher.publish("twcbridge/input/generation", "3000");
    watcher.publish("twcbridge/input/grid", "-2500");
    watcher.publish("twcbridge/charger/5893/limit/set", "abc");
    watcher.publish("twcbridge/mode/set", "fast");
    EXPECT_TRUE(comes_true([&] { return watcher.sees_last("twcbridge/charger/5893/charging", "ON"); }, 60s));
    watcher.publish("twcbridge/mode/set", "off");
    EXPECT_TRUE(watcher.sees_last("twcbridge/charger/5893/vehicle_request", "stop"));
}

TEST_F(Live, TheTableListsExactlyTheTopicsOfARun) {
    start_with_inputs(R"({ "grid": {}, "generation": {}, "consumption": null })");
    live_through_a_charge(watcher());

    std::set<std::string> documented;
    std::set<std::string> documented_retained;
    for (const auto& row : documented_topics()) {
        EXPECT_TRUE(documented.insert(row.topic).second) << row.topic << " is listed twice";
        if (row.retained) documented_retained.insert(row.topic);
    }
    const auto said = [&] {
        std::set<std::string> topics;
        for (const auto& message : watcher().all()) {
            if (is_ours(message.topic)) topics.insert(message.topic);
        }
        return topics;
    };
    EXPECT_TRUE(comes_true([&] { return std::ranges::includes(said(), documented); }, 40s));
    EXPECT_EQ(said(), documented);

    // Who comes late sees what is retained, and then this.
    support::Watcher late{port(), "late"};
    late.publish("docs/end", "of what is retained");
    ASSERT_TRUE(late.sees_last("docs/end", "of what is retained"));
    std::set<std::string> retained{
        "twcbridge/problem_reason"};  // there is none: an empty payload is not kept
    for (const auto& message : late.all()) {
        if (message.retained && is_ours(message.topic)) retained.insert(message.topic);
    }
    EXPECT_EQ(retained, documented_retained);
}

TEST_F(Live, ExactlyTheTopicsMarkedTakeCommands) {
    start_with_inputs("{}");
    std::size_t refused = 0;
    for (const auto& row : documented_topics()) {
        watcher().publish(row.topic + "/set", "neither fish nor fowl");
        ++refused;
        ASSERT_TRUE(comes_true([&] { return watcher().payloads("twcbridge/error").size() == refused; }))
            << row.topic;
        const auto error = nlohmann::json::parse(watcher().payloads("twcbridge/error").back());
        EXPECT_EQ(error["topic"], row.topic + "/set");
        const auto reason = error["reason"].get<std::string>();
        EXPECT_EQ(reason.find("expected a topic of a setting") == std::string::npos, row.takes_commands)
            << reason;
    }
}

TEST_F(Live, TheSecondOfTwoEqualIdsIsNamedAfterItsBus) {
    start_bridge({{"buses",
                   {{{"port", start_charger("one")}, {"name", "garage"}},
                    {{"port", start_charger("two")}, {"name", "yard"}}}}});
    // Whichever answers first has the plain one.
    EXPECT_TRUE(comes_true([&] {
        return newest("twcbridge/charger/garage_5893/status") == "online" ||
               newest("twcbridge/charger/yard_5893/status") == "online";
    }));
    EXPECT_EQ(newest("twcbridge/charger/5893/status"), "online");
}

}  // namespace
}  // namespace docs

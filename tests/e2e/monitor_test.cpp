// `twcbridge monitor` as a person sees it: a bridge, a broker that comes and goes, a terminal that is given
// back.
#include <algorithm>
#include <csignal>
#include <sstream>

#include "tests/e2e/site.hpp"
#include "tests/e2e/terminal.hpp"

namespace {

using namespace e2e;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Monitor : public Site {
  protected:
    void start_all() {
        config["chargers"] = {{"5893", {{"name", "Garage"}}}};
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge();
        ASSERT_TRUE(watcher->sees_last("twc/charger/5893/status", "online"));
    }
    [[nodiscard]] Process once() const {
        return Process{{"monitor", "--once", "--config", write_config()}, folder() / "once"};
    }
    [[nodiscard]] std::vector<std::string> live() const { return {"monitor", "--config", write_config()}; }
    static bool shows(Terminal& terminal, const std::string& text) {
        return eventually([&] { return terminal.page().find(text) != std::string::npos; });
    }
    static void expect_given_back(Terminal& terminal) {
        EXPECT_FALSE(terminal.is_covered());
        EXPECT_TRUE(terminal.shows_cursor());
        EXPECT_TRUE(terminal.is_as_before());
    }
};

TEST_F(Monitor, ShowsTheBridgeAndFollowsItsChangesUntilQ) {
    start_all();
    Terminal terminal{live(), 80, 24};
    ASSERT_TRUE(shows(terminal, "5893 Garage")) << terminal.page();
    EXPECT_TRUE(shows(terminal, "bridge online   bus online   mode fast")) << terminal.page();
    EXPECT_TRUE(shows(terminal, "limited by ")) << terminal.page();
    EXPECT_TRUE(terminal.is_covered());
    EXPECT_FALSE(terminal.shows_cursor());

    watcher->publish("twc/total_limit/set", "12");
    EXPECT_TRUE(shows(terminal, "limit 12 A")) << terminal.page();
    EXPECT_TRUE(shows(terminal, " 12 A  ")) << terminal.page();
    watcher->publish("twc/mode/set", "off");
    EXPECT_TRUE(shows(terminal, "mode is off (")) << terminal.page();
    const auto first = terminal.page();
    EXPECT_TRUE(eventually([&] { return terminal.page() != first; })) << "ages do not grow: " << first;

    terminal.press("xq");
    EXPECT_EQ(terminal.end_within(5s), 0);
    expect_given_back(terminal);
}

TEST_F(Monitor, DrawsWholePagesAtOnceAndNothingTwice) {
    start_all();
    Terminal terminal{live(), 80, 24};
    ASSERT_TRUE(shows(terminal, "5893 Garage"));
    watcher->publish("twc/total_limit/set", "12");
    ASSERT_TRUE(shows(terminal, "limit 12 A"));
    const auto& written = terminal.written();
    const auto count = [&](const std::string& text) {
        int found = 0;
        for (auto at = written.find(text); at != std::string::npos; at = written.find(text, at + 1)) ++found;
        return found;
    };
    EXPECT_EQ(count("\x1B[2J"), 1) << "the page is cleared more than once: it flickers";
    EXPECT_EQ(count("twcbridge at mqtt"), 1) << "a line that has not changed is drawn again";
    EXPECT_GE(count("\x1B[?2026h"), 3);
    EXPECT_EQ(count("\x1B[?2026h"), count("\x1B[?2026l"));
}

TEST_F(Monitor, GivesTheTerminalBackWhateverEndsIt) {
    start_broker();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        Terminal terminal{live(), 80, 24};
        ASSERT_TRUE(shows(terminal, "no bridge has spoken here yet")) << terminal.page();
        EXPECT_FALSE(terminal.is_as_before());
        if (signal == SIGINT)
            terminal.press("\x03");  // Ctrl-C
        else
            terminal.send(signal);
        EXPECT_EQ(terminal.end_within(5s), 0) << signal;
        expect_given_back(terminal);
    }
}

std::size_t longest_line(const std::string& page) {
    std::size_t longest = 0;
    std::istringstream lines{page};
    for (std::string line; std::getline(lines, line);) {
        const auto letters = std::ranges::count_if(
            line, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; });
        longest = std::max(longest, static_cast<std::size_t>(letters));
    }
    return longest;
}

TEST_F(Monitor, FitsItselfToTheTerminal) {
    start_all();
    Terminal terminal{live(), 80, 24};
    ASSERT_TRUE(shows(terminal, "changed")) << terminal.page();
    EXPECT_GT(longest_line(terminal.page()), 70U);
    terminal.resize(50, 24);
    EXPECT_TRUE(eventually([&] {
        const auto page = terminal.page();
        return page.find("changed") == std::string::npos && page.find("offered") != std::string::npos;
    })) << terminal.page();
    EXPECT_LE(longest_line(terminal.page()), 50U) << terminal.page();
    terminal.resize(80, 6);
    EXPECT_TRUE(shows(terminal, " lines more")) << terminal.page();
    terminal.resize(80, 24);
    EXPECT_TRUE(shows(terminal, "q ends")) << terminal.page();
}

TEST_F(Monitor, OutlivesTheBroker) {
    start_all();
    Terminal terminal{live(), 80, 24};
    ASSERT_TRUE(shows(terminal, "5893 Garage")) << terminal.page();
    broker.kill();
    EXPECT_TRUE(shows(terminal, "lost the connection to the broker")) << terminal.page();
    EXPECT_THAT(terminal.page(), HasSubstr("5893 Garage"));
    start_broker();
    EXPECT_TRUE(eventually([&] { return terminal.page().find("lost the") == std::string::npos; }))
        << terminal.page();
    // The bridge may come back to the broker later than the monitor.
    EXPECT_TRUE(eventually([&] {
        watcher->publish("twc/mode/set", "off");
        return terminal.page().find("mode off") != std::string::npos;
    })) << terminal.page();
    terminal.press("q");
    EXPECT_EQ(terminal.end_within(5s), 0);
    expect_given_back(terminal);
}

TEST_F(Monitor, EndsAlsoWithoutABroker) {
    Terminal terminal{live(), 80, 24};
    ASSERT_TRUE(shows(terminal, "cannot reach the broker")) << terminal.page();
    terminal.press("q");
    EXPECT_EQ(terminal.end_within(5s), 0);
    expect_given_back(terminal);
}

TEST_F(Monitor, PrintsHowThingsStand) {
    start_all();
    ASSERT_TRUE(watcher->sees_last("twc/charger/5893/offered_current", "32"));
    auto snapshot = once();
    EXPECT_EQ(snapshot.end_within(10s), 0) << snapshot.err();
    EXPECT_EQ(snapshot.err(), "");
    EXPECT_THAT(snapshot.out(), StartsWith("twcbridge at " + broker.url() + ", topics below twc\n"));
    EXPECT_THAT(snapshot.out(), HasSubstr("bridge online   bus online   mode fast"));
    EXPECT_THAT(snapshot.out(), testing::ContainsRegex("5893 Garage +[a-z]+ +32 A"));
    EXPECT_THAT(snapshot.out(), Not(HasSubstr("\x1B")));
}

TEST_F(Monitor, SaysInASentenceWhyItHasNothingToPrint) {
    auto without_broker = once();
    EXPECT_EQ(without_broker.end_within(10s), 1);
    EXPECT_THAT(without_broker.err(), StartsWith("cannot reach the broker at " + broker.url()));
    EXPECT_EQ(without_broker.out(), "");

    start_broker();
    auto without_bridge = once();
    EXPECT_EQ(without_bridge.end_within(10s), 1);
    EXPECT_EQ(without_bridge.err(), "there is no bridge at " + broker.url() + " below the topic twc\n");

    watcher->publish("twc/status", "offline", true);
    watcher->flush();
    auto after_the_bridge = once();
    EXPECT_EQ(after_the_bridge.end_within(10s), 1);
    EXPECT_EQ(after_the_bridge.err(),
              "the bridge at " + broker.url() + " below the topic twc is not running\n");
}

TEST_F(Monitor, FindsABridgeElsewhereByItsUrl) {
    config["mqtt"]["baseTopic"] = "twcbridge";
    start_broker();
    start_chargers();
    start_bridge();
    ASSERT_TRUE(watcher->sees_last("twcbridge/status", "online"));
    Process snapshot{{"monitor", "--once", "--url", broker.url()}, folder() / "elsewhere"};
    EXPECT_EQ(snapshot.end_within(10s), 0) << snapshot.err();
    EXPECT_THAT(snapshot.out(), HasSubstr("bridge online"));
}

TEST_F(Monitor, NeedsATerminalUnlessOnce) {
    Process piped{live(), folder() / "piped"};
    EXPECT_EQ(piped.end_within(10s), 64);
    EXPECT_THAT(piped.err(), HasSubstr("monitor --once"));
}

}  // namespace

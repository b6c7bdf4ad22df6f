// The access list that docs/security.md shows: it suffices, and a broker that keeps it denies what is
// missing.
#include <fstream>

#include "tests/e2e/site.hpp"

namespace {

using namespace e2e;
using testing::HasSubstr;
using testing::Not;

/// The first block of text behind the marker.
std::string shown_access_list() {
    const auto text = content(std::filesystem::path{PROJECT_DIR} / "docs/security.md");
    const std::string fence = "```text\n";
    const auto begin = text.find(fence, text.find("<!-- acl -->")) + fence.size();
    return text.substr(begin, text.find("```", begin) - begin);
}

/// The bridge has a password and rights, the watcher may do everything.
class Access : public Site {
  protected:
    void start_with(const std::string& access_list) {
        const auto file = [this](const char* name) { return (broker.folder() / name).string(); };
        support::run({"mosquitto_passwd", "-b", "-c", file("passwords"), "twcbridge", "open sesame"});
        std::ofstream{file("access")} << "topic readwrite #\n\n" << access_list;
        std::ofstream{file("mosquitto.conf"), std::ios::app}
            << "password_file " << file("passwords") << "\nacl_file " << file("access") << "\nlog_dest file "
            << log_file() << "\nlog_type all\n";
        std::ofstream{folder() / "password"} << "open sesame\n";
        config["mqtt"] = {{"url", broker.url()},
                          {"username", "twcbridge"},
                          {"passwordFile", (folder() / "password").string()}};
        start_broker();
        remember_charger();
        start_chargers();
        start_bridge();
        EXPECT_TRUE(in_force("32.00"));
    }
    [[nodiscard]] std::string log_file() const { return (broker.folder() / "log").string(); }
};

TEST_F(Access, OfTheDocumentsSuffices) {
    start_with(shown_access_list());
    EXPECT_TRUE(watcher->sees_last("twcbridge/status", "online"));
    watcher->publish("twcbridge/input/generation", "3210");
    EXPECT_TRUE(watcher->sees_last("twcbridge/solar_power", "3210"));
    watcher->publish("twcbridge/total_limit/set", "20");
    EXPECT_TRUE(watcher->sees_last("twcbridge/total_limit", "20"));
    watcher->publish("twcbridge/charger/5893/limit/set", "12");
    EXPECT_TRUE(in_force("12.00"));
    watcher->publish("twcbridge/charger/5893/limit/set", "plenty");
    EXPECT_TRUE(eventually([this] { return !watcher->payloads("twcbridge/error").empty(); }));
    const auto announced = "homeassistant/device/twcbridge_5893/config";
    EXPECT_TRUE(eventually([&] { return !watcher->payloads(announced).empty(); }));
    watcher->publish("homeassistant/status", "online");
    EXPECT_TRUE(eventually([&] { return watcher->payloads(announced).size() > 1; }));
    EXPECT_THAT(content(log_file()), Not(HasSubstr("Denied")));
    EXPECT_THAT(bridge->err(), Not(HasSubstr("does not let us")));
    EXPECT_THAT(bridge->err(), Not(HasSubstr("sesame")));
    EXPECT_THAT(content("/proc/" + std::to_string(bridge->id()) + "/limits"),
                testing::ContainsRegex("Max core file size +0 +0 "));
}

TEST_F(Access, ThatIsMissingIsNamedByTheBroker) {
    auto list = shown_access_list();
    const std::string line = "topic write homeassistant/+/#\n";
    ASSERT_THAT(list, HasSubstr(line));
    list.erase(list.find(line), line.size());
    start_with(list);
    EXPECT_TRUE(
        eventually([this] { return content(log_file()).find("Denied PUBLISH") != std::string::npos; }));
}

TEST_F(Access, OfAMonitorElsewhereIsByNameAndPasswordFile) {
    start_with("user twcbridge\ntopic readwrite #\n");
    ASSERT_TRUE(watcher->sees_last("twcbridge/status", "online"));
    const auto snapshot = [this](const std::string& password) {
        const auto file = folder() / ("password of " + password);
        std::ofstream{file} << password << '\n';
        return Process{{"monitor", "--once", "--url", broker.url(), "--username", "twcbridge",
                        "--password-file", file.string()},
                       folder() / password};
    };
    auto known = snapshot("open sesame");
    EXPECT_EQ(known.end_within(10s), 0) << known.err();
    EXPECT_THAT(known.out(), HasSubstr("bridge online"));
    auto unknown = snapshot("open simsim");
    EXPECT_EQ(unknown.end_within(10s), 1);
    EXPECT_EQ(unknown.out(), "");
}

}  // namespace

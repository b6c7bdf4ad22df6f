// Lines of a schedule: what they mean, and what is said when they mean nothing.
#include "config/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace config {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;

Window window_of(const std::string& line) {
    const auto window = parse_window(line);
    if (!window) ADD_FAILURE() << to_sentence(window.error());
    return window ? *window : Window{};
}

std::string complaint_about(const std::string& line) {
    const auto window = parse_window(line);
    return window ? "" : to_sentence(window.error());
}

std::string days_of(const std::string& line) {
    std::string days;
    for (const bool day : window_of(line).days) days += day ? 'x' : '.';
    return days;
}

TEST(ScheduleLine, SaysDaysTimesModeLimitAndCharger) {
    const auto window = window_of("mon-fri 23:00-06:00 fast 16 A for My Garage");
    EXPECT_EQ(window.text, "mon-fri 23:00-06:00 fast 16 A for My Garage");
    EXPECT_EQ(window.from, 23h);
    EXPECT_EQ(window.to, 6h);
    EXPECT_EQ(window.mode, Mode::fast);
    EXPECT_EQ(window.limit, 16_A);
    EXPECT_EQ(window.charger, "My Garage");
}

TEST(ScheduleLine, NeedsOnlyTimesAndAModeOrALimit) {
    const auto mode = window_of("12:00-14:30 solar_min");
    EXPECT_EQ(mode.mode, Mode::solar_min);
    EXPECT_FALSE(mode.limit || mode.charger);
    EXPECT_EQ(mode.to, 14h + 30min);
    const auto limit = window_of("  SAT 7:05-24:00   7.5a ");
    EXPECT_EQ(limit.text, "SAT 7:05-24:00   7.5a");
    EXPECT_FALSE(limit.mode);
    EXPECT_EQ(limit.limit, 750_cA);
    EXPECT_EQ(limit.from, 7h + 5min);
    EXPECT_EQ(limit.to, 24h);
}

TEST(ScheduleLine, NamesDaysOneByOneAndInRows) {
    EXPECT_EQ(days_of("6:00-7:00 off"), "xxxxxxx");
    EXPECT_EQ(days_of("mon 6:00-7:00 off"), "x......");
    EXPECT_EQ(days_of("sat,sun 6:00-7:00 off"), ".....xx");
    EXPECT_EQ(days_of("Mon-Fri 6:00-7:00 off"), "xxxxx..");
    EXPECT_EQ(days_of("fri-mon,wed 6:00-7:00 off"), "x.x.xxx");
    EXPECT_EQ(days_of("tue-tue 6:00-7:00 off"), ".x.....");
}

TEST(ScheduleLine, ThatMeansNothingSaysWhatWasExpected) {
    const std::string days =
        R"(expected days as "mon-fri" or "sat,sun", or a time, at the beginning, found )";
    const std::string times = R"(expected two different times as "23:00-06:00", found )";
    const std::string limit = R"(expected a limit as "16 A", 0 to 80, found )";
    const std::string mode =
        R"(expected one of "off", "solar", "solar_min", "fast", or a limit as "16 A", behind the times, found )";
    const std::string end =
        R"(expected nothing more, or "for" and a charger's id or name, at the end, found )";
    for (const auto& [line, error] : std::vector<std::pair<std::string, std::string>>{
             {"weekend 6:00-7:00 off", days},
             {"mon- 6:00-7:00 off", days},
             {"mon, 6:00-7:00 off", days},
             {"mon,,tue 6:00-7:00 off", days},
             {"fast 6:00-7:00", days},
             {"", times},
             {"mon", times},
             {"mon 6-7 off", times},
             {"6:00-6:00 off", times},
             {"24:00-6:00 off", times},
             {"23:60-6:00 off", times},
             {"6:00-24:01 off", times},
             {"6:00-7:0 off", times},
             {"6:00 - 7:00 off", times},
             {"-1:00-7:00 off", days},
             {"6:00-7:00", mode},
             {"6:00-7:00 for 5893", mode},
             {"6:00-7:00 quick", mode},
             {"6:00-7:00 fast 16", limit},
             {"6:00-7:00 fast 80.01 A", limit},
             {"6:00-7:00 fast 1.2.3 A", limit},
             {"6:00-7:00 fast 16.123 A", limit},
             {"6:00-7:00 16. A", limit},
             {"6:00-7:00 fast -1 A", end},
             {"6:00-7:00 16 A fast", end},
             {"6:00-7:00 fast off", end},
             {"6:00-7:00 fast for", R"(expected a charger's id or name behind "for", found )"},
         }) {
        EXPECT_EQ(complaint_about(line), error + '"' + line + '"');
    }
}

TEST(ScheduleText, IsLinesJoinedBySemicolons) {
    const auto windows = parse_schedule(" mon 6:00-7:00 off;; sat 1:00-2:00 10 A ;");
    ASSERT_TRUE(windows);
    EXPECT_EQ(schedule_text(*windows), "mon 6:00-7:00 off; sat 1:00-2:00 10 A");
    EXPECT_TRUE(parse_schedule("")->empty());
    EXPECT_FALSE(parse_schedule("mon 6:00-7:00 off; nonsense"));
}

TEST(ScheduleText, IsNoLongerThanATextOfHomeAssistant) {
    std::string text;
    while (text.size() + 15 <= longest_schedule) text += "1:00-2:00 off; ";
    EXPECT_TRUE(parse_schedule(text + std::string(longest_schedule - text.size(), ' ')));
    EXPECT_FALSE(parse_schedule(text + std::string(longest_schedule - text.size() + 1, ' ')));
}

TEST(ScheduleText, ThatIsAcceptedCanBeReadAgain) {
    int accepted = 0;
    std::string text;
    for (int windows = 1; windows <= 20; ++windows) {
        text += "0:00-1:00 off;";
        const auto parsed = parse_schedule(text);
        if (!parsed) continue;
        ++accepted;
        EXPECT_TRUE(parse_schedule(schedule_text(*parsed))) << windows;
    }
    EXPECT_EQ(accepted, 17);
}

TEST(ScheduleText, NamesOnlyChargersThatThereMayBe) {
    Config config;
    config.chargers[TwcId{0x5893}].name = "Garage";
    config.buses = {{"/dev/ttyUSB0", "garage", std::nullopt}, {"/dev/ttyUSB1", "yard", std::nullopt}};
    for (const auto* whom : {"Garage", "5893", "A0B1", "yard_5893"}) {
        const std::vector<Window> windows{window_of("1:00-2:00 off"),
                                          window_of(std::string{"1:00-2:00 off for "} + whom)};
        EXPECT_EQ(window_of_nobody(windows, config), nullptr) << whom;
    }
    for (const auto* whom : {"garage", "Carport", "589", "yard_", "roof_5893", "\xFF_5893"}) {
        const std::vector<Window> windows{window_of("1:00-2:00 off"),
                                          window_of(std::string{"1:00-2:00 off for "} + whom)};
        EXPECT_EQ(window_of_nobody(windows, config), &windows[1]) << whom;
    }
}

}  // namespace
}  // namespace config

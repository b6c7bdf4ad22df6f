// When windows of a schedule are open, and what open windows say.
#include "bridge/core/schedule.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/schedule.hpp"
#include "tests/bridge/zones.hpp"

namespace bridge::tests {
namespace {

using namespace twc::literals;

std::vector<config::Window> lines(const std::string& text) { return config::parse_schedule(text).value(); }

/// Minutes of a day of the zone, and of the next, at which the window is open, as "UTC hh:mm-hh:mm".
std::string openings(const std::string& line, const Calendar& calendar, Moment from, Moment to) {
    const auto schedule = lines(line);
    const auto show = [&](Moment moment) {
        const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(moment - from).count();
        return std::to_string(minutes / 60) + ':' + (minutes % 60 < 10 ? "0" : "") +
               std::to_string(minutes % 60);
    };
    std::string text;
    bool before = false;
    for (auto now = from; now < to; now += 1min) {
        const bool open = !open_windows(schedule, calendar, now).empty();
        if (open && !before) text += (text.empty() ? "" : ", ") + show(now);
        if (!open && before) text += '-' + show(now);
        before = open;
    }
    return text;
}

TEST(Schedule, OpensOnItsDaysAndClosesAfterMidnight) {
    // The 2nd of July 2026 is a Thursday.
    EXPECT_EQ(openings("thu 23:00-06:00 fast", Calendar{}, utc(7, 1, 0h), utc(7, 6, 0h)), "47:00-54:00");
    EXPECT_EQ(openings("thu,sat 10:00-24:00 fast", Calendar{}, utc(7, 1, 0h), utc(7, 6, 0h)),
              "34:00-48:00, 82:00-96:00");
    EXPECT_EQ(openings("0:00-24:00 fast", Calendar{}, utc(7, 1, 0h), utc(7, 6, 0h)), "0:00");
    EXPECT_EQ(openings("sun 12:00-11:00 off", Calendar{}, utc(7, 5, 0h), utc(7, 7, 0h)), "12:00-35:00");
}

TEST(Schedule, OpensOnceInTheNightOfSpringUpToTheJump) {
    // From midnight in Berlin; 02:00 is 03:00.
    const auto night = utc(3, 28, 23h);
    EXPECT_EQ(openings("sun 01:30-02:30 fast", berlin(), night, night + 24h), "1:30-2:00");
    EXPECT_EQ(openings("sun 02:15-02:45 fast", berlin(), night, night + 24h), "");
    EXPECT_EQ(openings("sun 02:30-04:00 fast", berlin(), night, night + 24h), "2:00-3:00");
    EXPECT_EQ(openings("sat 23:00-06:00 fast", berlin(), night - 2h, night + 24h), "1:00-7:00");
    EXPECT_EQ(openings("sun 01:30-02:30 fast", new_york(), utc(3, 8, 5h), utc(3, 9, 5h)), "1:30-2:00");
    EXPECT_EQ(openings("sun 01:30-02:15 fast", lord_howe(), utc(10, 3, 13h + 30min), utc(10, 4, 13h)),
              "1:30-2:00");
}

TEST(Schedule, OpensOnceInTheNightOfAutumn) {
    // From midnight in Berlin; after 02:59 comes 02:00 again.
    const auto night = utc(10, 24, 22h);
    EXPECT_EQ(openings("sun 01:30-02:30 fast", berlin(), night, night + 24h), "1:30-2:30");
    EXPECT_EQ(openings("sun 02:15-02:45 fast", berlin(), night, night + 24h), "2:15-2:45");
    EXPECT_EQ(openings("sun 02:30-04:00 fast", berlin(), night, night + 24h), "2:30-5:00");
    EXPECT_EQ(openings("sat 23:00-06:00 fast", berlin(), night - 2h, night + 24h), "1:00-9:00");
    EXPECT_EQ(openings("sun 00:30-01:30 fast", new_york(), utc(11, 1, 4h), utc(11, 2, 4h)), "0:30-1:30");
    // Half an hour: after 01:59 comes 01:30 again.
    EXPECT_EQ(openings("sun 01:15-02:15 fast", lord_howe(), utc(4, 4, 13h), utc(4, 5, 13h)), "1:15-2:45");
}

TEST(Schedule, BeginsItsDayWhenClocksArePutBackAtMidnight) {
    // At 24:00 of Saturday it is 23:00 again: Sunday's window is not open then.
    const auto zone = zone_of(120min, {{utc(10, 24, 22h), 60min}});
    EXPECT_EQ(openings("sun 00:00-01:00 fast", zone, utc(10, 24, 20h), utc(10, 25, 20h)), "3:00-4:00");
}

TEST(Schedule, TakesTheModeOfTheFirstOpenWindowAndTheLowestLimit) {
    const auto open = lines("1:00-2:00 10 A; 1:00-3:00 fast 16 A; 1:00-24:00 off");
    const auto said = scheduled_for(open, "5893", "");
    EXPECT_EQ(said.mode, config::Mode::fast);
    EXPECT_EQ(said.until, 3h);
    EXPECT_EQ(said.limit, 10_A);
    EXPECT_EQ(scheduled_for(lines("1:00-24:00 off"), "5893", "").until, 0h);
    EXPECT_EQ(scheduled_for({}, "5893", ""), Scheduled{});
}

TEST(Schedule, ConcernsTheChargerThatItNamesByIdOrName) {
    const auto open = lines("1:00-2:00 off for Garage; 1:00-2:00 fast for A0B1; 1:00-2:00 solar");
    EXPECT_EQ(scheduled_for(open, "5893", "Garage").mode, config::Mode::off);
    EXPECT_EQ(scheduled_for(open, "a0b1", "Carport").mode, config::Mode::fast);
    EXPECT_EQ(scheduled_for(open, "0001", "garage").mode, config::Mode::solar);
    EXPECT_EQ(scheduled_for(open, "yard_a0b1", "").mode, config::Mode::solar);
}

}  // namespace
}  // namespace bridge::tests

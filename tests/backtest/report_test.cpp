// The table, the trace and the picture of a backtest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "bridge/backtest/optimum.hpp"
#include "bridge/backtest/plot.hpp"
#include "bridge/backtest/report.hpp"
#include "tests/backtest/support.hpp"

namespace backtest {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::day_of;
using tests::offers_of;
using tests::small_site;

TEST(Report, DescribesWhatWasAssumed) {
    auto site = small_site(3);
    site.main_fuse = twc::Centiamps{2000};
    EXPECT_EQ(
        describe(site),
        "1 kWp, 1 phase of 230 V, 3 cars, at most 32 A in all, main fuse 20 A; meter every 5 s, 2 s late");
}

Score some_score() {
    Score score;
    score.harvest = {.solar = 9, .import = 0.5, .starts = 2};
    score.optimum = {.solar = 10, .import = 0, .starts = 1};
    score.set_points = 10;
    score.running_seconds = 7200;
    return score;
}

TEST(Report, PutsNumbersBelowTheirHeads) {
    const auto table = to_table(small_site(), {{"monday", "twcbridge", some_score()}});
    EXPECT_THAT(
        table,
        StartsWith("day     rule       solar kWh  of best %   J %  import kWh  starts  set points/h  s "
                   "above charger  s above all\n"
                   "monday  twcbridge       9.00       90.0  84.4        0.50       2             5"));
    EXPECT_THAT(table, Not(HasSubstr("fuse")));
}

TEST(Report, ShowsTheMainFuseWhereThereIsOneAndNoPercentOfNothing) {
    auto site = small_site();
    site.main_fuse = twc::Centiamps{2000};
    const auto table = to_table(site, {{"night", "twcbridge", {}}});
    EXPECT_THAT(table, HasSubstr("s above fuse  longest s  house alone s"));
    EXPECT_THAT(table, HasSubstr("night  twcbridge       0.00          -    -"));
}

TEST(Report, SumsUpDays) {
    auto sum = some_score();
    sum += some_score();
    EXPECT_EQ(sum.harvest.starts, 4);
    EXPECT_NEAR(*sum.solar_percent(), 90, 1e-9);
    EXPECT_EQ(sum.running_seconds, 14'400);
}

TEST(Trace, HoldsOneLineASecondWithAsManyFieldsAsItsHead) {
    const auto site = small_site(2);
    std::string trace = trace_head(site);
    const auto commas = std::ranges::count(trace, ',');
    const auto day = day_of({{100, 3000, 200}});
    replay(
        site, day, [](const bridge::Second& second) { return offers_of(second, 700); },
        [&](const Moment& moment) {
            const auto line = trace_line("a \"day\"", moment);
            EXPECT_EQ(std::ranges::count(line, ','), commas);
            trace += line;
        });
    EXPECT_EQ(std::ranges::count(trace, '\n'), 101);
    EXPECT_THAT(trace,
                HasSubstr("\"a \"\"day\"\"\",99,3000,200,2836,36,7.00,7.00,6.17,\"\",7.00,7.00,6.17,\"\"\n"));
}

/// Enough of XML to know that every element is closed, in its order, and every attribute quoted.
bool is_well_formed(const std::string& xml) {
    std::vector<std::string> open;
    for (auto at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
        const auto end = xml.find('>', at);
        if (end == std::string::npos ||
            std::count(xml.begin() + static_cast<long>(at), xml.begin() + static_cast<long>(end), '"') % 2 !=
                0)
            return false;
        const auto tag = xml.substr(at + 1, end - at - 1);
        if (tag.ends_with('/')) continue;
        const auto name = tag.substr(tag.starts_with('/') ? 1 : 0, tag.find(' '));
        if (!tag.starts_with('/')) {
            open.push_back(name);
        } else if (open.empty() || open.back() != name) {
            return false;
        } else {
            open.pop_back();
        }
    }
    return open.empty();
}

TEST(Plot, IsWellFormedAndSaysWhatItShows) {
    const auto site = small_site();
    Curves curves{site, 6 * 3600};
    auto day = day_of({{8 * 3600, 4000, 300}});
    day.begin = 6 * 3600;
    replay(site, day, fixed_timers(site), [&](const Moment& moment) { curves.add(moment); });
    const auto svg = to_svg({{"Tom & \"Jerry\" <spring>", curves}, {"again", curves}});
    EXPECT_TRUE(is_well_formed(svg));
    for (const auto* text :
         {"Tom &amp; \"Jerry\" &lt;spring&gt;", "power, kW", "time of day", ">06:00<", ">14:00<", ">solar<",
          ">house without cars<", ">offered to the cars<", ">drawn by the cars<"})
        EXPECT_THAT(svg, HasSubstr(text));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_LT(svg.size(), 50'000U);
}

TEST(Plot, BearsADayOfLessThanItsFirstPoint) {
    EXPECT_TRUE(is_well_formed(to_svg({{"short", Curves{small_site(), 0}}})));
}

TEST(Plot, DrawsMeansOfTwoMinutes) {
    const auto site = small_site();
    Curves curves{site, 0};
    replay(
        site, day_of({{60, 1000, 500}, {60, 3000, 500}, {119, 1, 1}}),
        [](const bridge::Second& second) { return offers_of(second, 1000); },
        [&](const Moment& moment) { curves.add(moment); });
    ASSERT_EQ(curves.points().size(), 1U);
    EXPECT_NEAR(curves.points()[0].solar, 2, 1e-9);
    EXPECT_NEAR(curves.points()[0].house, 0.5, 1e-9);
    EXPECT_NEAR(curves.points()[0].offered, 2.3, 1e-9);
}

}  // namespace
}  // namespace backtest

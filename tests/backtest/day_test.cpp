// Reading measured days: what is taken, and what is refused with its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bridge/backtest/day.hpp"

namespace backtest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(DayReader, HoldsEveryValueUntilTheNext) {
    const auto day = parse_day("two", "# a remark\nt,pv_w,load_w\n10,1.5,200\n12,-0.5,300\n");
    ASSERT_TRUE(day) << day.error();
    EXPECT_EQ(day->name, "two");
    EXPECT_EQ(day->begin, 10);
    EXPECT_THAT(day->solar_per_kwp, ElementsAre(1.5, 1.5, -0.5, -0.5));
    EXPECT_THAT(day->house, ElementsAre(200, 200, 300, 300));
}

TEST(DayReader, TakesTheLineEndsOfSpreadsheetsAndNoneAtTheEnd) {
    const auto day = parse_day("crlf", "t,pv_w,load_w\r\n0,1,2\r\n\r\n1,3,4");
    ASSERT_TRUE(day) << day.error();
    EXPECT_THAT(day->house, ElementsAre(2, 4));
}

struct Wrong {
    std::string text;
    std::string sentence;
};

TEST(DayReader, SaysWhichLineIsWrongAndWhatItExpected) {
    const std::string head = "t,pv_w,load_w\n";
    const Wrong all[] = {
        {"", "line 0: expected at least two rows"},
        {"# only remarks\n", "line 1: expected at least two rows"},
        {head + "0,1,2\n", "line 2: expected at least two rows"},
        {"time,solar,house\n0,1,2\n",
         R"(line 1: expected the columns t,pv_w,load_w, found "time,solar,house")"},
        {"0,1,2\n1,1,2\n", R"(line 1: expected the columns t,pv_w,load_w, found "0,1,2")"},
        {head + "0,1\n", R"(line 2: expected three values, t,pv_w,load_w, found "0,1")"},
        {head + "0,1,2,3\n", R"(line 2: expected three values, t,pv_w,load_w, found "0,1,2,3")"},
        {head + "0,,2\n", R"(line 2: expected a number of W from -100000 to 100000, found "")"},
        {head + "0,1,many\n", R"(line 2: expected a number of W from -100000 to 100000, found "many")"},
        {head + "0,nan,2\n", R"(line 2: expected a number of W)"},
        {head + "0,1,inf\n", R"(line 2: expected a number of W)"},
        {head + "0,1e9,2\n", R"(line 2: expected a number of W)"},
        {head + "0,1, 2\n", R"(line 2: expected a number of W)"},
        {head + "0.5,1,2\n", R"(line 2: expected a whole number of seconds after midnight)"},
        {head + "-1,1,2\n", R"(line 2: expected a whole number of seconds after midnight)"},
        {head + "90000,1,2\n", R"(line 2: expected a whole number of seconds after midnight)"},
        {head + "99999999999,1,2\n", R"(line 2: expected a whole number of seconds after midnight)"},
        {head + "5,1,2\n5,1,2\n", R"(line 3: expected a time after 5, found "5")"},
        {head + "5,1,2\n\n# back\n4,1,2\n", R"(line 5: expected a time after 5, found "4")"},
        {head + "0,1,2\n900,1,2\n1801,1,2\n",
         R"(line 4: expected no gap longer than 900 s after 900, found "1801")"},
    };
    for (const auto& wrong : all) {
        const auto day = parse_day("wrong", wrong.text);
        ASSERT_FALSE(day) << wrong.text;
        EXPECT_THAT(day.error(), StartsWith(wrong.sentence)) << wrong.text;
    }
}

}  // namespace
}  // namespace backtest

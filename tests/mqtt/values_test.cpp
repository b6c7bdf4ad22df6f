// Payload text ⇄ values.
#include "mqtt/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace {

using broker::hundredths;
using broker::in_quotes;
using broker::parse_amps;
using broker::parse_charger_mode;
using broker::parse_mode;
using broker::parse_reading;
using broker::parse_switch;
using broker::parse_truth;
using broker::parse_whole;
using config::Mode;
using testing::HasSubstr;
using twc::Centiamps;

config::Input plain(double factor = 1) {
    return {.topic = "t", .json_pointer = std::nullopt, .factor = factor};
}
config::Input at(const std::string& pointer, double factor = 1) {
    return {.topic = "t", .json_pointer = pointer, .factor = factor};
}

TEST(ParseAmps, ReadsPlainDecimalNumbers) {
    for (const auto& [text, amps] : std::initializer_list<std::pair<const char*, int>>{{"16", 1600},
                                                                                       {"16.0", 1600},
                                                                                       {"15.5", 1550},
                                                                                       {"0", 0},
                                                                                       {"-0", 0},
                                                                                       {"-0.00", 0},
                                                                                       {"007", 700},
                                                                                       {" \t16\r\n", 1600}}) {
        const auto parsed = parse_amps(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, Centiamps{amps}) << text;
    }
}

TEST(ParseAmps, RoundsDownToHundredths) {
    EXPECT_EQ(*parse_amps("15.999"), Centiamps{1599});
    EXPECT_EQ(*parse_amps("15.300000000000001"), Centiamps{1530});
    EXPECT_EQ(*parse_amps("5.9999999999999999999999999999999"), Centiamps{599});
    EXPECT_EQ(*parse_amps("0.009"), Centiamps{0});
}

TEST(ParseAmps, RefusesEverythingElse) {
    for (const std::string text : {"",
                                   " ",
                                   "abc",
                                   "nan",
                                   "NaN",
                                   "inf",
                                   "-inf",
                                   "Infinity",
                                   "-1",
                                   "-0.01",
                                   "1e2",
                                   "1E2",
                                   "0x10",
                                   "+16",
                                   "16.",
                                   ".5",
                                   "1,5",
                                   "1 6",
                                   "16A",
                                   "--0",
                                   "-",
                                   ".",
                                   "1.2.3",
                                   "1234567890123",
                                   "99999999999999999999999",
                                   "\xd9\xa1\xd9\xa6",
                                   "ON",
                                   "16 A",
                                   "{}"}) {
        EXPECT_FALSE(parse_amps(text)) << text;
    }
    EXPECT_FALSE(parse_amps(std::string(1'000'000, '9')));
    EXPECT_FALSE(parse_amps({"16\0", 3}));
}

TEST(ParseAmps, ReadsTheLargestWithoutOverflow) {
    EXPECT_EQ(*parse_amps("999999999999.99"), Centiamps{std::int64_t{99'999'999'999'999}});
}

TEST(ParseAmps, SaysWhatItExpectedAndFound) {
    EXPECT_EQ(parse_amps("-3").error(), "expected a number of amps, 0 or more, found \"-3\"");
}

TEST(ParseWhole, HoldsToItsRange) {
    EXPECT_EQ(*parse_whole("5.0", 1, 10), 5);
    EXPECT_EQ(*parse_whole("10", 1, 10), 10);
    EXPECT_EQ(*parse_whole("-50000", -50000, 50000), -50000);
    for (const auto* text : {"0", "11", "5.5", "-5", "1e1", "", "nan", "999999999999999999999"}) {
        EXPECT_FALSE(parse_whole(text, 1, 10)) << text;
    }
    EXPECT_EQ(parse_whole("11", 1, 10).error(), "expected a whole number from 1 to 10, found \"11\"");
}

TEST(ParseSwitch, KnowsTwoWords) {
    EXPECT_TRUE(*parse_switch("ON"));
    EXPECT_FALSE(*parse_switch(" OFF\n"));
    for (const auto* text : {"on", "off", "1", "0", "true", "", "ONN"})
        EXPECT_FALSE(parse_switch(text)) << text;
}

TEST(ParseTruth, KnowsTwoWords) {
    EXPECT_TRUE(*parse_truth("true"));
    EXPECT_FALSE(*parse_truth(" false\n"));
    for (const auto* text : {"ON", "OFF", "1", "0", "True", "", "yes"})
        EXPECT_FALSE(parse_truth(text)) << text;
}

TEST(ParseMode, ReadsWhatToTextWrites) {
    for (const auto mode : {Mode::off, Mode::solar, Mode::solar_min, Mode::fast}) {
        EXPECT_EQ(*parse_mode(broker::to_text(mode)), mode);
        EXPECT_EQ(*parse_charger_mode(broker::to_text(mode)), mode);
    }
    for (const auto* text : {"Solar", "OFF", "", "none", "site", "solar min"})
        EXPECT_FALSE(parse_mode(text)) << text;
    EXPECT_EQ(*parse_charger_mode("site\n"), std::nullopt);
    EXPECT_FALSE(parse_charger_mode("sites"));
}

TEST(Hundredths, WritesNoTrailingZeros) {
    EXPECT_EQ(hundredths(1250), "12.5");
    EXPECT_EQ(hundredths(1600), "16");
    EXPECT_EQ(hundredths(1605), "16.05");
    EXPECT_EQ(hundredths(0), "0");
    EXPECT_EQ(hundredths(-5), "-0.05");
    EXPECT_EQ(hundredths(-1210), "-12.1");
    EXPECT_EQ(hundredths(std::numeric_limits<std::int64_t>::min()), "-92233720368547758.08");
}

TEST(InQuotes, IsShortAndPrintable) {
    EXPECT_EQ(in_quotes("a\nb\x1b[31m"), "\"a?b?[31m\"");
    EXPECT_EQ(in_quotes(std::string(40, 'x')), '"' + std::string(40, 'x') + '"');
    EXPECT_EQ(in_quotes(std::string(41, 'x')), '"' + std::string(40, 'x') + "\"...");
}

TEST(ParseReading, TakesANumberInAnyUsualNotation) {
    EXPECT_EQ(*parse_reading("3120", plain()), 3'120'000);
    EXPECT_EQ(*parse_reading(" -410.5\n", plain()), -410'500);
    EXPECT_EQ(*parse_reading("+1.5e3", plain()), 1'500'000);
    EXPECT_EQ(*parse_reading("3.12", plain(1000)), 3'120'000);
    EXPECT_EQ(*parse_reading("3.12", plain(-1000)), -3'120'000);
    EXPECT_EQ(*parse_reading("0.0004", plain()), 0);
}

TEST(ParseReading, RefusesWhatIsNoFiniteNumberInRange) {
    for (const auto* text :
         {"", " ", "nan", "-nan", "inf", "-Infinity", "1e999", "0x10", "12W", "1 2", "+-1", "++1",
          "unavailable", "unknown", "null", "100000.1", "-1e300", "\"5\"", "{\"a\": 5}"}) {
        EXPECT_FALSE(parse_reading(text, plain())) << text;
    }
    EXPECT_TRUE(parse_reading("100000", plain()));
    EXPECT_TRUE(parse_reading("-100000", plain()));
    EXPECT_FALSE(parse_reading("101", plain(1000)));
    EXPECT_FALSE(parse_reading("1e308", plain(1e308)));
    EXPECT_FALSE(parse_reading("0", plain(std::numeric_limits<double>::infinity())));
}

TEST(ParseReading, FollowsThePointer) {
    constexpr auto document =
        R"({"house": {"power": 0.41, "text": " -3.5 ", "none": null, "on": true}, "list": [1, 2]})";
    EXPECT_EQ(*parse_reading(document, at("/house/power", 1000)), 410'000);
    EXPECT_EQ(*parse_reading(document, at("/house/text")), -3'500);
    EXPECT_EQ(*parse_reading(document, at("/list/1")), 2'000);
    EXPECT_EQ(*parse_reading("412", at("")), 412'000);
    EXPECT_EQ(*parse_reading("\"412\"", at("")), 412'000);
    EXPECT_EQ(parse_reading(document, at("/house/on")).error(),
              "expected a number at /house/on, found \"boolean\"");
    for (const auto* pointer : {"/house", "/house/none", "/house/missing", "/list/2", "/list/-", "/list/x",
                                "/list/01", "/list/99999999999999999999999", "", "no pointer", "/~2"}) {
        EXPECT_FALSE(parse_reading(document, at(pointer))) << pointer;
    }
}

TEST(ParseReadings, OfOneMessageAnswerEachInputForItself) {
    const std::vector inputs{at("/grid", 1000), plain(), at("/solar"), at("/missing")};
    const auto readings = broker::parse_readings(R"({"grid": -0.5, "solar": 7})",
                                                 std::vector{&inputs[0], &inputs[1], &inputs[2], &inputs[3]});
    ASSERT_EQ(readings.size(), 4U);
    EXPECT_EQ(*readings[0], -500'000);
    EXPECT_THAT(readings[1].error(), HasSubstr("expected a number, found"));
    EXPECT_EQ(*readings[2], 7'000);
    EXPECT_THAT(readings[3].error(), HasSubstr("expected a number at /missing"));
}

TEST(ForLog, CutsTopicsAndShowsNothingThatIsNotPrintable) {
    EXPECT_EQ(broker::for_log("twcbridge/mode/set"), "twcbridge/mode/set");
    EXPECT_EQ(broker::for_log("twc\nbridge\x1b[2J/set"), "twc?bridge?[2J/set");
    EXPECT_EQ(broker::for_log(std::string(65'535, 'x')), std::string(120, 'x') + "...");
}

TEST(ParseReading, RefusesBrokenAndHostileJson) {
    for (const std::string text : {"", "{", "{\"a\": NaN}", "{\"a\": 1e999}", "{\"a\": \"nan\"}",
                                   "{\"a\": \"\"}", "{\"a\": 1} x", "\xff\xfe", "{\"a\": \"\xc3\x28\"}"}) {
        EXPECT_FALSE(parse_reading(text, at("/a"))) << text;
    }
    EXPECT_FALSE(parse_reading("{\"a\": 1, \"b\": \"" + std::string(65'536, 'x') + "\"}", at("/a")));
}

TEST(ParseReading, RefusesDeepNestingWithoutDescending) {
    EXPECT_FALSE(parse_reading(std::string(60'000, '['), at("/0")));
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + "7" + std::string(levels, ']');
    };
    std::string pointer;
    for (int level = 0; level < 32; ++level) pointer += "/0";
    EXPECT_EQ(*parse_reading(nested(32), at(pointer)), 7'000);
    EXPECT_THAT(parse_reading(nested(33), at(pointer + "/0")).error(), HasSubstr("32 levels"));
    EXPECT_FALSE(parse_reading(nested(30'000), at("/0")));
    EXPECT_FALSE(parse_reading("{\"a\": 1, \"b\": " + nested(1000) + "}", at("/a")));
}

}  // namespace

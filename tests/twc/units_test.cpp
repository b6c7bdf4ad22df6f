// Text of quantities and ids.
#include "twc/units.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace twc {
namespace {

TEST(Centiamps, AreWrittenWithTwoDecimals) {
    EXPECT_EQ(to_text(1590_cA), "15.90");
    EXPECT_EQ(to_text(5_cA), "0.05");
    EXPECT_EQ(to_text(0_A), "0.00");
    EXPECT_EQ(to_text(Centiamps{-5}), "-0.05");
    EXPECT_EQ(to_sentence(16_A), "16 A");
}

TEST(Centiamps, AreWrittenAsShortAsTheirValueAllows) {
    EXPECT_EQ(to_text(1590_cA, true), "15.9");
    EXPECT_EQ(to_text(1605_cA, true), "16.05");
    EXPECT_EQ(to_text(20_A, true), "20");
    EXPECT_EQ(to_text(0_A, true), "0");
}

TEST(TwcId, IsFourLowerCaseHexDigits) {
    EXPECT_EQ(TwcId{0x02bb}.text(), "02bb");
    std::ostringstream out;
    out << TwcId{0xF00D};
    EXPECT_EQ(out.str(), "f00d");
}

TEST(TwcId, IsReadFromExactlyFourHexDigitsOfEitherCase) {
    EXPECT_EQ(TwcId::parse("02bB"), TwcId{0x02BB});
    for (const char* wrong : {"", "2bb", "002bb", "02bg", "+2bb", " 2bb", "0x2b", "-2bb"}) {
        EXPECT_EQ(TwcId::parse(wrong), std::nullopt) << wrong;
    }
}

}  // namespace
}  // namespace twc

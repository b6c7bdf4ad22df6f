// Decimal digits → whole numbers, without a binary float in between.
#include "config/reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace config {
namespace {

TEST(Scaled, ReadsByDecimalDigits) {
    EXPECT_EQ(scaled("16.1", 2), 1610);
    EXPECT_EQ(scaled("-16.10", 2), -1610);
    EXPECT_EQ(scaled("0.29", 2), 29);
    EXPECT_EQ(scaled("0", 2), 0);
    EXPECT_EQ(scaled("-0.000", 2), 0);
    EXPECT_EQ(scaled("1610e-2", 2), 1610);
    EXPECT_EQ(scaled("1.61E+1", 2), 1610);
    EXPECT_EQ(scaled("100", 0), 100);
    EXPECT_EQ(scaled("999999999999999999", 0), 999999999999999999);
}

TEST(Scaled, EveryHundredthOfAnAmpIsExact) {
    for (std::int64_t count = 0; count <= 100'000; ++count) {
        const auto fraction = std::to_string(100 + count % 100).substr(1);
        ASSERT_EQ(scaled(std::to_string(count / 100) + '.' + fraction, 2), count);
    }
}

TEST(Scaled, RefusesWhatIsFinerOrTooLarge) {
    EXPECT_EQ(scaled("16.001", 2), std::nullopt);
    EXPECT_EQ(scaled("16.00000000000000000001", 2), std::nullopt);
    EXPECT_EQ(scaled("1e-3", 2), std::nullopt);
    EXPECT_EQ(scaled("1e18", 2), std::nullopt);
    EXPECT_EQ(scaled("18446744073709551616", 0), std::nullopt);
    EXPECT_EQ(scaled("1e99999999999999999999", 0), std::nullopt);
    EXPECT_EQ(scaled("1e-99999999999999999999", 0), std::nullopt);
}

}  // namespace
}  // namespace config

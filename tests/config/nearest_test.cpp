// The word that was meant by one that is not known.
#include "config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace config {
namespace {

constexpr std::array<std::string_view, 4> known{"check", "--config", "--clear", "monitor"};

TEST(Nearest, IsTheWordThatDiffersInFewLetters) {
    EXPECT_EQ(nearest("chek", known), "check");
    EXPECT_EQ(nearest("Check", known), "check");
    EXPECT_EQ(nearest("montor", known), "monitor");
}

TEST(Nearest, IsTheOnlyWordThatBeginsSo) {
    EXPECT_EQ(nearest("--conf", known), "--config");
    EXPECT_EQ(nearest("mon", known), "monitor");
    EXPECT_EQ(nearest("--c", known), std::nullopt) << "there are two";
    EXPECT_EQ(nearest("mo", known), std::nullopt) << "too short to mean anything";
}

TEST(Nearest, IsNothingWhereNoneIsNear) {
    EXPECT_EQ(nearest("dance", known), std::nullopt);
    EXPECT_EQ(nearest(std::string(65, 'm'), known), std::nullopt);
    EXPECT_EQ(nearest("check", {}), std::nullopt);
}

}  // namespace
}  // namespace config

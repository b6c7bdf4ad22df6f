// The password is the first line of its file, whoever wrote the file.
#include "bridge/password_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace bridge {
namespace {

std::string password_in(const std::string& content) {
    config::Mqtt mqtt;
    mqtt.password_file = testing::TempDir() + "twcbridge_password";
    std::ofstream{*mqtt.password_file, std::ios::binary} << content;
    return read_password(mqtt);
}

TEST(PasswordFile, IsReadWithoutTheLineEndOfEitherWorld) {
    EXPECT_EQ(password_in("se cret"), "se cret");
    EXPECT_EQ(password_in("se cret\n"), "se cret");
    EXPECT_EQ(password_in("se cret\r\n"), "se cret");
    EXPECT_EQ(password_in("first\nsecond\n"), "first");
    EXPECT_EQ(password_in(""), "");
}

TEST(PasswordFile, IsNotNeeded) { EXPECT_EQ(read_password({}), ""); }

}  // namespace
}  // namespace bridge

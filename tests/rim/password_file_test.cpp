// The password is the first line of its file, whoever wrote the file.
#include "bridge/password_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
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

TEST(PasswordFile, MayBeWithoutEnd) {
    config::Mqtt mqtt;
    mqtt.password_file = "/dev/zero";
    EXPECT_EQ(read_password(mqtt), std::string(65535, '\0'));
    EXPECT_EQ(password_in(std::string(65535, 'a') + '\n'), std::string(65535, 'a'));
}

TEST(PasswordFile, ThatIsEmptyIsNamed) {
    config::Config config;
    EXPECT_THAT(empty_secrets(config), testing::IsEmpty());
    config.mqtt.password_file = testing::TempDir() + "twcbridge_password";
    for (const auto* content : {"", "\n", "\r\nsecond"}) {
        std::ofstream{*config.mqtt.password_file, std::ios::binary} << content;
        EXPECT_THAT(empty_secrets(config),
                    testing::ElementsAre(*config.mqtt.password_file +
                                         ": its first line is empty, and so is the password"))
            << content;
    }
    std::ofstream{*config.mqtt.password_file} << "secret";
    EXPECT_THAT(empty_secrets(config), testing::IsEmpty());
}

TEST(PasswordFile, IsNotNeeded) { EXPECT_EQ(read_password({}), ""); }

TEST(PasswordFile, ThatEverybodyMayReadIsNamedAsAreKeysAndTokens) {
    config::Config config;
    auto& mqtt = config.mqtt;
    mqtt.password_file = testing::TempDir() + "twcbridge_password";
    mqtt.key_file = testing::TempDir() + "twcbridge_key";
    const auto token = testing::TempDir() + "twcbridge_token";
    config.vehicle_api = config::VehicleApi{.url = "https://proxy.lan", .token_file = token};
    const auto permit = [](const std::string& file, std::filesystem::perms rights) {
        std::ofstream{file} << "secret";
        std::filesystem::permissions(file, rights);
    };
    permit(*mqtt.password_file, std::filesystem::perms{0640});
    permit(*mqtt.key_file, std::filesystem::perms{0600});
    permit(token, std::filesystem::perms{0640});
    EXPECT_THAT(exposed_secrets(config), testing::IsEmpty());
    permit(*mqtt.password_file, std::filesystem::perms{0644});
    EXPECT_THAT(exposed_secrets(config),
                testing::ElementsAre(testing::StartsWith(*mqtt.password_file + ": ")));
    permit(*mqtt.key_file, std::filesystem::perms{0604});
    EXPECT_EQ(exposed_secrets(config).size(), 2U);
    permit(token, std::filesystem::perms{0644});
    EXPECT_EQ(exposed_secrets(config).size(), 3U);
    EXPECT_THAT(exposed_secrets({}), testing::IsEmpty());
}

}  // namespace
}  // namespace bridge

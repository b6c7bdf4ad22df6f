// What `check` says of a good configuration.
#include "bridge/check_command.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "config/load.hpp"

namespace bridge {
namespace {

config::Config with(const std::string& more) {
    return config::parse(R"({"bus": {"port": "/dev/ttyUSB999"})" + more + "}").value();
}

TEST(Check, NamesTheAdaptersThereAre) {
    const auto folder = std::filesystem::path{testing::TempDir()} / ("by-id-" + std::to_string(::getpid()));
    const auto words = "/dev/ttyUSB999: there is no such device; below " + folder.string() + " there are: ";
    EXPECT_EQ(missing_devices(with(""), folder), std::vector{words + "none"});
    std::filesystem::create_directory(folder);
    for (const auto* name : {"usb-FTDI_2", "usb-CH340_1"}) std::ofstream{folder / name};
    EXPECT_EQ(missing_devices(with(""), folder), std::vector{words + "usb-CH340_1, usb-FTDI_2"});
    std::filesystem::remove_all(folder);
}

TEST(Check, FailsWhenNobodyGetsToSeeWhatItSays) {
    std::ofstream full{"/dev/full"};
    auto* const out = std::cout.rdbuf(full.rdbuf());
    EXPECT_EQ(check(with(""), "config.json"), EXIT_FAILURE);
    std::cout.clear();
    std::cout.rdbuf(out);
}

TEST(Check, SaysWhoseValuesTheSunIsTakenFrom) {
    EXPECT_EQ(
        describe_mode(with("")),
        "mode solar at the first start, follows twcbridge/input/generation and twcbridge/input/consumption");
    EXPECT_EQ(describe_mode(with(R"(, "inputs": {"grid": {"topic": "meter"}, "battery": {"topic": "b"}})")),
              "mode solar at the first start, follows meter and b");
    EXPECT_EQ(describe_mode(with(R"(, "inputs": {"generation": null, "consumption": null})")),
              "mode solar at the first start, follows nothing: no input is configured");
    EXPECT_EQ(describe_mode(with(R"(, "mode": "fast", "inputs": {"grid": {"topic": "meter"}})")),
              "mode fast at the first start, mode solar would follow meter");
}

}  // namespace
}  // namespace bridge

// The program as it is called from a shell: exit status, standard output and standard error.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
};

class Cli : public testing::Test {
  protected:
    Cli() : folder_{std::filesystem::temp_directory_path() / ("cli_test_" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(folder_);
    }
    ~Cli() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] Outcome call(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), TWCBRIDGE_PROGRAM);
        std::vector<char*> pointers;
        for (auto& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        const auto out = folder_ / "out";
        const auto err = folder_ / "err";
        posix_spawn_file_actions_t files{};
        posix_spawn_file_actions_init(&files);
        constexpr int truncate = O_WRONLY | O_CREAT | O_TRUNC;
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), truncate, 0600);
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), truncate, 0600);
        pid_t child = -1;
        const int error = ::posix_spawn(&child, pointers.front(), &files, nullptr, pointers.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        if (error != 0) throw std::runtime_error{"cannot start the program"};
        int status = 0;
        ::waitpid(child, &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(out), content(err)};
    }

    [[nodiscard]] std::string write_config(const std::string& text) const {
        const auto path = folder_ / "config.json";
        std::ofstream{path} << text;
        return path;
    }

    [[nodiscard]] std::string settings_path() const { return folder_ / "settings"; }

  private:
    static std::string content(const std::filesystem::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::filesystem::path folder_;
};

int lines_of(const std::string& text) { return static_cast<int>(std::ranges::count(text, '\n')); }

TEST_F(Cli, TellsTheUsageOnStandardErrorWhenCalledWrongly) {
    const std::vector<std::vector<std::string>> wrong{{},
                                                      {"dance"},
                                                      {"--dance"},
                                                      {"check", "--dance"},
                                                      {"check", "--config"},
                                                      {"run", "--log-level", "loud"},
                                                      {"simulate"},
                                                      {"simulate", "--link", "/tmp/x", "--listen", "1"},
                                                      {"simulate", "--listen", "70000"},
                                                      {"simulate", "--listen", "0", "--charger", "xyz"}};
    for (const auto& arguments : wrong) {
        const auto outcome = call(arguments);
        SCOPED_TRACE(testing::PrintToString(arguments));
        EXPECT_EQ(outcome.status, 64);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, StartsWith("twcbridge: "));
        EXPECT_THAT(outcome.err, HasSubstr("Usage:"));
    }
}

TEST_F(Cli, HelpsOnRequest) {
    const auto general = call({"--help"});
    EXPECT_EQ(general.status, 0);
    EXPECT_EQ(general.err, "");
    for (const auto* command : {"run", "check", "discovery", "simulate"}) {
        EXPECT_THAT(general.out, HasSubstr(command));
        const auto special = call({command, "--help"});
        EXPECT_EQ(special.status, 0) << command;
        EXPECT_THAT(special.out, HasSubstr("--")) << command;
    }
}

TEST_F(Cli, TellsItsVersion) {
    const auto outcome = call({"--version"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, StartsWith("twcbridge "));
}

TEST_F(Cli, CheckSaysWhatLimitsTheOffers) {
    const auto file = write_config(R"({"bus": {"port": "/dev/ttyUSB0"}, "wiringMaxAmpsPerTWC": 16.5})");
    const auto outcome = call({"check", "--config", file});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(
        outcome.out,
        file + ": ok\n" +
            "all chargers together are offered at most 6 A, because wiringMaxAmpsAllTWCs is 6 (the default)\n"
            "each charger is offered at most 16.5 A, because wiringMaxAmpsPerTWC is 16.5\n");
}

TEST_F(Cli, CheckPrintsEveryProblemWithItsPlace) {
    const auto file =
        write_config(R"({"bus": {"port": "/dev/ttyUSB0"}, "wiringMaxAmpsAllTWCs": "32", "colour": 1})");
    const auto outcome = call({"check", "--config", file});
    EXPECT_EQ(outcome.status, 78);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(lines_of(outcome.err), 2);
    EXPECT_THAT(outcome.err, HasSubstr(file + "/wiringMaxAmpsAllTWCs: expected "));
    EXPECT_THAT(outcome.err, HasSubstr("found \"32\""));
    EXPECT_THAT(outcome.err, HasSubstr(file + "/colour: expected "));
}

TEST_F(Cli, EndsWithTheStatusOfAWrongConfigurationWhateverNeedsIt) {
    const auto file = write_config("{");
    for (const auto* command : {"run", "check", "discovery"}) {
        const auto broken = call({command, "--config", file});
        EXPECT_EQ(broken.status, 78) << command;
        EXPECT_THAT(broken.err, StartsWith(file + ": ")) << command;
        const auto missing = call({command, "--config", file + ".none"});
        EXPECT_EQ(missing.status, 78) << command;
        EXPECT_THAT(missing.err, StartsWith(file + ".none: expected a file that can be read")) << command;
    }
}

TEST_F(Cli, DiscoveryPrintsATopicAndAPayloadPerLine) {
    const auto file =
        write_config(R"({"bus": {"port": "/dev/ttyUSB0"}, "chargers": {"5893": {}}, "settingsPath": ")" +
                     settings_path() + "\"}");
    const auto outcome = call({"discovery", "--config", file});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(lines_of(outcome.out), 2);
    std::istringstream lines{outcome.out};
    for (std::string line; std::getline(lines, line);) {
        EXPECT_THAT(line, testing::MatchesRegex("homeassistant/device/[^ ]+/config [{].*[}]"));
    }
    EXPECT_THAT(outcome.out, HasSubstr("5893"));
}

}  // namespace

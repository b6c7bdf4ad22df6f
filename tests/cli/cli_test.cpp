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
using testing::Not;
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
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(out), read(err)};
    }

    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        std::ofstream{path} << text;
        return path;
    }
    [[nodiscard]] std::string write_config(const std::string& text) const {
        return write("config.json", text);
    }

    static std::string read(const std::filesystem::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    [[nodiscard]] std::string settings_path() const { return folder_ / "settings"; }

  private:
    std::filesystem::path folder_;
};

int lines_of(const std::string& text) { return static_cast<int>(std::ranges::count(text, '\n')); }

TEST_F(Cli, TellsTheUsageOnStandardErrorWhenCalledWrongly) {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"dance"},
        {"--dance"},
        {"check", "--dance"},
        {"check", "--config"},
        {"run", "--log-level", "loud"},
        {"simulate"},
        {"simulate", "--link", "/tmp/x", "--listen", "1"},
        {"simulate", "--listen", "70000"},
        {"simulate", "--listen", "0", "--charger", "xyz"},
        {"monitor", "--once", "--url", "localhost"},
        {"monitor", "--url", "mqtt://a", "--config", "b"},
        {"monitor", "--username", "me"},
        {"monitor", "--url", "mqtt://a", "--password-file", "b"},
        {"backtest"},
        {"backtest", "day.csv", "--kwp", "0"},
        {"backtest", "day.csv", "--phases", "4"},
        {"backtest", "day.csv", "--amps", "5"},
        {"backtest", "day.csv", "--cars", "0"},
        {"backtest", "day.csv", "--meter-interval", "x"}};
    for (const auto& arguments : wrong) {
        const auto outcome = call(arguments);
        SCOPED_TRACE(testing::PrintToString(arguments));
        EXPECT_EQ(outcome.status, 64);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, StartsWith("twcbridge: "));
        EXPECT_THAT(outcome.err, HasSubstr("Usage:"));
    }
}

TEST_F(Cli, NamesWhatItDoesNotKnowAndWhatWasMeant) {
    const auto said = [&](const std::vector<std::string>& arguments) {
        const auto err = call(arguments).err;
        return err.substr(0, err.find('\n'));
    };
    EXPECT_EQ(said({"chek"}), R"(twcbridge: there is no command "chek"; did you mean "check"?)");
    EXPECT_EQ(said({"dance"}), R"(twcbridge: there is no command "dance")");
    EXPECT_EQ(said({"check", "--conf", "x"}),
              R"(twcbridge: check does not know "--conf"; did you mean "--config"?)");
    EXPECT_EQ(said({"check", "x", "y"}), R"(twcbridge: check does not know "x")");
    EXPECT_EQ(said({"--versoin"}),
              R"(twcbridge: there is no command "--versoin"; did you mean "--version"?)");
    EXPECT_THAT(said({"simulate", "--listen", "99999"}), HasSubstr("65535"));
    EXPECT_EQ(said({"simulate"}), "twcbridge: simulate: exactly one of --link and --listen is needed");
}

TEST_F(Cli, HelpsOnRequest) {
    const auto general = call({"--help"});
    EXPECT_EQ(general.status, 0);
    EXPECT_EQ(general.err, "");
    const std::string more = "COMMAND --help";
    EXPECT_THAT(general.out, HasSubstr(more));
    std::size_t last = 0;
    for (const std::string command :
         {"check", "run", "monitor", "decode", "discovery", "import", "simulate", "backtest", "cosim"}) {
        const auto place = general.out.find("\n  " + command + ' ');
        ASSERT_NE(place, std::string::npos) << command;
        EXPECT_GT(place, last) << command << " comes too early";
        last = place;
        const auto special = call({command, "--help"});
        EXPECT_EQ(special.status, 0) << command;
        EXPECT_THAT(special.out, HasSubstr("--")) << command;
        for (const auto& noise : {more, std::string{"Option Group"}, std::string{"Excludes"}})
            EXPECT_THAT(special.out, Not(HasSubstr(noise))) << command;
    }
}

TEST_F(Cli, TellsWhatASimulationUnderstands) {
    EXPECT_THAT(call({"simulate", "--help"}).out, HasSubstr("plug|unplug|full|want|stop|start|mute"));
}

TEST_F(Cli, SimulatesNothingInPlaceOfAFile) {
    const auto file = write("precious", "text");
    const auto outcome = call({"simulate", "--link", file});
    EXPECT_EQ(outcome.status, 74);
    EXPECT_EQ(outcome.err, "simulate: " + file + ": exists and is no link\n");
}

TEST_F(Cli, TellsItsVersion) {
    const auto outcome = call({"--version"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, StartsWith("twcbridge "));
}

TEST_F(Cli, CheckSaysWhatLimitsTheOffers) {
    const auto file = write_config(R"({"bus": {"port": "/dev/null"}, "wiringMaxAmpsPerTWC": 16.5})");
    const auto outcome = call({"check", "--config", file});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(
        outcome.out,
        file + ": ok\n" +
            "all chargers together are offered at most 6 A, because wiringMaxAmpsAllTWCs is 6 (the default)\n"
            "each charger is offered at most 16.5 A, because wiringMaxAmpsPerTWC is 16.5\n"
            "mode solar at the first start, follows twcbridge/input/generation and "
            "twcbridge/input/consumption\n");
}

TEST_F(Cli, CheckWarnsOfAnAdapterThatIsNotThere) {
    const auto file = write_config(R"({"buses": [{"name": "a", "port": "/dev/ttyUSB999"},
                                                 {"name": "b", "port": "tcp://127.0.0.1:1"}]})");
    const auto outcome = call({"check", "--config", file});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, StartsWith(file + ": ok\n"));
    EXPECT_THAT(outcome.err, StartsWith("warning: /dev/ttyUSB999: there is no such device; "
                                        "below /dev/serial/by-id there are: "));
    EXPECT_EQ(lines_of(outcome.err), 1);
}

TEST_F(Cli, CheckWarnsOfAPasswordThatEverybodyMayRead) {
    const auto password = write_config("secret") + ".password";
    std::ofstream{password} << "secret";
    const auto file = write_config(
        R"({"bus": {"port": "/dev/null"}, "mqtt": {"username": "u", "passwordFile": ")" + password + "\"}}");
    std::filesystem::permissions(password, std::filesystem::perms{0644});
    const auto exposed = call({"check", "--config", file});
    EXPECT_EQ(exposed.status, 0);
    EXPECT_THAT(exposed.err, StartsWith("warning: " + password + ": "));
    std::filesystem::permissions(password, std::filesystem::perms{0640});
    EXPECT_EQ(call({"check", "--config", file}).err, "");
}

TEST_F(Cli, CheckPrintsEveryProblemWithItsPlace) {
    const auto file =
        write_config(R"({"bus": {"port": "/dev/ttyUSB0"}, "wiringMaxAmpsAllTWCs": "32", "colour": 1})");
    const auto outcome = call({"check", "--config", file});
    EXPECT_EQ(outcome.status, 78);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(lines_of(outcome.err), 2);
    EXPECT_THAT(outcome.err, HasSubstr(file + ": /wiringMaxAmpsAllTWCs: expected "));
    EXPECT_THAT(outcome.err, HasSubstr("found \"32\" (line 1)\n"));
    EXPECT_THAT(outcome.err, HasSubstr(file + ": /colour: expected "));
}

TEST_F(Cli, EndsWithTheStatusOfAWrongConfigurationWhateverNeedsIt) {
    const auto file = write_config("{");
    for (const auto* command : {"run", "check", "discovery"}) {
        const auto broken = call({command, "--config", file});
        EXPECT_EQ(broken.status, 78) << command;
        EXPECT_THAT(broken.err, StartsWith(file + ": ")) << command;
        const auto missing = call({command, "--config", file + ".none"});
        EXPECT_EQ(missing.status, 78) << command;
        EXPECT_THAT(missing.err, StartsWith(file + ".none: there is no such file; sudo scripts/install"))
            << command;
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

/// A sunny hour and a house.
constexpr const char* sunny_hour =
    "t,pv_w,load_w\n36000,700,250\n36600,700,250\n37200,700,260\n37800,700,250\n38400,700,250\n39000,650,"
    "250\n";

TEST_F(Cli, PlaysAMeasuredDay) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto outcome = call({"backtest", day});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(
        outcome.out,
        StartsWith("6.5 kWp, 1 phase of 230 V, 1 car, at most 32 A in all; meter every 5 s, 2 s late\n"));
    EXPECT_THAT(outcome.out, testing::ContainsRegex("\nsunny  twcbridge +4\\.[0-9]+ +9[0-9]\\."));
    EXPECT_THAT(outcome.out, Not(HasSubstr("sum of")));
}

TEST_F(Cli, PlaysSeveralDaysWithOtherRulesAndSumsThemUp) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto outcome = call(
        {"backtest", day, day, "--compare", "--kwp", "11", "--phases", "3", "--amps", "16", "--fuse", "25"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                StartsWith("11 kWp, 3 phases of 230 V, 1 car, at most 16 A in all, main fuse 25 A;"));
    for (const auto* rule : {"twcbridge", "fixed timers", "like TWCManager", "like evcc"}) {
        EXPECT_THAT(outcome.out, HasSubstr(std::string{"\nsum of 2 days  "} + rule)) << rule;
    }
}

TEST_F(Cli, WritesTheTraceOfADayToAFileOrToStandardOutput) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto trace = settings_path() + ".csv";
    const auto to_file = call({"backtest", day, "--csv", trace});
    EXPECT_EQ(to_file.status, 0) << to_file.err;
    EXPECT_THAT(to_file.out, HasSubstr("sunny  twcbridge"));
    for (const auto& arguments :
         {std::vector<std::string>{"backtest", day, "--csv"}, {"backtest", "--csv", day}}) {
        const auto to_output = call(arguments);
        EXPECT_EQ(to_output.status, 0) << to_output.err;
        EXPECT_THAT(to_output.out, StartsWith("day,t,solar_w,house_w,cars_w,grid_w,offered_a_0001,"));
        EXPECT_EQ(lines_of(to_output.out), 3601);
        EXPECT_THAT(to_output.err, HasSubstr("sunny  twcbridge"));
        EXPECT_EQ(to_output.out, read(trace));
    }
    EXPECT_EQ(call({"backtest", day, "--csv", trace}).status, 0) << "an earlier trace may be replaced";
}

TEST_F(Cli, WritesNoTraceOverAMeasuredDay) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto outcome = call({"backtest", day, "--csv", day});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr(day + ": expected a new file or an earlier trace for --csv"));
    EXPECT_EQ(read(day), sunny_hour);
}

TEST_F(Cli, DrawsADay) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto plot = settings_path() + ".svg";
    EXPECT_EQ(call({"backtest", day, "--plot", plot}).status, 0);
    EXPECT_THAT(read(plot), StartsWith("<svg xmlns="));
    const auto outcome = call({"backtest", day, "--plot", "/nowhere/plot.svg"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("/nowhere/plot.svg: No such file or directory"));
}

TEST_F(Cli, SaysWhichDayIsWrongAndWhere) {
    const auto missing = call({"backtest", "/nowhere/day.csv"});
    EXPECT_EQ(missing.status, 1);
    EXPECT_THAT(missing.err, HasSubstr("/nowhere/day.csv: No such file or directory"));
    const auto day = write("day.csv", "t,pv_w,load_w\n0,1,2\n60,1,lots\n");
    const auto wrong = call({"backtest", day});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_EQ(wrong.out, "");
    EXPECT_EQ(wrong.err, "twcbridge: " + day +
                             ", line 3: expected a number of W from -100000 to 100000, found \"lots\"\n");
}

TEST_F(Cli, PlaysADayWithTheLimitsOfAConfiguration) {
    const auto day = write("sunny.csv", sunny_hour);
    const auto config = write_config(
        R"({ "bus": { "port": "/dev/null" }, "wiringMaxAmpsAllTWCs": 13, "wiringMaxAmpsPerTWC": 10,
        "numberOfPhases": 3, "chargers": { "a001": {}, "a002": {} } })");
    const auto outcome = call({"backtest", day, "--config", config, "--csv"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("6.5 kWp, 3 phases of 230 V, 2 cars, at most 13 A in all;"));
    EXPECT_THAT(outcome.out, HasSubstr("reason_a001,offered_a_a002"));
    const auto wrong = write_config(R"({ "bus": { "port": "/dev/null" }, "control": { "minOn": "long" } })");
    const auto refused = call({"backtest", day, "--config", wrong});
    EXPECT_EQ(refused.status, 78);
    EXPECT_THAT(refused.err, HasSubstr("/control/minOn: expected"));
}

TEST_F(Cli, DecodesNothingFromNothing) {
    const auto outcome = call({"decode"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "twcbridge: no frame found in standard input\n");
}

TEST_F(Cli, SaysWhichTextHasNoFrames) {
    const auto file = write("words.log", "nothing but words\n");
    const auto outcome = call({"decode", file});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "twcbridge: no frame found in " + file + '\n');
}

TEST_F(Cli, DecodesAFileOfOneFrame) {
    const auto file = write_config("Rx@: C0 7C 00 C0\r\n");
    const auto outcome = call({"decode", file});
    EXPECT_THAT(outcome.out, StartsWith(R"({"hex":"7C00","ok":false,"error":"length")"));
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(call({"decode", "--text", file}).out, HasSubstr("wrong length: 7C00\n"));
}

TEST_F(Cli, SaysWhichFileItCannotDecode) {
    for (const std::string file : {"/nowhere/bus.log", "/tmp"}) {
        const auto outcome = call({"decode", file});
        EXPECT_EQ(outcome.status, 1);
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, StartsWith("twcbridge: " + file + ": "));
    }
}

}  // namespace

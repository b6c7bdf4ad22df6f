// Lines in, lines out.
#include "bridge/cosim_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace bridge {
namespace {

struct Talk {
    int status;
    std::vector<nlohmann::json> answers;
    std::string errors;
};

Talk talk(const std::string& lines) {
    config::Config config;
    config.buses = {{"/dev/null", "", std::nullopt}};
    config.wiring_max_all = config.wiring_max_each = twc::Centiamps{3200};
    config.inputs.generation = config::Input{"sun", {}, 1};
    std::istringstream in{lines};
    std::ostringstream out;
    std::ostringstream err;
    Talk talk{cosim(config, in, out, err), {}, {}};
    std::istringstream answers{out.str()};
    for (std::string line; std::getline(answers, line);) talk.answers.push_back(nlohmann::json::parse(line));
    talk.errors = err.str();
    return talk;
}

TEST(CosimCommand, AnswersEachSecondWithOffers) {
    const auto heard = talk(
        R"({"t": 5, "set": {"mode": "fast", "charger/0001/limit": 10.5}, "chargers": [{"id": "0001", "vehicle": true, "volts": [230, 0, 0]}]})"
        "\n"
        R"({"t": 6, "inputs": {"generation": 3120.4}, "chargers": [{"id": "0001", "online": true, "vehicle": true, "limit": 10.5, "drawn": 0}]})"
        "\n");
    EXPECT_EQ(heard.status, 0) << heard.errors;
    ASSERT_EQ(heard.answers.size(), 2u);
    EXPECT_EQ(heard.answers[1]["t"], 6);
    EXPECT_EQ(heard.answers[1]["offers"][0]["id"], "0001");
    EXPECT_EQ(heard.answers[1]["offers"][0]["amps"], 10.5);
    EXPECT_EQ(heard.answers[1]["offers"][0]["charge"], true);
    EXPECT_TRUE(heard.errors.empty()) << heard.errors;
}

TEST(CosimCommand, ALineThatIsNoSecondIsAnsweredWithItsErrorAndChangesNothing) {
    const std::string good =
        R"({"t": 5, "set": {"mode": "fast"}, "chargers": [{"id": "0001", "vehicle": true}]})"
        "\n";
    for (const auto& [line, error] : std::vector<std::pair<std::string, std::string>>{
             {"nonsense", "expected a JSON object"},
             {"{}", "/t: expected a whole number of seconds"},
             {R"({"t": 6.5})", "/t: expected a whole number of seconds"},
             {R"({"t": 5})", "/t: expected more than 5, found 5"},
             {R"({"t": 6, "charger": []})", R"(/charger: expected one of "t", "inputs", "set", "chargers")"},
             {R"({"t": 6, "chargers": [{"id": "0001", "limit": -1}]})",
              "/chargers/0/limit: expected amperes, 0 … 655.35"},
             {R"({"t": 6, "chargers": [{"id": "0001", "volts": [230]}]})",
              "/chargers/0/volts: expected three numbers, 0 … 1000 V"}}) {
        const auto heard = talk(good + line + "\n");
        EXPECT_EQ(heard.status, 1);
        ASSERT_EQ(heard.answers.size(), 2u) << line;
        EXPECT_EQ(heard.answers[1]["error"], error);
        EXPECT_EQ(heard.answers[1]["offers"], heard.answers[0]["offers"]);
        EXPECT_TRUE(heard.errors.starts_with("line 2: " + error)) << heard.errors;
    }
}

TEST(CosimCommand, FailsWhenItsAnswersGoNowhere) {
    config::Config config;
    config.buses = {{"/dev/null", "", std::nullopt}};
    std::istringstream in{"{\"t\": 5}\n"};
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(cosim(config, in, out, err), 1);
    EXPECT_EQ(in.tellg(), 0) << "it reads no further";
    EXPECT_EQ(err.str(), "the answers could not be written\n");
}

TEST(CosimCommand, ARefusedInputOrCommandIsDroppedAlone) {
    const auto heard = talk(
        R"({"t": 5, "inputs": {"generation": "many"}, "set": {"mode": "turbo", "total_limit": 20}, "chargers": [{"id": "xyz"}]})"
        "\n");
    EXPECT_EQ(heard.status, 0);
    EXPECT_NE(heard.errors.find("line 1: input generation: expected a number"), std::string::npos);
    EXPECT_NE(heard.errors.find("line 1: set mode: "), std::string::npos);
    EXPECT_NE(heard.errors.find("line 1: charger \"xyz\": expected four hex digits"), std::string::npos);
    EXPECT_NE(heard.errors.find("3 refused inputs or commands"), std::string::npos) << heard.errors;
}

}  // namespace
}  // namespace bridge

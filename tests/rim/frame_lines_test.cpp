// Every known frame as the program prints it, against what is known of it.
#include "bridge/frame_lines.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/twc/vectors.hpp"

namespace bridge {
namespace {

using nlohmann::json;

std::vector<twc::Sighting> read(const std::string& text) {
    twc::Transcript transcript;
    auto found = transcript.push(text);
    for (auto& sighting : transcript.finish()) found.push_back(std::move(sighting));
    return found;
}

std::string text_line(const std::string& text) { return to_text_line(read(text).at(0)); }

TEST(FrameLines, TellOfEveryKnownFrameWhatIsKnown) {
    for (const auto& vector : vectors()) {
        SCOPED_TRACE(vector.dump());
        const auto found = read(vector["hex"]);
        ASSERT_EQ(found.size(), 1U);
        const auto line = json::parse(to_json_line(found[0]));
        const json& expect = vector["expect"];
        for (const auto& [key, value] : expect.items()) {
            if (key == "error") {
                // Too short for a receiver to mention, but not for a reader of logs.
                EXPECT_EQ(line["error"], value.is_null() ? json("length") : value);
            } else if (key == "body_length") {
                EXPECT_EQ(line["hex"].get<std::string>().size(), 2 * value.get<std::size_t>());
            } else if (key != "protocol" || expect["code"] == "FDE2" || expect["code"] == "FDE0") {
                EXPECT_EQ(line.value(key, json("missing")), value) << key;
            }
        }
        EXPECT_EQ(line["ok"], !expect.contains("error"));
        if (!expect.contains("error")) {
            EXPECT_EQ(line["error"], json());
            EXPECT_EQ(line["sender"].is_null(), !expect.contains("sender"));
            EXPECT_EQ(line["receiver"].is_null(), !expect.contains("receiver"));
        }
    }
}

TEST(FrameLines, BeginWithTheSameKeysInTheSameOrder) {
    EXPECT_EQ(to_json_line(read("C0 FD E0 58 93 77 77 01 06 40 06 04 00 00 00 00 0A C0").at(0)),
              R"({"hex":"FDE0589377770106400604000000000A","ok":true,"error":null,"code":"FDE0",)"
              R"("name":"slave_heartbeat","sender":"5893","receiver":"7777",)"
              R"("state":"01","limit":16.0,"drawn":15.4,"protocol":2})");
    EXPECT_EQ(to_json_line(read("C0 7C C0").at(0)),
              R"({"hex":"7C","ok":false,"error":"length","code":null,"name":"unknown",)"
              R"("sender":null,"receiver":null})");
}

TEST(FrameLines, SayWhenAndWhereAFrameWasSeenIfTheTextDoes) {
    const auto line = json::parse(to_json_line(
        read("2026-07-01T10:00:00.123Z garage rx C0 FC 1D 00 00 00 00 00 00 00 00 00 00 00 1D C0").at(0)));
    EXPECT_EQ(line["time"], "2026-07-01T10:00:00.123Z");
    EXPECT_EQ(line["bus"], "garage");
    EXPECT_EQ(line["direction"], "rx");
}

TEST(FrameLines, OfTextStandInColumns) {
    EXPECT_EQ(text_line("16:34:14.321 (FC) FB E0 79 73 34 95 09 06 40 00 00 00 00 00 00 E4"),
              "16:34:14.321     7973 > 3495  master_heartbeat    command 09 (limit while charging), "
              "limit 16.00 A");
    EXPECT_EQ(text_line("Rx@07:53:37: () FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11"),
              "07:53:37     rx  1839 > ----  slave_linkready     sign 52, rated 32.00 A, protocol 2");
    EXPECT_EQ(text_line("FD EB 23 88 00 00 00 0F 00 EF 00 E8 00 EA 00 00 00 00 00 66"),
              "                 2388 > ----  meter               15 kWh, 239/232/234 V, 0.00/0.00/0.00 A");
    EXPECT_EQ(text_line("C0 FB A4 18 39 00 00 00 00 00 00 00 00 00 00 00 F5 C0"),
              "                 ---- > ----  unknown             FBA418390000000000000000000000F5");
    EXPECT_EQ(text_line("C0 FD E0 18 39 77 77 01 06 40 C0"),
              "                 ---- > ----  slave_heartbeat     wrong length: FDE018397777010640");
}

}  // namespace
}  // namespace bridge

// The inputs that docs/homeassistant.md configures, with a payload as their devices send it.
#include <gtest/gtest.h>

#include <optional>
#include <regex>
#include <string>

#include "bridge/core/inputs.hpp"
#include "config/load.hpp"
#include "tests/docs/markdown.hpp"

namespace docs {
namespace {

using namespace std::chrono_literals;

/// What the comment before a block says: `<!-- input: 1530 W of PAYLOAD -->`.
struct Recorded {
    int watts = 0;
    std::string payload;
};

std::optional<Recorded> recorded_before(const Document& document, const Block& block) {
    static const std::regex comment{R"(<!-- input: (-?[0-9]+) W of (.*) -->)"};
    std::optional<Recorded> last;
    for (const auto& line : document.prose) {
        std::smatch part;
        if (line.line < block.line && line.line > block.line - 5 &&
            std::regex_match(line.text, part, comment))
            last = Recorded{std::stoi(part[1]), part[2]};
    }
    return last;
}

TEST(Inputs, OfTheDocumentsUnderstandWhatTheDevicesSend) {
    const auto shown = document("docs/homeassistant.md");
    int tried = 0;
    for (const auto& block : shown.blocks) {
        const auto recorded = recorded_before(shown, block);
        if (!recorded) continue;
        const auto config = config::parse(R"({ "bus": { "port": "/dev/ttyUSB0" }, )" + block.text + "}");
        ASSERT_TRUE(config) << place(shown, block.line);
        const twc::TimePoint now{1h};
        bridge::Inputs inputs{*config, now};
        ASSERT_TRUE(config->inputs.grid) << place(shown, block.line);
        EXPECT_EQ(inputs.receive(config->inputs.grid->topic, recorded->payload, false, now), std::nullopt)
            << place(shown, block.line);
        EXPECT_EQ(inputs.picture(twc::Watts{}, now).grid, twc::Watts{recorded->watts})
            << place(shown, block.line);
        ++tried;
    }
    EXPECT_EQ(tried, 7);
}

}  // namespace
}  // namespace docs

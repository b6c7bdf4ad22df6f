// Promise: `twcbridge decode` makes of any text, in pieces of any size, lines that are each one JSON object
// in ASCII, or one line of printable text; and as many of one kind as of the other.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bridge/frame_lines.hpp"
#include "tests/fuzz/input.hpp"
#include "twc/transcript.hpp"

namespace {

void check(const std::vector<twc::Sighting>& sightings) {
    for (const auto& sighting : sightings) {
        const auto line = bridge::to_json_line(sighting);
        const auto json = nlohmann::json::parse(line, nullptr, false);
        fuzz::require(json.is_object() && json.contains("hex") && json.contains("ok"), "a line is an object");
        fuzz::require(json["ok"] == json["error"].is_null(), "a frame has an error or is well");
        fuzz::require(json["ok"] == sighting.message.has_value(), "… and says so");
        for (const auto& text : {line, bridge::to_text_line(sighting)}) {
            fuzz::require(text.find_first_of("\r\n\x1B") == std::string::npos, "a line is one line");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::size_t piece = 1 + input.byte() % 64U;
    const auto bytes = input.bytes(size);
    std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    twc::Transcript transcript;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        check(transcript.push(text.substr(0, piece)));
    check(transcript.finish());
    return 0;
}

// Configuration file → Config, or every problem of it at once.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "twc/expected.hpp"

namespace config {

/// One thing wrong with the file.
struct Problem {
    std::string pointer;  ///< JSON pointer of the place, or "line 3, column 7" when it is no JSON
    std::string expected;
    std::string found;
    bool operator==(const Problem&) const = default;
};
/// "/wiringMaxAmpsAllTWCs: expected a number of amps from 6 to 240, found \"32\"".
std::string to_sentence(const Problem&);

using Problems = std::vector<Problem>;

/// Reads JSON with // and /* */ comments. Unknown and duplicate keys, wrong types, values out of range and settings
/// that contradict each other are problems; none hides another.
twc::Expected<Config, Problems> parse(std::string_view text);
/// As parse; a file that cannot be read is a problem with an empty pointer. Also checks that the files it names
/// (passwordFile, caFile, certFile, keyFile) can be read.
twc::Expected<Config, Problems> load(const std::filesystem::path& file);

}  // namespace config

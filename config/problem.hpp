// One thing wrong with a JSON text, said so that its owner can put it right.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace config {

/// One thing wrong with the file.
struct Problem {
    std::string pointer;   ///< JSON pointer of the place, or "line 3, column 7" when it is no JSON
    std::string expected;  ///< empty: `found` is a sentence of its own
    std::string found;
    std::optional<std::size_t> line = {};  ///< of the file, where the pointer leads to something in it
    bool operator==(const Problem&) const = default;
};
/// "/wiringMaxAmpsAllTWCs: expected a number of amps from 6 to 1000, found \"32\" (line 3)".
std::string to_sentence(const Problem&);

using Problems = std::vector<Problem>;

}  // namespace config

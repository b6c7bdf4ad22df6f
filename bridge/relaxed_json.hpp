// JSON as people write it by hand → JSON, with every character that stays in its line and column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bridge {

struct Strict {
    std::string text;
    std::vector<std::string>
        repairs;  ///< "line 3, column 7: a comma is missing": what no lenient reader takes
};

/// Blanks out comments (#, // and /* */) and commas before a closing bracket, turns 'texts' into "texts".
/// Puts in commas that are missing between members, and at the end brackets that are missing. What else is
/// wrong stays so, for the parser to find.
Strict to_strict_json(std::string_view relaxed);

}  // namespace bridge

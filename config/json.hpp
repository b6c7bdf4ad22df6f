// JSON text → tree that keeps what a lenient parser loses: the digits of numbers and repeated keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/problem.hpp"
#include "twc/expected.hpp"

namespace config {

/// A number as it was written, so that 16.1 A are 1610 centiamps and not nearly so.
struct Number {
    std::string text;
};

struct Member;

struct Json {
    using Array = std::vector<Json>;
    using Object = std::vector<Member>;  ///< in the order of the text
    std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> content;
    std::size_t line = 1;  ///< of the text, where its key stands, or itself in an array
};

struct Member {
    std::string key;
    Json value;
};

/// A tree and the keys that were repeated in it. Of equal keys the tree holds the first.
struct Document {
    Json root;
    Problems repeated;
};

/// Levels of arrays and objects that a text may have.
inline constexpr std::size_t max_depth = 20;
/// Bytes that a text may have.
inline constexpr std::size_t max_bytes = 1024UL * 1024;

/// Comments are allowed. Text that is no JSON, too long or too deep is an error.
twc::Expected<Document, Problem> parse_json(std::string_view text);

/// `pointer` and the next step of it, escaped ("~0", "~1").
std::string child_pointer(const std::string& pointer, std::string_view key);
/// What a user recognises: "32", "an array", "null"; long texts are shortened.
std::string describe(const Json&);
/// The same where it may be a secret: of texts and numbers only that they are some.
std::string describe_unseen(const Json&);

}  // namespace config

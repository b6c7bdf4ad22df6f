// JSON text → tree that keeps what a lenient parser loses: the digits of numbers and repeated keys.
#include "config/json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

namespace config {
namespace {

std::string place(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto newline = before.rfind('\n');
    const auto column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// The part of the parser's message that says what was wrong, without its own name and position.
/// Without what the parser read last, which may be half of a password.
std::string reason_of(const std::string& message) {
    const auto bracket = message.find("] ");
    const auto first = bracket == std::string::npos ? 0 : bracket + 2;
    const auto last = message.find("; last read: ");
    const auto reason = message.substr(first, last == std::string::npos ? last : last - first);
    const auto position = reason.find(": ");
    return reason.starts_with("parse error at") && position != std::string::npos ? reason.substr(position + 2)
                                                                                 : reason;
}

/// A slip as its writer knows it. Of the parser's words `doing` and `met` tell it apart.
struct Slip {
    std::string_view doing;
    std::string_view met;
    std::string_view words;
};

constexpr std::array slips{
    Slip{"parsing object key", "unexpected '}'", "one comma too many before this"},
    Slip{"parsing object key", "unexpected ','", "one comma too many before this"},
    Slip{"parsing value", "unexpected ']'", "one comma too many before this, or no value"},
    Slip{"parsing object -", "unexpected string literal", "a text: a comma is missing before this?"},
    Slip{"parsing array -", "unexpected string literal", "a text: a comma is missing before this?"},
    Slip{"parsing array -", "unexpected '{'", "a {: a comma is missing before this?"},
    Slip{"", "control character U+000A", "the end of the line: a quotation mark is missing in this line"},
    Slip{"", "control character U+000D", "the end of the line: a quotation mark is missing in this line"},
    Slip{"", "missing closing quote", "the end of the file: a quotation mark is missing in this line"},
    Slip{"parsing object -", "unexpected end of input", "the end of the file: a } is missing"},
    Slip{"parsing array -", "unexpected end of input", "the end of the file: a ] is missing"},
};

/// What was found, in words for who wrote it; `letter` is where the parser stopped.
std::string words_for(const std::string& message, char letter, bool is_empty) {
    const auto says = [&](std::string_view words) { return message.find(words) != std::string::npos; };
    // The library says it in other words from release to release.
    if (is_empty && (says("unexpected end of input") || says("empty input")))
        return "nothing: the file is empty";
    if (letter == '\'' && says("invalid literal")) return R"(a ': use " in place of ')";
    const auto* const slip =
        std::ranges::find_if(slips, [&](const Slip& known) { return says(known.doing) && says(known.met); });
    return slip == slips.end() ? reason_of(message) : std::string{slip->words};
}

/// Hands the text to the parser and counts the lines it has seen.
class Letters {
  public:
    // NOLINTBEGIN(readability-identifier-naming): names that the library asks every iterator for
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;
    // NOLINTEND(readability-identifier-naming)

    Letters(const char* at, std::size_t& line) : at_{at}, line_{&line} {}
    const char& operator*() const { return *at_; }
    Letters& operator++() {
        if (*at_ == '\n') ++*line_;
        ++at_;
        return *this;
    }
    bool operator==(const Letters& other) const { return at_ == other.at_; }

  private:
    const char* at_;
    std::size_t* line_;
};

/// Receives the parser's events; its function names are the parser's.
class Builder {
  public:
    /// The levels never move: one of them may hold the value that the next one builds. `line` is how far the
    /// parser has come; behind a number that may be one too far.
    Builder(std::string_view text, const std::size_t& line) : text_{text}, line_{line} {
        levels_.reserve(max_depth);
    }

    bool null() { return add(Json{nullptr}); }
    bool boolean(bool value) { return add(Json{value}); }
    bool number_integer(std::int64_t value) { return add(Json{Number{std::to_string(value)}}); }
    bool number_unsigned(std::uint64_t value) { return add(Json{Number{std::to_string(value)}}); }
    bool number_float(double, const std::string& digits) { return add(Json{Number{digits}}); }
    bool string(std::string& value) { return add(Json{std::move(value)}); }
    bool binary(nlohmann::json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open(Json{Json::Object{}}); }
    bool start_array(std::size_t) { return open(Json{Json::Array{}}); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        auto& level = levels_.back();
        level.key = name;
        level.repeated = !level.keys.insert(name).second;
        level.line = line_;
        if (level.repeated)
            repeated_.push_back(
                {pointer(), "each key once", "the same key again in line " + std::to_string(line_)});
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
        const auto offset = position == 0 ? 0 : position - 1;
        const bool is_empty = levels_.empty() && std::holds_alternative<std::nullptr_t>(root_.content);
        failure_ = Problem{place(text_, offset), "valid JSON",
                           words_for(error.what(), offset < text_.size() ? text_[offset] : '\0', is_empty)};
        return false;
    }

    twc::Expected<Document, Problem> take() {
        if (failure_) return twc::Unexpected{std::move(*failure_)};
        return Document{std::move(root_), std::move(repeated_)};
    }

  private:
    /// An array or object whose end has not been seen. `json` stays where it is: its parent grows no further
    /// meanwhile.
    struct Level {
        Json* json;
        std::string key;
        std::size_t line;  // of the key
        std::set<std::string> keys;
        bool repeated = false;
        Json dropped;  // holds the value of a repeated key
    };

    [[nodiscard]] std::string pointer() const {
        std::string result;
        for (const auto& level : levels_) {
            const auto* array = std::get_if<Json::Array>(&level.json->content);
            const bool last = &level == &levels_.back();
            // The element of an array is in it already when something inside the element is open.
            result = child_pointer(
                result, array == nullptr ? level.key : std::to_string(array->size() - (last ? 0 : 1)));
        }
        return result;
    }

    Json* place_for_next() {
        if (levels_.empty()) return &root_;
        auto& level = levels_.back();
        if (level.repeated) return &level.dropped;
        if (auto* array = std::get_if<Json::Array>(&level.json->content)) return &array->emplace_back();
        auto& object = std::get<Json::Object>(level.json->content);
        object.push_back({level.key, Json{}});
        return &object.back().value;
    }

    Json* put(Json value) {
        const bool has_key =
            !levels_.empty() && std::holds_alternative<Json::Object>(levels_.back().json->content);
        value.line = has_key ? levels_.back().line : line_;
        auto* const place = place_for_next();
        *place = std::move(value);
        return place;
    }

    bool add(Json value) {
        put(std::move(value));
        return true;
    }

    bool open(Json value) {
        if (levels_.size() == max_depth) {
            failure_ = Problem{
                pointer(), "at most " + std::to_string(max_depth) + " levels of arrays and objects", "more"};
            return false;
        }
        levels_.push_back(Level{put(std::move(value)), {}, 1, {}, false, {}});
        return true;
    }

    bool close() {
        levels_.pop_back();
        return true;
    }

    std::string_view text_;
    const std::size_t& line_;
    Json root_;
    std::vector<Level> levels_;
    Problems repeated_;
    std::optional<Problem> failure_;
};

}  // namespace

twc::Expected<Document, Problem> parse_json(std::string_view text) {
    if (text.size() > max_bytes) {
        return twc::Unexpected{Problem{"", "at most " + std::to_string(max_bytes) + " bytes", "more"}};
    }
    // The parser takes a zero byte for the end and would silently ignore the rest.
    if (const auto zero = text.find('\0'); zero != std::string_view::npos) {
        return twc::Unexpected{Problem{place(text, zero), "valid JSON", "a zero byte"}};
    }
    std::size_t line = 1;
    Builder builder{text, line};
    const Letters begin{text.data(), line};
    const Letters end{text.data() + text.size(), line};
    nlohmann::json::sax_parse(begin, end, &builder, nlohmann::json::input_format_t::json, true, true);
    return builder.take();
}

std::string child_pointer(const std::string& pointer, std::string_view key) {
    auto result = pointer + '/';
    for (const char letter : key) {
        if (letter == '~') {
            result += "~0";
        } else if (letter == '/') {
            result += "~1";
        } else {
            result += letter;
        }
    }
    return result;
}

std::string describe(const Json& json) {
    constexpr std::size_t longest = 60;
    struct {
        std::string operator()(std::nullptr_t) const { return "null"; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(const Number& number) const { return shortened(number.text); }
        std::string operator()(const std::string& text) const {
            return nlohmann::json(shortened(text))
                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        }
        std::string operator()(const Json::Array& array) const {
            return array.empty() ? "an empty array" : "an array";
        }
        std::string operator()(const Json::Object&) const { return "an object"; }

        static std::string shortened(const std::string& text) {
            return text.size() <= longest ? text : text.substr(0, longest) + "...";
        }
    } const words;
    return std::visit(words, json.content);
}

std::string describe_unseen(const Json& json) {
    if (std::holds_alternative<std::string>(json.content)) return "a text";
    if (std::holds_alternative<Number>(json.content)) return "a number";
    return describe(json);
}

}  // namespace config

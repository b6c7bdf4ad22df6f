// Cursor over a JSON tree: each typed reader gives a value or notes a problem with its pointer.
#include "config/reader.hpp"

#include <algorithm>
#include <charconv>

#include "config/nearest.hpp"

namespace config {
namespace {

std::string hundredths_text(std::int64_t count) {
    auto text = std::to_string(count / 100);
    if (count % 100 == 0) return text;
    text += '.';
    text += static_cast<char>('0' + count % 100 / 10);
    if (count % 10 != 0) text += static_cast<char>('0' + count % 10);
    return text;
}

/// Whether a number lies in a range of hundredths, however fine it is; for what is said only.
bool is_between(const std::string& number, std::int64_t low, std::int64_t high) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    return error == std::errc{} && value * 100 >= static_cast<double>(low) &&
           value * 100 <= static_cast<double>(high);
}

std::string with_unit(std::string_view unit) { return unit.empty() ? "" : " of " + std::string{unit}; }

}  // namespace

std::optional<std::int64_t> scaled(std::string_view number, int decimals) {
    const bool negative = number.starts_with('-');
    if (negative) number.remove_prefix(1);
    int exponent = 0;
    if (const auto mark = number.find_first_of("eE"); mark != std::string_view::npos) {
        auto digits = number.substr(mark + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        constexpr int beyond_any_text = 10'000'000;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
        if (error != std::errc{} || exponent > beyond_any_text || exponent < -beyond_any_text)
            return std::nullopt;
        number = number.substr(0, mark);
    }
    std::string digits{number};
    if (const auto point = digits.find('.'); point != std::string::npos) {
        exponent -= static_cast<int>(digits.size() - point - 1);
        digits.erase(point, 1);
    }
    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.empty()) return 0;
    for (; digits.back() == '0'; digits.pop_back()) ++exponent;
    exponent += decimals;
    constexpr int longest = 18;  // digits that surely fit
    if (exponent < 0 || exponent > longest || digits.size() + static_cast<std::size_t>(exponent) > longest) {
        return std::nullopt;
    }
    digits.append(static_cast<std::size_t>(exponent), '0');
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return negative ? -value : value;
}

bool Node::is_null() const { return std::holds_alternative<std::nullptr_t>(json_->content); }

std::optional<bool> Node::boolean() const {
    if (const auto* value = std::get_if<bool>(&json_->content)) return *value;
    refuse("true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Node::whole(std::int64_t low, std::int64_t high, std::string_view unit) const {
    if (const auto* number = std::get_if<Number>(&json_->content)) {
        const auto value = scaled(number->text, 0);
        if (value && *value >= low && *value <= high) return value;
    }
    refuse("a whole number" + with_unit(unit) + " from " + std::to_string(low) + " to " +
           std::to_string(high));
    return std::nullopt;
}

std::optional<std::int64_t> Node::hundredths(std::int64_t low, std::int64_t high,
                                             std::string_view unit) const {
    const auto range =
        "a number" + with_unit(unit) + " from " + hundredths_text(low) + " to " + hundredths_text(high);
    const auto* number = std::get_if<Number>(&json_->content);
    if (number == nullptr) {
        refuse(range);
        return std::nullopt;
    }
    const auto value = scaled(number->text, 2);
    if (value && *value >= low && *value <= high) return value;
    refuse(is_between(number->text, low, high) ? range + " in steps of 0.01" : range);
    return std::nullopt;
}

std::optional<twc::Centiamps> Node::amps(twc::Centiamps low, twc::Centiamps high) const {
    const auto count = hundredths(low.count(), high.count(), "amps");
    if (!count) return std::nullopt;
    return twc::Centiamps{*count};
}

std::optional<std::string> Node::text(bool (*fits)(std::string_view), const std::string& expected) const {
    const auto* text = std::get_if<std::string>(&json_->content);
    if (text != nullptr && fits(*text)) return *text;
    refuse(expected);
    return std::nullopt;
}

std::optional<std::vector<Node>> Node::array() const {
    const auto* array = std::get_if<Json::Array>(&json_->content);
    if (array == nullptr) {
        refuse("an array");
        return std::nullopt;
    }
    std::vector<Node> nodes;
    for (const auto& element : *array) {
        nodes.emplace_back(element, child_pointer(pointer_, std::to_string(nodes.size())), *problems_);
    }
    return nodes;
}

void Node::refuse(std::string expected, std::string found) const {
    problems_->push_back({pointer_, std::move(expected), std::move(found)});
}

std::string Node::list(std::span<const std::string_view> words) {
    std::string result;
    for (const auto word : words) {
        if (!result.empty()) result += ", ";
        result += '"' + std::string{word} + '"';
    }
    return result;
}

Object::Object(const Node& node) : node_{node}, members_{std::get_if<Json::Object>(&node.json().content)} {
    if (members_ == nullptr) node.refuse("an object");
}

const Json* Object::value_of(std::string_view key) const {
    if (members_ == nullptr) return nullptr;
    const auto member = std::ranges::find(*members_, key, &Member::key);
    return member == members_->end() ? nullptr : &member->value;
}

std::optional<Node> Object::find(std::string_view key) {
    if (std::ranges::find(asked_, key) == asked_.end()) asked_.push_back(key);
    const auto* value = value_of(key);
    if (value == nullptr) return std::nullopt;
    return Node{*value, pointer(key), node_.problems()};
}

bool Object::has(std::string_view key) const {
    const auto* value = value_of(key);
    return value != nullptr && !std::holds_alternative<std::nullptr_t>(value->content);
}

void Object::require(std::string_view key) {
    if (members_ != nullptr && !find(key)) node_.refuse("an object with \"" + std::string{key} + '"');
}

std::vector<std::pair<std::string_view, Node>> Object::members() const {
    std::vector<std::pair<std::string_view, Node>> nodes;
    if (members_ == nullptr) return nodes;
    for (const auto& [key, value] : *members_) {
        nodes.emplace_back(key, Node{value, pointer(key), node_.problems()});
    }
    return nodes;
}

void Object::refuse_others(std::initializer_list<Misplaced> misplaced) const {
    for (const auto& [key, node] : members()) {
        if (std::ranges::find(asked_, key) != asked_.end()) continue;
        const auto* const known = std::ranges::find(misplaced, key, &Misplaced::key);
        // The value is not shown: it may be a secret under a mistyped key.
        if (known != misplaced.end()) {
            node.refuse("a known key", "an unknown one; " + std::string{known->instead});
        } else if (const auto meant = nearest(key, asked_)) {
            node.refuse("a known key", "an unknown one; did you mean \"" + std::string{*meant} + "\"?");
        } else {
            node.refuse("one of the keys " + Node::list(asked_), "an unknown one");
        }
    }
}

}  // namespace config

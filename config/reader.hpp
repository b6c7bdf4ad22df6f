// Cursor over a JSON tree: each typed reader gives a value or notes a problem with its pointer.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/json.hpp"
#include "twc/units.hpp"

namespace config {

/// value × 10^decimals as a whole number, by decimal digits: ("16.1", 2) → 1610. Nothing if the value is
/// finer than that or beyond 64 bits. The text is a JSON number.
std::optional<std::int64_t> scaled(std::string_view number, int decimals);

/// One value of the tree. The tree and the problems must outlive it.
class Node {
  public:
    Node(const Json& json, std::string pointer, Problems& problems)
        : json_{&json}, pointer_{std::move(pointer)}, problems_{&problems} {}

    [[nodiscard]] const std::string& pointer() const { return pointer_; }
    [[nodiscard]] Problems& problems() const { return *problems_; }
    [[nodiscard]] bool is_null() const;

    // Nothing means that a problem was noted.
    [[nodiscard]] std::optional<bool> boolean() const;
    /// Whole number in [low, high]; `unit` is for the problem: "seconds", or empty.
    [[nodiscard]] std::optional<std::int64_t> whole(std::int64_t low, std::int64_t high,
                                                    std::string_view unit) const;
    /// Number of hundredths in [low, high]: 0.5 is 50.
    [[nodiscard]] std::optional<std::int64_t> hundredths(std::int64_t low, std::int64_t high,
                                                         std::string_view unit) const;
    [[nodiscard]] std::optional<twc::Centiamps> amps(twc::Centiamps low, twc::Centiamps high) const;
    /// Any text for which `fits` is true; `expected` says which ones are.
    [[nodiscard]] std::optional<std::string> text(bool (*fits)(std::string_view),
                                                  const std::string& expected) const;
    [[nodiscard]] std::optional<std::vector<Node>> array() const;
    /// One of the words of a table of {word, meaning}.
    template <class Table>
    [[nodiscard]] auto word(const Table& table) const -> std::optional<decltype(table.begin()->second)> {
        const auto* text = std::get_if<std::string>(&json_->content);
        std::vector<std::string_view> words;
        for (const auto& [word, meaning] : table) {
            if (text != nullptr && *text == word) return meaning;
            words.push_back(word);
        }
        refuse("one of " + list(words));
        return std::nullopt;
    }
    [[nodiscard]] const Json& json() const { return *json_; }

    /// Notes that this value is not what was expected.
    void refuse(std::string expected) const { refuse(std::move(expected), describe(*json_)); }
    void refuse(std::string expected, std::string found) const;

    /// "\"a\", \"b\"".
    static std::string list(std::span<const std::string_view> words);

  private:
    const Json* json_;
    std::string pointer_;
    Problems* problems_;
};

/// The members of an object. Remembers which keys were asked for: the others are unknown.
class Object {
  public:
    /// A problem, and no members, if the node is no object.
    explicit Object(const Node& node);

    std::optional<Node> find(std::string_view key);
    /// True if the member is there and not null.
    [[nodiscard]] bool has(std::string_view key) const;
    /// A problem if the member is missing.
    void require(std::string_view key);
    [[nodiscard]] std::vector<std::pair<std::string_view, Node>> members() const;
    /// Notes a problem of the object as a whole.
    void refuse(std::string expected, std::string found) const {
        node_.refuse(std::move(expected), std::move(found));
    }
    /// A key that many would expect here, and where what they mean is written.
    struct Misplaced {
        std::string_view key;
        std::string_view instead;
    };
    /// A problem for each member that find() was never called for. Call it last.
    void refuse_others(std::initializer_list<Misplaced> misplaced = {}) const;
    /// Where the member of that name is or would be.
    [[nodiscard]] std::string pointer(std::string_view key) const {
        return child_pointer(node_.pointer(), key);
    }

    /// Sets `target` if the key is there and `read` gives a value for it. False if it is there but wrong.
    template <class Value, class Read>
    bool take(std::string_view key, Value& target, const Read& read) {
        const auto node = find(key);
        if (!node) return true;
        auto value = read(*node);
        // NOLINTNEXTLINE(bugprone-optional-value-conversion): only where the target is itself optional
        if (value) target = static_cast<Value>(std::move(*value));
        return value.has_value();
    }
    /// As take, and null means none.
    template <class Value, class Read>
    bool take_or_null(std::string_view key, std::optional<Value>& target, const Read& read) {
        const auto node = find(key);
        if (node && node->is_null()) {
            target.reset();
            return true;
        }
        if (!node) return true;
        auto value = read(*node);
        if (value) target = static_cast<Value>(std::move(*value));
        return value.has_value();
    }

  private:
    [[nodiscard]] const Json* value_of(std::string_view key) const;

    Node node_;
    const Json::Object* members_ = nullptr;
    std::vector<std::string_view> asked_;
};

}  // namespace config

// Text as a terminal shows it: counted in cells, and without anything that could command the terminal.
#include "bridge/cells.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bridge {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = false;
};

/// The first code point of a text that is not empty. Overlong forms, surrogates and what is cut off are not
/// valid.
CodePoint first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
    char32_t value = lead & (0x7FU >> bytes);
    for (const char letter : text.substr(1, bytes - 1)) {
        const auto byte = static_cast<unsigned char>(letter);
        if ((byte & 0xC0U) != 0x80) return {};
        value = value << 6U | (byte & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least[bytes] || value > 0x10FFFF || surrogate) return {};
    return {value, bytes, true};
}

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t Count>
bool is_in(const std::array<Range, Count>& ranges, char32_t value) {
    return std::ranges::any_of(
        ranges, [&](const Range& range) { return value >= range.first && value <= range.last; });
}

/// C0 and C1, and those that turn the direction of what follows.
bool is_control(char32_t value) {
    constexpr std::array<Range, 4> controls{{{0, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x2069}}};
    return is_in(controls, value);
}

/// The ranges that matter for names of garages.
std::size_t cells_of(char32_t value) {
    constexpr std::array<Range, 4> without_width{
        {{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
    constexpr std::array<Range, 9> wide{{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
    if (is_in(without_width, value)) return 0;
    return is_in(wide, value) ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto point = first_of(text);
        if (point.valid && !is_control(point.value))
            result += text.substr(0, point.bytes);
        else
            result += '?';
        text.remove_prefix(point.bytes);
    }
    return result;
}

std::size_t cells(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const auto point = first_of(text);
        count += cells_of(point.value);
        text.remove_prefix(point.bytes);
    }
    return count;
}

std::string cut(std::string_view text, std::size_t width) {
    if (cells(text) <= width) return std::string{text};
    if (width == 0) return {};
    std::string result;
    for (std::size_t used = 1;;) {  // one for the mark
        const auto point = first_of(text);
        used += cells_of(point.value);
        if (used > width) return result + "…";
        result += text.substr(0, point.bytes);
        text.remove_prefix(point.bytes);
    }
}

std::string to_left(std::string_view text, std::size_t width) {
    auto result = cut(text, width);
    result.append(width - cells(result), ' ');
    return result;
}

std::string to_right(std::string_view text, std::size_t width) {
    const auto shown = cut(text, width);
    std::string result(width - cells(shown), ' ');
    return result += shown;
}

std::vector<std::string> flow(const std::vector<std::string>& items, std::string_view glue,
                              std::size_t width) {
    std::vector<std::string> lines;
    std::size_t used = 0;
    for (const auto& item : items) {
        const auto shown = cut(item, width);
        const auto wanted = cells(shown);
        if (lines.empty() || used + cells(glue) + wanted > width) {
            lines.push_back(shown);
            used = wanted;
        } else {
            lines.back() += glue;
            lines.back() += shown;
            used += cells(glue) + wanted;
        }
    }
    return lines;
}

std::vector<std::string> wrap(std::string_view sentence, std::size_t width) {
    std::vector<std::string> words;
    while (!sentence.empty()) {
        const auto word = sentence.substr(0, sentence.find(' '));
        if (!word.empty()) words.emplace_back(word);
        sentence.remove_prefix(std::min(word.size() + 1, sentence.size()));
    }
    return flow(words, " ", width);
}

}  // namespace bridge

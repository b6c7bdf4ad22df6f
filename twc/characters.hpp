// Which characters are digits and letters, whatever the locale.
#pragma once

#include <cstdint>
#include <optional>

namespace twc {

constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

constexpr bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/// 0 … 15; nothing if the character is no hexadecimal digit.
constexpr std::optional<std::uint8_t> hex_digit(char character) {
    if (is_digit(character)) return static_cast<std::uint8_t>(character - '0');
    if (character >= 'a' && character <= 'f') return static_cast<std::uint8_t>(character - 'a' + 10);
    if (character >= 'A' && character <= 'F') return static_cast<std::uint8_t>(character - 'A' + 10);
    return std::nullopt;
}

}  // namespace twc

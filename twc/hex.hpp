// A byte as two hex digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twc {

/// Upper case: "0A".
inline std::string hex(std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return {digits[byte >> 4U], digits[byte & 0x0FU]};
}

}  // namespace twc

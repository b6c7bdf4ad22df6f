// The check digit is a weighted sum modulo 11; X stands for ten.
#include "twc/vin.hpp"

#include <cstddef>

namespace twc {

namespace {

constexpr std::size_t vin_length = 17;
constexpr std::size_t check_place = 8;

// What a character counts in the sum; nothing for one that no VIN has.
std::optional<int> value_of(char character) {
    constexpr std::string_view letters = "ABCDEFGH JKLMN P R STUVWXYZ";
    constexpr std::string_view values = "12345678 12345 7 9 23456789";
    if (character >= '0' && character <= '9') return character - '0';
    const std::size_t place = character == ' ' ? std::string_view::npos : letters.find(character);
    if (place == std::string_view::npos) return std::nullopt;
    return values[place] - '0';
}

}  // namespace

bool is_vin(std::string_view text) {
    constexpr std::array<int, vin_length> weights{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    constexpr int modulus = 11;
    if (text.size() != vin_length) return false;
    int sum = 0;
    for (std::size_t place = 0; place < vin_length; ++place) {
        const auto value = value_of(text[place]);
        if (!value) return false;
        sum += *value * weights.at(place);
    }
    const int remainder = sum % modulus;
    return text[check_place] == (remainder == modulus - 1 ? 'X' : static_cast<char>('0' + remainder));
}

std::optional<std::string> VinParts::add(const VinReport& report) {
    if (report.part == Question::vin_start) {
        start_ = report.text;
        middle_.reset();
        return std::nullopt;
    }
    if (report.part == Question::vin_middle) {
        middle_ = report.text;
        return std::nullopt;
    }
    if (!start_ || !middle_) return std::nullopt;
    std::string vin = *start_ + *middle_ + report.text;
    *this = VinParts{};
    if (!vin.empty() && !is_vin(vin)) return std::nullopt;
    return vin;
}

}  // namespace twc

// How quantities and ids are written and read as text.
#include "twc/units.hpp"

#include <charconv>

namespace twc {

std::string to_text(Centiamps current, bool shortest) {
    const std::int64_t magnitude = current.count() < 0 ? -current.count() : current.count();
    const std::int64_t hundredths = magnitude % 100;
    std::string text = current.count() < 0 ? "-" : "";
    text += std::to_string(magnitude / 100);
    text += '.';
    text += static_cast<char>('0' + hundredths / 10);
    text += static_cast<char>('0' + hundredths % 10);
    if (!shortest) return text;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string to_sentence(Centiamps current) { return to_text(current, true) + " A"; }

std::string TwcId::text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int shift = 12; shift >= 0; shift -= 4) text += digits[(value_ >> shift) & 0xFU];
    return text;
}

std::optional<TwcId> TwcId::parse(std::string_view text) {
    constexpr std::size_t digits = 4;
    constexpr int hexadecimal = 16;
    if (text.size() != digits) return std::nullopt;
    std::uint16_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
    return TwcId{value};
}

std::ostream& operator<<(std::ostream& out, TwcId id) { return out << id.text(); }

}  // namespace twc

// Hex bytes in a line of text, and what the line says of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twc {

/// Which way a frame went, as the writer of the line saw it.
enum class Direction : std::uint8_t { received, sent };

/// What a line says of the bytes in it, as far as it does.
struct LineFacts {
    std::string time;  ///< of day, perhaps with the date, or seconds; as it stands in the line
    std::string bus;   ///< only lines of our own trace name one
    std::optional<Direction> direction;
    bool operator==(const LineFacts&) const = default;
};

/// Bytes that stand together.
struct HexRun {
    std::vector<std::uint8_t> bytes;
    std::vector<std::size_t> at;  ///< where in the line the digits of each of them begin
    std::size_t end = 0;          ///< behind its last digit
};

/// Pairs of hex digits, alone or joined to longer groups, with blanks, commas, semicolons, colons, dashes, 0x
/// or \x between them. Times, and the offset at the beginning of a dump's line, are no bytes.
std::vector<HexRun> find_hex(std::string_view line);

/// Whether a text between two bytes leaves them in one run.
bool separates_only(std::string_view between);

/// `before`: the line up to the bytes.
LineFacts read_facts(std::string_view before);

}  // namespace twc

// Text as a terminal shows it: counted in cells, and without anything that could command the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bridge {

/// Foreign text made safe to print: control characters and bytes that are no UTF-8 become '?'.
std::string printable(std::string_view text);

// All below take printable text.

/// Cells that the text takes: none for combining characters, two for wide ones.
std::size_t cells(std::string_view text);
/// At most `width` cells; a text that is longer ends in "…".
std::string cut(std::string_view text, std::size_t width);
/// Cut or filled up to exactly `width` cells.
std::string to_left(std::string_view text, std::size_t width);
std::string to_right(std::string_view text, std::size_t width);
/// Pieces of at most `width` cells, which is at least 1: as many items as fit go into one, with `glue`
/// between them. An item that is longer than a whole piece is cut.
std::vector<std::string> flow(const std::vector<std::string>& items, std::string_view glue,
                              std::size_t width);
/// The words of a sentence, as flow() with one blank between them.
std::vector<std::string> wrap(std::string_view sentence, std::size_t width);

}  // namespace bridge

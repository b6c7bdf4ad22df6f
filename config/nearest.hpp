// The word that was meant by one that is not known.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace config {

/// The known word that differs in few letters, or the only one that begins with `word`; nothing if there is
/// none.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace config

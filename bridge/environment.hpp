// The environment, read at start while there is one thread.
#pragma once

#include <optional>
#include <string>

namespace bridge {

/// Nothing if the variable is not set or empty.
std::optional<std::string> environment(const char* name);

}  // namespace bridge

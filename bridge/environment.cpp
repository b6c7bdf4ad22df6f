// The environment, read at start while there is one thread.
#include "bridge/environment.hpp"

#include <cstdlib>

namespace bridge {

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here ever sets one
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

}  // namespace bridge

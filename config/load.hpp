// Configuration file → Config, or every problem of it at once.
#pragma once

#include <filesystem>
#include <string_view>

#include "config/config.hpp"
#include "config/problem.hpp"
#include "twc/expected.hpp"

namespace config {

/// Reads JSON with // and /* */ comments, at most 1 MiB and 20 levels deep. Unknown and duplicate keys, wrong
/// types, values out of range and settings that contradict each other are problems; none hides another.
twc::Expected<Config, Problems> parse(std::string_view text);
/// As parse; a file that cannot be read is a problem with an empty pointer. Also checks that the files it
/// names (passwordFile, caFile, certFile, keyFile) can be read.
twc::Expected<Config, Problems> load(const std::filesystem::path& file);

}  // namespace config

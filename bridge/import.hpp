// The command `twcbridge import`: files of TWCManager → a configuration of ours.
#pragma once

#include <filesystem>
#include <optional>

namespace bridge {

/// Prints the configuration, with the remarks as comments before it; where the output goes into a file the
/// remarks also go to standard error. `settings` is settings.json, without one that beside `config` is taken
/// if there is one. Returns 0, or 1 after sentences that say which file cannot be read and where.
int import(const std::filesystem::path& config, const std::optional<std::filesystem::path>& settings);

}  // namespace bridge

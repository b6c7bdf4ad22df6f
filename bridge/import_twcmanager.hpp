// Settings of TWCManager → a configuration of ours, and remarks on what does not go over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/problem.hpp"
#include "twc/expected.hpp"

namespace bridge {

struct Imported {
    std::string config;  ///< JSON that config::parse accepts
    /// "config.minChargeLevel (10): …": one for each setting that has no counterpart, and for those whose
    /// value could not stay. Passwords and tokens never show.
    std::vector<std::string> remarks;
};

struct TextFile {
    std::string name;  ///< for sentences
    std::string text;
};

/// `config` is config.json, `settings` is settings.json if there is one; both as people write them by hand
/// (relaxed_json.hpp). A text that is no JSON, and a value that must not be guessed (a wiring limit that is
/// no number, or below 6 A), are problems; their pointers begin with the file's name.
twc::Expected<Imported, config::Problems> import_twcmanager(const TextFile& config,
                                                            const std::optional<TextFile>& settings);

}  // namespace bridge

// What to do here instead of a setting of TWCManager that has no counterpart.
#pragma once

#include <string_view>

namespace bridge {

/// `path` as "config.minChargeLevel" or "sources.Fronius". Every path has a remedy, if only to ask.
std::string_view remedy_of(std::string_view path);

/// Keys of settings.json that hold history and state, not decisions.
bool is_state_of_twcmanager(std::string_view key);

}  // namespace bridge

// Exit statuses of the program, beside 0 and 1; those of sysexits.h.
#pragma once

namespace bridge {

inline constexpr int exit_usage = 64;
inline constexpr int exit_cannot_open = 74;
inline constexpr int exit_config = 78;  ///< systemd does not restart on it

}  // namespace bridge

// The clocks of the service and the other commands; the core reads none, it is told.
#pragma once

#include <cstdint>

#include "twc/time.hpp"

namespace bridge {

/// Time since the machine was started: never jumps when the clock on the wall is set, and goes on while the
/// machine is suspended, so that what was heard before is old afterwards.
twc::TimePoint now();

/// Microseconds since 1970 (UTC), from the clock on the wall.
std::int64_t wall_clock();

}  // namespace bridge

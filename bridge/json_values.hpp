// How quantities stand in JSON.
#pragma once

#include "twc/units.hpp"

namespace bridge {

/// A; for output only.
inline double amps(twc::Centiamps current) { return static_cast<double>(current.count()) / 100; }

}  // namespace bridge

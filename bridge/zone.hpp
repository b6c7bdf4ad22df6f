// The zone database of the C library as a Calendar.
#pragma once

#include <optional>
#include <string>

#include "bridge/core/calendar.hpp"

namespace bridge {

/// `zone`: as "Europe/Berlin"; nothing: that of the system. The library knows one zone at a time, so the last
/// call decides what every calendar says. To be called before there are threads.
Calendar calendar_of(const std::optional<std::string>& zone);

}  // namespace bridge

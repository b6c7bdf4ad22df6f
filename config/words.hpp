// The words of the modes, as the configuration, the saved settings and the topics spell them.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "config/config.hpp"

namespace config {

inline constexpr std::array<std::pair<std::string_view, Mode>, 4> mode_words{{
    {"off", Mode::off},
    {"solar", Mode::solar},
    {"solar_min", Mode::solar_min},
    {"fast", Mode::fast},
}};

}  // namespace config

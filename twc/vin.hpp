// A VIN comes in three parts, and is believed only when its check digit agrees.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "twc/message.hpp"

namespace twc {

/// 17 characters of the alphabet of VINs (no I, O, Q) with a right check digit in the ninth place (ISO 3779,
/// 49 CFR 565).
bool is_vin(std::string_view);

/// Puts the parts together.
class VinParts {
  public:
    /// The VIN when this was the last part and all make a right one, "" when all are empty: the unit knows of
    /// none. Parts are asked for in order, so that the first one begins anew.
    std::optional<std::string> add(const VinReport&);

  private:
    std::optional<std::string> start_;
    std::optional<std::string> middle_;
};

}  // namespace twc

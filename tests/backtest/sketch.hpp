// The rule of docs/control.md as it was first sketched: once a second, in floats, with nothing that makes it
// safe.
//
// Written for itself and not from the service's code, so that one can be measured against the other: what
// safety, whole numbers and many cars have cost, and what improvements have brought.
#pragma once

#include "bridge/backtest/rules.hpp"

namespace backtest::tests {

/// For sites whose meter tells the grid, without a main fuse; all cars in mode `solar`, of one priority.
Rule sketch(const SiteSpec&);

}  // namespace backtest::tests

// Shares a budget: everybody's minimum first, then equal parts, higher priority before lower. Whole numbers
// of any unit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bridge {

struct Claim {
    std::int64_t minimum = 0;
    std::int64_t cap = 0;  ///< gets no more; treated as the minimum where below it
    int priority = 0;
    std::size_t group = 0;  ///< index of the budget of its group
};

/// The sum of the shares never exceeds `budget`, nor that of a group `groups[group]`, unless the minima alone
/// do: then everybody gets just the minimum. Nothing is left over while somebody of the same priority is
/// below its cap, but for less than one unit each.
std::vector<std::int64_t> allocate(std::int64_t budget, std::vector<std::int64_t> groups,
                                   std::span<const Claim> claims);

}  // namespace bridge

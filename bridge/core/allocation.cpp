#include "bridge/core/allocation.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

namespace bridge {

namespace {

/// What is still to be shared, and among whom.
struct Filling {
    std::int64_t budget;
    std::vector<std::int64_t> groups;
    std::vector<std::int64_t> shares;
};

std::int64_t members(std::span<const Claim> claims, const std::vector<std::size_t>& active,
                     std::size_t group) {
    return std::ranges::count_if(active, [&](std::size_t i) { return claims[i].group == group; });
}

/// The largest equal raise that all of `active` can take.
std::int64_t common_raise(const Filling& filling, std::span<const Claim> claims,
                          const std::vector<std::size_t>& active) {
    auto raise = filling.budget / static_cast<std::int64_t>(active.size());
    for (const auto i : active) {
        const auto group = claims[i].group;
        raise = std::min({raise, claims[i].cap - filling.shares[i],
                          filling.groups[group] / members(claims, active, group)});
    }
    return raise;
}

/// Raises the claims of one priority together until each meets a bound of its own.
void fill(Filling& filling, std::span<const Claim> claims, std::vector<std::size_t> active) {
    while (!active.empty()) {
        if (const auto raise = common_raise(filling, claims, active); raise > 0) {
            for (const auto i : active) {
                filling.shares[i] += raise;
                filling.budget -= raise;
                filling.groups[claims[i].group] -= raise;
            }
            continue;
        }
        std::vector<std::size_t> open;
        std::ranges::copy_if(active, std::back_inserter(open), [&](std::size_t i) {
            const auto group = claims[i].group;
            return filling.shares[i] < claims[i].cap &&
                   filling.groups[group] >= members(claims, active, group);
        });
        if (open.size() == active.size()) return;  // less than one unit is left for each
        active = std::move(open);
    }
}

}  // namespace

std::vector<std::int64_t> allocate(std::int64_t budget, std::vector<std::int64_t> groups,
                                   std::span<const Claim> claims) {
    Filling filling{budget, std::move(groups), {}};
    std::set<int, std::greater<>> priorities;
    for (const auto& claim : claims) {
        filling.shares.push_back(claim.minimum);
        filling.budget -= claim.minimum;
        filling.groups[claim.group] -= claim.minimum;
        priorities.insert(claim.priority);
    }
    for (const auto priority : priorities) {
        std::vector<std::size_t> active;
        for (std::size_t i = 0; i < claims.size(); ++i) {
            if (claims[i].priority == priority) active.push_back(i);
        }
        fill(filling, claims, std::move(active));
    }
    return filling.shares;
}

}  // namespace bridge

// Sharing a budget: what holds for every small case, and for many random ones.
#include "bridge/core/allocation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <ostream>

#include "bridge/simulator/random.hpp"

namespace bridge {

std::ostream& operator<<(std::ostream& out, const Claim& claim) {
    return out << claim.minimum << "…" << claim.cap << " priority " << claim.priority << " group "
               << claim.group;
}

namespace {

using Shares = std::vector<std::int64_t>;

struct Budget {
    std::int64_t all;
    Shares groups;
};

std::int64_t sum(const Shares& shares) {
    return std::accumulate(shares.begin(), shares.end(), std::int64_t{0});
}

struct Shared {
    Budget budget;
    std::vector<Claim> claims;
    Shares shares;
    Shares minima;

    Shared(Budget given, std::vector<Claim> claimed) : budget{std::move(given)}, claims{std::move(claimed)} {
        shares = allocate(budget.all, budget.groups, claims);
        for (const auto& claim : claims) minima.push_back(claim.minimum);
    }
    [[nodiscard]] std::int64_t in_group(const Shares& amounts, std::size_t group) const {
        std::int64_t total = 0;
        for (std::size_t i = 0; i < claims.size(); ++i) total += claims[i].group == group ? amounts[i] : 0;
        return total;
    }
    [[nodiscard]] std::int64_t left_for(std::size_t i) const {
        return std::min(budget.all - sum(shares),
                        budget.groups[claims[i].group] - in_group(shares, claims[i].group));
    }
    [[nodiscard]] bool satisfied(std::size_t i) const { return shares[i] >= claims[i].cap; }
    [[nodiscard]] bool alike(std::size_t i, std::size_t k) const {
        return claims[i].minimum == claims[k].minimum && claims[i].priority == claims[k].priority &&
               claims[i].group == claims[k].group;
    }
};

void assert_sound(const Shared& shared) {
    const auto count = static_cast<std::int64_t>(shared.claims.size());
    ASSERT_EQ(shared.shares.size(), shared.claims.size());
    if (sum(shared.minima) > shared.budget.all) {
        ASSERT_EQ(shared.shares, shared.minima);
    } else {
        ASSERT_LE(sum(shared.shares), shared.budget.all);
    }
    for (std::size_t group = 0; group < shared.budget.groups.size(); ++group) {
        ASSERT_LE(shared.in_group(shared.shares, group),
                  std::max(shared.budget.groups[group], shared.in_group(shared.minima, group)));
    }
    for (std::size_t i = 0; i < shared.claims.size(); ++i) {
        const auto& claim = shared.claims[i];
        ASSERT_GE(shared.shares[i], claim.minimum);
        ASSERT_LE(shared.shares[i], std::max(claim.minimum, claim.cap));
        if (!shared.satisfied(i)) {
            ASSERT_LT(shared.left_for(i), count) << "left over beside claim " << i;
        }
        for (std::size_t k = 0; k < shared.claims.size(); ++k) {
            if (shared.alike(i, k) && shared.shares[i] < shared.shares[k]) {
                ASSERT_TRUE(shared.satisfied(i)) << "claim " << i << " got less than its like " << k;
            }
            // More than the minimum beside somebody of higher priority: only what cannot be split among
            // those.
            const bool lower = claim.priority < shared.claims[k].priority;
            if (lower && claim.group == shared.claims[k].group && !shared.satisfied(k)) {
                ASSERT_LT(shared.shares[i] - claim.minimum, count)
                    << "claim " << k << " should come before " << i;
            }
        }
    }
}

/// A budget more or less makes nobody poorer or richer the wrong way, but for what cannot be split.
void assert_monotone(const Shared& shared, std::int64_t more) {
    const Shared richer{{shared.budget.all + more, shared.budget.groups}, shared.claims};
    for (std::size_t i = 0; i < shared.claims.size(); ++i) {
        ASSERT_GT(richer.shares[i], shared.shares[i] - static_cast<std::int64_t>(shared.claims.size()))
            << "claim " << i << " with " << more << " more";
    }
}

std::string describe(const Shared& shared) {
    return "budget " + std::to_string(shared.budget.all) + ", groups " +
           testing::PrintToString(shared.budget.groups) + ", claims " +
           testing::PrintToString(shared.claims) + ", shares " + testing::PrintToString(shared.shares);
}

void assert_fair(const Shared& shared, std::int64_t more) {
    assert_sound(shared);
    assert_monotone(shared, more);
}

TEST(Allocation, SharesAsWorkedOutByHand) {
    struct Case {
        Budget budget;
        std::vector<Claim> claims;
        Shares expected;
    };
    const std::vector<Case> cases{
        {{3200, {3200}}, {}, {}},
        {{3200, {3200}}, {{600, 1600, 5, 0}}, {1600}},
        {{3200, {3200}}, {{600, 3200, 5, 0}, {600, 3200, 5, 0}}, {1600, 1600}},
        {{3200, {3200}}, {{600, 1000, 5, 0}, {600, 3200, 5, 0}}, {1000, 2200}},
        {{3200, {3200}}, {{600, 3200, 5, 0}, {600, 3200, 9, 0}}, {600, 2600}},
        {{3200, {3200}}, {{600, 3200, 5, 0}, {600, 1600, 9, 0}}, {1600, 1600}},
        {{3200, {1000, 3200}}, {{600, 3200, 5, 0}, {600, 3200, 5, 1}}, {1000, 2200}},
        {{3200, {900, 3200}}, {{600, 3200, 5, 0}, {600, 3200, 5, 0}, {600, 3200, 5, 1}}, {600, 600, 2000}},
        {{1000, {1000}}, {{600, 3200, 5, 0}, {600, 3200, 9, 0}}, {600, 600}},
        {{-100, {-100}}, {{600, 3200, 5, 0}}, {600}},
        {{3200, {3200}}, {{600, 500, 5, 0}}, {600}},
        {{3200, {3200}}, {{600, 3200, 5, 0}, {600, 3200, 5, 0}, {600, 3200, 5, 0}}, {1066, 1066, 1066}},
    };
    for (const auto& example : cases) {
        const Shared shared{example.budget, example.claims};
        EXPECT_EQ(shared.shares, example.expected) << describe(shared);
    }
}

TEST(Allocation, EverySmallCaseIsSound) {
    std::vector<Claim> all;
    for (const std::int64_t minimum : {0, 1, 2}) {
        for (const std::int64_t cap : {0, 2, 5}) {
            for (const int priority : {1, 2}) {
                for (const std::size_t group : {0U, 1U}) all.push_back({minimum, cap, priority, group});
            }
        }
    }
    for (const auto& first : all) {
        for (const auto& second : all) {
            for (std::int64_t budget = -1; budget <= 10; ++budget) {
                for (const auto& groups : {Shares{-1, 4}, Shares{2, 3}, Shares{4, 1}, Shares{10, 10}}) {
                    const Shared shared{{budget, groups}, {first, second, {1, 3, 2, 0}}};
                    assert_fair(shared, 1);
                    if (testing::Test::HasFatalFailure()) FAIL() << describe(shared);
                }
            }
        }
    }
}

TEST(Allocation, AHundredThousandRandomCasesAreSound) {
    simulator::Random random{1};
    const auto below = [&](std::uint32_t end) { return static_cast<std::int64_t>(random.next() % end); };
    for (int round = 0; round < 100'000; ++round) {
        std::vector<Claim> claims;
        const auto count = 1 + below(6);
        for (std::int64_t i = 0; i < count; ++i) {
            claims.push_back({500 + 100 * below(2), below(5000), static_cast<int>(below(3)),
                              static_cast<std::size_t>(below(2))});
        }
        const Shared shared{{below(8000) - 500, {below(6000), below(6000)}}, claims};
        assert_fair(shared, below(1000));
        if (testing::Test::HasFatalFailure()) FAIL() << "round " << round << ": " << describe(shared);
    }
}

}  // namespace
}  // namespace bridge

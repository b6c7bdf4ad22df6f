#include "bridge/core/allowance.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using namespace std::chrono_literals;

TEST(Allowance, IsSoManyAtOnceAndThenOneEverySoOften) {
    Allowance allowance{3, 10s};
    const twc::TimePoint start{1h};
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(allowance.has(start));
        allowance.take(start);
    }
    EXPECT_FALSE(allowance.has(start));
    EXPECT_FALSE(allowance.has(start + 9999ms));
    EXPECT_TRUE(allowance.has(start + 10s));
    allowance.take(start + 10s);
    EXPECT_FALSE(allowance.has(start + 19s));
}

TEST(Allowance, GrowsNoLargerByWaiting) {
    Allowance allowance{2, 10s};
    const twc::TimePoint late{24h};
    allowance.take(late);
    allowance.take(late);
    EXPECT_FALSE(allowance.has(late));
}

}  // namespace
}  // namespace bridge

// The C library's zone database, seen as a Calendar.
#include "bridge/zone.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr auto year = std::chrono::year{2026};

class Zone : public testing::Test {
  protected:
    /// What other tests of this program shall find.
    ~Zone() override { calendar_of("UTC"); }
};

/// The clocks jump at `moment`, from one distance to the other.
void expect_jump(const std::string& zone, Moment moment, std::chrono::minutes before,
                 std::chrono::minutes after) {
    const auto calendar = calendar_of(zone);
    const auto distance = [&](Moment when) {
        return calendar.civil(when).time_since_epoch() - when.time_since_epoch();
    };
    EXPECT_EQ(distance(moment - 1s), before) << zone;
    EXPECT_EQ(distance(moment), after) << zone;
    EXPECT_EQ(calendar.moment(calendar.civil(moment - 2h)), moment - 2h) << zone;
    EXPECT_EQ(calendar.moment(CivilTime{moment.time_since_epoch()} + before + 10min), moment) << zone;
}

TEST_F(Zone, KnowsSummerAndWinterOfThreeContinents) {
    expect_jump("Europe/Berlin", sys_days{year / 3 / 29} + 1h, 60min, 120min);
    expect_jump("America/New_York", sys_days{year / 3 / 8} + 7h, -300min, -240min);
    expect_jump("Australia/Lord_Howe", sys_days{year / 10 / 3} + 15h + 30min, 630min, 660min);
}

TEST_F(Zone, TakesTheFirstOfTwoHoursInAutumn) {
    for (const auto& [zone, moment, jump] :
         std::initializer_list<std::tuple<std::string, Moment, std::chrono::minutes>>{
             {"Europe/Berlin", sys_days{year / 10 / 25} + 1h, 60min},
             {"America/New_York", sys_days{year / 11 / 1} + 6h, 60min},
             {"Australia/Lord_Howe", sys_days{year / 4 / 4} + 15h, 30min}}) {
        const auto calendar = calendar_of(zone);
        EXPECT_EQ(calendar.civil(moment), calendar.civil(moment - jump)) << zone;
        EXPECT_EQ(calendar.moment(calendar.civil(moment)), moment - jump) << zone;
    }
}

TEST_F(Zone, OfTheSystemIsTheOneOfTheEnvironment) {
    ::setenv("TZ", "Asia/Kolkata", 1);
    const auto summer_noon = sys_days{year / 7 / 1} + 12h;
    EXPECT_EQ(
        calendar_of(std::nullopt).civil(summer_noon).time_since_epoch() - summer_noon.time_since_epoch(),
        330min);
}

}  // namespace
}  // namespace bridge

// Who may charge, by what is known of the car.
#include "bridge/core/admission.hpp"

#include <gtest/gtest.h>

namespace bridge {
namespace {

using config::GuestRule;
using Kind = Reason::Kind;

const std::string red = "5YJ3E1EA7JF000317";
const std::string blue = "5YJSA1E26HF000001";

config::Config rule(GuestRule rule) {
    config::Config config;
    config.guests.rule = rule;
    config.vehicles[red].name = "Red";
    return config;
}

Identity told(const std::string& vin) { return {.told = vin, .can_tell = true}; }

std::optional<Kind> refusal(const Admission& admission) {
    return admission.refusal ? std::optional{admission.refusal->kind} : std::nullopt;
}

TEST(Admission, OfGuestsIsAsTheRuleSays) {
    EXPECT_EQ(admission_of(rule(GuestRule::allow), {}, told(blue)), Admission{});
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), {}, told(blue))), Kind::guest_not_allowed);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::ask), {}, told(blue))), Kind::guest_waits);
    auto allowed = told(blue);
    allowed.guest_allowed = true;
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::ask), {}, allowed)), std::nullopt);
    EXPECT_TRUE(admission_of(rule(GuestRule::ask), {}, allowed).guest);
    EXPECT_EQ(admission_of(rule(GuestRule::limit), {}, told(blue)).ceiling->amps, twc::Centiamps{1000});
}

TEST(Admission, WaitsForTheVinOnlyWhereItMatters) {
    const Identity waiting{.told = {}, .can_tell = true, .may_still_tell = true, .guest_allowed = false};
    EXPECT_EQ(admission_of(rule(GuestRule::allow), {}, waiting), Admission{});
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), {}, waiting)), Kind::vin_awaited);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::ask), {}, waiting)), Kind::vin_awaited);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::limit), {}, waiting)), std::nullopt);
    EXPECT_TRUE(admission_of(rule(GuestRule::limit), {}, waiting).ceiling);
    config::Charger listing;
    listing.allowed_vins = {blue};
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::allow), listing, waiting)), Kind::vin_awaited);
}

TEST(Admission, BelievesTheChargersOwnVinWhereTheUnitKnowsNone) {
    config::Charger own;
    own.vin = blue;
    for (const auto& car : {told(""), Identity{.told = {}, .can_tell = true}, Identity{}})
        EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), own, car)), std::nullopt);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), {}, told(""))), Kind::guest_not_allowed);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), {}, Identity{})), std::nullopt);
    own.vin = red;
    EXPECT_EQ(admission_of(rule(GuestRule::none), own, Identity{}).vehicle->name, "Red");
    // What the unit tells counts more.
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::none), own, told(blue))), Kind::guest_not_allowed);
}

TEST(Admission, ByAListIsForThoseOnItAndNobodyElse) {
    config::Charger listing;
    listing.allowed_vins = {blue};
    EXPECT_EQ(admission_of(rule(GuestRule::none), listing, told(blue)), Admission{});
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::allow), listing, told(red))), Kind::vin_not_allowed);
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::allow), listing, Identity{})), Kind::vin_not_allowed);
    listing.vin = blue;
    EXPECT_EQ(refusal(admission_of(rule(GuestRule::allow), listing, Identity{})), std::nullopt);
}

}  // namespace
}  // namespace bridge

// When a car is asked, second by second, by proxies and cars of every temper.
#include "bridge/core/vehicle_requests.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace bridge {
namespace {

using namespace std::chrono_literals;
using twc::Duration;
using twc::TimePoint;

const std::string vin = "5YJ3E7EB8KF000317";
const std::string other_vin = "5YJ3E7EBXKF000318";

HttpReply car(const std::string& reason) {
    return {.status = 200,
            .body = reason.empty() ? R"({"response":{"result":true,"reason":""}})"
                                   : R"({"response":{"result":false,"reason":")" + reason + "\"}}"};
}
HttpReply http(int status) { return {.status = status, .body = R"({"error":"?"})"}; }
const HttpReply asleep{.status = 408};

/// One car at charger 5893, a proxy that answers after two seconds, and a clock.
class Street {
  public:
    VehicleRequests requests;
    VehicleRequests::Sight sight{.vin = vin, .drawing = true, .may_charge = true};
    std::function<HttpReply(const VehicleCall&)> proxy = [](const VehicleCall&) { return car(""); };
    Duration latency = 2s;
    std::string log;  ///< "0:charge_stop 60:charge_stop"
    int calls = 0;
    Duration since{};

    [[nodiscard]] TimePoint now() const { return TimePoint{100'000s + since}; }
    void ask(bool start) { requests.ask("5893", sight.vin.value_or(vin), start, now()); }
    Street& run(Duration duration) {
        for (const auto end = since + duration; since < end; since += 1s) {
            requests.observe("5893", sight, now());
            while (!answers_.empty() && answers_.begin()->first <= now()) {
                const auto [id, reply] = answers_.begin()->second;
                answers_.erase(answers_.begin());
                requests.handle_answer(id, reply, now());
            }
            if (requests.next_deadline() > now()) {
                EXPECT_FALSE(requests.poll(now())) << "sooner than it said";
            }
            while (const auto call = requests.poll(now())) {
                ++calls;
                log += (log.empty() ? "" : " ") + std::to_string(since / 1s) + ':' +
                       std::string{to_text(call->command)};
                EXPECT_EQ(call->vin, sight.vin);
                answers_.emplace(now() + latency, std::pair{call->id, proxy(*call)});
            }
        }
        return *this;
    }

  private:
    std::multimap<TimePoint, std::pair<std::uint64_t, HttpReply>> answers_;
};

TEST(VehicleRequests, AsksOnceWhenTheCurrentGoes) {
    Street street;
    street.ask(false);
    street.run(5s);
    street.sight.drawing = false;
    EXPECT_EQ(street.run(3600s).log, "0:charge_stop");
    EXPECT_EQ(street.requests.next_deadline(), TimePoint::max());
}

TEST(VehicleRequests, AsksAgainThreeTimesAtMostWhenWhatWasAcceptedHasNoEffect) {
    Street street;
    street.ask(false);
    EXPECT_EQ(street.run(7200s).log, "0:charge_stop 62:charge_stop 124:charge_stop");
}

TEST(VehicleRequests, TriesAgainEverLessOften) {
    Street street;
    street.proxy = [](const VehicleCall&) { return car("no_power"); };
    street.ask(false);
    EXPECT_EQ(street.run(7200s).log,
              "0:charge_stop 12:charge_stop 34:charge_stop 76:charge_stop 158:charge_stop 320:charge_stop "
              "622:charge_stop 924:charge_stop");
}

TEST(VehicleRequests, LeavesAProxyInTroubleAloneAndTriesWithOneCallWhetherItIsOver) {
    Street street;
    street.proxy = [](const VehicleCall&) { return http(502); };
    street.ask(false);
    EXPECT_EQ(street.run(1000s).log,
              "0:charge_stop 12:charge_stop 34:charge_stop 336:charge_stop 638:charge_stop 940:charge_stop");
    // Two cars ask at once when the pause is over: one of them goes first.
    street.requests.observe("0417", {.vin = other_vin, .drawing = true}, street.now());
    street.requests.ask("0417", other_vin, false, street.now());
    const auto later = street.now() + 300s;
    ASSERT_TRUE(street.requests.poll(later));
    EXPECT_FALSE(street.requests.poll(later));
}

TEST(VehicleRequests, TheAnswerToACallOfBeforeAPauseNeitherEndsNorShortensIt) {
    for (const auto& late : {car(""), http(401)}) {
        Street street;
        street.ask(false);
        const auto refused = street.requests.poll(street.now());
        street.requests.ask("0417", other_vin, false, street.now());
        const auto other = street.requests.poll(street.now());
        ASSERT_TRUE(refused && other);
        street.requests.handle_answer(refused->id, {.status = 429, .retry_after = 600s}, street.now());
        street.requests.handle_answer(other->id, late, street.now() + 1s);
        EXPECT_EQ(street.requests.next_deadline(), street.now() + 600s);
        ASSERT_TRUE(street.requests.poll(street.now() + 600s));
        EXPECT_FALSE(street.requests.poll(street.now() + 600s)) << "one tries whether it is over";
    }
}

TEST(VehicleRequests, AStaleTokenIsNotTriedAgainAtOnceByAnybody) {
    Street street;
    street.proxy = [](const VehicleCall&) { return http(401); };
    street.ask(false);
    EXPECT_EQ(street.run(10s).log, "0:charge_stop");
    street.requests.ask("0417", other_vin, false, street.now());
    EXPECT_EQ(street.requests.next_deadline(), TimePoint{100'000s + 302s});
}

TEST(VehicleRequests, WaitsAsLongAsItIsToldTo) {
    for (const auto& [told, waits] : {std::pair{std::optional{600s}, 600s},
                                      {std::optional{1s}, 60s},
                                      {std::optional{100'000s}, 3600s},
                                      {std::optional<std::chrono::seconds>{}, 60s}}) {
        Street street;
        street.proxy = [&](const VehicleCall&) { return HttpReply{.status = 429, .retry_after = told}; };
        street.ask(false);
        street.run(3s);
        EXPECT_EQ(street.requests.next_deadline(), TimePoint{100'000s + 2s + waits});
    }
}

TEST(VehicleRequests, AsksNoCarMoreThanTwelveTimesAnHourWhoeverWants) {
    Street street;
    for (int minute = 0; minute < 180; ++minute) {
        street.ask(minute % 2 == 1);
        street.sight.drawing = minute % 2 == 0;
        street.run(60s);
    }
    EXPECT_LE(street.calls, 36);
    EXPECT_GE(street.calls, 34);
    // The car next to it is not held back by that.
    street.requests.ask("0417", other_vin, false, street.now());
    EXPECT_EQ(street.requests.next_deadline(), street.now());
}

TEST(VehicleRequests, WakesACarForAStartAndNeverForAStop) {
    Street street;
    bool awake = false;
    street.proxy = [&](const VehicleCall& call) {
        if (call.command != VehicleCommand::wake_up) return awake ? car("") : asleep;
        awake = true;
        return HttpReply{.status = 200, .body = R"({"response":{"state":"asleep"}})"};
    };
    street.sight.drawing = false;
    street.ask(true);
    EXPECT_EQ(street.run(40s).log, "0:charge_start 2:wake_up 34:charge_start");
    street.sight.drawing = true;
    street.run(600s);
    awake = false;
    street.log.clear();
    street.ask(false);
    street.run(30s);
    EXPECT_EQ(street.log, "640:charge_stop 652:charge_stop") << "no wake_up";
}

TEST(VehicleRequests, LeavesACarAsleepThatDoesNotWake) {
    Street street;
    street.proxy = [](const VehicleCall&) { return asleep; };
    street.sight.drawing = false;
    street.ask(true);
    EXPECT_EQ(street.run(1800s).log, "0:charge_start 2:wake_up 34:wake_up");
}

TEST(VehicleRequests, AStartWaitsWhileTheCarMayNotCharge) {
    for (const auto& reply : {http(502), asleep}) {
        Street street;
        street.proxy = [&](const VehicleCall&) { return reply; };
        street.sight.drawing = false;
        street.ask(true);
        street.run(2s);
        street.sight.may_charge = false;
        street.sight.leaves_offer = true;
        EXPECT_EQ(street.run(7200s).log, "0:charge_start");
        EXPECT_EQ(street.requests.next_deadline(), TimePoint::max());
        street.sight.may_charge = true;
        street.run(1s);
        EXPECT_EQ(street.calls, 2) << "goes on";
    }
}

TEST(VehicleRequests, BelievesACarThatIsFull) {
    Street street;
    street.proxy = [](const VehicleCall&) { return car("complete"); };
    street.sight.drawing = false;
    street.sight.leaves_offer = true;
    street.ask(true);
    EXPECT_EQ(street.run(14h).log, "0:charge_start");
}

TEST(VehicleRequests, ACarThatLeavesItsOfferIsAskedTwiceAndThenLeftToSleep) {
    Street street;
    street.sight.drawing = false;
    street.run(600s);
    EXPECT_EQ(street.calls, 0);
    street.sight.leaves_offer = true;
    street.proxy = [](const VehicleCall&) { return asleep; };
    EXPECT_EQ(street.run(14 * 24h).log,
              "600:charge_start 602:wake_up 634:wake_up 4200:charge_start 4202:wake_up 4234:wake_up");
    street.sight.vin.reset();
    street.run(10s);
    street.sight.vin = vin;
    street.log.clear();
    street.run(1s);
    EXPECT_NE(street.log, "") << "it has been away";
}

TEST(VehicleRequests, ACarThatWasUnpluggedOrExchangedIsAskedNoMoreAndItsAnswerIgnored) {
    for (const auto& next : {std::optional<std::string>{}, std::optional{other_vin}}) {
        Street street;
        street.proxy = [](const VehicleCall&) { return asleep; };
        street.latency = 20s;
        street.sight.drawing = false;
        street.ask(true);
        street.run(5s);
        street.sight.vin = next;
        EXPECT_EQ(street.run(3600s).log, "0:charge_start");
        EXPECT_EQ(street.requests.next_deadline(), TimePoint::max());
    }
}

TEST(VehicleRequests, WhatIsWantedNowReplacesWhatWasWantedButWaitsForItsAnswer) {
    Street street;
    street.latency = 25s;
    street.ask(false);
    street.run(5s);
    street.sight.drawing = false;
    street.ask(true);
    EXPECT_EQ(street.run(40s).log, "0:charge_stop 25:charge_start");
}

TEST(VehicleRequests, AStartIsAskedForThoughTheStopBeforeItHasNotTakenEffectYet) {
    Street street;
    street.ask(false);
    street.run(3s);
    street.ask(true);
    street.run(3s);
    street.sight.drawing = false;
    street.run(5s);
    street.sight.drawing = true;
    EXPECT_EQ(street.run(600s).log, "0:charge_stop 3:charge_start");
}

TEST(VehicleRequests, AnAnswerToNoCallIsIgnored) {
    Street street;
    street.requests.handle_answer(17, car(""), street.now());
    EXPECT_EQ(street.requests.next_deadline(), TimePoint::max());
}

}  // namespace
}  // namespace bridge

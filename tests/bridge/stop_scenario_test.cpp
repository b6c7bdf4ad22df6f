// How a charge stops and starts again, with cars that take some ways amiss (docs/stopping.md).
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

using config::StopMethod;

config::Config stopping_by(std::vector<StopMethod> methods) {
    auto config = quick_config();
    config.stop.surplus = config.stop.command = std::move(methods);
    return config;
}

void charge(Site& site, int id = 0x5893) {
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit(id).drawn() > 10_A; }, 120s));
}

/// A car is plugged in, its unit asks for a limit and has none, as after a stop that went well.
void expect_left_alone(Site& site, const std::string& why) {
    for (int step = 0; step < 1200; ++step) {
        site.run_for(100ms);
        ASSERT_EQ(site.unit().limit_in_force(), 0_A) << why << ", after " << step << " tenths of a second";
        ASSERT_EQ(site.unit().drawn(), 0_A) << why;
    }
    EXPECT_TRUE(site.passing("twcbridge/charger/5893/vehicle_request").empty()) << why;
}

TEST(Stop, ARestartAloneStartsNoCarThatMayNotCharge) {
    for (const auto protocol : {twc::Protocol::v1, twc::Protocol::v2}) {
        for (const std::string off : {"mode", "charge", "sun"}) {
            auto config = quick_config();
            config.mode = off == "sun" ? config::Mode::solar : config::Mode::fast;
            Site site{config, {{.protocol = protocol, .car = {.plugged = false}}}};
            site.strict_gaps = false;
            site.run_for(20s);
            if (off == "mode") site.send("twcbridge/mode/set", "off");
            if (off == "charge") site.send("twcbridge/charger/5893/charge/set", "OFF");
            site.run_for(5s);
            site.unit().car().plug();
            expect_left_alone(site, off);
            site.restart_bridge(2s);
            expect_left_alone(site, off + ", restarted");
        }
    }
}

TEST(Stop, ByZerosIsTakenUpAgainAfterARestart) {
    Site site{stopping_by({StopMethod::zero}), {{.protocol = twc::Protocol::v1}}};
    site.strict_gaps = false;
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(60s);
    ASSERT_EQ(site.unit().drawn(), 0_A);
    site.restart_bridge(5s);
    site.run_for(5s);
    for (int second = 0; second < 60; ++second) {
        site.run_for(1s);
        ASSERT_EQ(site.unit().drawn(), 0_A);
    }
}

TEST(Stop, SilenceStopsTheCarOfThatUnitAloneAndHeartbeatsComeBack) {
    Site site{stopping_by({StopMethod::silence}), {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 10_A && site.unit(0x2222).drawn() > 10_A; }, 120s));
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.run_for(10s);
    const auto heartbeats = site.unit(0x1111).heartbeats();
    EXPECT_EQ(site.unit(0x1111).limit_in_force(), 6_A);
    site.run_for(25s);
    EXPECT_EQ(site.unit(0x1111).heartbeats(), heartbeats);
    EXPECT_EQ(site.charger("status", "1111"), "online");
    site.run_for(20s);
    EXPECT_GT(site.unit(0x1111).heartbeats(), heartbeats) << "and again";
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.charger("state", "1111"), "paused");
    EXPECT_EQ(site.charger("reason", "1111"), "charging is not allowed for this charger");
    EXPECT_EQ(site.topic("problem"), "OFF");
    EXPECT_GT(site.unit(0x2222).drawn(), 10_A);
    EXPECT_LE(site.unit(0x2222).worst_heartbeat_gap(), 1500ms);
    site.run_for(600s);
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.stored().chargers.at("1111").session_silences, 1);
    site.send("twcbridge/charger/1111/charge/set", "ON");
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x1111).drawn() > 10_A; }, 120s));
}

TEST(Stop, NoCarHasToBearMoreSilencesThanItDoes) {
    Site site{stopping_by({StopMethod::silence}), {{.car = {.plugged = true, .bears_silences = 3}}}};
    site.strict_gaps = false;
    for (int time = 1; time <= 3; ++time) {
        charge(site);
        site.send("twcbridge/mode/set", "off");
        site.run_for(60s);
        EXPECT_EQ(site.unit().drawn(), 0_A) << time;
        EXPECT_EQ(site.topic("problem"), "OFF");
    }
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(120s);
    EXPECT_FALSE(site.unit().car().refuses());
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason").substr(0, 18), "cannot be stopped:");
    EXPECT_EQ(site.topic("problem"), "ON");
    site.unit().car().unplug();
    site.run_for(10s);
    site.unit().car().plug();
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A) << "the next plug bears as many again";
}

TEST(Stop, ForWantOfSunSilenceIsTriedAsOftenAsTheBudgetSays) {
    for (const auto& [budget, silences] : {std::pair{std::optional<int>{}, 2}, {std::optional{1}, 1}}) {
        auto config = stopping_by({StopMethod::silence});
        config.control.max_stops = budget;
        Site site{config, {{}}};
        site.strict_gaps = false;
        for (int day = 0; day < 4; ++day) {
            site.sun(5000);
            site.run_for(600s);
            site.sun(-3000);
            site.run_for(900s);
        }
        EXPECT_EQ(site.stored().chargers.at("5893").session_silences, silences);
        EXPECT_GT(site.unit().drawn(), 1_A);
        EXPECT_EQ(site.unit().limit_in_force(), 6_A);
        EXPECT_EQ(site.charger("reason"), "held at the minimum: the surplus is too small");
    }
}

TEST(Stop, AUnitThatKeepsItsLimitOverASilenceIsNotSilencedForEver) {
    Site site{stopping_by({StopMethod::silence}), {{.keeps_limit = true}}};
    site.strict_gaps = false;
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(900s);
    EXPECT_EQ(site.stored().chargers.at("5893").session_silences, 3);
    EXPECT_EQ(site.unit().limit_in_force(), 6_A);
    EXPECT_EQ(site.charger("reason").substr(0, 18), "cannot be stopped:");
}

TEST(Stop, OffDoesNotWaitForASilenceForWantOfSun) {
    auto config = quick_config();
    config.stop = {{StopMethod::silence}, {StopMethod::contactor}};
    Site site{config, {{}}};
    site.strict_gaps = false;
    site.sun(5000);
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 300s));
    site.sun(-3000);
    ASSERT_TRUE(
        site.run_until([&] { return site.stored().chargers.at("5893").session_silences == 1; }, 900s));
    site.run_for(2s);
    EXPECT_GT(site.unit().drawn(), 1_A);
    site.send("twcbridge/mode/set", "off");
    site.run_for(3s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
}

TEST(Stop, ARestartInTheMiddleOfASilenceForgetsNeitherTheStopNorItsCount) {
    Site site{stopping_by({StopMethod::silence}), {{}}};
    site.strict_gaps = false;
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(15s);
    site.restart_bridge(1s);
    const auto heartbeats = site.unit().heartbeats();
    site.run_for(1s);
    EXPECT_GT(site.unit().heartbeats(), heartbeats) << "heartbeats before anything else";
    site.run_for(60s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.stored().chargers.at("5893").session_silences, 2);
}

TEST(Stop, WhatASilentUnitMayUseIsGivenToNobodyUntilItIsHeardAgain) {
    auto config = stopping_by({StopMethod::silence});
    config.wiring_max_all = 16_A;
    Site site{config, {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 6_A && site.unit(0x2222).drawn() > 6_A; }, 180s));
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.run_for(38s);
    EXPECT_EQ(site.unit(0x2222).limit_in_force(), 10_A);
    site.run_for(30s);
    EXPECT_EQ(site.unit(0x1111).drawn(), 0_A);
    EXPECT_EQ(site.unit(0x2222).limit_in_force(), 16_A);
}

TEST(Stop, AnOpenedContactorMayCostAPlugAndTheCarIsNotAskedAgainAndAgain) {
    Site site{stopping_by({StopMethod::contactor}), {{.car = {.plugged = true, .bears_open_contactors = 0}}}};
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(5s);
    ASSERT_TRUE(site.unit().car().refuses());
    site.send("twcbridge/mode/set", "fast");
    site.run_for(180s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    site.unit().car().unplug();
    site.run_for(10s);
    site.unit().car().plug();
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
}

/// TWCManager issue 369: plugged in while it was told zero, a car never started.
TEST(Stop, ACarThatIsPluggedInWhileItMayNotChargeStartsWhenItMay) {
    for (const auto protocol : {twc::Protocol::v1, twc::Protocol::v2}) {
        for (const auto& methods : {std::vector{StopMethod::zero, StopMethod::contactor},
                                    std::vector{StopMethod::contactor, StopMethod::silence}}) {
            Site site{stopping_by(methods),
                      {{.protocol = protocol,
                        .car = {.bears_open_contactors = 0, .bears_silences = 0, .bears_first_zeros = 0}}}};
            site.send("twcbridge/mode/set", "off");
            site.run_for(60s);
            site.unit().car().plug();
            site.run_for(3600s);
            EXPECT_FALSE(site.unit().car().refuses());
            EXPECT_EQ(site.unit().drawn(), 0_A);
            EXPECT_EQ(site.unit().limit_in_force(), 0_A);
            EXPECT_EQ(site.charger("state"), "paused");
            charge(site);
        }
    }
}

TEST(Start, ACarThatSleepsOrWaitsForItsTimerOrIsFullIsRecognisedAndLeftAlone) {
    for (const auto manner : {0, 1, 2}) {
        Site site{quick_config(), {{.car = {.plugged = true, .asleep = manner == 0}}}};
        if (manner == 1) site.unit().car().set_timer(TimePoint{8h});
        if (manner == 2) site.unit().car().set_full();
        site.send("twcbridge/mode/set", "fast");
        site.run_for(120s);
        EXPECT_EQ(site.charger("state"), "waiting");
        EXPECT_EQ(
            site.charger("reason"),
            manner == 1
                ? "the vehicle does not draw what it is offered: it sleeps, or waits for the time set in it"
                : "the vehicle does not draw what it is offered: it is full, sleeps, or was told not to "
                  "charge");
        EXPECT_EQ(site.topic("problem"), "OFF");
        const auto publications = site.publications();
        site.run_for(7h);
        EXPECT_LT(site.publications(), publications + 10);
        EXPECT_TRUE(site.passing("charger/5893/vehicle_request").empty());
        if (manner == 0) site.unit().car().wake();
        if (manner == 1) site.run_for(1h);
        if (manner == 2) continue;
        ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
        site.run_for(3s);
        EXPECT_EQ(site.charger("state"), "charging");
        EXPECT_EQ(site.charger("reason"), "limited by wiringMaxAmpsPerTWC 32 A");
    }
}

const std::string done = R"({"response":{"result":true,"reason":""}})";
const std::string vin = simulator::tesla_vin(317);

config::Config with_proxy() {
    auto config = quick_config();
    config.vehicle_api = config::VehicleApi{.url = "http://127.0.0.1:8080"};
    return config;
}

/// Does at the simulated car what its maker's service would.
Site::Proxy proxy_of(Site& site, int id = 0x5893) {
    return [&site, id](const VehicleCall& call) -> HttpReply {
        auto& car = site.unit(id).car();
        if (call.vin != car.options().vin || !car.plugged())
            return {.status = 200, .body = R"({"response":{"result":false,"reason":"disconnected"}})"};
        if (call.command == VehicleCommand::charge_stop) car.stop_itself();
        if (call.command == VehicleCommand::charge_start) car.start_itself();
        if (call.command == VehicleCommand::wake_up) car.wake();
        return {.status = 200, .body = done};
    };
}

TEST(VehicleByProxy, StopsAndStartsTheCarThatIsPluggedInAndTheAutomationHearsNothing) {
    Site site{with_proxy(), {{}}};
    site.proxy(proxy_of(site));
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(15s);
    EXPECT_EQ(site.unit().drawn(), 0_A);
    EXPECT_EQ(site.calls(), std::vector<std::string>{"charge_stop " + vin});
    site.run_for(3600s);
    EXPECT_EQ(site.calls().size(), 1U);
    charge(site);
    EXPECT_EQ(site.calls().back(), "charge_start " + vin);
    site.run_for(3600s);
    EXPECT_EQ(site.calls().size(), 2U);
    EXPECT_TRUE(site.passing("charger/5893/vehicle_request").empty());
    EXPECT_EQ(site.unit().contactor_switched(), 0U);
}

TEST(VehicleByProxy, NoCarIsStartedThatMayNotChargeAnyMoreUntilItMay) {
    Site site{with_proxy(), {{}}};
    site.proxy(proxy_of(site));
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(15s);
    site.proxy([](const VehicleCall&) { return HttpReply{.status = 500}; });
    site.send("twcbridge/mode/set", "fast");
    site.run_for(5s);
    ASSERT_EQ(site.calls().back(), "charge_start " + vin);
    site.proxy(proxy_of(site));
    site.send("twcbridge/mode/set", "off");
    site.run_for(3600s);
    EXPECT_EQ(site.calls().size(), 2U);
    charge(site);
    EXPECT_EQ(site.calls().size(), 3U);
}

TEST(VehicleByProxy, StartsTheCarThatWasStoppedBeforeARestart) {
    Site site{with_proxy(), {{}}};
    site.strict_gaps = false;
    site.proxy(proxy_of(site));
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(15s);
    ASSERT_EQ(site.calls(), std::vector<std::string>{"charge_stop " + vin});
    EXPECT_TRUE(site.stored().chargers.at("5893").vehicle_asked);
    site.stored().mode = config::Mode::fast;  // permitted at once, before its VIN is told
    site.restart_bridge(2s);
    site.run_for(60s);
    EXPECT_EQ(site.calls().back(), "charge_start " + vin);
    EXPECT_EQ(site.calls().size(), 2U);
    EXPECT_GT(site.unit().drawn(), 10_A);
    EXPECT_FALSE(site.stored().chargers.at("5893").vehicle_asked);
}

TEST(VehicleByProxy, AProxyThatFailsOrHangsDelaysNothingElse) {
    Site site{with_proxy(), {{}}};
    site.proxy([](const VehicleCall&) { return HttpReply{.failure = "no answer within 30 s"}; });
    charge(site);
    site.send("twcbridge/mode/set", "off");
    site.run_for(65s);
    EXPECT_EQ(site.unit().drawn(), 0_A) << "by the contactor";
    EXPECT_EQ(site.topic("problem"), "OFF");
}

TEST(VehicleByProxy, ACarOfWhichNobodyKnowsTheVinIsStoppedByTheNextMethodAtOnce) {
    for (const auto& unit : {UnitSpec{.car = {.plugged = true, .tesla = false}},
                             UnitSpec{.queries = simulator::Queries::meter}}) {
        auto config = with_proxy();
        config.stop.command = {StopMethod::vehicle, StopMethod::silence};
        Site site{config, {unit}};
        site.strict_gaps = false;
        site.proxy([](const VehicleCall&) { return HttpReply{}; });
        charge(site);
        site.send("twcbridge/mode/set", "off");
        site.run_for(58s);
        EXPECT_EQ(site.unit().drawn(), 0_A);
        EXPECT_TRUE(site.calls().empty());
    }
}

TEST(VehicleByProxy, TheConfiguredVinHoldsWhereTheUnitTellsNoneAndOnlyThere) {
    const auto own = simulator::tesla_vin(999'999);
    auto config = with_proxy();
    config.chargers[TwcId{0x5893}].vin = own;
    {
        Site tells_none{config, {{.queries = simulator::Queries::meter}}};
        tells_none.proxy([](const VehicleCall&) { return HttpReply{.status = 200, .body = done}; });
        charge(tells_none);
        tells_none.send("twcbridge/mode/set", "off");
        tells_none.run_for(30s);
        EXPECT_EQ(tells_none.calls(), std::vector<std::string>{"charge_stop " + own});
    }
    Site tells{config, {{}}};
    tells.proxy(proxy_of(tells));
    charge(tells);
    tells.send("twcbridge/mode/set", "off");
    tells.run_for(20s);
    EXPECT_EQ(tells.calls(), std::vector<std::string>{"charge_stop " + vin});
}

TEST(VehicleByProxy, ARestartAsksAgainForTheSameCarOnly) {
    auto config = with_proxy();
    config.chargers[TwcId{0x5893}].vin = simulator::tesla_vin(999'999);
    Site site{config, {{}}};
    site.strict_gaps = false;
    site.proxy(proxy_of(site));
    charge(site);
    site.proxy([](const VehicleCall&) { return HttpReply{.status = 200, .body = done}; });
    site.send("twcbridge/mode/set", "off");
    site.run_for(2s);
    site.restart_bridge(1s);
    site.run_for(30s);
    for (const auto& call : site.calls()) EXPECT_EQ(call, "charge_stop " + vin);
}

TEST(VehicleByProxy, ARequestEndsWithThePlugAndTheNextCarIsNotCommanded) {
    Site site{with_proxy(), {{}}};
    site.proxy([](const VehicleCall&) { return HttpReply{.status = 500}; });
    charge(site);
    site.send("twcbridge/charger/5893/charge/set", "OFF");
    site.run_for(5s);
    ASSERT_EQ(site.calls().size(), 1U);
    site.unit().car().unplug();
    site.run_for(600s);
    EXPECT_EQ(site.calls().size(), 1U);
}

TEST(VehicleByProxy, ASleepingCarIsWokenForAnOfferAndLeftToSleepWhenItDoesNotWant) {
    Site site{with_proxy(), {{.car = {.plugged = true, .asleep = true}}}};
    bool wakes = false;
    site.proxy([&](const VehicleCall& call) {
        if (call.command == VehicleCommand::wake_up && wakes) site.unit().car().wake();
        const bool awake =
            wakes && site.calls().back().starts_with("charge_start") && site.calls().size() > 6;
        if (awake) site.unit().car().start_itself();
        return awake || call.command == VehicleCommand::wake_up ? HttpReply{.status = 200, .body = done}
                                                                : HttpReply{.status = 408};
    });
    site.send("twcbridge/mode/set", "fast");
    site.run_for(3000s);
    EXPECT_LE(site.calls().size(), 5U) << "asked, woken twice, left alone";
    EXPECT_EQ(site.charger("state"), "waiting");
    const auto calls = site.calls().size();
    wakes = true;
    site.run_for(24h);
    EXPECT_LE(site.calls().size(), 2 * calls);
}

}  // namespace
}  // namespace bridge::tests

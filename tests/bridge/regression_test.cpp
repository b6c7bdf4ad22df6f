// Sequences of events that once broke a promise; each test keeps one of them.
#include "tests/bridge/site.hpp"
#include "twc/slip.hpp"

namespace bridge::tests {
namespace {

TEST(Regression, AdoptedAboveItsNewCeilingIsLowered) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 90s));
    site.strict_gaps = false;
    config.wiring_max_each = 16_A;
    site.configure(config);
    site.restart_bridge(5s);
    site.run_for(120s);
    EXPECT_EQ(site.unit().limit_in_force(), 16_A) << site.charger("offered_current");
}

TEST(Regression, UnitLostWhileChargingComesBackToItsOffer) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 90s));
    site.strict_gaps = false;
    site.unit().set_mute(true);
    ASSERT_TRUE(site.run_until([&] { return site.charger("status") == "offline"; }, 40s));
    site.unit().set_mute(false);
    site.run_for(300s);
    EXPECT_EQ(site.unit().limit_in_force(), 32_A)
        << site.charger("offered_current") << " " << site.charger("reason");
}

TEST(Regression, AdoptedUnitThatRestartsGetsItsLimitAgain) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.wiring_max_all = 6_A;
    config.wiring_max_each = 6_A;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 5_A; }, 90s));
    site.strict_gaps = false;
    site.restart_bridge(5s);
    site.run_for(60s);
    site.unit().restart();
    EXPECT_TRUE(site.run_until([&] { return site.unit().drawn() > 5_A; }, 600s))
        << site.charger("reason") << " " << site.charger("offered_current") << " state "
        << site.charger("raw_state");
}

TEST(Regression, OfferedCurrentIsRightAfterAFailedStop) {
    Site site{quick_config(), {{}}};
    site.sun(5000);
    site.run_for(120s);
    site.sun(0);
    site.run_for(120s);
    EXPECT_EQ(site.charger("offered_current"), "6");
    site.sun(5000);
    site.run_for(60s);
    EXPECT_EQ(site.unit().limit_in_force().count(), 2270);
    EXPECT_EQ(site.charger("offered_current"), "22.7");
    EXPECT_EQ(site.topic("offered_current"), "22.7");
}

TEST(Regression, ACarStoppedByItselfIsAskedToStart) {
    Site site{quick_config(), {{}}};
    site.sun(5000);
    site.run_for(120s);
    site.sun(0);
    site.run_for(10s);
    ASSERT_EQ(site.passing("charger/5893/vehicle_request"), std::vector<std::string>{"stop"});
    site.unit().car().stop_itself();
    site.run_for(120s);
    site.sun(5000);
    site.run_for(120s);
    EXPECT_EQ(site.passing("charger/5893/vehicle_request"), (std::vector<std::string>{"stop", "start"}));
}

TEST(Regression, AClosingCommandThatWasLostIsRepeated) {
    Site site{quick_config(), {{}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/mode/set", "off");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() < 1_A; }, 90s));
    site.run_for(20s);
    site.send("twcbridge/mode/set", "fast");
    site.unplug_adapter();
    site.run_for(3s);
    site.plug_adapter();
    EXPECT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 600s))
        << site.charger("reason") << " " << site.charger("offered_current");
}

TEST(Regression, AnOpeningCommandThatWasLostIsRepeated) {
    int failed = 0;
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
        simulator::BusOptions options;
        options.noise.flip = 10000;
        options.seed = seed;
        auto config = quick_config();
        config.stop.command = {config::StopMethod::contactor};
        config.mode = config::Mode::fast;
        Site site{config, {{}}, {}, options};
        site.strict_gaps = false;
        ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s));
        site.send("twcbridge/total_limit/set", "0");
        site.run_for(180s);
        if (site.unit().drawn() > 1_A) {
            ++failed;
        }
    }
    EXPECT_EQ(failed, 0);
}

/// A main fuse of 25 A with a meter on each phase, and cars that take what they get.
config::Config fused_config() {
    auto config = quick_config();
    config.main_fuse = 25_A;
    config.mode = config::Mode::fast;
    config.inputs.grid_currents = config::GridCurrents{
        config::Input{"m/l1", {}, 1}, config::Input{"m/l2", {}, 1}, config::Input{"m/l3", {}, 1}};
    return config;
}

TEST(Regression, StaleFuseMeterCapsEveryoneAtSixAmps) {
    Site site{fused_config(), {{}}};
    site.sun(1000, 500);
    site.run_for(120s);
    EXPECT_LE(site.unit().limit_in_force(), 6_A);
}

TEST(Regression, ARestartUnderTheMainFuseStopsNoCar) {
    Site site{fused_config(), {{}}};
    site.strict_gaps = false;
    const auto run = [&](int seconds) {
        Centiamps least = 32_A;
        for (int second = 0; second < seconds; ++second) {
            const auto tenths = site.unit().drawn().count() / 10 + 50;  // the house uses 5 A
            site.send("m/l1", std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10));
            site.send("m/l2", "0");
            site.send("m/l3", "0");
            site.run_for(1s);
            least = std::min(least, site.unit().drawn());
        }
        return least;
    };
    run(240);
    ASSERT_GT(site.unit().drawn(), 17_A) << site.charger("reason");
    site.restart_bridge(2s);
    EXPECT_GE(run(240), 5_A) << site.charger("reason");
    EXPECT_GT(site.unit().drawn(), 17_A) << "and it rises again";
}

TEST(Regression, BatteryChargingCountsForTheFuse) {
    auto config = quick_config();
    config.main_fuse = 25_A;
    config.mode = config::Mode::fast;
    config.inputs.battery = config::Input{"bat", {}, 1};
    Site site{config, {{}}};
    site.sun(0, 0);
    for (int i = 0; i < 20; ++i) {
        site.send("bat", "5000");
        site.run_for(5s);
    }
    EXPECT_LT(site.bridge().ceiling().amps, 5_A);
}

TEST(Regression, AVanishedUnitDrawsNothing) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.inputs.generation.reset();
    config.inputs.consumption.reset();
    config.inputs.grid = config::Input{"grid", {}, 1};
    Site site{config, {{}}};
    site.strict_gaps = false;
    for (int i = 0; i < 24; ++i) {
        site.send("grid", "7000");
        site.run_for(5s);
    }
    ASSERT_GT(site.unit().drawn(), 30_A);
    site.unit().power_off();
    for (int i = 0; i < 60; ++i) {
        site.send("grid", "0");
        site.run_for(5s);
    }
    EXPECT_EQ(site.topic("surplus_power"), "0");
    EXPECT_EQ(site.charger("current"), "0");
    EXPECT_EQ(site.charger("power"), "0");
    EXPECT_EQ(site.charger("limit_in_force"), "0");
}

TEST(Regression, AUnitOfUnknownRatingCharges) {
    Settings settings;
    auto& c = settings.chargers["5893"];
    c.known = {TwcId{0x5893}, twc::Protocol::v2, std::nullopt};
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}, settings};
    EXPECT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 300s)) << site.charger("reason");
}

TEST(Regression, SolarRaisesAreHeldBackWhateverElseIsCommanded) {
    Site site{quick_config(), {{}}};
    site.sun(2000);
    site.run_for(120s);
    int raises = 0;
    auto last = site.unit().limit_in_force();
    for (int i = 0; i < 60; ++i) {
        site.sun(2000 + i * 50);
        site.send("twcbridge/charger/5893/priority/set", i % 2 ? "4" : "5");
        site.run_for(1s);
        if (site.unit().limit_in_force() > last) ++raises;
        last = site.unit().limit_in_force();
    }
    EXPECT_LE(raises, 7);
}

TEST(Regression, AVersionOneCarThatIgnoresZeroIsHeldAtTheMinimum) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    simulator::CarOptions car{.plugged = true};
    car.tesla = false;
    Site site{config, {{TwcId{0x5893}, twc::Protocol::v1, car}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 90s));
    site.send("twcbridge/mode/set", "off");
    site.run_for(300s);
    EXPECT_EQ(site.charger("reason").substr(0, 17), "cannot be stopped");
    EXPECT_EQ(site.charger("offered_current"), "6");
    EXPECT_EQ(site.unit().limit_in_force(), 6_A) << site.unit().drawn();
}

TEST(Regression, AnIdleCarIsRefusedBeforeAChargingOneIsCut) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    simulator::CarOptions full{.plugged = true};
    full.wants = false;
    config.chargers[TwcId{0x1111}].priority = 9;
    Site site{config, {{TwcId{0x1111}, twc::Protocol::v2, full}, {TwcId{0x2222}}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x2222).drawn() > 20_A; }, 300s));
    site.send("twcbridge/total_limit/set", "10");
    site.run_for(120s);
    EXPECT_GT(site.unit(0x2222).drawn(), 1_A)
        << site.charger("reason", "2222") << " / " << site.charger("reason", "1111");
    EXPECT_EQ(site.unit(0x2222).contactor_switched(), 0u);
}

TEST(Regression, AVanishedUnitIsNoLongerUnstoppable) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.stop.command = {config::StopMethod::vehicle};
    Site site{config, {{}}};
    site.strict_gaps = false;
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/mode/set", "off");
    site.run_for(70s);
    site.unit().power_off();
    site.run_for(600s);
    EXPECT_EQ(site.topic("problem_reason"), "/dev/simulated: nothing valid heard for 60 s");
    EXPECT_EQ(site.charger("offered_current"), "0");
}

TEST(Regression, AChargerKeepsItsTopicWhenTheBusIsRenamed) {
    Settings settings;
    auto& c = settings.chargers["5893"];
    c.known = {TwcId{0x5893}, twc::Protocol::v2, 32_A};
    c.bus = "garage";
    Site site{quick_config(), {{}}, settings};
    site.run_for(30s);
    EXPECT_EQ(site.bridge().chargers().size(), 1u);
    for (const auto* ch : site.bridge().chargers()) EXPECT_EQ(ch->key(), "5893");
}

TEST(Regression, GenerationAloneIsASurplus) {
    auto config = quick_config();
    config.inputs.consumption.reset();
    Site site{config, {{}}};
    for (int i = 0; i < 30; ++i) {
        site.send("twcbridge/input/generation", "5000");
        site.run_for(5s);
    }
    EXPECT_GT(site.unit().drawn(), 10_A) << site.charger("reason") << " stale " << site.topic("input_stale");
}

TEST(Regression, ALimitThatAStoppedUnitStillRepeatsCounts) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x2222).drawn() > 10_A && site.unit(0x1111).drawn() > 10_A; }, 300s));
    site.send("twcbridge/total_limit/set", "10");
    site.run_for(120s);
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    site.send("twcbridge/charger/2222/charge/set", "OFF");
    site.run_for(120s);
    site.send("twcbridge/charger/2222/charge/set", "ON");
    site.run_for(120s);
    // The stopped unit still repeats 6 A: with 6 A for the other the limits in force would exceed the
    // ceiling.
    EXPECT_EQ(site.unit(0x2222).drawn(), 0_A);
    EXPECT_EQ(site.charger("reason", "2222"), "waiting: no room for the minimum under total_limit 10 A");
    site.send("twcbridge/total_limit/set", "12");
    EXPECT_TRUE(site.run_until([&] { return site.unit(0x2222).drawn() > 5_A; }, 60s));
}

TEST(Regression, AFullCarIsOfferedNothingAtNight) {
    Site site{quick_config(), {{}}};
    site.sun(5000);
    site.run_for(120s);
    site.unit().car().set_full();
    site.run_for(120s);
    site.sun(0, 500);
    site.run_for(std::chrono::hours{1});
    EXPECT_EQ(site.charger("offered_current"), "0") << site.charger("reason");
}

TEST(Regression, NoFalseAlarmAtStart) {
    Bridge bridge{quick_config(), {}, {}, TimePoint{}};
    bridge.handle_broker(true, "connected to the broker", TimePoint{});
    while (auto p = bridge.poll_publication()) {
        if (p->topic == "twcbridge/problem") {
            EXPECT_EQ(p->payload, "OFF");
        }
    }
}

TEST(Regression, AFastCarThatDrawsLittleLeavesTheSunToOthers) {
    auto config = quick_config();
    config.wiring_max_all = 64_A;
    simulator::CarOptions small{.plugged = true};
    small.max_current = 8_A;
    Site site{config, {{TwcId{0x1111}, twc::Protocol::v2, small}, {TwcId{0x2222}}}};
    site.send("twcbridge/charger/1111/mode/set", "fast");
    site.sun(5000);
    site.run_for(300s);
    EXPECT_GT(site.unit(0x2222).drawn(), 8_A) << site.charger("reason", "2222");
}

TEST(Regression, AnEchoNeverShowsAnOlderValue) {
    Bridge bridge{quick_config(), {}, {}, TimePoint{}};
    bridge.handle_broker(true, "connected to the broker", TimePoint{});
    while (bridge.poll_publication()) {
    }
    TimePoint now{1s};
    bridge.handle_message({"twcbridge/mode/set", "fast", false}, now);
    auto first = bridge.poll_save(now);
    ASSERT_TRUE(first);
    bridge.handle_message({"twcbridge/total_limit/set", "12", false}, now);
    bridge.handle_saved(first->revision, std::nullopt, now);
    while (auto p = bridge.poll_publication()) {
        if (p->topic == "twcbridge/total_limit") {
            EXPECT_EQ(p->payload, "12");
        }
    }
}

TEST(Regression, AClampedLimitIsEchoedAsItHoldsAndNotAsItWas) {
    Bridge bridge{quick_config(), {}, {}, TimePoint{}};
    const auto total_limits = [&] {
        std::vector<std::string> told;
        while (auto p = bridge.poll_publication()) {
            if (p->topic == "twcbridge/total_limit") told.push_back(p->payload);
        }
        return told;
    };
    const auto command = [&](const std::string& payload, TimePoint now) {
        bridge.handle_message({"twcbridge/total_limit/set", payload, false}, now);
        if (const auto save = bridge.poll_save(now)) bridge.handle_saved(save->revision, std::nullopt, now);
    };
    bridge.handle_broker(true, "connected to the broker", TimePoint{});
    command("12", TimePoint{1s});
    (void)total_limits();
    command("99", TimePoint{5s});
    EXPECT_EQ(total_limits(), std::vector<std::string>{"32"});
}

TEST(Regression, StoredLimitsAboveTheWiringRaiseNothing) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.wiring_max_all = config.wiring_max_each = 16_A;
    Settings stored;
    stored.total_limit = 80_A;
    auto& charger = stored.chargers["5893"];
    charger.known = {TwcId{0x5893}, twc::Protocol::v2, 80_A};
    charger.limit = 80_A;
    Site site{config, {{}}, stored};
    for (int second = 0; second < 120; ++second) {
        site.run_for(1s);
        ASSERT_LE(site.unit().limit_in_force(), 16_A);
    }
    EXPECT_EQ(site.unit().limit_in_force(), 16_A);
}

TEST(Regression, ManyCommandsWearTheStorageCardOnceASecond) {
    Bridge bridge{quick_config(), {}, {}, TimePoint{}};
    int saves = 0;
    for (TimePoint now{1s}; now < TimePoint{101s}; now += 10ms) {
        bridge.handle_message({"twcbridge/total_limit/set", std::to_string(6 + saves % 2), false}, now);
        const auto save = bridge.poll_save(now);
        if (!save) continue;
        ++saves;
        bridge.handle_saved(save->revision, std::nullopt, now);
    }
    EXPECT_GE(saves, 100);
    EXPECT_LE(saves, 110);
}

TEST(Regression, ADiskThatHangsIsAProblemUntilItAnswers) {
    Bridge bridge{quick_config(), {}, {}, TimePoint{}};
    bridge.handle_broker(true, "connected to the broker", TimePoint{});
    const auto problem = [&](TimePoint now) {
        std::optional<std::string> told;
        bridge.handle_timeout(now);
        while (auto p = bridge.poll_publication()) {
            if (p->topic == "twcbridge/problem") told = p->payload;
        }
        return told;
    };
    problem(TimePoint{1s});
    bridge.handle_message({"twcbridge/mode/set", "fast", false}, TimePoint{1s});
    const auto save = bridge.poll_save(TimePoint{1s});
    ASSERT_TRUE(save);
    EXPECT_EQ(problem(TimePoint{30s}), std::nullopt);
    EXPECT_EQ(problem(TimePoint{32s}), "ON");
    bridge.handle_saved(save->revision, std::nullopt, TimePoint{40s});
    EXPECT_EQ(problem(TimePoint{41s}), "OFF");
}

TEST(Regression, ALoweredLimitIsSentThoughTheLastAnswerStillShowedIt) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 90s));
    site.run_for(60s);
    site.send("twcbridge/total_limit/set", "6");
    site.run_for(30s);
    int late = 0;
    for (int i = 0; i < 20; ++i) {
        site.send("twcbridge/total_limit/set", "32");
        site.run_for(300ms + i * 40ms);
        site.send("twcbridge/total_limit/set", "6");
        site.run_for(1500ms);
        if (site.unit().limit_in_force() > 6_A) ++late;
        site.run_for(10s);
    }
    EXPECT_EQ(late, 0);
}

TEST(Regression, UnitsThatAnswerLateShareToo) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.strict_gaps = false;
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x2222).drawn() > 10_A && site.unit(0x1111).drawn() > 10_A; }, 300s));
    for (int id : {0x1111, 0x2222}) site.unit(id).set_answer_time(360ms);
    site.unit(0x1111).car().unplug();
    site.run_for(120s);
    EXPECT_GT(site.unit(0x2222).limit_in_force(), 30_A)
        << site.charger("reason", "2222") << site.charger("limit_in_force", "1111")
        << site.charger("status", "1111");
}

TEST(Regression, ObservingDoesNotStoreARatingOfZero) {
    Bridge bridge{quick_config(), {}, {.observe = true}, TimePoint{}};
    TimePoint now{1s};
    bridge.handle_bus_open(0, now);
    std::vector<std::uint8_t> body{0xFD, 0xE0, 0x58, 0x93, 0x11, 0x11, 1, 0x06, 0x40, 0x06, 0x30, 0, 0, 0, 0};
    unsigned sum = 0;
    for (std::size_t i = 1; i < body.size(); ++i) sum += body[i];
    body.push_back(static_cast<std::uint8_t>(sum));
    for (int times = 0; times < 2; ++times) bridge.handle_bytes(0, twc::slip_encode(body), now);
    const auto save = bridge.poll_save(now);
    ASSERT_TRUE(save);
    EXPECT_EQ(save->settings.chargers.at("5893").known.max_current, std::nullopt);
}

TEST(Regression, ARunningCarInExcessReducesTheOthers) {
    Planner planner{quick_config()};
    SiteFacts facts;
    facts.buses = {std::nullopt};
    facts.ceiling = {32_A, "total_limit"};
    for (int i = 0; i < 2; ++i) {
        CarFacts c;
        c.online = c.vehicle_connected = c.drawing = true;
        c.mode = config::Mode::fast;
        c.ceiling = {32_A, "x"};
        c.volts = twc::Volts{230};
        c.offered = 16_A;
        c.excess = c.occupied = i == 0 ? 28_A : 0_A;
        facts.cars.push_back(c);
    }
    auto d = planner.plan(facts, TimePoint{});
    d = planner.plan(facts, TimePoint{1s});
    EXPECT_EQ(d[0].target, std::nullopt) << "28 A and the minimum of the other do not fit";
    EXPECT_EQ(d[1].target, 6_A);
}

TEST(Regression, AUnitThatVanishesWhileBeingStoppedIsNoProblemForEver) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    site.strict_gaps = false;
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.unit().set_mute(true);
    site.run_for(15s);
    site.send("twcbridge/total_limit/set", "0");
    site.unit().power_off();
    site.run_for(600s);
    EXPECT_EQ(site.topic("problem_reason"), "/dev/simulated: nothing valid heard for 60 s");
}

TEST(Regression, ContactorOpenedThenRestartedThenFast) {
    Site site{quick_config(), {{}}};
    site.strict_gaps = false;
    site.send("twcbridge/mode/set", "fast");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/mode/set", "off");
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() < 1_A; }, 90s));
    site.run_for(20s);
    site.restart_bridge(5s);
    site.run_for(60s);
    site.send("twcbridge/mode/set", "fast");
    EXPECT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 120s)) << site.charger("reason");
}

TEST(Regression, StateOfACarThatDoesNotDraw) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 10_A; }, 90s));
    site.send("twcbridge/charger/5893/charge/set", "OFF");
    site.run_for(70s);
    EXPECT_EQ(site.charger("state"), "paused");
    EXPECT_EQ(site.charger("charging"), "OFF");
}

TEST(Regression, V1ZeroFallsBackToTheOldLimitWhenOneHeartbeatIsLost) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{TwcId{0x1111}, twc::Protocol::v1}, {TwcId{0x2222}, twc::Protocol::v1}}};
    ASSERT_TRUE(site.run_until(
        [&] { return site.unit(0x1111).drawn() > 14_A && site.unit(0x2222).drawn() > 14_A; }, 120s));
    site.strict_gaps = false;
    site.send("twcbridge/charger/1111/charge/set", "OFF");
    ASSERT_TRUE(site.run_until([&] { return site.unit(0x2222).limit_in_force() == 32_A; }, 60s));
    site.unplug_adapter();
    site.run_for(5s);
    EXPECT_LE(site.unit(0x1111).limit_in_force(), 6_A);
}

TEST(Regression, SolarStopByZeroHoldsThroughAMessageOfSun) {
    auto config = quick_config();
    Site site{config, {{TwcId{0x5893}, twc::Protocol::v1}}};
    site.sun(5000);
    site.run_for(120s);
    ASSERT_GT(site.unit().drawn(), 10_A);
    site.sun(0);
    site.run_for(60s);
    site.sun(5000);
    site.run_for(60s);
    EXPECT_GT(site.unit().drawn(), 10_A);
}

TEST(Regression, RestartInSolarWithTheSunShiningKeepsTheOffer) {
    Site site{quick_config(), {{}}};
    site.sun(5000);
    site.run_for(120s);
    site.strict_gaps = false;
    const auto before = site.unit().limit_in_force();
    site.restart_bridge(5s);
    Centiamps least = before;
    for (int i = 0; i < 60; ++i) {
        site.run_for(1s);
        least = std::min(least, site.unit().limit_in_force());
    }
    EXPECT_GE(least + 2_A, before);
}

TEST(Regression, RestartWithRetainedLimitAndTotalBelowMinimum) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Site site{config, {{}}};
    ASSERT_TRUE(site.run_until([&] { return site.unit().drawn() > 30_A; }, 120s));
    site.strict_gaps = false;
    site.stored().chargers.at("5893").limit = 0_A;
    site.restart_bridge(5s);
    site.run_for(30s);
    EXPECT_LT(site.unit().drawn(), 1_A) << site.charger("reason");
    site.run_for(60s);
    EXPECT_EQ(site.topic("problem"), "OFF") << site.topic("problem_reason");
}

TEST(Regression, RestartBlocksOthersWhileAKnownUnitIsGone) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Settings settings;
    settings.chargers["aaaa"].known = {TwcId{0xaaaa}, twc::Protocol::v2, 32_A};
    Site site{config, {{}}, settings};
    ASSERT_TRUE(site.run_until([&] { return site.unit().limit_in_force() == 32_A; }, 300s))
        << site.charger("reason");
}

TEST(Regression, AFourthKnownUnit) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    Settings settings;
    for (int id : {0x0001, 0x0002, 0x0003})
        settings.chargers[TwcId{static_cast<std::uint16_t>(id)}.text()].known = {
            TwcId{static_cast<std::uint16_t>(id)}, twc::Protocol::v2, 32_A};
    Site site{config, {{}}, settings};
    ASSERT_TRUE(site.run_until([&] { return site.unit().limit_in_force() == 32_A; }, 300s))
        << site.charger("reason");
}

TEST(Regression, ReasonTopicUnderBusCeiling) {
    auto config = quick_config();
    config.mode = config::Mode::fast;
    config.buses[0].wiring_max = 20_A;
    config.buses[0].name = "garage";
    Site site{config, {{TwcId{0x1111}}, {TwcId{0x2222}}}};
    site.run_for(120s);
    EXPECT_EQ(site.bus().limits_in_force(), 20_A);
}

TEST(Regression, SolarDefaultWiringSixAmps) {
    auto config = quick_config();
    config.wiring_max_all = config.wiring_max_each = 6_A;
    config.control.min_on = 300s;
    config.control.min_off = 120s;
    Site site{config, {{}}};
    site.sun(5000);
    site.run_for(120s);
    EXPECT_GT(site.unit().drawn(), 4_A) << site.charger("reason");
}

}  // namespace
}  // namespace bridge::tests

// What real buses do to a master, from id conflicts to noise: the bridge copes, and says what there is to do.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "bridge/simulator/random.hpp"
#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

using simulator::Bytes;
using testing::Test;

/// The bridge on a bus that the test arranges; asserts no promises, because some of these buses break them.
class Desk {
  public:
    explicit Desk(config::Config config = fast(), simulator::BusOptions options = {})
        : bus_{options}, bridge_{config, {}, {}, now_} {
        bridge_.handle_broker(true, "", now_);
    }
    static config::Config fast() {
        auto config = quick_config();
        config.mode = config::Mode::fast;
        return config;
    }

    simulator::WallConnector& add(simulator::WallConnectorOptions unit,
                                  simulator::CarOptions car = {.plugged = true}) {
        return bus_.add(std::move(unit), std::move(car));
    }
    void run_for(Duration duration) {
        if (!std::exchange(opened_, true)) bridge_.handle_bus_open(0, now_);
        for (const auto end = now_ + duration; now_ < end;) {
            now_ = std::clamp(std::min(bridge_.next_deadline(), bus_.next_event()), now_, end);
            const auto received = bus_.take_received(now_);
            if (!received.empty()) bridge_.handle_bytes(0, received, now_);
            if (now_ >= bridge_.next_deadline()) bridge_.handle_timeout(now_);
            drain();
        }
    }
    /// A second master, or whoever else is on the line.
    void intrude(const Bytes& body_without_checksum) {
        bus_.intrude(simulator::to_line(body_without_checksum), now_);
        run_for(60ms);
    }

    [[nodiscard]] std::string topic(const std::string& name) const {
        const auto found = retained_.find("twcbridge/" + name);
        return found == retained_.end() ? "" : found->second;
    }
    [[nodiscard]] std::string charger(const std::string& leaf, const std::string& key = "5893") const {
        return topic("charger/" + key + "/" + leaf);
    }
    [[nodiscard]] std::string problem() const { return topic("problem_reason"); }
    /// Frames of the bridge with this code, as 0xFBEE.
    [[nodiscard]] std::int64_t sent(unsigned code) const {
        const auto found = sent_.find(code);
        return found == sent_.end() ? 0 : found->second;
    }
    simulator::Bus& bus() { return bus_; }
    Bridge& bridge() { return bridge_; }
    [[nodiscard]] TimePoint now() const { return now_; }

  private:
    void drain() {
        while (const auto wire = bridge_.poll_transmit(now_)) {
            ++sent_[unsigned{wire->bytes.at(1)} << 8U | wire->bytes.at(2)];
            bus_.transmit(wire->bytes, now_);
        }
        while (const auto save = bridge_.poll_save(now_))
            bridge_.handle_saved(save->revision, std::nullopt, now_);
        while (auto publication = bridge_.poll_publication()) {
            if (publication->retain) retained_[publication->topic] = publication->payload;
        }
    }

    TimePoint now_{};
    simulator::Bus bus_;
    Bridge bridge_;
    bool opened_ = false;
    std::map<std::string, std::string> retained_;
    std::map<unsigned, std::int64_t> sent_;
};

TEST(BusFault, AUnitWithTheBridgesIdChargesUnderTheIdThatItChooses) {
    Desk desk;
    auto& unit = desk.add({.id = TwcId{0x7777}});
    desk.run_for(2min);
    EXPECT_NE(unit.id(), TwcId{0x7777});
    EXPECT_EQ(desk.charger("charging", unit.id().text()), "ON");
    EXPECT_EQ(desk.problem(), "");
    EXPECT_EQ(desk.bus().statistics().master.violations(), 0U);
}

TEST(BusFault, AUnitThatKeepsTheBridgesIdIsAProblem) {
    Desk desk;
    desk.add({});
    desk.run_for(1min);
    desk.intrude({0xFD, 0xE2, 0x77, 0x77, 0x11, 0x0C, 0x80, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_EQ(
        desk.problem(),
        "/dev/simulated: a wall connector has the bridge's own id and should choose another; if it does not, "
        "switch its power off and on");
    EXPECT_EQ(desk.charger("charging"), "ON");
    desk.run_for(40s);
    EXPECT_EQ(desk.problem(), "");
}

TEST(BusFault, TwoUnitsWithOneIdAreAProblemAndAreToldWhatToDo) {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        Desk desk;
        desk.add({.sign = 0x11, .seed = seed});
        desk.add({.sign = 0x22, .seed = seed + 100});
        desk.run_for(5min);
        EXPECT_EQ(desk.problem(),
                  "5893: two wall connectors have this id: connect one of them to a bus of its own");
        EXPECT_EQ(desk.bus().drawn(), 0_A);
        EXPECT_EQ(desk.bus().statistics().master.violations(), 0U);
    }
}

TEST(BusFault, OneUnitIsNeverTakenForTwo) {
    for (const auto delay : {150ms, 199ms, 280ms, 340ms, 700ms, 1200ms}) {
        Desk desk{Desk::fast(), {.echo = true}};
        auto& unit = desk.add({});
        unit.set_answer_time(delay);
        desk.run_for(5min);
        unit.restart();
        desk.run_for(1min);
        EXPECT_EQ(desk.problem().find("two wall connectors"), std::string::npos) << delay.count();
    }
}

TEST(BusFault, AUnitThatAnswersToNobodyIsServed) {
    Desk desk;
    desk.add({.names_no_master = true});
    desk.run_for(2min);
    EXPECT_EQ(desk.charger("charging"), "ON");
    EXPECT_EQ(desk.charger("limit_in_force"), "32");
}

TEST(BusFault, WhateverTheLineLeavesAfterAFrameIsNoFrame) {
    for (const Bytes& artefact : {Bytes{}, Bytes{0xFC}, Bytes{0xFE}, Bytes{0xF8}, Bytes{0xF0}, Bytes{0xFA},
                                  Bytes{0xFF}, Bytes{0x02, 0x00}}) {
        Desk desk{Desk::fast(), {.echo = true}};
        desk.add({.artefact = artefact});
        desk.run_for(2min);
        EXPECT_EQ(desk.charger("charging"), "ON");
        EXPECT_EQ(desk.bridge().bus_counters(0).frames_rejected, 0U);
        EXPECT_EQ(desk.bus().statistics().master.violations(), 0U);
    }
}

// Heartbeats have 14 or 16 bytes; a frame of another length that seems to be one is more likely damaged.
TEST(BusFault, AnAnswerOfAnyLengthIsTakenOrRefusedButNeverEndsACharge) {
    for (std::size_t length = 13; length <= 20; ++length) {
        SCOPED_TRACE(length);
        Desk desk;
        auto& unit = desk.add({});
        desk.run_for(2min);
        const auto heard = desk.bridge().bus_counters(0).frames_received;
        unit.forge_next_answer([&](Bytes& body) { body.resize(length - 1); });
        desk.run_for(10s);
        const bool known = length == 14 || length == 16;
        EXPECT_EQ(desk.bridge().bus_counters(0).frames_rejected, known ? 0U : 1U);
        EXPECT_GE(desk.bridge().bus_counters(0).frames_received, heard + 9);
        EXPECT_EQ(desk.charger("charging"), "ON");
        EXPECT_EQ(desk.charger("limit_in_force"), "32");
        EXPECT_EQ(unit.contactor_switched(), 0U);
    }
}

TEST(BusFault, VoltsOnOneOrThreePhasesMakeThePower) {
    for (const int phases : {1, 3}) {
        Desk desk;
        auto& unit = desk.add({.phases = phases, .volts = twc::Volts{240}}, {.plugged = true});
        desk.run_for(3min);
        EXPECT_EQ(desk.charger("voltage_l1"), "240");
        EXPECT_EQ(desk.charger("voltage_l3"), phases == 3 ? "240" : "0");
        EXPECT_EQ(desk.charger("power"), std::to_string(unit.drawn().count() * 240 * phases / 100));
    }
}

TEST(BusFault, ASilentUnitIsOfflineInTimeAndChargesAgainWhenItReturns) {
    Desk desk;
    auto& unit = desk.add({});
    desk.run_for(2min);
    unit.set_mute(true);
    desk.run_for(20s);
    EXPECT_EQ(desk.charger("status"), "online");
    desk.run_for(10s);
    EXPECT_EQ(desk.charger("status"), "offline");
    desk.run_for(2min);
    EXPECT_NE(desk.problem(), "");
    EXPECT_EQ(unit.drawn(), 0_A) << "nobody speaks to it any more";
    unit.set_mute(false);
    desk.run_for(1min);
    EXPECT_EQ(desk.charger("status"), "online");
    EXPECT_EQ(desk.charger("charging"), "ON");
    EXPECT_EQ(desk.problem(), "");
}

TEST(BusFault, AUnitThatRestartsIsServedAtOnceAndChargesOn) {
    Desk desk;
    auto& unit = desk.add({});
    desk.run_for(2min);
    for (int times = 0; times < 3; ++times) {
        unit.restart();
        desk.run_for(40s);
        EXPECT_EQ(desk.charger("status"), "online");
        EXPECT_EQ(unit.limit_in_force(), 32_A);
        EXPECT_EQ(desk.charger("charging"), "ON");
    }
    EXPECT_EQ(desk.problem(), "");
    EXPECT_EQ(desk.bus().statistics().master.violations(), 0U);
}

TEST(BusFault, OddStatesOfARunningChargeChangeNothingForTheCar) {
    for (const int state : {0x05, 0x06, 0x07, 0x08, 0x0A, 0x0B, 0x0E, 0x0F}) {
        SCOPED_TRACE(state);
        Desk desk;
        auto& unit = desk.add({});
        desk.run_for(2min);
        ASSERT_EQ(desk.charger("limit_in_force"), "32");
        unit.show_state(static_cast<std::uint8_t>(state));
        desk.run_for(1min);
        EXPECT_EQ(desk.charger("raw_state"), (std::string{"0"} + "0123456789ABCDEF"[state]));
        EXPECT_EQ(desk.charger("vehicle_connected"), "ON");
        EXPECT_EQ(desk.charger("state"), "charging");
        EXPECT_EQ(desk.charger("offered_current"), "32");
        EXPECT_EQ(desk.charger("fault"), "OFF");
        EXPECT_EQ(unit.contactor_switched(), 0U);
    }
}

TEST(BusFault, AStateOfASecondIsNoEvent) {
    Desk desk;
    auto& unit = desk.add({}, {.plugged = false});
    desk.run_for(1min);
    unit.show_state(0x05);
    desk.run_for(1s);
    unit.show_state(std::nullopt);
    desk.run_for(10s);
    EXPECT_EQ(desk.charger("vehicle_connected"), "OFF");
    unit.show_state(0x05);  // says nothing about the plug, however long
    desk.run_for(10s);
    EXPECT_EQ(desk.charger("vehicle_connected"), "OFF");
}

TEST(BusFault, AnAbsurdCounterIsNotPublished) {
    Desk desk;
    desk.add({.lifetime_wh = 8'732'946'000});
    desk.run_for(3min);
    EXPECT_EQ(desk.charger("meter_energy"), "");
    EXPECT_NE(desk.charger("voltage_l1"), "");
}

TEST(BusFault, NoVinAWrongVinAndNoAnswersAtAllStartNoStormOfQuestions) {
    struct Case {
        simulator::CarOptions car;
        simulator::Queries queries = simulator::Queries::all;
        std::int64_t vin_questions = 0;
        std::int64_t all_questions = 0;
    };
    for (const auto& [car, queries, vin_questions, all_questions] :
         {Case{{.plugged = true, .tesla = false}, simulator::Queries::all, 8, 420},
          Case{{.plugged = true, .vin = "5YJ3E1EB1KF000001"}, simulator::Queries::all, 8, 420},
          Case{{.plugged = true}, simulator::Queries::none, 6, 40}}) {
        Desk desk;
        auto& unit = desk.add({.queries = queries}, car);
        desk.run_for(1h);
        std::int64_t questions = 0;
        for (const unsigned code : {0xFBEBU, 0xFBECU, 0xFBEDU, 0xFBEEU, 0xFBEFU, 0xFBF1U})
            questions += desk.sent(code);
        EXPECT_LE(desk.sent(0xFBEE), vin_questions);
        EXPECT_LE(questions, all_questions);
        EXPECT_EQ(desk.charger("vehicle_vin"), "None");
        EXPECT_EQ(desk.charger("charging"), "ON");
        EXPECT_LE(unit.worst_heartbeat_gap(), 1500ms);
    }
}

TEST(BusFault, ACarOnFewerPhasesThanTheUnitIsLearnedFromItsMetersUntilItLeaves) {
    for (const int phases : {1, 2, 3}) {
        Desk desk;
        auto& unit = desk.add({.phases = 3}, {.plugged = true, .phases = phases});
        desk.run_for(3min);
        const auto& electrics = desk.bridge().chargers()[0]->electrics();
        EXPECT_EQ(electrics, (Electrics{phases, twc::Volts{230 * phases}}));
        EXPECT_EQ(desk.charger("power"), std::to_string(unit.drawn().count() * 230 * phases / 100));
        unit.car().stop_itself();
        desk.run_for(3min);
        EXPECT_EQ(electrics.phases, phases) << "forgotten as soon as it pauses";
        unit.car().unplug();
        desk.run_for(3min);
        EXPECT_EQ(electrics.phases, 3);
    }
}

TEST(BusFault, ASecondMasterIsNamedWithItsRemedyAndForgottenWhenItIsGone) {
    Desk desk;
    desk.add({});
    desk.run_for(1min);
    for (int second = 0; second < 20; ++second) {
        desk.intrude({0xFB, 0xE0, 0x79, 0x73, 0x34, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        desk.run_for(1s);
    }
    EXPECT_EQ(desk.problem(), "wall connector 7973 is in master position: set its rotary switch to F");
    EXPECT_EQ(desk.topic("problem"), "ON");
    EXPECT_EQ(desk.charger("charging"), "ON");
    desk.run_for(3min);
    EXPECT_EQ(desk.problem(), "");
}

TEST(BusFault, AFourthUnitWaitsUntilAPlaceIsFree) {
    Desk desk;
    for (const int id : {0x1111, 0x2222, 0x3333, 0x4444})
        desk.add({.id = TwcId{static_cast<std::uint16_t>(id)}});
    desk.run_for(2min);
    EXPECT_EQ(desk.bridge().chargers().size(), 3U);
    desk.bus().units().at(0)->power_off();
    desk.bus().units().at(1)->power_off();
    desk.bus().units().at(2)->power_off();
    desk.run_for(2min);
    EXPECT_EQ(desk.charger("status", "4444"), "online");
    EXPECT_EQ(desk.bus().statistics().master.violations(), 0U);
}

// The damage of 1 % of all bytes: a third each changed, lost, and joined by one that nobody sent.
constexpr simulator::Noise one_percent{.drop = 3'333, .flip = 3'333, .insert = 3'333};

/// Gaps between the answers of a unit that the bridge understood.
class AnsweredGaps {
  public:
    void look(const twc::Unit& unit) {
        if (!unit.heard || unit.heard == last_) return;
        if (last_) gaps_.push_back(*unit.heard - *last_);
        last_ = unit.heard;
    }
    [[nodiscard]] Duration at_permille(std::size_t permille) {
        std::ranges::sort(gaps_);
        return gaps_.at((gaps_.size() - 1) * permille / 1000);
    }

  private:
    std::optional<TimePoint> last_;
    std::vector<Duration> gaps_;
};

/// A day on a bad cable; returns the gap that one in a thousand exceeds, and the longest.
std::pair<Duration, Duration> day_of_noise(std::size_t units, const simulator::Noise& noise) {
    twc::MasterSettings settings;
    simulator::Bus bus{{.noise = noise, .seed = 7}};
    for (std::size_t index = 1; index <= units; ++index) {
        const TwcId id{static_cast<std::uint16_t>(0x1111 * index)};
        settings.known.push_back({.id = id, .max_current = 32_A});
        bus.add({.id = id}, {.plugged = true});
    }
    twc::Master master{settings};
    std::vector<AnsweredGaps> gaps(units);
    TimePoint now{};
    master.handle_open(now);
    int lost = 0;
    while (now < TimePoint{24h}) {
        now = std::max(now, std::min(master.next_deadline(), bus.next_event()));
        const auto received = bus.take_received(now);
        if (!received.empty()) master.handle_bytes(received, now);
        if (now >= master.next_deadline()) master.handle_timeout(now);
        while (const auto wire = master.poll_transmit(now)) bus.transmit(*wire, now);
        while (const auto event = master.poll_event())
            lost += std::holds_alternative<twc::UnitLost>(*event) ? 1 : 0;
        for (std::size_t index = 0; index < units; ++index)
            gaps[index].look(*master.unit(settings.known[index].id));
    }
    EXPECT_EQ(lost, 0);
    EXPECT_EQ(bus.statistics().master.bad_frames() + bus.statistics().master.forbidden, 0U);
    Duration rare{};
    Duration longest{};
    for (auto& unit : gaps) {
        rare = std::max(rare, unit.at_permille(999));
        longest = std::max(longest, unit.at_permille(1000));
    }
    return {rare, longest};
}

TEST(Noise, OfOnePercentOfAllBytesLosesNoUnitInADayAndLeavesGapsOfAtMostFiveSeconds) {
    for (const std::size_t units : {1U, 3U}) {
        const auto [rare, longest] = day_of_noise(units, one_percent);
        RecordProperty("units_" + std::to_string(units), std::to_string(rare.count()));
        EXPECT_LE(rare, 5s);
        EXPECT_LE(longest, 20s);
    }
}

TEST(Noise, OfThreePercentLosesNoUnitInADayEither) {
    const simulator::Noise three_percent{.drop = 10'000, .flip = 10'000, .insert = 10'000};
    const auto [rare, longest] = day_of_noise(1, three_percent);
    EXPECT_LE(rare, 8s);
    EXPECT_LE(longest, 26s);
}

/// What a frame may say whose checksum is right by chance.
void lie(simulator::Random& random, Bytes& body) {
    for (std::size_t at = 4; at < body.size(); ++at) {
        if (random.chance(400'000)) body[at] = static_cast<std::uint8_t>(random.next());
    }
}

twc::Watts power_offered(Site& site) {
    twc::Watts power;
    for (const auto* charger : site.bridge().chargers())
        power += twc::Watts{charger->offered().count() * charger->electrics().volts.count() / 100};
    return power;
}

/// The most power offered to three sunny cars together in the 20 s after one of their units has perhaps lied
/// once. Together, for a lie may lower one car for a moment, and what it then really leaves is the others'.
twc::Watts offered_after(std::optional<std::uint32_t> lie_number) {
    auto config = quick_config();
    config.inputs.generation.reset();
    config.inputs.consumption.reset();
    config.inputs.grid = config::Input{"twcbridge/input/grid", std::nullopt, 1};
    config.mode = config::Mode::solar;
    Site site{config,
              {{.id = TwcId{0x1111}, .car = {.plugged = true}, .phases = 3},
               {.id = TwcId{0x2222}, .car = {.plugged = true, .phases = 1}, .phases = 3},
               {.id = TwcId{0x3333}, .car = {.plugged = false}}}};
    site.sun(14'000);
    site.run_for(4min);
    simulator::Random random{lie_number.value_or(0)};
    if (lie_number) {
        site.bus().units().at(random.next() % 3)->forge_next_answer([&](Bytes& body) { lie(random, body); });
    }
    twc::Watts highest;
    for (int tenth = 0; tenth < 200; ++tenth) {
        site.run_for(100ms);
        highest = std::max(highest, power_offered(site));
    }
    return highest;
}

TEST(Noise, NoOfferIsEverRaisedOnTheWordOfASingleFrame) {
    const auto honest = offered_after(std::nullopt);
    ASSERT_GT(honest, twc::Watts{12'000});
    constexpr twc::Watts half_an_amp_each{(3 + 1) * 230 / 2};
    for (std::uint32_t number = 1; number <= 100; ++number) {
        SCOPED_TRACE(number);
        EXPECT_LE(offered_after(number), honest + half_an_amp_each);
        if (Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace bridge::tests

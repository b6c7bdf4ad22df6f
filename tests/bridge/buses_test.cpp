// Several buses under one roof: ceilings of each and of all, against what is in force at the units
// themselves.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/bridge/site.hpp"

namespace bridge::tests {
namespace {

constexpr std::array bus_names{"garage", "yard", "street"};

/// Three buses of 20 A, 16 A and 12 A behind 40 A; after every step, no raise may have taken anything beyond.
class Roof {
  public:
    Roof() {
        config_.mode = config::Mode::fast;
        config_.wiring_max_all = 40_A;
        config_.wiring_max_each = 16_A;
        config_.buses.clear();
        for (std::size_t bus = 0; bus < bus_names.size(); ++bus) {
            config_.buses.push_back(
                {"/dev/" + std::string{bus_names.at(bus)}, bus_names.at(bus), wiring_.at(bus)});
            lines_.push_back(std::make_unique<Line>(static_cast<std::uint32_t>(bus + 1)));
        }
        restart_bridge();
    }

    simulator::WallConnector& add(std::size_t bus, int id, simulator::CarOptions car = {.plugged = true}) {
        return line(bus).units.add({.id = TwcId{static_cast<std::uint16_t>(id)}}, std::move(car));
    }
    simulator::WallConnector& unit(std::size_t bus, int id) {
        return line(bus).units.unit(TwcId{static_cast<std::uint16_t>(id)});
    }
    void restart_bridge() {
        bridge_ = std::make_unique<Bridge>(config_, stored_, BridgeOptions{}, now_);
        bridge_->handle_broker(true, "", now_);
        for (std::size_t bus = 0; bus < lines_.size(); ++bus) plug(bus);
    }
    void plug(std::size_t bus) {
        line(bus).open = true;
        (void)line(bus).units.take_received(now_);
        bridge_->handle_bus_open(bus, now_);
    }
    void unplug(std::size_t bus) {
        line(bus).open = false;
        bridge_->handle_bus_closed(bus, "the adapter is gone", now_);
    }
    void send(const std::string& topic, const std::string& payload) {
        bridge_->handle_message({"twcbridge/" + topic, payload, false}, now_);
        drain();
    }
    void run_for(Duration duration) {
        for (const auto end = now_ + duration; now_ < end && !testing::Test::HasFatalFailure();) {
            auto next = std::min(end, bridge_->next_deadline());
            for (const auto& line : lines_) next = std::min(next, line->units.next_event());
            now_ = std::max(now_, next);
            for (std::size_t bus = 0; bus < lines_.size(); ++bus) {
                line(bus).units.advance(now_);
                const auto received = line(bus).units.take_received(now_);
                if (!received.empty() && line(bus).open) bridge_->handle_bytes(bus, received, now_);
            }
            if (now_ >= bridge_->next_deadline()) bridge_->handle_timeout(now_);
            drain();
            check();
        }
    }

    [[nodiscard]] std::string topic(const std::string& name) const {
        const auto found = retained_.find("twcbridge/" + name);
        return found == retained_.end() ? "" : found->second;
    }
    [[nodiscard]] std::string charger(const std::string& key, const std::string& leaf) const {
        return topic("charger/" + key + "/" + leaf);
    }
    [[nodiscard]] Centiamps in_force(std::size_t bus) const {
        return lines_.at(bus)->units.limits_in_force();
    }
    [[nodiscard]] Centiamps in_force() const {
        Centiamps sum;
        for (const auto& line : lines_) sum += line->units.limits_in_force();
        return sum;
    }
    [[nodiscard]] simulator::BusStatistics statistics(std::size_t bus) const {
        return lines_.at(bus)->units.statistics();
    }
    [[nodiscard]] Centiamps wiring(std::size_t bus) const { return wiring_.at(bus); }

  private:
    /// A unit as it was at the last check.
    struct Seen {
        Centiamps in_force;
        Centiamps forgotten;  ///< had in force before it gave up by itself, until it is spoken to
        std::uint64_t heartbeats = 0;
    };
    struct Line {
        explicit Line(std::uint32_t seed) : units{{.seed = seed}} {}
        simulator::Bus units;
        bool open = false;
        std::map<const simulator::WallConnector*, Seen> seen;
    };
    Line& line(std::size_t bus) { return *lines_.at(bus); }

    void drain() {
        while (const auto wire = bridge_->poll_transmit(now_)) {
            ASSERT_TRUE(line(wire->bus).open);
            line(wire->bus).units.transmit(wire->bytes, now_);
        }
        while (const auto save = bridge_->poll_save(now_)) {
            stored_ = save->settings;
            bridge_->handle_saved(save->revision, std::nullopt, now_);
        }
        while (auto publication = bridge_->poll_publication()) {
            if (publication->retain) retained_[publication->topic] = publication->payload;
        }
    }

    void check() {
        ceiling_.note(bridge_->ceiling().amps, now_, 50ms);
        for (std::size_t bus = 0; bus < lines_.size(); ++bus) {
            for (const auto* unit : line(bus).units.units()) {
                auto& seen = line(bus).seen[unit];
                const auto before = std::exchange(seen.in_force, unit->limit_in_force());
                const bool spoken_to =
                    std::exchange(seen.heartbeats, unit->heartbeats()) != unit->heartbeats();
                if (unit->limit_in_force() < before && !spoken_to) seen.forgotten = before;
                // What reaches it first was meant for the limit that it had.
                const bool restored = unit->limit_in_force() <= seen.forgotten;
                if (spoken_to) seen.forgotten = {};
                if (unit->limit_in_force() <= before || restored) continue;
                ASSERT_LE(in_force(bus), wiring_.at(bus)) << bus_names.at(bus);
                ASSERT_LE(in_force(), ceiling_.value()) << bus_names.at(bus);
            }
            ASSERT_EQ(statistics(bus).master.violations(), 0U) << bus_names.at(bus);
        }
    }

    const std::array<Centiamps, 3> wiring_{20_A, 16_A, 12_A};
    config::Config config_ = quick_config();
    Settings stored_;
    std::vector<std::unique_ptr<Line>> lines_;
    std::unique_ptr<Bridge> bridge_;
    TimePoint now_{};
    std::map<std::string, std::string> retained_;
    RecentMaximum<Centiamps> ceiling_;
};

/// Two cars in the garage, two in the yard, of which one has the id of one in the garage, one in the street.
void fill(Roof& roof) {
    roof.add(0, 0x1111);
    roof.add(0, 0x2222);
    roof.run_for(1min);
    roof.add(1, 0x1111);
    roof.add(1, 0x3333);
    roof.add(2, 0x4444);
    roof.run_for(4min);
}

TEST(Buses, EachKeepsItsOwnCeilingAndAllKeepThatOfTheSite) {
    Roof roof;
    fill(roof);
    for (std::size_t bus = 0; bus < bus_names.size(); ++bus) EXPECT_LE(roof.in_force(bus), roof.wiring(bus));
    EXPECT_LE(roof.in_force(), 40_A);
    EXPECT_GT(roof.in_force(), 39_A) << "what there is is used";
    EXPECT_EQ(roof.charger("1111", "charging"), "ON");
    for (std::size_t bus = 0; bus < bus_names.size(); ++bus)
        EXPECT_LE(roof.statistics(bus).worst_heartbeat_gap, 1500ms);
}

TEST(Buses, LowerBeforeTheyRaiseWhenCarsOfOneChangePlaces) {
    Roof roof;
    roof.add(0, 0x1111);
    roof.add(0, 0x2222);
    roof.run_for(3min);
    for (int turn = 0; turn < 10 && !testing::Test::HasFatalFailure(); ++turn) {
        roof.send("charger/1111/priority/set", turn % 2 == 0 ? "9" : "1");
        roof.run_for(20s);
        EXPECT_EQ(roof.unit(0, 0x1111).limit_in_force(), turn % 2 == 0 ? 14_A : 6_A);
        EXPECT_EQ(roof.unit(0, 0x2222).limit_in_force(), turn % 2 == 0 ? 6_A : 14_A);
    }
}

TEST(Buses, WithOneIdOnTwoOfThemHaveTwoChargersThatObeyTheirOwnCommands) {
    Roof roof;
    fill(roof);
    EXPECT_EQ(roof.charger("yard_1111", "charging"), "ON");
    roof.send("charger/yard_1111/charge/set", "OFF");
    roof.send("charger/1111/limit/set", "7");
    roof.run_for(3min);
    EXPECT_EQ(roof.charger("1111", "offered_current"), "7");
    EXPECT_EQ(roof.unit(0, 0x1111).limit_in_force(), 7_A);
    EXPECT_EQ(roof.unit(1, 0x1111).drawn(), 0_A);
    EXPECT_EQ(roof.charger("1111", "charging"), "ON");
    EXPECT_EQ(roof.charger("yard_1111", "charging"), "OFF");

    // The names stay with their buses, whoever is heard first.
    roof.restart_bridge();
    roof.run_for(2min);
    EXPECT_EQ(roof.charger("1111", "limit"), "7");
    EXPECT_EQ(roof.charger("yard_1111", "charge"), "OFF");
    EXPECT_EQ(roof.unit(1, 0x1111).drawn(), 0_A);
}

TEST(Buses, ThatAreLostLeaveTheOthersAlone) {
    Roof roof;
    fill(roof);
    const auto in_street = roof.in_force(2);
    roof.unplug(0);
    roof.run_for(10s);
    EXPECT_EQ(roof.topic("problem"), "ON");
    EXPECT_EQ(roof.charger("3333", "status"), "online");
    EXPECT_GE(roof.in_force(2), in_street);
    roof.run_for(3min);
    EXPECT_EQ(roof.charger("2222", "status"), "offline");
    EXPECT_EQ(roof.in_force(0), 0_A) << "without heartbeats its units stop their cars";
    EXPECT_GT(roof.in_force(1) + roof.in_force(2), 27_A) << "what the garage leaves is the others'";
    EXPECT_LE(roof.statistics(1).worst_heartbeat_gap, 1500ms);
    EXPECT_LE(roof.statistics(2).worst_heartbeat_gap, 1500ms);

    roof.plug(0);
    roof.run_for(4min);
    EXPECT_EQ(roof.topic("problem"), "OFF");
    EXPECT_GT(roof.in_force(), 39_A);
    for (const char* key : {"1111", "2222", "yard_1111", "3333", "4444"})
        EXPECT_EQ(roof.charger(key, "charging"), "ON") << key;
}

TEST(Buses, TakeASilentUnitAsUsingWhatItHadUntilItMustHaveStopped) {
    Roof roof;
    fill(roof);
    auto& silent = roof.unit(1, 0x3333);
    const auto had = silent.limit_in_force();
    silent.set_mute(true);
    roof.run_for(20s);
    EXPECT_LE(roof.in_force(1), 16_A);
    EXPECT_EQ(silent.limit_in_force(), had);
    roof.run_for(3min);
    silent.set_mute(false);
    silent.restart();
    roof.run_for(4min);
    EXPECT_EQ(roof.charger("3333", "charging"), "ON");
    EXPECT_GT(roof.in_force(), 39_A);
}

TEST(Buses, ThatFallSilentAndReturnByTurnsNeverExceedAnything) {
    Roof roof;
    fill(roof);
    simulator::Random random{11};
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
        const auto bus = static_cast<std::size_t>(random.next() % 3);
        roof.unplug(bus);
        roof.run_for(random.between(1s, 70s));
        roof.send("total_limit/set", std::to_string(12 + random.next() % 29));
        roof.run_for(random.between(100ms, 5s));
        roof.plug(bus);
        roof.run_for(random.between(1s, 40s));
        if (step % 7 == 0) roof.unit(1, 0x3333).restart();
        if (step % 5 == 0) roof.unit(0, 0x2222).car().set_plugged(step % 2 == 0);
    }
}

TEST(Buses, SayWhichCeilingKeepsACarFromMoreAndWhetherItIsShared) {
    Roof roof;
    roof.add(0, 0x1111);
    roof.add(2, 0x4444);
    roof.run_for(3min);
    EXPECT_EQ(roof.charger("4444", "reason"), "limited by wiringMaxAmps of bus street 12 A")
        << "alone on its bus it shares nothing";
    EXPECT_EQ(roof.charger("1111", "reason"), "limited by wiringMaxAmpsPerTWC 16 A");
    roof.add(0, 0x2222);
    roof.run_for(3min);
    EXPECT_EQ(roof.charger("1111", "reason"), "sharing wiringMaxAmps of bus garage 20 A with other chargers");
    roof.send("total_limit/set", "24");
    roof.run_for(1min);
    EXPECT_EQ(roof.charger("4444", "reason"), "sharing total_limit 24 A with other chargers");
}

}  // namespace
}  // namespace bridge::tests

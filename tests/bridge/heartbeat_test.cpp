// How even heartbeats are: questions, late answers and silent units must not keep them back.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "bridge/simulator/bus.hpp"
#include "bridge/simulator/random.hpp"
#include "twc/master.hpp"

namespace bridge::tests {
namespace {

using namespace std::chrono_literals;
using namespace twc::literals;
using twc::Duration;
using twc::TimePoint;
using twc::TwcId;

/// A master and three charging units of a real one's manners, for as long as wanted.
class Line {
  public:
    explicit Line(std::uint32_t seed, simulator::Queries of_the_second = simulator::Queries::all)
        : bus_{{.seed = seed}}, master_{{.known = known}} {
        for (const auto& unit : known) {
            bus_.add({.id = unit.id,
                      .queries = unit.id == known[1].id ? of_the_second : simulator::Queries::all,
                      .seed = seed},
                     {.plugged = true});
        }
        master_.handle_open(now_);
    }
    void run_for(Duration time, const std::function<void()>& each_step = [] {}) {
        for (const auto end = now_ + time; now_ < end;) {
            now_ = std::clamp(std::min(master_.next_deadline(), bus_.next_event()), now_, end);
            const auto received = bus_.take_received(now_);
            if (!received.empty()) master_.handle_bytes(received, now_);
            if (now_ >= master_.next_deadline()) master_.handle_timeout(now_);
            each_step();
            while (const auto wire = master_.poll_transmit(now_)) send(*wire);
            while (master_.poll_event()) continue;
        }
    }
    /// Everybody has been asked everything, and charges.
    void settle() {
        run_for(3min);
        for (const auto& unit : known)
            master_.set_wish(unit.id, {.kind = twc::Wish::Kind::limit, .limit = 16_A}, {});
        run_for(2min);
        for (const auto* unit : bus_.units()) EXPECT_GT(unit->drawn(), 10_A);
        gaps_.clear();
        questions_ = 0;
    }
    /// How far from the round's length the gap is that so many in a thousand do not exceed.
    [[nodiscard]] Duration jitter_at(std::size_t permille) {
        std::vector<Duration> deviations;
        for (const auto gap : gaps_) deviations.push_back(std::chrono::abs(gap - twc::round_time(3)));
        std::ranges::sort(deviations);
        return deviations.at((deviations.size() - 1) * permille / 1000);
    }
    [[nodiscard]] Duration longest_gap() const { return *std::ranges::max_element(gaps_); }
    [[nodiscard]] int questions() const { return questions_; }
    simulator::Bus& bus() { return bus_; }

  private:
    void send(const std::vector<std::uint8_t>& wire) {
        bus_.transmit(wire, now_);
        if (wire.at(2) != 0xE0) {
            ++questions_;
            return;
        }
        const auto to = simulator::number_at(wire, 5);  // the ids here need no escapes
        const auto before = std::exchange(sent_[to], now_);
        if (before != TimePoint{}) gaps_.push_back(now_ - before);
    }

    inline static const std::vector<twc::KnownUnit> known{{.id = TwcId{0x1111}, .max_current = 32_A},
                                                          {.id = TwcId{0x2222}, .max_current = 32_A},
                                                          {.id = TwcId{0x3333}, .max_current = 32_A}};
    simulator::Bus bus_;
    twc::Master master_;
    TimePoint now_{1h};
    std::map<unsigned, TimePoint> sent_;
    std::vector<Duration> gaps_;
    int questions_ = 0;
};

TEST(Heartbeats, KeepTheirRhythmWithinFiftyMillisecondsBesideQuestions) {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        Line line{seed};
        line.settle();
        line.run_for(1h);
        EXPECT_LE(line.jitter_at(500), 5ms);
        EXPECT_LE(line.jitter_at(990), 50ms);
        EXPECT_LE(line.jitter_at(1000), 100ms);
        EXPECT_GE(line.questions(), 3 * 340) << "each meter is read about every 10 s";
        EXPECT_EQ(line.bus().statistics().master.violations(), 0U);
    }
}

// The earliest and the latest that were seen, and 195 ms, as recorded units do.
TEST(Heartbeats, KeepTheirRhythmWhenAllAnswerAlikeLate) {
    for (const auto delay : {150ms, 175ms, 195ms, 200ms}) {
        Line line{1};
        for (auto* unit : line.bus().units()) unit->set_answer_time(delay);
        line.settle();
        line.run_for(20min);
        RecordProperty("p99_" + std::to_string(delay.count()), std::to_string(line.jitter_at(990).count()));
        EXPECT_LE(line.jitter_at(990), 50ms) << delay.count();
        EXPECT_GE(line.questions(), 3 * 110) << delay.count();
    }
}

TEST(Heartbeats, KeepTheirRhythmBesideAUnitThatAnswersNoQuestions) {
    Line line{1, simulator::Queries::none};
    line.settle();
    line.run_for(1h);
    EXPECT_LE(line.jitter_at(990), 50ms);
    EXPECT_LE(line.jitter_at(1000), 150ms);
}

TEST(Heartbeats, ToTheOthersKeepTheirRhythmWhenAUnitFallsSilentAndReturns) {
    Line line{1};
    line.settle();
    line.bus().units().at(1)->set_mute(true);
    line.run_for(20s);
    line.bus().units().at(1)->set_mute(false);
    line.run_for(10min);
    EXPECT_LE(line.longest_gap(), 1500ms);
    EXPECT_LE(line.jitter_at(970), 100ms);
    EXPECT_LE(line.jitter_at(500), 5ms);
}

}  // namespace
}  // namespace bridge::tests

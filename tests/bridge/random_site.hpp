// A site that nobody would build, made by dice: buses, units, cars, house, meters and owner, second by
// second, with everything that can go wrong. It obeys the offers that it is given and knows the truth of
// itself.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "bridge/core/cosim.hpp"
#include "bridge/simulator/random.hpp"

namespace bridge::tests {

constexpr std::int64_t volts = 230;  ///< on every phase of a random site

/// A wall connector, its car, and what the owner has said of both.
struct RandomUnit {
    std::string id;   ///< in a second of Cosim
    std::string key;  ///< in topics
    std::size_t bus = 0;
    int phases = 1;
    int obeys_after = 1;                        ///< s
    std::optional<twc::Centiamps> own_maximum;  ///< of the car

    bool online = true;
    bool vehicle = true;
    bool asleep = false;
    bool defiant = false;            ///< draws more than its limit
    std::int64_t stuck_until = 0;    ///< keeps its limit whatever it is told
    std::int64_t offline_since = 0;  ///< a unit without a master stops within half a minute

    std::optional<config::Mode> mode;
    bool allowed = true;
    int priority = 5;
    std::optional<twc::Centiamps> limit_of_owner;

    twc::Centiamps in_force;
    twc::Centiamps drawn;
    std::deque<twc::Centiamps> on_the_way;  ///< offers that it has not taken yet
};

class RandomSite {
  public:
    explicit RandomSite(std::uint32_t seed);

    /// The next second. Nonsense that the bridge must refuse is in `nonsense`, to be added where wanted.
    const Second& next();
    [[nodiscard]] const Second& nonsense() const { return nonsense_; }
    /// True when a new bridge process begins with this second, to which the owner's settings are told again.
    [[nodiscard]] bool restarts() const { return restarts_; }
    /// The units take these offers as they do.
    void obey(const std::vector<CosimOffer>&);

    [[nodiscard]] const config::Config& config() const { return config_; }
    [[nodiscard]] const std::vector<RandomUnit>& units() const { return units_; }
    [[nodiscard]] std::int64_t now() const { return second_.t; }
    [[nodiscard]] config::Mode mode_of(const RandomUnit&) const;
    [[nodiscard]] twc::Centiamps total() const { return total_; }
    /// Since when nothing arrived of which the surplus is made, or the fuse's headroom; never: 0.
    [[nodiscard]] std::int64_t last_surplus() const;
    [[nodiscard]] std::int64_t last_headroom() const;
    /// Most that a value may be old.
    [[nodiscard]] std::int64_t most_age() const;
    /// What the house alone draws from the grid on this phase.
    [[nodiscard]] twc::Centiamps house(std::size_t phase) const;
    /// What it leaves for cars, W.
    [[nodiscard]] std::int64_t surplus() const { return sun_ - load_[0] - load_[1] - load_[2] - reserve_; }
    [[nodiscard]] std::int64_t calm_since() const { return calm_since_; }  ///< sun, house and owner
    [[nodiscard]] bool meter_alive() const { return meter_alive_; }
    [[nodiscard]] std::int64_t meter_interval() const { return interval_; }

  private:
    struct Message {
        std::int64_t due;
        Second values;
    };

    std::int64_t below(std::int64_t end) {
        return static_cast<std::int64_t>(random_.next() % static_cast<std::uint32_t>(end));
    }
    bool once_in(std::int64_t seconds) { return below(seconds) == 0; }
    config::Config random_config();
    void random_units();
    void house_lives();
    void owner_acts();
    void owner_sets(RandomUnit&);
    void talk_nonsense();
    void units_suffer();
    void suffer(RandomUnit&);
    void draw();
    void measure();
    void say_everything_again();
    void set(const std::string& name, const std::string& value) {
        second_.commands.emplace_back(name, value);
    }

    simulator::Random random_;
    config::Config config_;
    std::vector<RandomUnit> units_;
    Second second_;
    Second nonsense_;
    bool restarts_ = false;

    config::Mode mode_ = config::Mode::solar;
    twc::Centiamps total_;
    std::int64_t reserve_ = 0;
    std::int64_t calm_since_ = 0;

    std::int64_t sun_ = 3000;
    std::int64_t solar_phases_ = 1;
    std::array<std::int64_t, 3> load_{300, 0, 0};
    std::int64_t kettle_until_ = 0;
    std::size_t kettle_phase_ = 0;
    std::int64_t kettle_ = 0;

    std::int64_t interval_ = 5;
    std::int64_t most_delay_ = 0;
    bool meter_alive_ = true;
    std::deque<Message> messages_;
    std::int64_t heard_grid_ = 0;
    std::int64_t heard_generation_ = 0;
    std::int64_t heard_consumption_ = 0;
    std::int64_t heard_currents_ = 0;
};

}  // namespace bridge::tests

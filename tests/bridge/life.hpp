// A random site with everything that owners, cars, the sun and bad luck can do to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bridge/simulator/random.hpp"
#include "tests/bridge/site.hpp"

namespace bridge::tests {

class Dice {
  public:
    explicit Dice(std::uint32_t seed) : random_{seed} {}
    /// In [low, high].
    std::int64_t number(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random_.next() % static_cast<std::uint32_t>(high - low + 1));
    }
    bool one_in(std::int64_t cases) { return number(1, cases) == 1; }
    template <class Value>
    const Value& pick(const std::vector<Value>& values) {
        return values[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(values.size()) - 1))];
    }
    template <class Value>
    std::vector<Value> shuffled_part(std::vector<Value> values) {
        std::vector<Value> part;
        while (!values.empty()) {
            const auto last = static_cast<std::int64_t>(values.size()) - 1;
            const auto at = values.begin() + static_cast<std::ptrdiff_t>(number(0, last));
            if (!one_in(3)) part.push_back(*at);
            values.erase(at);
        }
        return part;
    }
    std::uint32_t seed() { return random_.next(); }

  private:
    simulator::Random random_;
};

/// How often something happens.
enum class Pace : std::uint8_t {
    hectic,  ///< every few seconds
    daily,   ///< now and then several things at once, and minutes of peace
};

class Life {
  public:
    /// `noisy`: on a bad cable all the time.
    Life(std::uint32_t seed, bool noisy, Pace = Pace::hectic);

    void live(std::chrono::seconds span);
    /// Everything is well again and everybody may charge.
    void recover();
    [[nodiscard]] bool everybody_charges();
    [[nodiscard]] bool room_for_everybody() const;
    Site& site() { return site_; }
    /// How many mishaps there were, of each kind.
    [[nodiscard]] const std::map<std::string, int>& mishaps() const { return mishaps_; }

  private:
    void something_happens();
    void somebody_commands();
    void the_sun_moves();
    void an_input_is_odd();
    void a_car_does_something();
    void a_unit_fails();
    void the_bridge_suffers();
    void something_rare_happens();
    void somebody_mends_everything();
    void the_adapter_goes();
    void the_adapter_comes();
    void the_disk(const std::optional<std::string>& error);
    void restart_in_order();
    void die();

    Dice dice_;
    Pace pace_;
    std::vector<UnitSpec> units_;
    config::Config config_;
    Site site_;
    std::map<std::string, int> mishaps_;
    bool adapter_ = true;
    std::optional<TimePoint> disk_works_since_{TimePoint{}};
    bool noisy_all_the_time_;
};

}  // namespace bridge::tests

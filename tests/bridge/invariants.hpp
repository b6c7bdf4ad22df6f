// Looks at a random site after every second and fails the test when something is not as it must always be.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "bridge/core/controller.hpp"
#include "bridge/core/cosim.hpp"
#include "tests/bridge/random_site.hpp"

namespace bridge::tests {

class Invariants {
  public:
    explicit Invariants(const RandomSite&);

    /// The bridge was restarted: what it counted it counts anew.
    void restarted();
    /// Before the site obeys them. `controller` gave the offers.
    void check(const Controller& controller, const std::vector<CosimOffer>& offers);
    /// After a long life: the books.
    void check_energy(const Controller& controller) const;

  private:
    struct Seen {
        twc::Centiamps offered;
        twc::Centiamps in_force;
        bool gone = false;    ///< without a vehicle; believed when it came twice
        bool wanted = false;  ///< by the plan
        std::optional<std::int64_t> started;
        std::optional<std::int64_t> stopped;
        int voluntary_stops = 0;
        bool was_offline = false;
        double energy = 0;  ///< W s
    };

    [[nodiscard]] bool stale_for(std::int64_t seconds) const;
    void check_sums(const Controller&, const std::vector<CosimOffer>&);
    void check_raises(const Controller&);
    void check_offer(const RandomUnit&, const Seen&, const CosimOffer&) const;
    void check_sun(const RandomUnit&, const Seen&, const CosimOffer&) const;
    void check_switch(const RandomUnit&, Seen&, const Charger&, const CosimOffer&) const;
    void check_blind_fuse(const Controller&, const std::vector<CosimOffer>&) const;
    void check_main_fuse(const std::vector<CosimOffer>&);
    void check_priorities(const std::vector<CosimOffer>&) const;
    void check_harvest(const std::vector<CosimOffer>&) const;
    void remember(const Controller&, const std::vector<CosimOffer>&);

    const RandomSite& site_;
    const config::Config& config_;
    std::vector<Seen> seen_;
    std::deque<twc::Centiamps> ceilings_;  // of the last seconds
    std::int64_t crowded_ = 0;             // seconds with more than the main fuse's ceiling
    std::int64_t over_fuse_ = 0;
    std::int64_t restarted_ = 0;
    std::int64_t not_well_ = 0;  // last second in which a unit or a car misbehaved
};

}  // namespace bridge::tests

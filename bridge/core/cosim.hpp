// The controller in a simulated world of whole seconds: the same decisions as in the service, for somebody
// else's model of cars and house.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/controller.hpp"
#include "config/config.hpp"
#include "mqtt/topics.hpp"
#include "twc/units.hpp"

namespace bridge {

/// What one unit reports in this second.
struct SimulatedCharger {
    std::string id;  ///< four hex digits; on one of several buses "<bus>_<id>"
    bool online = true;
    bool vehicle = false;
    twc::Centiamps limit;  ///< in force
    twc::Centiamps drawn;  ///< per phase
    std::array<int, 3> volts{};
};

/// What happened since the second before. Inputs: only what arrived.
struct Second {
    std::int64_t t = 0;
    std::optional<twc::Watts> generation = {}, consumption = {}, grid = {}, battery = {};
    std::array<std::optional<twc::Centiamps>, 3> grid_currents{};
    std::vector<std::pair<std::string, std::string>> commands{};  ///< {"mode", "solar"}, as the …/set topics
    std::vector<SimulatedCharger> chargers{};
};

struct CosimOffer {
    std::string id;
    twc::Centiamps amps;  ///< 0 while the car shall not charge
    bool charge = false;
    std::string reason;
};

class Cosim {
  public:
    explicit Cosim(const config::Config&);

    /// The offers after this second, one for each charger of it, in its order. `t` rises strictly. A stop
    /// succeeds always, because the model obeys `charge`.
    std::vector<CosimOffer> step(const Second&);
    /// What was refused since the last call, one sentence each: unknown ids, inputs and commands.
    std::vector<std::string> take_refusals() { return std::exchange(refusals_, {}); }
    /// For whoever wants to see more than offers; nothing before the first step.
    [[nodiscard]] const Controller* controller() const { return controller_.get(); }

  private:
    /// One unit as the controller has been told of it.
    struct Unit {
        std::string id;
        Charger* charger;
        bool online;
        std::array<int, 3> volts;
        std::int64_t wish_since;
    };

    Unit* unit_of(const SimulatedCharger&, twc::TimePoint now);
    void report(const SimulatedCharger&, std::int64_t t, twc::TimePoint now);
    void take_inputs(const Second&, twc::TimePoint now);
    void obey(const std::pair<std::string, std::string>& command);

    config::Config config_;
    const broker::Topics topics_;
    std::unique_ptr<Controller> controller_;
    std::vector<Unit> units_;
    std::vector<std::string> refusals_;
};

}  // namespace bridge

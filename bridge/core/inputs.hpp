// What the house says about itself, made into what chargers may use.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/meter_lag.hpp"
#include "bridge/core/reading.hpp"
#include "bridge/core/self_check.hpp"
#include "config/config.hpp"
#include "mqtt/values.hpp"
#include "twc/expected.hpp"
#include "twc/time.hpp"
#include "twc/units.hpp"

namespace bridge {

/// The values of one moment. Absent: not configured or never heard; all of them may be old, see `fresh`.
struct SitePicture {
    std::optional<twc::Watts> solar;
    std::optional<twc::Watts> house;    ///< without chargers
    std::optional<twc::Watts> grid;     ///< + = import
    std::optional<twc::Watts> surplus;  ///< what chargers may use in all, grid reserve taken off
    bool fresh = false;                 ///< every value that the surplus is made of is young enough
    bool heard = false;                 ///< fresh at least once in this run
    twc::TimePoint stale_from;          ///< when the first of them became or becomes too old
    bool operator==(const SitePicture&) const = default;
};

/// What the house can say, one value each.
enum class InputKind : std::uint8_t { generation, consumption, grid, battery, grid_l1, grid_l2, grid_l3 };

class Inputs {
  public:
    Inputs(const config::Config&, twc::TimePoint started);

    /// The topics to subscribe, each once.
    [[nodiscard]] std::vector<std::string> topics() const;
    [[nodiscard]] bool is_input(std::string_view topic) const;

    /// A message on an input's topic: nothing when every input that uses the topic could read it; otherwise
    /// why not.
    std::optional<broker::Reason> receive(std::string_view topic, std::string_view payload, bool retained,
                                          twc::TimePoint now);
    /// A value that is in W (A for grid currents) already, in thousandths; why it was refused, if it was.
    std::optional<broker::Reason> receive(InputKind, std::int64_t thousandths, twc::TimePoint now);
    /// What the chargers draw from now on; remembered so that a meter's value is paired with the draw of its
    /// own moment. Not `known`: a charger that may be drawing has not told yet.
    void charger_load(twc::Watts power, std::array<twc::Centiamps, 3> currents, twc::TimePoint now,
                      bool known = true);

    [[nodiscard]] SitePicture picture(twc::Watts grid_reserve, twc::TimePoint now) const;

    /// What the main fuse leaves for the chargers on its fullest phase, now; nothing when the values it
    /// follows from are too old, or from a moment when the chargers' draw was not known. Never negative.
    [[nodiscard]] std::optional<twc::Centiamps> fuse_headroom(twc::Centiamps main_fuse,
                                                              twc::TimePoint now) const;

    /// What the inputs have shown of themselves while chargers began and ended to draw.
    [[nodiscard]] Evidence evidence() const;

  private:
    struct Load {
        twc::TimePoint since;
        twc::Watts power;
        std::array<twc::Centiamps, 3> currents;
        bool known = false;
    };
    struct Source {
        InputKind kind;
        config::Input input;
        Reading reading;
        StepWatch steps;
        Load load;  // of the moment that the reading tells of
    };

    Source* source(InputKind);
    [[nodiscard]] const Load& load_at(twc::TimePoint) const;
    /// In the last moments; nothing when we do not listen for so long yet.
    [[nodiscard]] std::optional<LoadRange> recent_load(InputKind, twc::TimePoint now) const;
    void hear(Source&, std::int64_t thousandths, bool retained, twc::TimePoint now);
    void learn(Source&, std::int64_t thousandths, twc::TimePoint now);
    /// In W, and decides something.
    [[nodiscard]] bool sees_all_chargers(const Source&) const;
    void refresh_base();
    void learn_lag(const Source&, twc::TimePoint now);
    [[nodiscard]] std::vector<const Source*> deciding() const;

    const twc::TimePoint started_;
    twc::Volts volts_;
    bool subtract_charger_load_;
    bool car_first_;
    std::optional<Source> generation_;
    std::optional<Source> consumption_;
    std::optional<Source> grid_;
    std::optional<Source> battery_;
    std::vector<Source> grid_currents_;  // empty or three

    std::deque<Load> loads_;
    MeterLag meter_lag_;
    // House minus solar without chargers. Each meter's value stays paired with the draw of its own moment:
    // recomputing an old one with the draw of now would chase our own tail (docs/control.md 1).
    std::optional<twc::Watts> house_;
    std::optional<twc::Watts> base_;
    std::optional<std::array<twc::Centiamps, 3>> base_currents_;
};

}  // namespace bridge

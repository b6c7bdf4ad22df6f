// One wall connector in slave mode, as docs/protocol.md 2 to 5 describe it from the outside.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/simulator/car.hpp"
#include "bridge/simulator/random.hpp"
#include "bridge/simulator/wire.hpp"
#include "twc/units.hpp"

namespace simulator {

using twc::Protocol;
using twc::TwcId;

/// What a unit can be asked for (docs/protocol.md 2).
enum class Queries : std::uint8_t {
    none,   ///< protocol 1
    meter,  ///< protocol 2 before firmware 4.5.3: 16-byte FD EB without currents
    all,    ///< firmware 4.5.3 and later: 20-byte answers, contactor commands
};

struct WallConnectorOptions {
    TwcId id{0x5893};
    Centiamps rating{3200};
    Protocol protocol = Protocol::v2;
    Queries queries = Queries::all;  ///< protocol 1 answers none, whatever stands here
    std::array<std::uint8_t, 4> firmware{4, 5, 10, 2};
    std::optional<std::string> serial =
        std::nullopt;  ///< eleven characters; nothing: one that ends in the id
    std::uint8_t sign = 0x81;
    Duration linkready_period = std::chrono::seconds{6};  ///< 10 s on older units
    int phases = 1;
    Volts volts{230};
    std::int64_t lifetime_wh = 0;
    bool names_no_master = false;  ///< answers to 0000, as one was seen to do (docs/protocol.md 4)
    bool keeps_limit = false;      ///< over a lost master: nobody knows which units do
    Duration vin_after{};          ///< so long after the plug it knows the VIN
    std::optional<Bytes> artefact =
        std::nullopt;        ///< what the line leaves after each frame; nothing: FC or FE
    std::uint32_t seed = 1;  ///< of answer times and linkready times; the id is mixed in
};

/// State bytes of FD E0 (docs/protocol.md 3).
namespace state {
constexpr std::uint8_t ready = 0x00, charging = 0x01, error = 0x02, plugged = 0x03, wants_limit = 0x04,
                       starting = 0x08, adjusting = 0x09;
}

class WallConnector {
  public:
    /// Powered up at `now`.
    WallConnector(WallConnectorOptions, CarOptions, TimePoint now);

    [[nodiscard]] Car& car() { return car_; }
    [[nodiscard]] const Car& car() const { return car_; }

    // Switches for tests; they act in the present of the bus.
    void power_off();
    void power_on();
    /// A reset: comes back as after a power failure.
    void restart();
    /// A mute unit hears and obeys, and says nothing.
    void set_mute(bool mute);
    /// Answers this long after every request; nothing: 150 to 200 ms as real ones.
    void set_answer_time(std::optional<Duration> time) { answer_time_ = time; }
    /// Heartbeats show this state whatever the unit does; nothing: what it does.
    void show_state(std::optional<std::uint8_t> state) { shown_state_ = state; }
    /// The next answer is changed by this; its checksum is right all the same.
    using Forgery = std::function<void(Bytes& body_without_checksum)>;
    void forge_next_answer(Forgery forgery) { forgery_ = std::move(forgery); }
    /// The next `count` answers carry a wrong checksum.
    void corrupt_answers(int count) { corrupt_ = count; }

    // What an electrician would measure, as of the last Bus::advance.
    [[nodiscard]] const WallConnectorOptions& options() const { return options_; }
    [[nodiscard]] TwcId id() const { return options_.id; }
    [[nodiscard]] bool powered() const { return powered_; }
    [[nodiscard]] bool linked() const { return linked_; }
    [[nodiscard]] std::uint8_t state() const;
    [[nodiscard]] Centiamps limit_in_force() const { return limit_; }
    [[nodiscard]] Centiamps drawn() const { return car_.drawn(now_); }
    /// False while a command, the zero of protocol 1, a lost master or a missing supply holds it open.
    [[nodiscard]] bool contactor_closed() const;
    [[nodiscard]] std::int64_t lifetime_wh() const { return options_.lifetime_wh + car_.energy_wh(now_); }

    // What it noticed of its master.
    /// Longest time between two heartbeats while this unit was there to hear them; the running one counts.
    [[nodiscard]] Duration worst_heartbeat_gap() const;
    [[nodiscard]] std::uint64_t heartbeats() const { return heartbeats_; }
    [[nodiscard]] std::uint64_t limits_above_rating() const { return limits_above_rating_; }
    /// 5 A on protocol 1 (zero is a command there), 6 A on protocol 2, where zero counts as well.
    [[nodiscard]] std::uint64_t limits_below_floor() const { return limits_below_floor_; }
    [[nodiscard]] std::uint64_t contactor_switched() const { return contactor_switched_; }

    // For the Bus.
    struct Transmission {
        TimePoint start;
        Bytes bytes;
        bool answer = false;  ///< else a linkready
    };
    /// A frame with a right checksum has ended at `end`.
    void hear(std::span<const std::uint8_t> body, TimePoint end);
    void advance(TimePoint now);
    [[nodiscard]] TimePoint next_event() const { return due_; }
    /// A transmission whose start has come.
    std::optional<Transmission> poll_transmit();

  private:
    void hear_heartbeat(std::span<const std::uint8_t> body, TimePoint end);
    void hear_master_linkready(TimePoint end);
    void choose_another_id(TimePoint end);
    void obey(std::uint8_t command, Centiamps limit);
    void take_limit_v1(Centiamps limit);
    void take_limit_v2(Centiamps limit, std::uint8_t command);
    void switch_contactor(std::uint8_t code, TimePoint end);
    void answer_query(std::uint8_t code, TimePoint end);
    void answer(Bytes body, std::size_t length, TimePoint end);
    void plan_linkready(TimePoint at);
    void leave_artefact(Bytes& line, std::size_t length) const;
    [[nodiscard]] Bytes heartbeat_body(TwcId master) const;
    [[nodiscard]] Bytes meter_body() const;
    [[nodiscard]] Bytes vin_body(std::uint8_t code) const;
    [[nodiscard]] std::size_t short_length() const { return options_.protocol == Protocol::v1 ? 14 : 16; }
    [[nodiscard]] bool charging() const;
    [[nodiscard]] bool stopped_by_zero() const;
    void boot(TimePoint now);
    [[nodiscard]] TimePoint next_timer() const;
    void look_ahead();
    void run_due_timers();
    void lose_master();
    void end_zero();
    /// What somebody did to the car, and what the car gets from us.
    void watch_car();
    [[nodiscard]] Car::Supply supply() const;

    WallConnectorOptions options_;
    Car car_;
    Random random_;
    TimePoint now_;
    TimePoint due_;                       // next timer or transmission
    std::uint64_t car_changes_seen_ = 0;  // by the last watch_car

    bool powered_ = true;
    bool mute_ = false;
    std::optional<Duration> answer_time_;
    int corrupt_ = 0;
    Forgery forgery_;
    std::optional<std::uint8_t> shown_state_;

    bool linked_ = false;
    bool lost_master_ = false;                 // state 02
    std::optional<TimePoint> last_heartbeat_;  // since power-up
    std::optional<TimePoint> gap_since_;       // last heartbeat the master may be measured by
    Duration gives_up_after_{};                // silence after which the contactor opens
    TimePoint talks_until_;
    TimePoint next_linkready_;
    int burst_left_ = 0;               // linkreadys of the power-up burst
    int second_linkreadys_heard_ = 0;  // FB E2, since power-up
    std::vector<Transmission> outgoing_;

    Centiamps limit_;
    Centiamps limit_before_zero_;      // protocol 1 returns to it
    std::optional<TimePoint> zeroed_;  // last 05 0000, protocol 1
    bool held_open_ = false;           // FC B2
    std::uint8_t asks_with_ = state::wants_limit;
    bool car_was_plugged_ = false;
    TimePoint plugged_since_;
    bool limited_since_plug_ = false;
    bool was_able_ = false;
    TimePoint plug_settled_;
    TimePoint started_;
    TimePoint adjusted_;
    bool contactor_was_closed_ = true;

    Duration worst_heartbeat_gap_{};
    std::uint64_t heartbeats_ = 0;
    std::uint64_t limits_above_rating_ = 0;
    std::uint64_t limits_below_floor_ = 0;
    std::uint64_t contactor_switched_ = 0;
};

}  // namespace simulator

// One RS-485 line with wall connectors on it, in simulated time: 9600 baud, half duplex, no arbitration.
//
// Use: transmit what the master sends, come back at next_event (or whenever you like, time never runs
// backwards), take what it receives. Between two events nothing is computed, so a quiet hour costs nothing.
// Same calls, same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bridge/simulator/examiner.hpp"
#include "bridge/simulator/random.hpp"
#include "bridge/simulator/wall_connector.hpp"
#include "bridge/simulator/wire.hpp"

namespace simulator {

/// What a bad cable does to every byte, each so often in a million.
struct Noise {
    std::uint32_t drop = 0;
    std::uint32_t flip = 0;
    std::uint32_t insert = 0;
};

struct BusOptions {
    bool echo = false;  ///< the master's adapter hears what it sends
    Noise noise = {};
    std::uint32_t seed = 1;
    /// Time the master needs to notice that somebody has begun to talk, from the delivery of two bytes on.
    Duration reaction = std::chrono::milliseconds{1};
    TimePoint start = {};  ///< the present of a new bus
};

struct BusStatistics {
    MasterRecord master;
    std::uint64_t unit_frames = 0;
    /// Two talked at the same time, whoever was at fault.
    std::uint64_t collisions = 0;
    /// Those of them that began with a unit talking unasked or too late, or too shortly before the master to
    /// be heard.
    std::uint64_t unit_collisions = 0;
    Duration worst_heartbeat_gap{};  ///< of all units
};

class Bus {
  public:
    explicit Bus(BusOptions = {});

    /// A unit that is powered up now. The reference stays valid as long as the bus.
    WallConnector& add(WallConnectorOptions, CarOptions = {});
    /// Throws std::out_of_range if there is none.
    [[nodiscard]] WallConnector& unit(TwcId);
    [[nodiscard]] std::vector<WallConnector*> units() const;

    /// The master begins to send at `now`, or after what it is still sending.
    void transmit(std::span<const std::uint8_t>, TimePoint now);
    /// The cable gets worse or better.
    void set_noise(Noise noise) { options_.noise = noise; }
    /// Somebody else on the line, as a second master: heard by the units and by the master.
    void intrude(std::span<const std::uint8_t>, TimePoint now);
    void advance(TimePoint now);
    /// All that has arrived at the master by `now` and was not taken yet; half frames too. Advances.
    Bytes take_received(TimePoint now);
    /// When something will happen that a master could notice: two bytes or the whole of a frame arrived, or
    /// an internal step is due. Strictly after the last advance unless a test touched a unit since.
    [[nodiscard]] TimePoint next_event() const;

    [[nodiscard]] BusStatistics statistics() const;
    [[nodiscard]] Centiamps limits_in_force() const;  ///< sum
    [[nodiscard]] Centiamps drawn() const;            ///< sum

    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

  private:
    /// Bytes of one sender, on the line now.
    struct Talk {
        TimePoint start;
        TimePoint end;  ///< of the frame; a line artefact may follow
        Bytes bytes;
        bool by_master = false;
        bool by_stranger = false;
        bool due = false;  ///< an answer in time
        std::size_t arrived = 0;
        std::optional<TimePoint> heard = std::nullopt;  ///< the master has had two bytes of it since
    };

    void begin(Talk);
    void spoil(Talk&, TimePoint from, TimePoint until);
    /// Brings a unit to the present and lets it talk.
    void run(WallConnector&);
    void run_all();
    void move_bytes();
    void deliver(Talk&);
    void deliver_to_units(std::uint8_t byte, TimePoint at);
    template <class Sink>
    void through_the_cable(std::uint8_t byte, Sink sink);
    [[nodiscard]] bool audible(const Talk&, TimePoint at) const;
    [[nodiscard]] std::optional<Protocol> generation_of(TwcId) const;
    [[nodiscard]] TimePoint next_step() const;

    BusOptions options_;
    Random random_;
    TimePoint now_;
    std::vector<std::unique_ptr<WallConnector>> units_;
    std::vector<Talk> line_;
    TimePoint master_free_;  // its UART has sent everything
    Receiver ears_;          // all units hear the same
    Bytes received_;
    Examiner examiner_;
    BusStatistics statistics_;
};

}  // namespace simulator

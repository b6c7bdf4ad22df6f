// Judges what a master sends: its frames, its codes and its manners on a line without arbitration.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "bridge/simulator/wire.hpp"
#include "twc/units.hpp"

namespace simulator {

struct MasterRecord {
    std::uint64_t frames = 0;    ///< good ones
    std::uint64_t bad_slip = 0;  ///< wrong escapes, stray bytes, frames without end
    std::uint64_t bad_checksum = 0;
    std::uint64_t bad_length = 0;  ///< also: wrong for the generation of the unit it is meant for
    std::uint64_t forbidden =
        0;  ///< codes and heartbeat commands that no bridge may send (docs/protocol.md 2 and 3)
    std::uint64_t collisions = 0;    ///< talked over a unit it could hear, or while an answer was due
    std::uint64_t short_pauses = 0;  ///< frames begun less than 5 ms after the last one on the line

    [[nodiscard]] std::uint64_t bad_frames() const { return bad_slip + bad_checksum + bad_length; }
    [[nodiscard]] std::uint64_t violations() const { return bad_frames() + forbidden + collisions; }
};

class Examiner {
  public:
    /// Generation of the unit with that id, if there is one on the line.
    using GenerationOf = std::function<std::optional<twc::Protocol>(twc::TwcId)>;
    explicit Examiner(GenerationOf generation_of) : generation_of_{std::move(generation_of)} {}

    /// Bytes the master puts on the line from `start` on, before anything spoils them.
    /// `talked_over`: a unit was talking, and the master could hear it.
    void read(std::span<const std::uint8_t>, TimePoint start, bool talked_over);
    /// A unit's frame is on the line. True for an answer that came in time.
    bool note_unit_frame(TimePoint start, TimePoint end, bool answer);

    [[nodiscard]] const MasterRecord& record() const { return record_; }

  private:
    void judge_start(TimePoint at);
    void judge_frame(std::span<const std::uint8_t> body, TimePoint end);
    [[nodiscard]] bool length_fits(std::span<const std::uint8_t> body) const;
    [[nodiscard]] bool allowed(std::span<const std::uint8_t> body) const;

    GenerationOf generation_of_;
    Receiver receiver_;
    MasterRecord record_;
    TimePoint line_free_;                    // end of the last frame of anybody
    TimePoint answer_from_;                  // end of the last request
    std::optional<TimePoint> answer_until_;  // an answer is due, or on the line, until then
    TimePoint last_read_;
    bool talked_over_ = false;
};

}  // namespace simulator

// What goes over the buses as lines that `twcbridge decode` and the tests can read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "twc/hex_text.hpp"
#include "twc/time.hpp"

namespace bridge {

/// Puts together what comes in small pieces. A line is a frame, or what was heard until a pause or until we
/// spoke, with the moment of its last byte: "2026-07-01T10:00:00.123Z garage rx C0 FD E0 … C0". A bus without
/// a name has none there.
class TraceLines {
  public:
    /// `began`: microseconds since 1970 (UTC) at the moment `now`. All later times follow from the bus clock,
    /// so that they never jump.
    TraceLines(std::int64_t began, twc::TimePoint now) : began_{began}, began_at_{now} {}

    /// The lines that these bytes complete, without newline.
    std::vector<std::string> add(const std::string& bus, twc::Direction, std::span<const std::uint8_t>,
                                 twc::TimePoint now);
    /// What is still incomplete.
    std::vector<std::string> finish();

  private:
    struct Pending {
        std::vector<std::uint8_t> bytes;
        twc::TimePoint heard;
    };

    void end_line(const std::string& bus, Pending&, std::vector<std::string>& lines) const;
    [[nodiscard]] std::string line(const std::string& bus, twc::Direction, std::span<const std::uint8_t>,
                                   twc::TimePoint when) const;

    std::int64_t began_;
    twc::TimePoint began_at_;
    std::map<std::string, Pending> heard_;  // by bus
};

}  // namespace bridge

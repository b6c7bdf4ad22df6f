// What goes over the buses as lines that `twcbridge decode` and the tests can read.
#include "bridge/trace_lines.hpp"

#include <spdlog/fmt/fmt.h>

#include <chrono>

#include "twc/codec.hpp"
#include "twc/line.hpp"
#include "twc/slip.hpp"

namespace bridge {
namespace {

/// Noise without a delimiter becomes a line too.
constexpr std::size_t longest_line = 64;

std::string utc(std::int64_t microseconds) {
    using namespace std::chrono;
    const sys_time<milliseconds> time{floor<milliseconds>(std::chrono::microseconds{microseconds})};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

}  // namespace

std::vector<std::string> TraceLines::add(const std::string& bus, twc::Direction direction,
                                         std::span<const std::uint8_t> bytes, twc::TimePoint now) {
    std::vector<std::string> lines;
    auto& heard = heard_[bus];
    if (direction == twc::Direction::sent) {
        end_line(bus, heard, lines);
        lines.push_back(line(bus, direction, bytes, now));
        return lines;
    }
    if (now - heard.heard >= twc::half_frame_patience) end_line(bus, heard, lines);
    heard.heard = now;
    for (const auto byte : bytes) {
        heard.bytes.push_back(byte);
        const bool frame_ends = byte == twc::delimiter && heard.bytes.size() > twc::shortest_body;
        if (frame_ends || heard.bytes.size() == longest_line) end_line(bus, heard, lines);
    }
    return lines;
}

std::vector<std::string> TraceLines::finish() {
    std::vector<std::string> lines;
    for (auto& [bus, heard] : heard_) end_line(bus, heard, lines);
    return lines;
}

void TraceLines::end_line(const std::string& bus, Pending& heard, std::vector<std::string>& lines) const {
    if (heard.bytes.empty()) return;
    lines.push_back(line(bus, twc::Direction::received, heard.bytes, heard.heard));
    heard.bytes.clear();
}

std::string TraceLines::line(const std::string& bus, twc::Direction direction,
                             std::span<const std::uint8_t> bytes, twc::TimePoint when) const {
    return fmt::format("{} {}{}{} {:02X}", utc(began_ + (when - began_at_).count()), bus,
                       bus.empty() ? "" : " ", direction == twc::Direction::received ? "rx" : "tx",
                       fmt::join(bytes, " "));
}

}  // namespace bridge

#include "bridge/simulator/examiner.hpp"

#include <algorithm>

namespace simulator {

namespace {

using namespace std::chrono_literals;

constexpr Duration least_pause = 5ms;             // what the quickest known master leaves between its frames
constexpr Duration abandons_frame_after = 100ms;  // docs/protocol.md 1

constexpr std::uint16_t code_of(std::span<const std::uint8_t> body) { return number_at(body, 0); }

constexpr bool is_linkready(std::uint16_t code) { return code == 0xFCE1 || code == 0xFBE2; }
constexpr bool is_heartbeat(std::uint16_t code) { return code == 0xFBE0; }
constexpr bool is_query(std::uint16_t code) { return (code >= 0xFBEB && code <= 0xFBEF) || code == 0xFBF1; }
constexpr bool is_contactor_command(std::uint16_t code) { return code == 0xFCB1 || code == 0xFCB2; }

}  // namespace

void Examiner::read(std::span<const std::uint8_t> bytes, TimePoint start, bool talked_over) {
    if (receiver_.inside_frame() && start > last_read_ + abandons_frame_after) {
        ++record_.bad_slip;
        receiver_.reset();
    }
    if (!receiver_.inside_frame()) talked_over_ = talked_over;
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        const auto result = receiver_.push(bytes[index]);
        const auto end = start + line_time(index + 1);
        switch (result) {
            case Receiver::Result::nothing:
                break;
            case Receiver::Result::opened:
                judge_start(start + line_time(index));
                break;
            case Receiver::Result::frame:
                judge_frame(receiver_.body(), end);
                break;
            case Receiver::Result::bad_slip:
                ++record_.bad_slip;
                break;
            case Receiver::Result::bad_checksum:
                ++record_.bad_checksum;
                break;
            case Receiver::Result::bad_length:
                ++record_.bad_length;
                break;
        }
        if (receiver_.inside_frame() || result != Receiver::Result::nothing)
            line_free_ = std::max(line_free_, end);
    }
    last_read_ = start + line_time(bytes.size());
}

bool Examiner::note_unit_frame(TimePoint start, TimePoint end, bool answer) {
    line_free_ = std::max(line_free_, end);
    if (!answer || !answer_until_ || start < answer_from_ || start > *answer_until_) return false;
    answer_until_ = end;
    return true;
}

void Examiner::judge_start(TimePoint at) {
    if (talked_over_ || (answer_until_ && at < *answer_until_)) {
        ++record_.collisions;
    } else if (at < line_free_ + least_pause && line_free_ != TimePoint{}) {
        ++record_.short_pauses;
    }
    talked_over_ = false;
}

void Examiner::judge_frame(std::span<const std::uint8_t> body, TimePoint end) {
    const auto code = code_of(body);
    if (!length_fits(body)) {
        ++record_.bad_length;
    } else if (!allowed(body)) {
        ++record_.forbidden;
    } else {
        ++record_.frames;
    }
    answer_until_.reset();
    if (!is_heartbeat(code) && !is_query(code) && !is_contactor_command(code)) return;
    answer_from_ = end;
    answer_until_ = end + latest_answer;
}

/// Real units answer other lengths too (docs/protocol.md 1); a bridge that knows the generation has no need
/// to try.
bool Examiner::length_fits(std::span<const std::uint8_t> body) const {
    if (body.size() != 14 && body.size() != 16) return false;
    if (is_linkready(code_of(body))) return true;
    const auto generation = generation_of_(twc::TwcId{number_at(body, 4)});
    return !generation || body.size() == (*generation == twc::Protocol::v1 ? 14 : 16);
}

/// Commands 06 and 07 exist, but move a limit without naming it: of no use to a bridge that counts what it
/// grants.
bool Examiner::allowed(std::span<const std::uint8_t> body) const {
    const auto code = code_of(body);
    if (!is_heartbeat(code)) return is_linkready(code) || is_query(code) || is_contactor_command(code);
    const auto command = body[6];
    if (command == 0x09) return generation_of_(twc::TwcId{number_at(body, 4)}) != twc::Protocol::v1;
    return command == 0x00 || command == 0x05 || command == 0x08;
}

}  // namespace simulator

// First lines, then runs of bytes in them, then frames in these.
#include "twc/transcript.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include "twc/characters.hpp"
#include "twc/codes.hpp"
#include "twc/names.hpp"
#include "twc/slip.hpp"

namespace twc {

namespace {

using Bytes = std::span<const std::uint8_t>;

/// Characters of a line that are gathered before it is read although its end has not come.
constexpr std::size_t longest_line = 65'536;
/// All bytes of a frame may be escaped.
constexpr std::size_t longest_raw = 2 * longest_body;
/// Type, code and two ids: less is talk about frames.
constexpr std::size_t shortest_doubt = 6;

bool is_type(std::uint8_t byte) {
    return byte == codes::request || byte == codes::command || byte == codes::report;
}

bool is_known(Bytes bytes) { return bytes.size() >= 2 && !name_of(bytes[0], bytes[1]).empty(); }

/// A frame that stands alone, and how many bytes it takes.
struct Alone {
    Body body;
    Message message;
    std::size_t taken = 0;
};

std::optional<Alone> match_length(Bytes bytes, std::size_t length) {
    if (length > bytes.size()) return std::nullopt;
    auto message = decode(bytes.first(length));
    if (!message) return std::nullopt;
    return Alone{{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}, *message, length};
}

/// Whole, or with something behind it; lengths in the order of their likelihood (docs/protocol.md 1).
std::optional<Alone> match(Bytes bytes) {
    constexpr std::array<std::size_t, 5> lengths{16, 14, 20, 13, 15};
    if (auto whole = match_length(bytes, bytes.size())) return whole;
    for (const std::size_t length : lengths) {
        if (auto frame = match_length(bytes, length)) return frame;
    }
    return std::nullopt;
}

std::optional<Alone> match_escaped(Bytes bytes) {
    const auto unescaped = slip_unescape(bytes);
    if (!unescaped || unescaped->size() == bytes.size()) return std::nullopt;
    auto frame = match(*unescaped);
    if (frame) frame->taken = slip_encode(frame->body).size() - slip_encode({}).size();
    return frame;
}

/// `bytes` begin with a type.
std::optional<Alone> match_alone(Bytes bytes) {
    bytes = bytes.first(std::min(bytes.size(), longest_raw));
    const auto clear =
        bytes.first(static_cast<std::size_t>(std::ranges::find(bytes, delimiter) - bytes.begin()));
    if (auto frame = match(clear)) return frame;
    if (auto frame = match_escaped(clear)) return frame;
    // Logs that undo escapes show C0 within a frame, and then nothing but an artefact follows.
    if (clear.size() < 2 || clear.size() == bytes.size()) return std::nullopt;
    auto frame = match(bytes);
    return frame && bytes.size() - frame->taken <= longest_artefact ? std::move(frame) : std::nullopt;
}

/// A list of codes as people write it, such as "FD EB, FB EB, FD EB", or something else altogether.
bool is_talk(Bytes bytes) {
    if (bytes.size() < shortest_doubt || is_type(bytes[2])) return true;
    return !is_known(bytes) && (bytes.size() < shortest_body || bytes.size() > longest_raw);
}

std::string shape_of(std::string_view before) {
    std::string shape{before};
    std::erase_if(shape, [](char character) { return hex_digit(character).has_value(); });
    return shape;
}

/// 1 if the line ends within a pair of digits, perhaps.
std::size_t half_pair(std::string_view line) {
    const auto is_digit_or_letter = [](char character) {
        return is_digit(character) || is_letter(character);
    };
    const auto reversed = std::views::reverse(line);
    const auto begin = std::ranges::find_if_not(reversed, is_digit_or_letter);
    return static_cast<std::size_t>(begin - reversed.begin()) % 2;
}

}  // namespace

std::vector<Sighting> Transcript::push(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto piece = text.substr(0, std::min(end, longest_line));
        line_ += piece;
        text.remove_prefix(piece.size());
        if (piece.size() == end) {
            text.remove_prefix(1);
            (void)read_line(line_, true);
            line_.clear();
        } else if (line_.size() >= longest_line) {
            line_.erase(0, read_line(line_, false));
        }
    }
    return std::exchange(found_, {});
}

std::vector<Sighting> Transcript::finish() {
    (void)read_line(line_, true);
    give_up_frame();
    line_.clear();
    return std::exchange(found_, {});
}

std::size_t Transcript::read_line(std::string_view line, bool complete) {
    if (!complete) line.remove_suffix(half_pair(line));
    const auto runs = find_hex(line);
    auto run = runs.begin();
    bool same_run = std::exchange(within_run_, false) && run != runs.end() &&
                    separates_only(line.substr(0, run->at.front()));
    if (inside_ && !same_run) {
        run = std::ranges::find_if(runs, [&](const HexRun& other) { return continues(other, line); });
        if (run == runs.end()) {
            give_up_frame();
            run = runs.begin();
        }
    }
    for (; run != runs.end(); ++run) {
        if (!inside_ && !std::exchange(same_run, false)) {
            const auto before = line.substr(0, run->at.front());
            facts_ = read_facts(before);
            shape_ = shape_of(before);
            seen_ = false;
        }
        within_run_ = !complete && separates_only(line.substr(run->end));
        const auto read = read_run(run->bytes, !within_run_);
        if (within_run_) return read < run->at.size() ? run->at[read] : run->end;
        if (inside_) break;  // what follows are the characters that a dump shows beside its bytes
    }
    return line.size();
}

/// Lines of a dump begin alike, but for their offsets and times.
bool Transcript::continues(const HexRun& run, std::string_view line) const {
    const bool begins_anew =
        run.bytes.front() == delimiter || (is_type(run.bytes.front()) && match_alone(run.bytes).has_value());
    return !begins_anew && shape_of(line.substr(0, run.at.front())) == shape_;
}

std::size_t Transcript::read_run(Bytes bytes, bool complete) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto next = inside_ ? read_inside(bytes, at) : read_between(bytes, at, complete);
        if (next == at) return at;
        at = next;
    }
    if (complete) end_run();
    return at;
}

std::size_t Transcript::read_between(Bytes bytes, std::size_t begin, bool complete) {
    std::optional<std::size_t> doubt;
    for (std::size_t at = begin; at < bytes.size(); ++at) {
        const Bytes rest = bytes.subspan(at);
        if (!complete && rest.size() <= longest_raw) return doubt.value_or(at);
        if (rest[0] == delimiter) {
            if (doubt) show_doubtful(bytes.subspan(*doubt, at - *doubt));
            inside_ = true;
            return at + 1;
        }
        if (!is_type(rest[0])) continue;
        const bool at_beginning = at - begin <= longest_artefact;
        const bool may_be_unknown = at_beginning && rest.size() > 1 && !is_type(rest[1]);
        const auto frame = is_known(rest) || may_be_unknown ? match_alone(rest) : std::nullopt;
        if (frame) {
            if (doubt) show_doubtful(bytes.subspan(*doubt, at - *doubt));
            show(frame->body, frame->message);
            return at + frame->taken;
        }
        if (!doubt && at_beginning) doubt = at;
    }
    if (doubt) show_doubtful(bytes.subspan(*doubt));
    return bytes.size();
}

std::size_t Transcript::read_inside(Bytes bytes, std::size_t begin) {
    for (std::size_t at = begin; at < bytes.size(); ++at) {
        if (bytes[at] != delimiter) {
            raw_.push_back(bytes[at]);
            if (raw_.size() <= longest_raw) continue;
            give_up_frame();
            return at + 1;
        }
        // Of "C0 … C0 FC C0 … C0" the middle is no frame. Of "C0 7C 00 C0" it is all that there is.
        const bool alone = !seen_ && bytes.size() - at - 1 <= longest_artefact;
        if (raw_.size() > longest_artefact || (alone && !raw_.empty())) {
            end_frame();
        } else {
            raw_.clear();
        }
        return at + 1;
    }
    return bytes.size();
}

void Transcript::end_run() {
    if (!inside_) return;
    const auto body = slip_unescape(raw_);
    if (body && decode(*body)) {
        end_frame();  // whoever wrote this left the last delimiter out
    } else if (raw_.empty()) {
        inside_ = false;
    }
}

void Transcript::end_frame() {
    const Body raw = std::exchange(raw_, {});
    const auto body = slip_unescape(raw);
    // What is too short may have lost its end: then this delimiter begins the next frame.
    inside_ = raw.size() < shortest_body;
    if (body) {
        show(*body, decode(*body));
    } else {
        show(raw, Unexpected{inside_ ? DecodeError::length : DecodeError::escape});
    }
}

void Transcript::give_up_frame() {
    if (raw_.size() > longest_artefact) end_frame();
    raw_.clear();
    inside_ = false;
}

void Transcript::show_doubtful(Bytes bytes) {
    if (is_talk(bytes)) return;
    const bool fits = bytes.size() >= shortest_body && bytes.size() <= longest_body;
    bytes = bytes.first(std::min(bytes.size(), longest_raw));
    show({bytes.begin(), bytes.end()}, Unexpected{fits ? DecodeError::checksum : DecodeError::length});
}

void Transcript::show(Body body, Expected<Message, DecodeError> message) {
    seen_ = true;
    found_.push_back({facts_, std::move(body), std::move(message)});
}

}  // namespace twc

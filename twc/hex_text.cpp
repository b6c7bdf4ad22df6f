// Characters are looked at by hand: regular expressions overflow on long lines and cost ten times as much.
#include "twc/hex_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "twc/characters.hpp"

namespace twc {

namespace {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
};

bool is_word(char character) { return is_digit(character) || is_letter(character) || character == '_'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
}

/// Whether the text has this shape at that place; 9 stands for a digit, everything else for itself.
bool looks_like(std::string_view text, std::size_t at, std::string_view shape) {
    if (text.size() < at + shape.size()) return false;
    return std::ranges::equal(text.substr(at, shape.size()), shape, [](char character, char expected) {
        return expected == '9' ? is_digit(character) : character == expected;
    });
}

bool is_clock(std::string_view text, std::size_t at) {
    constexpr std::string_view shape = "99:99:99";
    if (!looks_like(text, at, shape)) return false;
    if (text.substr(at, 2) > "23" || text[at + 3] > '5' || text[at + 6] > '5') return false;
    const std::size_t end = at + shape.size();
    if (end == text.size()) return true;
    // Bytes joined by colons may look like a time, but there are more of them.
    const bool goes_on = text[end] == ':' && end + 1 < text.size() && hex_digit(text[end + 1]);
    return !goes_on && (text[end] == 'Z' || !is_word(text[end]));
}

/// A date of ten characters and what stands between it and the time at `at`; 0 if there is none.
std::size_t date_before(std::string_view text, std::size_t at) {
    constexpr std::size_t length = 11;
    constexpr std::array<std::string_view, 4> shapes{"9999-99-99", "9999/99/99", "99.99.9999", "99/99/9999"};
    if (at < length || (text[at - 1] != ' ' && text[at - 1] != 'T')) return 0;
    const bool is_date = std::ranges::any_of(
        shapes, [&](std::string_view shape) { return looks_like(text, at - length, shape); });
    return is_date ? length : 0;
}

/// "07:53:28", "2020-12-14 06:12:14,747", "2026-07-01T10:00:00.123Z": from `from` on, the first of them.
std::optional<Span> find_time(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at + 8 <= text.size(); ++at) {
        if (text[at + 2] != ':' || !is_clock(text, at)) continue;
        const std::size_t date = date_before(text, at);
        const bool stands_alone = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != ':');
        if (date == 0 && !stands_alone) continue;
        Span time{at - date, at + 8};
        if (time.end < text.size() && (text[time.end] == '.' || text[time.end] == ','))
            time.end = std::max(time.end, skip_digits(text, time.end + 1));
        if (time.end < text.size() && text[time.end] == 'Z') ++time.end;
        for (const std::string_view zone : {"+99:99", "-99:99", "+9999", "-9999"}) {
            if (looks_like(text, time.end, zone)) {
                time.end += zone.size();
                break;
            }
        }
        return time;
    }
    return std::nullopt;
}

/// "(1609459200.123456)" or "12.345" at the beginning of a line.
std::optional<Span> find_seconds(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" (["), text.size());
    const std::size_t point = skip_digits(text, begin);
    if (point == begin || point >= text.size() || text[point] != '.') return std::nullopt;
    const std::size_t end = skip_digits(text, point + 1);
    if (end == point + 1 || (end < text.size() && is_word(text[end]))) return std::nullopt;
    return Span{begin, end};
}

/// Behind the offset with which hexdump, od and xxd begin a line; 0 if there is none.
std::size_t offset_end(std::string_view line) {
    constexpr std::size_t shortest = 6;
    if (line.empty() || line[0] != '0') return 0;
    const auto end = static_cast<std::size_t>(
        std::ranges::find_if_not(line, [](char c) { return hex_digit(c).has_value(); }) - line.begin());
    const bool followed = end < line.size() && (line[end] == ':' || line[end] == ' ');
    return end >= shortest && followed ? end : 0;
}

constexpr std::string_view separators = " \t,;:-\\";

/// Letters and digits that stand together; appends their bytes if they are that.
bool append_group(std::string_view line, Span group, HexRun& run) {
    const bool zero_x = line[group.begin] == '0' && group.end - group.begin > 2 &&
                        (line[group.begin + 1] == 'x' || line[group.begin + 1] == 'X');
    const bool backslash_x = group.begin > 0 && line[group.begin - 1] == '\\' &&
                             (line[group.begin] == 'x' || line[group.begin] == 'X');
    std::size_t begin = group.begin;
    if (zero_x) begin += 2;
    if (backslash_x) begin += 1;
    if (begin == group.end || (group.end - begin) % 2 != 0) return false;
    for (std::size_t at = begin; at < group.end; ++at) {
        if (!hex_digit(line[at])) return false;
    }
    for (std::size_t at = begin; at < group.end; at += 2) {
        run.bytes.push_back(static_cast<std::uint8_t>(*hex_digit(line[at]) << 4U | *hex_digit(line[at + 1])));
        run.at.push_back(at == begin ? group.begin : at);
    }
    run.end = group.end;
    return true;
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& character : result) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    }
    return result;
}

std::optional<Direction> direction_of(std::string_view word) {
    const std::string said = lower(word);
    for (const std::string_view known : {"rx", "received", "recieved", "receive", "<<<"}) {
        if (said == known) return Direction::received;
    }
    for (const std::string_view known : {"tx", "sent", "send", "sending", "transmit", "transmitted", ">>>"}) {
        if (said == known) return Direction::sent;
    }
    return std::nullopt;
}

/// The words of a text: letters and digits, or angle brackets.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    const auto kind = [](char character) {
        return is_word(character) ? 1 : character == '<' || character == '>' ? 2 : 0;
    };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && kind(text[end]) == kind(text[at])) ++end;
        if (kind(text[at]) != 0) words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

}  // namespace

std::vector<HexRun> find_hex(std::string_view line) {
    std::vector<HexRun> runs;
    HexRun run;
    const auto end_run = [&] {
        if (!run.bytes.empty()) runs.push_back(std::exchange(run, {}));
    };
    auto time = find_time(line, 0);
    for (std::size_t at = offset_end(line); at < line.size();) {
        if (time && at >= time->begin) {
            end_run();
            at = time->end;
            time = find_time(line, at);
            continue;
        }
        if (!is_word(line[at])) {
            if (separators.find(line[at]) == std::string_view::npos) end_run();
            ++at;
            continue;
        }
        Span group{at, at + 1};
        while (group.end < line.size() && is_word(line[group.end]) && (!time || group.end < time->begin))
            ++group.end;
        if (!append_group(line, group, run)) end_run();
        at = group.end;
    }
    end_run();
    return runs;
}

bool separates_only(std::string_view between) {
    return between.find_first_not_of(separators) == std::string_view::npos;
}

LineFacts read_facts(std::string_view before) {
    LineFacts facts;
    auto time = find_time(before, 0);
    if (!time) time = find_seconds(before);
    if (time) facts.time = before.substr(time->begin, time->end - time->begin);
    for (const std::string_view word : words_of(before)) {
        facts.direction = direction_of(word);
        if (facts.direction) break;
    }
    // "2026-07-01T10:00:00.123Z garage rx " and nothing else.
    const bool is_trace = time && time->begin == 0 && before[time->end - 1] == 'Z';
    if (is_trace && facts.direction) {
        const std::string_view named = before.substr(std::min(time->end + 1, before.size()));
        const std::size_t blank = named.find(' ');
        if (blank != std::string_view::npos && named.size() == blank + 4) facts.bus = named.substr(0, blank);
    }
    return facts;
}

}  // namespace twc

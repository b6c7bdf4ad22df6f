// Payload text ⇄ values: every payload is foreign and may be anything.
#include "mqtt/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/schedule.hpp"

namespace broker {
namespace {

using twc::Expected;
using twc::Unexpected;

constexpr std::size_t most_shown = 40;
constexpr std::size_t most_topic_shown = 120;
constexpr std::size_t most_digits = 12;  // far beyond every range, far below where 64 bits end
constexpr std::size_t most_json = 65536;
constexpr int most_levels = 32;

constexpr std::array<std::pair<config::Mode, std::string_view>, 4> modes{{
    {config::Mode::off, "off"},
    {config::Mode::solar, "solar"},
    {config::Mode::solar_min, "solar_min"},
    {config::Mode::fast, "fast"},
}};

// Not std::isdigit and its kin: those depend on the locale.
bool is_digit(char character) { return character >= '0' && character <= '9'; }

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n\v\f";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

Unexpected<Reason> refused(std::string_view expected, std::string_view found) {
    Reason reason{"expected "};
    reason += expected;
    reason += ", found ";
    reason += in_quotes(found);
    return {std::move(reason)};
}

/// What a log line can hold: ASCII without control characters.
std::string printable(std::string_view text) {
    std::string result{text};
    std::ranges::replace_if(result, [](char character) { return character < ' ' || character > '~'; }, '?');
    return result;
}

/// "-12.50" taken apart; no rounding has happened yet.
struct Decimal {
    bool negative;
    std::int64_t whole;
    std::string_view fraction;  ///< digits only, may be empty
};

/// Nothing unless `text` is: optional minus, 1 … 12 digits, optionally a point and digits.
std::optional<Decimal> parse_decimal(std::string_view text) {
    Decimal decimal{.negative = text.starts_with('-'), .whole = 0, .fraction = {}};
    if (decimal.negative) text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    if (point != std::string_view::npos) {
        decimal.fraction = text.substr(point + 1);
        if (decimal.fraction.empty()) return std::nullopt;
    }
    if (whole.empty() || whole.size() > most_digits) return std::nullopt;
    if (!std::ranges::all_of(whole, is_digit)) return std::nullopt;
    if (!std::ranges::all_of(decimal.fraction, is_digit)) return std::nullopt;
    for (const char digit : whole) decimal.whole = decimal.whole * 10 + (digit - '0');
    return decimal;
}

bool all_zeros(std::string_view digits) { return digits.find_first_not_of('0') == std::string_view::npos; }

/// Hundredths, rounded down; nothing for what is no plain number, or negative.
std::optional<std::int64_t> parse_hundredths(std::string_view payload) {
    const auto decimal = parse_decimal(trimmed(payload));
    if (!decimal) return std::nullopt;
    const bool zero = decimal->whole == 0 && all_zeros(decimal->fraction);
    if (decimal->negative && !zero) return std::nullopt;
    const auto digit = [&](std::size_t place) {
        return place < decimal->fraction.size() ? decimal->fraction[place] - '0' : 0;
    };
    return decimal->whole * 100 + std::int64_t{digit(0)} * 10 + digit(1);
}

/// Any notation of a finite number that C and JSON know, but hexadecimal.
std::optional<double> parse_number(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    double number = 0;
    const auto* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || !std::isfinite(number)) return std::nullopt;
    return number;
}

Expected<nlohmann::json, Reason> parse_document(std::string_view payload) {
    if (payload.size() > most_json) return Unexpected{Reason{"expected at most 64 kB of JSON"}};
    bool too_deep = false;
    const auto watch_depth = [&too_deep](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        too_deep = too_deep || depth > most_levels;
        return !too_deep;
    };
    auto document = nlohmann::json::parse(payload, watch_depth, false);
    if (too_deep) return refused("JSON of at most 32 levels", payload);
    if (document.is_discarded()) return refused("JSON", payload);
    return document;
}

Expected<double, Reason> number_at(const nlohmann::json& document, const std::string& pointer,
                                   std::string_view payload) {
    const std::string expected = pointer.empty() ? "a number" : "a number at " + printable(pointer);
    try {
        const auto& value = document.at(nlohmann::json::json_pointer{pointer});
        if (value.is_number()) return value.get<double>();
        if (value.is_string()) {
            const auto& text = value.get_ref<const std::string&>();
            if (const auto number = parse_number(trimmed(text))) return *number;
            return refused(expected, text);
        }
        return refused(expected, value.type_name());
    } catch (const nlohmann::json::exception&) {  // its way to say that nothing is there
        return refused(expected, payload);
    }
}

Expected<std::int64_t, Reason> thousandths_of(double number, std::string_view payload) {
    // Written so that what is not a number fails too.
    if (!(std::abs(number) <= double{most_watts})) return refused("a reading within 100 kW", payload);
    return std::int64_t{std::llround(number * 1000)};
}

}  // namespace

Expected<twc::Centiamps, Reason> parse_amps(std::string_view payload) {
    const auto count = parse_hundredths(payload);
    if (!count) return refused("a number of amps, 0 or more", payload);
    return twc::Centiamps{*count};
}

Expected<std::int64_t, Reason> parse_energy(std::string_view payload) {
    const auto count = parse_hundredths(payload);
    if (!count || *count > std::int64_t{most_energy} * 100)
        return refused("a number of kWh from 0 to " + std::to_string(most_energy), payload);
    return *count;
}

Expected<std::chrono::minutes, Reason> parse_time(std::string_view payload) {
    if (const auto time = config::parse_time_of_day(trimmed(payload))) return *time;
    return refused("a time as 07:00", payload);
}

Expected<std::optional<std::vector<config::Window>>, Reason> parse_schedule(std::string_view payload) {
    using Windows = std::vector<config::Window>;
    const auto text = trimmed(payload);
    if (text == "config") return std::optional<Windows>{};
    if (text == "none") return std::optional{Windows{}};
    auto windows = config::parse_schedule(text);
    if (!windows) return Unexpected{config::to_sentence(windows.error())};
    return std::optional{std::move(*windows)};
}

Expected<std::int64_t, Reason> parse_whole(std::string_view payload, std::int64_t low, std::int64_t high) {
    const auto decimal = parse_decimal(trimmed(payload));
    if (decimal && all_zeros(decimal->fraction)) {
        const auto number = decimal->negative ? -decimal->whole : decimal->whole;
        if (number >= low && number <= high) return number;
    }
    return refused("a whole number from " + std::to_string(low) + " to " + std::to_string(high), payload);
}

Expected<bool, Reason> parse_switch(std::string_view payload) {
    const auto word = trimmed(payload);
    if (word == to_text(true)) return true;
    if (word == to_text(false)) return false;
    return refused("ON or OFF", payload);
}

Expected<bool, Reason> parse_truth(std::string_view payload) {
    const auto word = trimmed(payload);
    if (word == "true") return true;
    if (word == "false") return false;
    return refused("true or false", payload);
}

Expected<config::Mode, Reason> parse_mode(std::string_view payload) {
    const auto word = trimmed(payload);
    for (const auto& [mode, name] : modes) {
        if (word == name) return mode;
    }
    return refused("off, solar, solar_min or fast", payload);
}

Expected<std::optional<config::Mode>, Reason> parse_charger_mode(std::string_view payload) {
    if (trimmed(payload) == "site") return std::optional<config::Mode>{};
    if (const auto mode = parse_mode(payload)) return std::optional{*mode};
    return refused("site, off, solar, solar_min or fast", payload);
}

std::string_view to_text(config::Mode mode) {
    const auto* const found = std::ranges::find(modes, mode, [](const auto& entry) { return entry.first; });
    return found->second;
}

std::string_view to_text(bool on) { return on ? "ON" : "OFF"; }

std::string hundredths(std::int64_t count) {
    // Unsigned, so that the smallest number has a magnitude too.
    const auto magnitude =
        count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    auto text = (count < 0 ? "-" : "") + std::to_string(magnitude / 100);
    const auto rest = magnitude % 100;
    if (rest == 0) return text;
    text += '.';
    text += static_cast<char>('0' + rest / 10);
    if (rest % 10 != 0) text += static_cast<char>('0' + rest % 10);
    return text;
}

std::string time_text(std::chrono::minutes since_midnight) {
    const auto two_digits = [](std::int64_t number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    return two_digits(since_midnight.count() / 60) + ':' + two_digits(since_midnight.count() % 60);
}

std::string for_log(std::string_view topic) {
    auto result = printable(topic.substr(0, most_topic_shown));
    if (topic.size() > most_topic_shown) result += "...";
    return result;
}

std::string in_quotes(std::string_view text) {
    std::string result{'"'};
    result += printable(text.substr(0, most_shown));
    result += text.size() > most_shown ? "\"..." : "\"";
    return result;
}

std::vector<Expected<std::int64_t, Reason>> parse_readings(std::string_view payload,
                                                           std::span<const config::Input* const> inputs) {
    std::optional<Expected<nlohmann::json, Reason>> document;  // from the first input on that wants it
    const auto number_for = [&](const config::Input& input) -> Expected<double, Reason> {
        if (!input.json_pointer) {
            if (const auto number = parse_number(trimmed(payload))) return *number;
            return refused("a number", payload);
        }
        if (!document) document = parse_document(payload);
        if (!*document) return Unexpected{document->error()};
        return number_at(**document, *input.json_pointer, payload);
    };
    std::vector<Expected<std::int64_t, Reason>> readings;
    for (const auto* input : inputs) {
        const auto number = number_for(*input);
        if (number)
            readings.push_back(thousandths_of(*number * input->factor, payload));
        else
            readings.emplace_back(Unexpected{number.error()});
    }
    return readings;
}

Expected<std::int64_t, Reason> parse_reading(std::string_view payload, const config::Input& input) {
    const std::array inputs{&input};
    return parse_readings(payload, inputs).front();
}

}  // namespace broker

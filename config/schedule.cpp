// Lines of a schedule, as the configuration and the topic `schedule` have them.
#include "config/schedule.hpp"

#include <algorithm>
#include <charconv>

#include "config/json.hpp"
#include "config/reader.hpp"
#include "config/words.hpp"

namespace config {
namespace {

using std::chrono::minutes;
using twc::Expected;
using twc::Unexpected;

constexpr std::array<std::string_view, 7> day_words{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr minutes whole_day{24 * 60};
constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The part up to `separator`, which goes with it; all of it where there is none.
std::string_view cut(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return result;
}

bool is_decimal(char letter) { return letter >= '0' && letter <= '9'; }

std::optional<std::size_t> day_of(std::string_view word) {
    const auto found = std::ranges::find(day_words, word);
    if (found == day_words.end()) return std::nullopt;
    return static_cast<std::size_t>(found - day_words.begin());
}

/// "mon-fri", "sat,sun", "fri-mon,wed".
bool read_days(std::string_view text, std::array<bool, 7>& days) {
    if (text.ends_with(',')) return false;
    while (!text.empty()) {
        auto part = cut(text, ',');
        const bool range = part.find('-') != std::string_view::npos;
        const auto first = day_of(cut(part, '-'));
        const auto last = range ? day_of(part) : first;
        if (!first || !last) return false;
        for (auto day = *first;; day = (day + 1) % days.size()) {
            days[day] = true;
            if (day == *last) break;
        }
    }
    return true;
}

/// "6:00", "06:00", "24:00".
std::optional<minutes> read_time(std::string_view text) {
    const auto number = [](std::string_view digits) -> std::optional<int> {
        if (digits.empty() || digits.size() > 2 || !std::ranges::all_of(digits, is_decimal))
            return std::nullopt;
        int value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    };
    const auto hour = number(cut(text, ':'));
    const auto minute = text.size() == 2 ? number(text) : std::nullopt;
    if (!hour || !minute || *minute >= 60) return std::nullopt;
    const minutes time{*hour * 60 + *minute};
    if (time > whole_day) return std::nullopt;
    return time;
}

bool read_times(std::string_view text, Window& window) {
    const auto from = read_time(cut(text, '-'));
    const auto to = read_time(text);
    if (!from || !to || *from == whole_day || *from == *to) return false;
    window.from = *from;
    window.to = *to;
    return true;
}

std::optional<Centiamps> limit_of(std::string_view text) {
    constexpr std::int64_t most = 8000;  // 0.01 A, as maxAmps
    const bool plain =
        !text.empty() && is_decimal(text.front()) && is_decimal(text.back()) &&
        std::ranges::all_of(text, [](char letter) { return is_decimal(letter) || letter == '.'; }) &&
        std::ranges::count(text, '.') <= 1;
    const auto amps = plain ? scaled(text, 2) : std::nullopt;
    if (!amps || *amps > most) return std::nullopt;
    return Centiamps{*amps};
}

Unexpected<Problem> refused(std::string expected, std::string_view found) {
    return {Problem{{}, std::move(expected), describe(Json{std::string{found}})}};
}

/// Words, one after the other. Upper and lower case are equal but in names.
class LineWords {
  public:
    explicit LineWords(std::string_view line) : rest_{trimmed(line)} {}

    [[nodiscard]] std::string next() const { return lower(rest_.substr(0, rest_.find_first_of(blanks))); }
    void skip() { rest_ = trimmed(rest_.substr(std::min(rest_.find_first_of(blanks), rest_.size()))); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};

void read_mode(LineWords& words, Window& window) {
    const auto word = words.next();
    const auto found = std::ranges::find(mode_words, word, &std::pair<std::string_view, Mode>::first);
    if (found == mode_words.end()) return;
    window.mode = found->second;
    words.skip();
}

/// "16 A" or "16A". False if that is what it should be, but it is not.
bool read_limit(LineWords& words, Window& window) {
    auto word = words.next();
    if (word.empty() || !is_decimal(word.front())) return true;
    words.skip();
    const bool joined = word.ends_with('a');
    if (joined) word.pop_back();
    if (!joined && words.next() != "a") return false;
    if (!joined) words.skip();
    window.limit = limit_of(word);
    return window.limit.has_value();
}

}  // namespace

Expected<Window, Problem> parse_window(std::string_view line) {
    Window window;
    window.text = std::string{trimmed(line)};
    LineWords words{line};
    if (words.next().empty() || is_decimal(words.next().front())) {
        window.days.fill(true);
    } else {
        if (!read_days(words.next(), window.days))
            return refused(R"(days as "mon-fri" or "sat,sun", or a time, at the beginning)", line);
        words.skip();
    }
    if (!read_times(words.next(), window)) return refused(R"(two different times as "23:00-06:00")", line);
    words.skip();
    read_mode(words, window);
    if (!read_limit(words, window)) return refused(R"(a limit as "16 A", 0 to 80)", line);
    if (!window.mode && !window.limit)
        return refused(
            R"(one of "off", "solar", "solar_min", "fast", or a limit as "16 A", behind the times)", line);
    if (words.next() == "for") {
        words.skip();
        window.charger = std::string{words.rest()};
    } else if (!words.rest().empty()) {
        return refused(R"(nothing more, or "for" and a charger's id or name, at the end)", line);
    }
    if (window.charger && window.charger->empty())
        return refused(R"(a charger's id or name behind "for")", line);
    return window;
}

std::optional<minutes> parse_time_of_day(std::string_view text) {
    const auto time = read_time(text);
    return time == whole_day ? std::nullopt : time;
}

Expected<std::vector<Window>, Problem> parse_schedule(std::string_view text) {
    const auto whole = text;
    if (text.size() > longest_schedule)
        return refused("at most " + std::to_string(longest_schedule) + " bytes in all", text);
    std::vector<Window> windows;
    while (!trimmed(text).empty()) {
        const auto line = cut(text, ';');
        if (trimmed(line).empty()) continue;
        auto window = parse_window(line);
        if (!window) return Unexpected{window.error()};
        windows.push_back(std::move(*window));
    }
    // What is stored and told is longer by a blank behind each semicolon.
    if (schedule_text(windows).size() > longest_schedule)
        return refused("at most " + std::to_string(longest_schedule) + R"( bytes in all, joined by "; ")",
                       whole);
    return windows;
}

std::string schedule_text(const std::vector<Window>& windows) {
    std::string text;
    for (const auto& window : windows) text += (text.empty() ? "" : "; ") + window.text;
    return text;
}

namespace {

/// "5893", or "<bus>_5893" for the second of two equal ones.
bool is_charger_key(std::string_view key, const std::vector<Bus>& buses) {
    const auto begin = key.rfind('_');
    if (begin == std::string_view::npos) return TwcId::parse(key).has_value();
    return TwcId::parse(key.substr(begin + 1)) &&
           std::ranges::find(buses, key.substr(0, begin), &Bus::name) != buses.end();
}

}  // namespace

const Window* window_of_nobody(const std::vector<Window>& windows, const Config& config) {
    const auto is_known = [&](const Window& window) {
        if (!window.charger) return true;
        if (is_charger_key(lower(*window.charger), config.buses)) return true;
        return std::ranges::any_of(config.chargers,
                                   [&](const auto& entry) { return entry.second.name == window.charger; });
    };
    const auto found = std::ranges::find_if_not(windows, is_known);
    return found == windows.end() ? nullptr : &*found;
}

}  // namespace config

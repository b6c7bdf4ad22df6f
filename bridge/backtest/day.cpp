#include "bridge/backtest/day.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace backtest {
namespace {

constexpr std::string_view header = "t,pv_w,load_w";
constexpr int longest_step = 900;
constexpr int end_of_longest_day = 90'000;
constexpr double most_watts = 100'000;

struct Row {
    int t = 0;
    double solar = 0;
    double house = 0;
};

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<double> watts(std::string_view text) {
    const auto value = number<double>(text);
    return value && std::isfinite(*value) && std::abs(*value) <= most_watts ? value : std::nullopt;
}

twc::Unexpected<std::string> problem(std::string_view expected, std::string_view found) {
    return {"expected " + std::string{expected} + ", found \"" + std::string{found} + '"'};
}

twc::Expected<Row, std::string> parse_row(std::string_view line) {
    std::array<std::string_view, 3> fields;
    std::size_t count = 0;
    for (auto rest = line;; ++count) {
        const auto comma = rest.find(',');
        if (count < fields.size()) fields[count] = rest.substr(0, comma);
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
    }
    if (count + 1 != fields.size()) return problem("three values, t,pv_w,load_w", line);
    const auto t = number<int>(fields[0]);
    if (!t || *t < 0 || *t >= end_of_longest_day)
        return problem("a whole number of seconds after midnight, 0 to 89999", fields[0]);
    const auto solar = watts(fields[1]);
    if (!solar) return problem("a number of W from -100000 to 100000", fields[1]);
    const auto house = watts(fields[2]);
    if (!house) return problem("a number of W from -100000 to 100000", fields[2]);
    return Row{*t, *solar, *house};
}

void hold(Day& day, const Row& row, int seconds) {
    day.solar_per_kwp.insert(day.solar_per_kwp.end(), static_cast<std::size_t>(seconds), row.solar);
    day.house.insert(day.house.end(), static_cast<std::size_t>(seconds), row.house);
}

/// Takes line after line.
class Reader {
  public:
    explicit Reader(std::string name) { day_.name = std::move(name); }

    /// Nothing, or what is wrong with the line.
    std::optional<std::string> take(std::string_view line) {
        if (line.empty() || line.front() == '#') return std::nullopt;
        if (!has_header_) {
            has_header_ = true;
            return line == header ? std::nullopt
                                  : std::optional{problem("the columns t,pv_w,load_w", line).error};
        }
        const auto row = parse_row(line);
        if (!row) return row.error();
        return append(*row);
    }
    /// The whole day, or nothing while it has less than two rows.
    std::optional<Day> finish() {
        if (step_ == 0) return std::nullopt;
        hold(day_, last_, step_);
        return std::move(day_);
    }

  private:
    std::optional<std::string> append(const Row& row) {
        if (!begun_) {
            begun_ = true;
            day_.begin = row.t;
        } else if (row.t <= last_.t) {
            return problem("a time after " + std::to_string(last_.t), std::to_string(row.t)).error;
        } else if (row.t - last_.t > longest_step) {
            return problem("no gap longer than 900 s after " + std::to_string(last_.t), std::to_string(row.t))
                .error;
        } else {
            step_ = row.t - last_.t;
            hold(day_, last_, step_);
        }
        last_ = row;
        return std::nullopt;
    }

    Day day_;
    bool has_header_ = false;
    bool begun_ = false;
    Row last_;
    int step_ = 0;  // between the last two rows
};

}  // namespace

twc::Expected<Day, std::string> parse_day(std::string name, std::string_view text) {
    Reader reader{std::move(name)};
    int line_number = 0;
    while (!text.empty()) {
        ++line_number;
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);  // from a spreadsheet
        if (const auto wrong = reader.take(line))
            return twc::Unexpected{"line " + std::to_string(line_number) + ": " + *wrong};
    }
    auto day = reader.finish();
    if (!day) {
        return twc::Unexpected{"line " + std::to_string(line_number) +
                               ": expected at least two rows below the columns t,pv_w,load_w, found the end"};
    }
    return std::move(*day);
}

}  // namespace backtest

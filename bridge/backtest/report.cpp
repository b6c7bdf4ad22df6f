#include "bridge/backtest/report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace backtest {
namespace {

using Cells = std::vector<std::string>;

std::string percent(std::optional<double> value) { return value ? fmt::format("{:.1f}", *value) : "-"; }

Cells head(const SiteSpec& site) {
    Cells cells{"day",        "rule",   "solar kWh",    "of best %",       "J %",
                "import kWh", "starts", "set points/h", "s above charger", "s above all"};
    if (site.main_fuse) cells.insert(cells.end(), {"s above fuse", "longest s", "house alone s"});
    return cells;
}

Cells cells_of(const SiteSpec& site, const Result& result) {
    const auto& score = result.score;
    const auto set_points = score.set_points_per_hour();
    Cells cells{result.day,
                result.rule,
                fmt::format("{:.2f}", score.harvest.solar),
                percent(score.solar_percent()),
                percent(score.worth_percent()),
                fmt::format("{:.2f}", score.harvest.import),
                std::to_string(score.harvest.starts),
                set_points ? fmt::format("{:.0f}", *set_points) : "-",
                std::to_string(score.charger.seconds),
                std::to_string(score.site.seconds)};
    if (site.main_fuse) {
        for (const int seconds : {score.fuse.seconds, score.fuse.longest, score.fuse_of_house.seconds})
            cells.push_back(std::to_string(seconds));
    }
    return cells;
}

/// The first two columns are words, the others numbers.
std::string aligned(const std::vector<Cells>& lines) {
    constexpr std::size_t words = 2;
    std::vector<std::size_t> widths(lines.front().size());
    for (const auto& line : lines) {
        for (std::size_t column = 0; column < line.size(); ++column)
            widths[column] = std::max(widths[column], line[column].size());
    }
    std::string text;
    for (const auto& line : lines) {
        for (std::size_t column = 0; column < line.size(); ++column) {
            if (column > 0) text += "  ";
            const std::string padding(widths[column] - line[column].size(), ' ');
            text += column < words ? line[column] + padding : padding + line[column];
        }
        text += '\n';
    }
    return text;
}

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char character : text) {
        if (character == '"') result += '"';
        result += character;
    }
    return result + '"';
}

}  // namespace

std::string describe(const SiteSpec& site) {
    const auto& meter = site.meter;
    auto text = fmt::format("{:g} kWp, {} phase{} of {:g} V, {} car{}, at most {:g} A in all", site.plant_kwp,
                            site.phases, site.phases == 1 ? "" : "s", site.volts, site.cars.size(),
                            site.cars.size() == 1 ? "" : "s", to_amps(site.ceiling));
    if (site.main_fuse) text += fmt::format(", main fuse {:g} A", to_amps(*site.main_fuse));
    return text + fmt::format("; meter every {} s, {} s late", meter.interval, meter.least_delay);
}

std::string to_table(const SiteSpec& site, const std::vector<Result>& results) {
    std::vector<Cells> lines{head(site)};
    for (const auto& result : results) lines.push_back(cells_of(site, result));
    return aligned(lines) +
           "\nbest: the best that anybody could have made of the day, knowing all of it beforehand\n"
           "J: solar kWh - imported kWh - 0.05 kWh for each start, in % of the best\n";
}

std::string trace_head(const SiteSpec& site) {
    std::string line = "day,t,solar_w,house_w,cars_w,grid_w";
    for (const auto& car : site.cars)
        line += fmt::format(",offered_a_{0},limit_a_{0},drawn_a_{0},reason_{0}", car.charger);
    return line + '\n';
}

std::string trace_line(const std::string& day, const Moment& moment) {
    const auto& truth = moment.truth;
    std::string line;
    auto out = std::back_inserter(line);
    fmt::format_to(out, "{},{},{:.0f},{:.0f},{:.0f},{:.0f}", in_quotes(day), moment.t, truth.solar,
                   truth.house, truth.cars, truth.cars - truth.surplus());
    for (std::size_t i = 0; i < moment.cars.size(); ++i) {
        const auto& offer = moment.offers[i];
        fmt::format_to(out, ",{:.2f},{:.2f},{:.2f},{}", to_amps(offer.amps), moment.cars[i].limit_in_force(),
                       moment.cars[i].drawn(), in_quotes(offer.reason));
    }
    return line + '\n';
}

}  // namespace backtest

#include "bridge/backtest/plot.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace backtest {
namespace {

constexpr double width = 960;
constexpr double height = 360;  // of a panel
constexpr double left = 56;
constexpr double right = 944;
constexpr double top = 64;
constexpr double bottom = 312;
constexpr int hour = 3600;

struct Series {
    std::string_view name;
    std::string_view stroke;
    std::string_view fill;
    std::string_view dashes;
    double Curves::Point::* value;
};
/// In the order of painting.
constexpr std::array<Series, 4> all_series{{
    {"solar", "#d99a00", "#fbe7a8", "none", &Curves::Point::solar},
    {"drawn by the cars", "#2b8a3e", "#8fd19e", "none", &Curves::Point::drawn},
    {"house without cars", "#8a4b2a", "none", "none", &Curves::Point::house},
    {"offered to the cars", "#1c5fb0", "none", "5 3", &Curves::Point::offered},
}};

std::string escaped(std::string_view text) {
    std::string result;
    for (const char character : text) {
        switch (character) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            // What a file's name may hold and XML may not.
            default:
                result += static_cast<unsigned char>(character) < 0x20 ? '?' : character;
        }
    }
    return result;
}

/// 1, 2 or 5 times a power of ten, so that at most six of them reach `largest`.
double nice_step(double largest) {
    const auto power = std::pow(10, std::floor(std::log10(largest / 6)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (largest / (factor * power) <= 6) return factor * power;
    }
    return 10 * power;
}

/// Where hours and kilowatts are on the paper.
class Axes {
  public:
    explicit Axes(const Curves& curves) {
        const auto seconds = static_cast<int>(curves.points().size()) * Curves::seconds_per_point;
        begin_ = curves.begin() / hour * hour;
        end_ = std::max(begin_ + hour, (curves.begin() + seconds + hour - 1) / hour * hour);
        double largest = 0.5;
        double least = 0;
        for (const auto& point : curves.points()) {
            for (const auto& series : all_series) {
                largest = std::max(largest, point.*series.value);
                least = std::min(least, point.*series.value);
            }
        }
        step_ = nice_step(largest - least);
        high_ = std::ceil(largest / step_) * step_;
        low_ = std::floor(least / step_) * step_;
    }

    [[nodiscard]] double x(int t) const { return left + (right - left) * (t - begin_) / (end_ - begin_); }
    [[nodiscard]] double y(double kilowatts) const {
        return bottom - (bottom - top) * (kilowatts - low_) / (high_ - low_);
    }

    [[nodiscard]] std::string svg() const {
        std::string text = "<g stroke=\"#d8d8d8\" fill=\"#444\">\n";
        const auto lines = static_cast<int>(std::lround((high_ - low_) / step_));
        for (int line = 0; line <= lines; ++line) {
            const auto value = low_ + line * step_;
            text += fmt::format(
                "<path d=\"M{0:g} {2:.1f}H{1:g}\"/><text x=\"{3:g}\" y=\"{4:.1f}\" text-anchor=\"end\" "
                "stroke=\"none\">{5:g}</text>\n",
                left, right, y(value), left - 6, y(value) + 4, value);
        }
        const int hours = end_ - begin_ > 12 * hour ? 2 * hour : hour;
        for (int t = begin_; t <= end_; t += hours) {
            text += fmt::format(
                "<path d=\"M{0:.1f} {1:g}V{2:g}\"/><text x=\"{0:.1f}\" y=\"{3:g}\" text-anchor=\"middle\" "
                "stroke=\"none\">{4:02}:00</text>\n",
                x(t), top, bottom, bottom + 18, t / hour);
        }
        return text + fmt::format(
                          "<text x=\"{:g}\" y=\"{:g}\" text-anchor=\"middle\" stroke=\"none\">time of "
                          "day</text>\n<text x=\"{:g}\" y=\"{:g}\" stroke=\"none\">power, kW</text>\n</g>\n",
                          (left + right) / 2, bottom + 36, left - 40, top - 10);
    }

  private:
    int begin_ = 0;
    int end_ = 0;
    double low_ = 0;
    double high_ = 0;
    double step_ = 1;
};

std::string curve(const Series& series, const Curves& curves, const Axes& axes) {
    const auto& points = curves.points();
    const auto value = [&](std::size_t i) { return points[i].*series.value; };
    const auto x = [&](std::size_t i) {
        return axes.x(curves.begin() + static_cast<int>(i) * Curves::seconds_per_point);
    };
    std::string path;
    for (std::size_t i = 0; i < points.size(); ++i) {
        // What lies on a level line needs no point.
        const bool inner = i > 0 && i + 1 < points.size();
        if (inner && value(i - 1) == value(i) && value(i) == value(i + 1)) continue;
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(i), axes.y(value(i)));
    }
    std::string text;
    if (series.fill != "none" && !points.empty()) {
        text = fmt::format("<path fill=\"{}\" stroke=\"none\" d=\"{}L{:.1f} {:.1f}L{:.1f} {:.1f}Z\"/>\n",
                           series.fill, path, x(points.size() - 1), axes.y(0), x(0), axes.y(0));
    }
    return text + fmt::format("<path fill=\"none\" stroke=\"{}\" stroke-dasharray=\"{}\" d=\"{}\"/>\n",
                              series.stroke, series.dashes, path);
}

std::string legend() {
    std::string text;
    double x = left + 100;
    for (const auto& series : all_series) {
        text += fmt::format(
            "<path stroke=\"{}\" stroke-width=\"3\" stroke-dasharray=\"{}\" d=\"M{:g} {:g}h26\"/>"
            "<text x=\"{:g}\" y=\"{:g}\" fill=\"#222\">{}</text>\n",
            series.stroke, series.dashes, x, top - 14, x + 32, top - 10, series.name);
        x += 190;
    }
    return text;
}

std::string svg(const Panel& panel, double offset) {
    const Axes axes{panel.curves};
    auto text = fmt::format("<g transform=\"translate(0 {:g})\">\n", offset);
    text += fmt::format(
        "<text x=\"{:g}\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#222\">{}</text>\n", left,
        escaped(panel.title));
    text += axes.svg();
    for (const auto& series : all_series) text += curve(series, panel.curves, axes);
    return text + legend() + "</g>\n";
}

}  // namespace

Curves::Curves(const SiteSpec& site, int begin) : watts_per_amp_{site.watts_per_amp()}, begin_{begin} {}

void Curves::add(const Moment& moment) {
    double offered = 0;
    for (const auto& offer : moment.offers) offered += to_amps(offer.amps);
    constexpr double weight = 1.0 / seconds_per_point / 1000;  // W of a second → kW of a point
    sum_.solar += moment.truth.solar * weight;
    sum_.house += moment.truth.house * weight;
    sum_.offered += offered * watts_per_amp_ * weight;
    sum_.drawn += moment.truth.cars * weight;
    if (++seconds_ < seconds_per_point) return;
    points_.push_back(sum_);
    sum_ = {};
    seconds_ = 0;
}

std::string to_svg(const std::vector<Panel>& panels) {
    const auto all = height * static_cast<double>(panels.size());
    auto text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" "
        "height=\"{1:g}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        width, all);
    double offset = 0;
    for (const auto& panel : panels) {
        text += svg(panel, offset);
        offset += height;
    }
    return text + "</svg>\n";
}

}  // namespace backtest

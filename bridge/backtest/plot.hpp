// A day as a picture: SVG, without scripts or anything from elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "bridge/backtest/plant.hpp"
#include "bridge/backtest/replay.hpp"

namespace backtest {

/// Power of sun, house, offers and cars, as means over two minutes.
class Curves {
  public:
    static constexpr int seconds_per_point = 120;
    struct Point {
        double solar = 0, house = 0, offered = 0, drawn = 0;  ///< kW
    };

    Curves(const SiteSpec&, int begin);
    void add(const Moment&);
    /// All but a last one of less than two minutes.
    [[nodiscard]] const std::vector<Point>& points() const { return points_; }
    [[nodiscard]] int begin() const { return begin_; }  ///< s after midnight

  private:
    double watts_per_amp_;
    int begin_;
    int seconds_ = 0;
    Point sum_;
    std::vector<Point> points_;
};

struct Panel {
    std::string title;
    Curves curves;
};

/// One below the other.
std::string to_svg(const std::vector<Panel>&);

}  // namespace backtest

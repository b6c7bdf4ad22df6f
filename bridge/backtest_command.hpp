// `twcbridge backtest`: measured days through the control code of the service.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace bridge {

/// What was asked for; what is not given follows from the configuration, or is a house with one phase, one
/// car and 32 A.
struct BacktestOptions {
    std::vector<std::filesystem::path> days;
    double plant_kwp = 6.5;
    std::optional<int> phases;
    std::optional<int> amps;
    std::optional<int> cars;
    int meter_interval = 5;  ///< s
    int meter_delay = 2;     ///< s
    std::optional<int> main_fuse;
    bool compare = false;
    std::optional<std::string> trace;  ///< file; "" is standard output, the table then goes to standard error
    std::optional<std::filesystem::path> plot;
};

/// Returns the exit status.
int backtest(const BacktestOptions&, const std::optional<config::Config>&);

}  // namespace bridge

#include "bridge/backtest_command.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bridge/backtest/day.hpp"
#include "bridge/backtest/optimum.hpp"
#include "bridge/backtest/plot.hpp"
#include "bridge/backtest/replay.hpp"
#include "bridge/backtest/report.hpp"
#include "bridge/backtest/rules.hpp"

namespace bridge {
namespace {

constexpr const char* our_name = "twcbridge";
constexpr twc::Centiamps usual_ceiling{3200};

std::optional<twc::Centiamps> amps(std::optional<int> given) {
    return given ? std::optional{twc::Centiamps{*given * 100}} : std::nullopt;
}

/// The configured chargers in their order, then made-up ones.
std::vector<backtest::CarSpec> cars_of(const BacktestOptions& options, const config::Config& config) {
    const auto each = amps(options.amps).value_or(config.wiring_max_each);
    const auto known = config.chargers.size();
    const auto count =
        options.cars ? static_cast<std::size_t>(*options.cars) : std::max<std::size_t>(known, 1);
    std::vector<backtest::CarSpec> cars;
    for (const auto& [id, charger] : config.chargers) {
        if (cars.size() == count) break;
        cars.push_back({.charger = id.text(), .ceiling = std::min(each, charger.max_current.value_or(each))});
    }
    for (std::uint16_t id = 1; cars.size() < count; ++id) {
        if (!config.chargers.contains(twc::TwcId{id}))
            cars.push_back({.charger = twc::TwcId{id}.text(), .ceiling = each});
    }
    return cars;
}

backtest::SiteSpec site_of(const BacktestOptions& options, const config::Config& config) {
    backtest::SiteSpec site;
    site.plant_kwp = options.plant_kwp;
    site.phases = options.phases.value_or(config.default_phases);
    site.volts = static_cast<double>(config.default_voltage.count());
    site.ceiling = amps(options.amps).value_or(config.wiring_max_all);
    site.main_fuse = options.main_fuse ? amps(options.main_fuse) : config.main_fuse;
    site.cars = cars_of(options, config);
    site.meter.interval = options.meter_interval;
    site.meter.least_delay = site.meter.most_delay = options.meter_delay;
    site.meter.net = config.inputs.grid.has_value();
    site.meter.consumption_includes_cars = config.subtract_charger_load;
    site.meter.phase_currents = options.main_fuse || config.inputs.grid_currents;
    return site;
}

/// Without a file: the defaults, 32 A, and a meter at the grid.
config::Config usual_config() {
    config::Config config;
    config.wiring_max_all = config.wiring_max_each = usual_ceiling;
    config.inputs.grid = config::Input{};
    return config;
}

[[noreturn]] void fail_on(const std::filesystem::path& file) {
    throw std::system_error{errno, std::generic_category(), file.string()};
}

backtest::Day load_day(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    if (!stream) fail_on(file);
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    if (stream.bad()) throw std::runtime_error{file.string() + ": cannot be read"};
    auto day = backtest::parse_day(file.stem().string(), text);
    if (!day) throw std::runtime_error{file.string() + ", " + day.error()};
    return std::move(*day);
}

/// Refuses to write over anything that is not an earlier trace: a word too few, and it were the measured day.
void check_trace_target(const std::string& file) {
    std::ifstream there{file};
    std::string line;
    if (!there || !std::getline(there, line) || line.starts_with("day,t,")) return;
    throw std::runtime_error{file +
                             ": expected a new file or an earlier trace for --csv, found something else"};
}

std::ofstream open(const std::filesystem::path& file) {
    std::ofstream stream{file, std::ios::binary};
    if (!stream) fail_on(file);
    return stream;
}

/// All days, one after the other.
class Backtest {
  public:
    Backtest(const BacktestOptions& options, const config::Config& config)
        : options_{options}, site_{site_of(options, config)}, config_{backtest::fitted(config, site_)} {
        if (!options_.trace) return;
        if (!options_.trace->empty()) file_ = open(*options_.trace);
        trace() << backtest::trace_head(site_);
    }

    void play(const backtest::Day& day) {
        const auto best = backtest::optimum(site_, day);
        play(day, best, {our_name, backtest::our_rule(config_)}, true);
        if (!options_.compare) return;
        for (const auto& other : backtest::other_rules(site_)) play(day, best, other, false);
    }

    void finish() {
        if (options_.days.size() > 1) {
            for (const auto& name : names_)
                results_.push_back({fmt::format("sum of {} days", options_.days.size()), name, sums_[name]});
        }
        auto& table = options_.trace && options_.trace->empty() ? std::cerr : std::cout;
        table << backtest::describe(site_) << "\n\n" << backtest::to_table(site_, results_);
        if (!std::cout.flush()) throw std::runtime_error{"standard output: cannot be written"};
        if (options_.trace && !trace().flush()) fail_on(*options_.trace);
        if (options_.plot && !(open(*options_.plot) << backtest::to_svg(panels_) << std::flush))
            fail_on(*options_.plot);
    }

  private:
    std::ostream& trace() { return file_.is_open() ? file_ : std::cout; }

    void play(const backtest::Day& day, const backtest::Harvest& best, const backtest::NamedRule& player,
              bool ours) {
        backtest::Curves curves{site_, day.begin};
        const auto witness = [&](const backtest::Moment& moment) {
            if (options_.trace) trace() << backtest::trace_line(day.name, moment);
            curves.add(moment);
        };
        auto score = backtest::replay(site_, day, player.rule, ours ? backtest::Witness{witness} : nullptr);
        score.optimum = best;
        if (ours)
            panels_.push_back({fmt::format("{}: {:.1f} kWh of sun captured, {:.1f} kWh imported", day.name,
                                           score.harvest.solar, score.harvest.import),
                               std::move(curves)});
        if (!sums_.contains(player.name)) names_.push_back(player.name);
        sums_[player.name] += score;
        results_.push_back({day.name, player.name, score});
    }

    const BacktestOptions& options_;
    const backtest::SiteSpec site_;
    const config::Config config_;
    std::vector<backtest::Result> results_;
    std::vector<std::string> names_;  // of the rules, in their order
    std::map<std::string, backtest::Score> sums_;
    std::vector<backtest::Panel> panels_;
    std::ofstream file_;  // of the trace, unless that goes to standard output
};

}  // namespace

int backtest(const BacktestOptions& options, const std::optional<config::Config>& config) {
    if (options.trace && !options.trace->empty()) check_trace_target(*options.trace);
    std::vector<backtest::Day> days;
    days.reserve(options.days.size());
    for (const auto& file : options.days) days.push_back(load_day(file));
    Backtest all{options, config.value_or(usual_config())};
    for (const auto& day : days) all.play(day);
    all.finish();
    return EXIT_SUCCESS;
}

}  // namespace bridge

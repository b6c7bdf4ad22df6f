// Arguments → one call; the only file that knows CLI11.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/backtest_command.hpp"
#include "bridge/check_command.hpp"
#include "bridge/cosim_command.hpp"
#include "bridge/daemon.hpp"
#include "bridge/decode_command.hpp"
#include "bridge/discovery_command.hpp"
#include "bridge/exit_status.hpp"
#include "bridge/import.hpp"
#include "bridge/log.hpp"
#include "bridge/monitor.hpp"
#include "bridge/simulate.hpp"
#include "bridge/simulate_commands.hpp"
#include "config/load.hpp"
#include "config/nearest.hpp"

namespace {

/// A closed standard descriptor would become the next file that is opened, and log lines would go to the bus.
void occupy_standard_descriptors() {
    int descriptor = ::open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

/// What the arguments ask for; called once they are all read.
using Action = std::function<int()>;

struct RunArguments {
    std::filesystem::path config = "/etc/twcbridge/config.json";
    bridge::RunOptions options;
    spdlog::level::level_enum log_level = spdlog::level::info;
};

/// The configuration, or nothing after every problem was printed.
std::optional<config::Config> load_config(const std::filesystem::path& file) {
    auto loaded = config::load(file);
    if (loaded) return std::move(*loaded);
    for (const auto& problem : loaded.error())
        std::cerr << file.string() << ": " << config::to_sentence(problem) << '\n';
    return std::nullopt;
}

int run(const RunArguments& arguments) {
    bridge::set_up_log(arguments.log_level);
    const auto config = load_config(arguments.config);
    return config ? bridge::run(*config, arguments.options) : bridge::exit_config;
}

int check(const std::filesystem::path& file) {
    const auto config = load_config(file);
    return config ? bridge::check(*config, file) : bridge::exit_config;
}

int discovery(const std::filesystem::path& file, bool clear) {
    const auto config = load_config(file);
    if (!config) return bridge::exit_config;
    return clear ? bridge::clear_discovery(*config) : bridge::print_discovery(*config);
}

int cosim(const std::filesystem::path& file) {
    bridge::set_up_log(spdlog::level::err);
    std::ios::sync_with_stdio(false);
    const auto config = load_config(file);
    return config ? bridge::cosim(*config, std::cin, std::cout, std::cerr) : bridge::exit_config;
}

void add_config_option(CLI::App& command, std::filesystem::path& file) {
    command.add_option("--config", file, "the configuration")->type_name("FILE")->capture_default_str();
}

void add_run(CLI::App& app, Action& action) {
    static const std::map<std::string, spdlog::level::level_enum> levels{{"trace", spdlog::level::trace},
                                                                         {"debug", spdlog::level::debug},
                                                                         {"info", spdlog::level::info},
                                                                         {"warning", spdlog::level::warn},
                                                                         {"error", spdlog::level::err}};
    auto arguments = std::make_shared<RunArguments>();
    auto* command =
        app.add_subcommand("run", "the service: joins the wall connectors' bus and the MQTT broker");
    add_config_option(*command, arguments->config);
    command->add_flag("--observe", arguments->options.observe, "never transmit on the bus");
    command
        ->add_option("--trace", arguments->options.trace,
                     "append every frame of the buses to this file, for decode")
        ->type_name("FILE");
    command
        ->add_option("--log-level", arguments->log_level,
                     "trace, debug, info, warning or error (default: info)")
        ->type_name("LEVEL")
        ->transform(CLI::Transformer(levels).description(""))
        ->check(CLI::IsMember(levels).description(""));
    command->callback([&action, arguments] { action = [arguments] { return run(*arguments); }; });
}

void add_check(CLI::App& app, Action& action) {
    auto file = std::make_shared<std::filesystem::path>(RunArguments{}.config);
    auto* command = app.add_subcommand("check", "read the configuration and print every problem of it");
    add_config_option(*command, *file);
    command->callback([&action, file] { action = [file] { return check(*file); }; });
}

void add_cosim(CLI::App& app, Action& action) {
    auto file = std::make_shared<std::filesystem::path>(RunArguments{}.config);
    auto* command = app.add_subcommand(
        "cosim", "the control rule alone, in simulated time: a JSON line a second in, one with offers out");
    add_config_option(*command, *file);
    command->callback([&action, file] { action = [file] { return cosim(*file); }; });
}

void add_discovery(CLI::App& app, Action& action) {
    struct Options {
        std::filesystem::path config = RunArguments{}.config;
        bool clear = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("discovery", "print the messages that announce us to Home Assistant");
    add_config_option(*command, options->config);
    command->add_flag("--clear", options->clear, "remove them from the broker instead");
    command->callback(
        [&action, options] { action = [options] { return discovery(options->config, options->clear); }; });
}

void add_decode(CLI::App& app, Action& action) {
    struct Options {
        std::filesystem::path file = "-";
        bool text = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("decode", "print the frames that a log or a hex dump shows, as JSON");
    command->add_option("file", options->file, "any text with hex in it (default: -, standard input)")
        ->type_name("FILE");
    command->add_flag("--text", options->text, "for people: one line of columns for each frame");
    command->callback([&action, options] {
        action = [options] {
            return bridge::decode(options->file,
                                  options->text ? bridge::FrameStyle::text : bridge::FrameStyle::json);
        };
    });
}

/// An empty list stays the default charger.
std::vector<bridge::ChargerSpec> parse_chargers(const std::vector<std::string>& texts) {
    std::vector<bridge::ChargerSpec> chargers;
    for (const auto& text : texts) {
        const auto charger = bridge::parse_charger_spec(text);
        if (!charger) throw CLI::ValidationError{"--charger", charger.error()};
        chargers.push_back(*charger);
    }
    return chargers.empty() ? bridge::SimulateOptions{}.chargers : chargers;
}

void add_simulate(CLI::App& app, Action& action) {
    struct Texts {
        bridge::SimulateOptions options;
        std::vector<std::string> chargers;
    };
    auto texts = std::make_shared<Texts>();
    auto* command =
        app.add_subcommand("simulate", "wall connectors with cars, for trying the service without any");
    command
        ->add_option("--link", texts->options.link,
                     "behind a pseudo terminal that this symbolic link leads to (this, or --listen)")
        ->type_name("PATH");
    command
        ->add_option("--listen", texts->options.listen_port,
                     "behind this TCP port of 127.0.0.1; 0: a free one")
        ->type_name("PORT")
        ->check(CLI::Range(0, 65535));
    command->add_option("--charger", texts->chargers, "one wall connector; may be repeated (default: 5893)")
        ->type_name("ID[:MAX[:PROTOCOL]]")
        ->expected(1)
        ->take_all();
    command->footer("While it runs it obeys lines on standard input: " + bridge::simulate_commands() + '.');
    command->callback([&action, texts] {
        texts->options.chargers = parse_chargers(texts->chargers);
        if (const auto problem = bridge::problem_with(texts->options))
            throw CLI::ValidationError{"simulate", *problem};
        action = [texts] { return bridge::simulate(texts->options); };
    });
}

/// Without --config the control code has its defaults.
int backtest(const bridge::BacktestOptions& options, const std::optional<std::filesystem::path>& file) {
    std::optional<config::Config> config;
    if (file) {
        config = load_config(*file);
        if (!config) return bridge::exit_config;
    }
    bridge::set_up_log(spdlog::level::off);
    return bridge::backtest(options, config);
}

void add_backtest_options(CLI::App& command, bridge::BacktestOptions& options) {
    command.add_option("day", options.days, "measured days: CSV with the columns t,pv_w,load_w")
        ->type_name("DAY.csv")
        ->required();
    command
        .add_option("--kwp", options.plant_kwp, "size of the plant; 1 if the day holds the watts of yours")
        ->type_name("KWP")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    const auto number = [&](const char* name, auto& value, const char* type, int low, int high,
                            const char* text) {
        return command.add_option(name, value, text)->type_name(type)->check(CLI::Range(low, high));
    };
    number("--phases", options.phases, "N", 1, 3, "phases that the cars use (default: 1)");
    number("--amps", options.amps, "A", 6, 1000, "most for each charger, and for all together (default: 32)");
    number("--cars", options.cars, "N", 1, 9,
           "cars, plugged in all day (default: the configured chargers, or 1)");
    number("--fuse", options.main_fuse, "A", 6, 1000, "main fuse for each phase (default: not watched)");
    number("--meter-interval", options.meter_interval, "S", 1, 600, "seconds between two values of the meter")
        ->capture_default_str();
    number("--meter-delay", options.meter_delay, "S", 0, 60, "seconds until a value arrives")
        ->capture_default_str();
}

void add_backtest(CLI::App& app, Action& action) {
    struct Given {
        bridge::BacktestOptions options;
        std::optional<std::filesystem::path> config;
    };
    auto given = std::make_shared<Given>();
    auto* command =
        app.add_subcommand("backtest", "play measured days with the control code and a modelled car");
    command
        ->add_option("--config", given->config, "a configuration whose control settings and limits to take")
        ->type_name("FILE");
    add_backtest_options(*command, given->options);
    command->add_flag("--compare", given->options.compare, "also play the days with other rules");
    command->add_option("--plot", given->options.plot, "draw the days into this file")->type_name("FILE.svg");
    command
        ->add_option("--csv", given->options.trace,
                     "write every second into this file, or to standard output if none is given")
        ->type_name("[FILE]")
        ->expected(0, 1);
    command->callback(
        [&action, given] { action = [given] { return backtest(given->options, given->config); }; });
}

/// What to show, or nothing after the problems of the configuration were printed.
std::optional<bridge::MonitorOptions> bridge_of(const std::filesystem::path& file) {
    const auto config = load_config(file);
    return config ? std::optional{bridge::monitor_of(*config)} : std::nullopt;
}

void add_monitor(CLI::App& app, Action& action) {
    struct Options {
        std::filesystem::path config = RunArguments{}.config;
        std::string url;
        std::optional<std::string> username;
        std::optional<std::string> password_file;
        bool once = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("monitor", "show a running bridge in the terminal, as MQTT tells it");
    add_config_option(*command, options->config);
    auto* url = command->add_option("--url", options->url,
                                    "the broker of a bridge elsewhere, with the base topic twcbridge; in "
                                    "place of --config");
    auto* user = command->add_option("--username", options->username, "who we are there");
    auto* password = command->add_option("--password-file", options->password_file,
                                         "holds the password in its first line");
    url->type_name("URL");
    user->type_name("NAME")->needs(url);
    password->type_name("FILE")->needs(user)->check(CLI::Validator{CLI::ExistingFile}.description(""));
    command->add_flag("--once", options->once, "print how things stand, and end");
    command->callback([&action, options, command] {
        auto elsewhere = bridge::monitor_at(options->url);
        if (!options->url.empty() && !elsewhere)
            throw CLI::ValidationError{"--url", "expected mqtt://host:port or mqtts://host:port"};
        if (elsewhere && command->count("--config") > 0)
            throw CLI::ValidationError{"monitor", "either --config or --url"};
        if (elsewhere) {
            elsewhere->mqtt.username = options->username;
            elsewhere->mqtt.password_file = options->password_file;
        }
        action = [options, elsewhere] {
            auto what = elsewhere ? elsewhere : bridge_of(options->config);
            if (!what) return bridge::exit_config;
            what->once = options->once;
            return bridge::monitor(*what);
        };
    });
}

void add_import(CLI::App& app, Action& action) {
    struct Options {
        std::filesystem::path file;
        std::optional<std::filesystem::path> settings;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("import", "print TWCManager's configuration as one of ours");
    command->add_option("FILE", options->file, "its config.json")->required()->type_name("");
    command->add_option("--settings", options->settings, "its settings.json (default: the one beside FILE)")
        ->type_name("FILE");
    command->callback([&action, options] {
        action = [options] { return bridge::import(options->file, options->settings); };
    });
}

/// "; did you mean …?", or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const auto meant = config::nearest(word, std::vector<std::string_view>{known.begin(), known.end()});
    return meant ? "; did you mean \"" + std::string{*meant} + "\"?" : "";
}

/// "--config" and the like.
std::vector<std::string> options_of(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
        for (const auto& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

/// A sentence if `word`, the first argument, is nothing that may stand there.
std::optional<std::string> unknown_command(const CLI::App& app, const std::string& word) {
    auto known = options_of(app);
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        known.push_back(command->get_name());
    if (std::ranges::find(known, word) != known.end()) return std::nullopt;
    return "there is no command \"" + word + '"' + suggestion(word, known);
}

/// Names the first argument that a command did not take.
std::string unknown_argument(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    const auto& command = commands.empty() ? app : *commands.front();
    const auto word = app.remaining(true).front();
    return command.get_name() + " does not know \"" + word + '"' + suggestion(word, options_of(command));
}

/// The exit status of a wrong call.
int refuse(const CLI::App& app, const std::string& sentence) {
    std::cerr << "twcbridge: " << sentence << "\n\n" << app.help();
    return bridge::exit_usage;
}

/// Fills `action`, or returns the exit status because there is nothing to do.
std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
    if (argc > 1) {
        if (const auto sentence = unknown_command(app, argv[1])) return refuse(app, *sentence);
    }
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ExtrasError&) {
        return refuse(app, unknown_argument(app));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // help or version, printed by this call
        return refuse(app, error.what());
    }
}

int dispatch(int argc, const char* const* argv) {
    CLI::App app{"Joins Tesla Wall Connectors (Gen 2) on RS-485 to a home over MQTT.", "twcbridge"};
    app.set_version_flag("--version", "twcbridge " TWCBRIDGE_VERSION);
    app.require_subcommand(1);
    Action action;
    // In the order in which users meet them.
    add_check(app, action);
    add_run(app, action);
    add_monitor(app, action);
    add_decode(app, action);
    add_discovery(app, action);
    add_import(app, action);
    add_simulate(app, action);
    add_backtest(app, action);
    add_cosim(app, action);
    app.footer(
        "`twcbridge COMMAND --help` tells more of one of them.");  // last: the commands would inherit it
    if (const auto status = parse(app, argc, argv)) return *status;
    return action();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        occupy_standard_descriptors();
        return dispatch(argc, argv);
    } catch (const std::exception& failure) {
        std::cerr << "twcbridge: " << failure.what() << '\n';
        return EXIT_FAILURE;
    }
}

// `twcbridge check`: what the owner should know of a good configuration before the service starts.
#include "bridge/check_command.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "bridge/core/ceilings.hpp"
#include "bridge/password_file.hpp"
#include "config/words.hpp"

namespace bridge {
namespace {

namespace fs = std::filesystem;

constexpr const char* serial_devices = "/dev/serial/by-id";

/// In the order of the alphabet; empty without such a folder, as without any adapter.
std::vector<std::string> names_below(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}; !error && entry != fs::directory_iterator{};
         entry.increment(error)) {
        names.push_back(entry->path().filename());
    }
    std::ranges::sort(names);
    return names;
}

std::string_view word_of(config::Mode mode) {
    return std::ranges::find(config::mode_words, mode, [](const auto& pair) { return pair.second; })->first;
}

/// The topics that decide how much sun there is.
std::vector<std::string> solar_topics(const config::Inputs& inputs) {
    std::vector<std::string> topics;
    const auto add = [&](const std::optional<config::Input>& input) {
        if (input) topics.push_back(input->topic);
    };
    if (inputs.grid) {
        add(inputs.grid);
    } else {
        add(inputs.generation);
        add(inputs.consumption);
    }
    add(inputs.battery);
    return topics;
}

}  // namespace

std::vector<std::string> missing_devices(const config::Config& config, const fs::path& by_id) {
    std::vector<std::string> sentences;
    for (const auto& bus : config.buses) {
        std::error_code error;
        if (!bus.port.starts_with('/') || fs::status(bus.port, error).type() != fs::file_type::not_found)
            continue;
        const auto names = names_below(by_id);
        sentences.push_back(fmt::format("{}: there is no such device; below {} there are: {}", bus.port,
                                        by_id.string(),
                                        names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    return sentences;
}

std::string describe_mode(const config::Config& config) {
    const auto topics = solar_topics(config.inputs);
    const bool follows = config.mode == config::Mode::solar || config.mode == config::Mode::solar_min;
    return fmt::format(
        "mode {} at the first start, {} {}", word_of(config.mode),
        follows ? "follows" : "mode solar would follow",
        topics.empty() ? "nothing: no input is configured" : fmt::format("{}", fmt::join(topics, " and ")));
}

int check(const config::Config& config, const fs::path& file) {
    std::cout << file.string() << ": ok\n";
    for (const auto& sentence : describe_ceilings(config)) std::cout << sentence << '\n';
    std::cout << describe_mode(config) << '\n' << std::flush;
    auto warnings = missing_devices(config, serial_devices);
    std::ranges::move(exposed_secrets(config), std::back_inserter(warnings));
    std::ranges::move(empty_secrets(config), std::back_inserter(warnings));
    for (const auto& warning : warnings) std::cerr << "warning: " << warning << '\n';
    if (std::cout) return EXIT_SUCCESS;
    std::cerr << "what holds could not be written\n";
    return EXIT_FAILURE;
}

}  // namespace bridge

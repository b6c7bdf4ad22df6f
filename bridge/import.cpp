// The command `twcbridge import`: files of TWCManager → a configuration of ours.
#include "bridge/import.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "bridge/cells.hpp"
#include "bridge/import_twcmanager.hpp"
#include "config/load.hpp"

namespace bridge {
namespace {

/// Nothing after a sentence was printed.
std::optional<TextFile> read(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    // A folder opens, but does not read.
    if (file && !std::filesystem::is_directory(path)) return TextFile{path.string(), std::move(text)};
    const auto why =
        std::filesystem::is_directory(path) ? "is a folder" : std::generic_category().message(errno);
    std::cerr << path.string() << ": cannot be read: " << why << '\n';
    return std::nullopt;
}

void print_problems(const config::Problems& problems) {
    for (const auto& problem : problems) std::cerr << config::to_sentence(problem) << '\n';
}

void print(const std::filesystem::path& from, const Imported& imported) {
    constexpr std::size_t width = 108;
    std::cout << "// Made by `twcbridge import` from " << printable(from.string()) << ".\n";
    for (const auto& remark : imported.remarks) {
        std::cout << "//\n";
        for (const auto& line : wrap(printable(remark), width)) std::cout << "// " << line << '\n';
    }
    std::cout << imported.config;
    std::cout.flush();
    if (::isatty(STDOUT_FILENO) != 0) return;
    for (const auto& remark : imported.remarks) std::cerr << "remark: " << printable(remark) << '\n';
}

}  // namespace

int import(const std::filesystem::path& config, const std::optional<std::filesystem::path>& settings) {
    const auto file = read(config);
    if (!file) return EXIT_FAILURE;
    const auto beside = config.parent_path() / "settings.json";
    std::optional<TextFile> settings_file;
    if (settings || std::filesystem::exists(beside)) {
        settings_file = read(settings.value_or(beside));
        if (!settings_file) return EXIT_FAILURE;
    }
    const auto imported = import_twcmanager(*file, settings_file);
    if (!imported) {
        print_problems(imported.error());
        return EXIT_FAILURE;
    }
    // What comes out is used on real wiring: it must say what we would say of any file.
    if (const auto checked = config::parse(imported->config); !checked) {
        print_problems(checked.error());
        return EXIT_FAILURE;
    }
    print(config, *imported);
    return std::cout ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace bridge

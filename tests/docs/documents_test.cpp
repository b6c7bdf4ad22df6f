// What the documents show must be what the program takes: configurations, calls, links, tables.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/markdown.hpp"

namespace docs {
namespace {

using nlohmann::json;

class Documents : public testing::Test {
  protected:
    Documents()
        : folder_{std::filesystem::temp_directory_path() / ("docs_test_" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(folder_);
    }
    ~Documents() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
        return folder_ / name;
    }
    /// Calls the program; `arguments` are words of the shell.
    static Outcome call(const std::string& arguments) {
        return shell(std::string{TWCBRIDGE_PROGRAM} + ' ' + arguments);
    }
    /// Those that the program itself names.
    static std::vector<std::string> all_commands() {
        static const std::regex command{R"(\n  ([a-z]+) )"};
        const auto help = call("--help").output;
        const auto list = help.substr(help.find("Subcommands:"));
        return {std::sregex_token_iterator{list.begin(), list.end(), command, 1},
                std::sregex_token_iterator{}};
    }

  private:
    std::filesystem::path folder_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

TEST_F(Documents, ShowConfigurationsThatAreAccepted) {
    const auto readable = write("readable", "secret\n");
    int tried = 0;
    for (const auto& document : documents()) {
        for (const auto& block : document.blocks) {
            auto text = block.text;
            if (block.language == "jsonc") {  // a part of a file
                const bool has_bus = text.find(R"("bus")") != std::string::npos ||
                                     text.find(R"("buses")") != std::string::npos;
                text = "{" + std::string{has_bus ? "" : R"("bus": { "port": "/dev/ttyUSB0" },)"} + text + "}";
            } else if (block.language != "json") {
                continue;
            }
            for (const auto* file : {"/etc/twcbridge/password", "/etc/twcbridge/ca.pem",
                                     "/etc/twcbridge/token", "/etc/twcbridge/proxy.pem"})
                text = replaced(text, file, readable.string());
            const auto outcome = call("check --config " + write("config.json", text).string());
            EXPECT_EQ(outcome.status, 0) << place(document, block.line) << '\n' << outcome.output;
            ++tried;
        }
    }
    EXPECT_GE(tried, 4);
}

/// Only the shape: indentation, dashes, keys and quotes. The rest needs python3 with yaml.
std::optional<std::string> problem_of_yaml(const std::string& text) {
    static const std::regex line_of_yaml{R"(( {2})*(- )?([A-Za-z_]+:( .+)?|[a-z_.0-9]+))"};
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) {
        if (!std::regex_match(line, line_of_yaml)) return "not understood: " + line;
        if (std::ranges::count(line, '"') % 2 != 0) return "a quote is not closed: " + line;
    }
    return std::nullopt;
}

TEST_F(Documents, ShowYamlThatCanBeRead) {
    const bool has_python = shell("python3 -c 'import yaml'").status == 0;
    if (!has_python) std::cout << "not run: a real parser, python3 with yaml is not installed\n";
    int tried = 0;
    for (const auto& document : documents()) {
        for (const auto& block : document.blocks) {
            if (block.language != "yaml") continue;
            EXPECT_EQ(problem_of_yaml(block.text), std::nullopt) << place(document, block.line);
            ++tried;
            if (!has_python) continue;
            const auto file = write("block.yaml", block.text);
            const auto parsed = shell(
                "python3 -c 'import sys, yaml; assert isinstance(yaml.safe_load(open(sys.argv[1])), dict)' " +
                file.string());
            EXPECT_EQ(parsed.status, 0) << place(document, block.line) << '\n' << parsed.output;
        }
    }
    EXPECT_GE(tried, 3);
}

/// Every option of the words must be in the text of somebody's help or script.
void expect_options(const std::vector<std::string>& options, const std::string& help,
                    const std::string& where) {
    for (const auto& option : options) {
        if (!option.starts_with("--")) continue;
        EXPECT_NE(help.find(option), std::string::npos) << where << ": there is no " << option;
    }
}

TEST_F(Documents, ShowCallsOfTheProgramThatItKnows) {
    const auto calls = commands({"twcbridge"});
    EXPECT_GE(calls.size(), 5U);
    for (const auto& [where, text] : calls) {
        const auto all = words_without_sudo(text);
        const auto help = call(all.at(1) + " --help");
        EXPECT_EQ(help.status, 0) << where << ": " << text;
        expect_options(all, help.output, where);
    }
}

TEST_F(Documents, ShowAnImportThatCanBeChecked) {
    const auto sample = std::filesystem::path{PROJECT_DIR} / "tests/vectors/twcmanager/config.json";
    const auto ours = write("imported.json", "");
    int tried = 0;
    for (const auto& [where, text] : commands({"twcbridge"})) {
        if (!text.starts_with("twcbridge import ")) continue;
        auto arguments =
            replaced(text.substr(text.find(' ')), "/etc/twcmanager/config.json", sample.string());
        arguments = replaced(arguments, "> config.json", "> " + ours.string());
        // In brackets: shell() lets standard error follow standard output.
        const auto outcome = shell("(" + std::string{TWCBRIDGE_PROGRAM} + arguments + ")");
        EXPECT_EQ(outcome.status, 0) << where << ": " << text;
        EXPECT_NE(outcome.output.find("remark: "), std::string::npos) << where;
        EXPECT_EQ(call("check --config " + ours.string()).status, 0) << where;
        ++tried;
    }
    EXPECT_GE(tried, 1);
}

/// The blocks behind the comment `<!-- marker -->`.
std::vector<Block> blocks_behind(const Document& document, const std::string& marker) {
    const auto from = std::ranges::find(document.prose, "<!-- " + marker + " -->", &Prose::text);
    std::vector<Block> blocks;
    for (const auto& block : document.blocks) {
        if (from != document.prose.end() && block.line > from->line) blocks.push_back(block);
    }
    return blocks;
}

TEST_F(Documents, ShowFramesAsDecodeDoes) {
    const auto blocks = blocks_behind(document("docs/trace.md"), "decode");
    ASSERT_GE(blocks.size(), 3U);
    const auto log = write("bus.log", blocks[0].text).string();
    const auto text = call("decode --text " + log);
    EXPECT_EQ(text.status, 0);
    EXPECT_EQ(text.output, blocks[1].text);
    EXPECT_NE(call("decode " + log).output.find(blocks[2].text), std::string::npos);
    EXPECT_EQ(call("decode < " + log).output, call("decode " + log).output);
}

std::vector<std::string> all_scripts() {
    std::vector<std::string> scripts;
    for (const auto& entry :
         std::filesystem::directory_iterator{std::filesystem::path{PROJECT_DIR} / "scripts"}) {
        scripts.push_back("scripts/" + entry.path().filename().string());
    }
    return scripts;
}

TEST_F(Documents, ShowScriptsThatThereAre) {
    static const std::regex script{R"(\bscripts/[a-z_.-]*[a-z])"};
    const auto there = all_scripts();
    for (const auto& document : documents()) {
        const auto text = read_project_file(document.path);
        for (auto found = std::sregex_iterator{text.begin(), text.end(), script};
             found != std::sregex_iterator{}; ++found) {
            EXPECT_NE(std::ranges::find(there, found->str()), there.end())
                << document.path << ": " << found->str();
        }
    }
    for (const auto& [where, text] : commands(there)) {
        const auto all = words_without_sudo(text);
        expect_options(all, read_project_file(all.front()), where);
    }
}

/// "--config" and the like.
std::set<std::string> options_of(const std::string& text) {
    static const std::regex option{R"(--[a-z][a-z-]+)"};
    return {std::sregex_token_iterator{text.begin(), text.end(), option}, std::sregex_token_iterator{}};
}

TEST_F(Documents, HaveAManualPageOfEveryCommandAndOption) {
    const auto page = replaced(read_project_file("docs/twcbridge.8"), "\\-", "-");
    auto known = options_of(call("--help").output);
    for (const auto& command : all_commands()) {
        EXPECT_NE(page.find("\n.B " + command + ' '), std::string::npos)
            << "the manual page lacks " << command;
        known.merge(options_of(call(command + " --help").output));
    }
    EXPECT_EQ(options_of(page), known);
}

TEST_F(Documents, NameNoOptionThatNobodyHas) {
    std::string everything;
    for (const auto& command : all_commands()) {
        everything += call(command + " --help").output;
    }
    for (const auto& script : all_scripts()) {
        const bool is_folder = std::filesystem::is_directory(std::filesystem::path{PROJECT_DIR} / script);
        if (!is_folder && !script.ends_with(".csv")) everything += read_project_file(script);
    }
    for (const auto& document : documents()) {
        for (const auto& line : document.prose) {
            for (const auto& span : code_spans(line.text)) {
                if (span.starts_with("--"))
                    expect_options(words(span), everything, place(document, line.line));
            }
        }
    }
}

/// As GitHub makes them from headings.
std::string anchor_of(const std::string& heading) {
    std::string anchor;
    for (const char character : trimmed(heading.substr(heading.find_first_not_of('#')))) {
        if (character == ' ') anchor += '-';
        if (std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '-' || character == '_')
            anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    }
    return anchor;
}

std::set<std::string> anchors_of(const std::string& path) {
    std::set<std::string> anchors;
    for (const auto& line : document(path).prose) {
        if (line.text.starts_with('#')) anchors.insert(anchor_of(line.text));
    }
    return anchors;
}

TEST_F(Documents, LinkToPlacesThatThereAre) {
    static const std::regex link{R"(\]\(([^)#]*)#?([^)]*)\))"};
    int followed = 0;
    for (const auto& document : documents()) {
        for (const auto& line : document.prose) {
            for (auto found = std::sregex_iterator{line.text.begin(), line.text.end(), link};
                 found != std::sregex_iterator{}; ++found) {
                const auto target = (*found)[1].str();
                const auto anchor = (*found)[2].str();
                if (target.starts_with("http")) continue;
                const auto here = std::filesystem::path{document.path};
                const auto path = target.empty() ? here.string()
                                                 : (here.parent_path() / target).lexically_normal().string();
                const bool exists = std::filesystem::exists(std::filesystem::path{PROJECT_DIR} / path);
                EXPECT_TRUE(exists) << place(document, line.line) << ": no " << path;
                if (exists && !anchor.empty()) {
                    EXPECT_TRUE(anchors_of(path).contains(anchor))
                        << place(document, line.line) << ": no #" << anchor << " in " << path;
                }
                ++followed;
            }
        }
    }
    EXPECT_GE(followed, 10);
}

TEST_F(Documents, NameOnlyFilesThatThereAre) {
    static const std::regex path{R"((twc|config|mqtt|bridge|tests|docs|systemd)/[A-Za-z0-9_./-]*)"};
    for (const auto& document : documents()) {
        for (const auto& line : document.prose) {
            for (const auto& span : code_spans(line.text)) {
                if (!std::regex_match(span, path)) continue;
                const auto whole = std::filesystem::path{PROJECT_DIR} / span;
                // "mqtt/client" is a pair of files, "mqtt/client." the beginning of their names.
                const bool exists =
                    std::filesystem::exists(whole) ||
                    std::filesystem::exists(whole.string() + (span.ends_with('.') ? "hpp" : ".hpp"));
                EXPECT_TRUE(exists) << place(document, line.line) << ": there is no " << span;
            }
        }
    }
}

/// "inputs.maxAge" → null. Settings of a charger count once, whatever its id.
void collect_leaves(const json& value, const std::string& key, std::map<std::string, json>& leaves) {
    if (!value.is_object() || value.empty()) {
        leaves[key] = value;
        return;
    }
    for (const auto& [name, child] : value.items()) {
        const auto shown = key == "chargers" ? "<id>" : name;
        collect_leaves(child, key.empty() ? shown : key + '.' + shown, leaves);
    }
}

TEST_F(Documents, ListExactlyTheSettingsOfTheExampleWithTheirDefaults) {
    const auto text = read_project_file("config/example.json");
    std::map<std::string, json> example;
    collect_leaves(json::parse(text, nullptr, true, true), "", example);
    std::set<std::string> listed;
    for (const auto& row : table(document("docs/configuration.md"), "settings")) {
        const auto keys = code_spans(row.at(0));
        ASSERT_EQ(keys.size(), 1U) << row.at(0);
        EXPECT_TRUE(listed.insert(keys[0]).second) << keys[0] << " is listed twice";
        if (keys[0].starts_with("buses")) {  // in place of "bus", so that the example has it in a comment
            EXPECT_NE(text.find('"' + keys[0].substr(keys[0].rfind('.') + 1) + '"'), std::string::npos)
                << keys[0];
            continue;
        }
        EXPECT_TRUE(example.contains(keys[0])) << keys[0] << " is not in config/example.json";
        const auto defaults = code_spans(row.at(1));
        // The port has no default, and the charger of the example has a name.
        if (keys[0] == "bus.port" || keys[0] == "chargers.<id>.name" || !example.contains(keys[0])) continue;
        ASSERT_EQ(defaults.size(), 1U) << keys[0];
        EXPECT_EQ(json::parse(defaults[0]), example[keys[0]]) << keys[0];
    }
    for (const auto& [key, value] : example)
        EXPECT_TRUE(listed.contains(key)) << key << " is not in docs/configuration.md";
}

TEST_F(Documents, NameOnlyEntitiesThatHomeAssistantIsTold) {
    static const std::regex entity{
        R"(\b(sensor|binary_sensor|number|select|switch|event)\.wall_connector_[a-z0-9_]+)"};
    const auto config =
        write("config.json", R"({ "bus": { "port": "/dev/ttyUSB0" }, "chargers": { "5893": {} },
                                                  "inputs": { "grid": {} },
                                                  "settingsPath": "/nowhere" })");
    const auto told = call("discovery --config " + config.string());
    ASSERT_EQ(told.status, 0) << told.output;
    std::set<std::string> named;
    for (const auto& document : documents()) {
        const auto text = read_project_file(document.path);
        for (auto found = std::sregex_iterator{text.begin(), text.end(), entity};
             found != std::sregex_iterator{}; ++found) {
            named.insert(found->str());
        }
    }
    EXPECT_GE(named.size(), 20U);
    for (const auto& id : named) {
        EXPECT_NE(told.output.find('"' + id + '"'), std::string::npos) << "there is no " << id;
    }
}

}  // namespace
}  // namespace docs

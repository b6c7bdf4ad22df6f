// What the documents say of the sources: who includes what, who reads a clock, what the log says, which names
// there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/docs/markdown.hpp"

namespace docs {
namespace {

/// Path → content of every source of the program.
const std::map<std::string, std::string>& sources() {
    static const auto all = [] {
        std::map<std::string, std::string> sources;
        const std::filesystem::path project{PROJECT_DIR};
        for (const auto* folder : {"twc", "config", "mqtt", "bridge"}) {
            for (const auto& entry : std::filesystem::recursive_directory_iterator{project / folder}) {
                const auto extension = entry.path().extension();
                if (extension != ".cpp" && extension != ".hpp") continue;
                const auto path = entry.path().lexically_relative(project).string();
                sources[path] = read_project_file(path);
            }
        }
        return sources;
    }();
    return all;
}

std::string all_sources() {
    std::string text;
    for (const auto& [path, source] : sources()) text += source;
    return text;
}

// ---- includes

struct IncludeRule {
    std::string files;
    std::vector<std::string> allowed;
    std::vector<std::string> allowed_in_cpp;
    std::vector<std::string> forbidden;
};

std::vector<IncludeRule> include_rules() {
    std::vector<IncludeRule> rules;
    for (const auto& row : table(document("docs/design.md"), "includes")) {
        IncludeRule rule{code_spans(row.at(0)).at(0), code_spans(row.at(1)), code_spans(row.at(3)),
                         code_spans(row.at(4))};
        for (const auto& outside : code_spans(row.at(2))) rule.allowed.push_back(outside);
        rules.push_back(std::move(rule));
    }
    return rules;
}

const IncludeRule* rule_of(const std::vector<IncludeRule>& rules, const std::string& path) {
    const IncludeRule* best = nullptr;
    for (const auto& rule : rules) {
        if (path.starts_with(rule.files) && (best == nullptr || rule.files.size() > best->files.size()))
            best = &rule;
    }
    return best;
}

bool begins_with_any(const std::string& text, const std::vector<std::string>& beginnings) {
    return std::ranges::any_of(beginnings,
                               [&](const std::string& beginning) { return text.starts_with(beginning); });
}

/// `include` as "twc/time.hpp" or "<vector>".
bool allows(const IncludeRule& rule, const std::string& path, const std::string& include) {
    static const std::regex standard{"<[a-z_]+>"};
    if (std::ranges::find(rule.forbidden, include) != rule.forbidden.end()) return false;
    if (std::regex_match(include, standard)) return true;
    return begins_with_any(include, rule.allowed) ||
           (path.ends_with(".cpp") && begins_with_any(include, rule.allowed_in_cpp));
}

TEST(IncludeRules, HoldForEverySource) {
    static const std::regex include{R"re(#\s*include\s+(<[^>]+>|"[^"]+"))re"};
    const auto rules = include_rules();
    std::size_t seen = 0;
    for (const auto& [path, source] : sources()) {
        const auto* rule = rule_of(rules, path);
        ASSERT_NE(rule, nullptr) << path;
        for (auto found = std::sregex_iterator{source.begin(), source.end(), include};
             found != std::sregex_iterator{}; ++found) {
            auto what = (*found)[1].str();
            if (what.starts_with('"')) what = what.substr(1, what.size() - 2);
            EXPECT_TRUE(allows(*rule, path, what)) << path << " includes " << what;
            ++seen;
        }
    }
    EXPECT_GE(seen, 300U);
}

TEST(IncludeRules, RefuseWhatTheTableDoesNotList) {
    const auto rules = include_rules();
    const auto allowed = [&](const std::string& path, const std::string& what) {
        return allows(*rule_of(rules, path), path, what);
    };
    EXPECT_TRUE(allowed("twc/slip.cpp", "<vector>"));
    EXPECT_FALSE(allowed("twc/slip.cpp", "<thread>"));
    EXPECT_FALSE(allowed("twc/slip.cpp", "config/config.hpp"));
    EXPECT_FALSE(allowed("mqtt/values.cpp", "<mqtt/async_client.h>"));
    EXPECT_FALSE(allowed("mqtt/client.hpp", "<mqtt/async_client.h>"));
    EXPECT_TRUE(allowed("mqtt/client.cpp", "<mqtt/async_client.h>"));
    EXPECT_FALSE(allowed("bridge/core/bridge.hpp", "<spdlog/spdlog.h>"));
    EXPECT_FALSE(allowed("bridge/core/bridge.cpp", "bridge/port.hpp"));
    EXPECT_FALSE(allowed("bridge/daemon.cpp", "<CLI/CLI.hpp>"));
}

// ---- clocks

std::ptrdiff_t clock_readings(const std::string& source) {
    static const std::regex reading{
        R"(\w*[Cc]lock\s*::\s*now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\b|[^\w.>:]time\s*\(|\blocaltime|\bgmtime)"};
    return std::distance(std::sregex_iterator{source.begin(), source.end(), reading}, std::sregex_iterator{});
}

std::vector<std::string> clock_readers_of_the_document() {
    const auto design = document("docs/design.md");
    const auto from = std::ranges::find_if(
        design.prose, [](const Prose& line) { return line.text.starts_with("**Clocks.**"); });
    std::vector<std::string> readers;
    for (auto line = from; line != design.prose.end() && !line->text.empty(); ++line) {
        for (const auto& span : code_spans(line->text)) {
            if (span.ends_with(".cpp")) readers.push_back(span);
        }
    }
    return readers;
}

TEST(Clocks, AreReadOnlyWhereTheDesignSays) {
    const auto readers = clock_readers_of_the_document();
    ASSERT_FALSE(readers.empty());
    for (const auto& [path, source] : sources()) {
        const bool may = std::ranges::find(readers, path) != readers.end();
        if (may)
            EXPECT_GT(clock_readings(source), 0) << path << " is said to read a clock";
        else
            EXPECT_EQ(clock_readings(source), 0) << path << " reads a clock";
    }
    EXPECT_EQ(clock_readings(sources().at("bridge/clock.cpp")), 2) << "one function for each clock";
}

TEST(Clocks, AreRecognised) {
    EXPECT_EQ(clock_readings("const auto t = std::chrono::steady_clock::now();"), 1);
    EXPECT_EQ(clock_readings("Clock::now()"), 1);
    EXPECT_EQ(clock_readings("x = time(nullptr); clock_gettime(CLOCK_MONOTONIC, &t);"), 2);
    EXPECT_EQ(clock_readings("bridge_.handle_timeout(now()); next_time(3); leaves_time(turns)"), 0);
}

// ---- words

/// Joins string literals that follow each other, as the compiler does.
std::string with_joined_literals(const std::string& source) {
    static const std::regex seam{R"re("\s*\n\s*")re"};
    return std::regex_replace(source, seam, "");
}

/// What stands between the … of a shown line.
std::vector<std::string> fragments(const std::string& shown) {
    auto parts = split(shown, "…");
    std::erase_if(parts, [](const std::string& part) { return trimmed(part).size() < 2; });
    return parts;
}

/// What happens at a charger, in the words of the log: "vehicle connected".
std::vector<std::string> events() {
    static const std::regex event{R"re(case Happening::([\w ]+):)re"};
    auto source = sources().at("bridge/core/charger.cpp");
    std::ranges::replace(source, '_', ' ');
    return {std::sregex_token_iterator{source.begin(), source.end(), event, 1}, std::sregex_token_iterator{}};
}

TEST(LogLines, AreThoseOfTheSources) {
    auto text = std::regex_replace(with_joined_literals(all_sources()), std::regex{R"(\\")"}, "\"");
    for (const auto& event : events()) text += ": " + event + '\n';
    for (const auto& row : table(document("docs/log.md"), "log")) {
        for (const auto& fragment : fragments(code_spans(row.at(0)).at(0))) {
            EXPECT_NE(text.find(fragment), std::string::npos) << "no log line has \"" << fragment << '"';
        }
    }
}

/// Matches a shown line that is made of this format: a {} stands for anything.
std::regex pattern_of(const std::string& format) {
    static const std::regex special{R"([.^$|()[\]*+?\\])"};
    auto pattern = std::regex_replace(format, std::regex{R"(\\")"}, "\"");
    pattern = std::regex_replace(pattern, special, R"(\$&)");
    return std::regex{std::regex_replace(pattern, std::regex{R"(\{\})"}, ".+")};
}

/// The formats of all lines of log, and of the sentences that are said at start.
std::vector<std::string> log_formats() {
    static const std::regex line{
        R"re(spdlog::(?:debug|info|warn|error|critical|log)\(\s*(?:\w+,\s*)?"((?:[^"\\]|\\.)*)")re"};
    static const std::regex sentence{R"re(fmt::format\(\s*"((?:[^"\\]|\\.)*)")re"};
    const auto ceilings = with_joined_literals(sources().at("bridge/core/ceilings.cpp"));
    std::vector<std::string> formats{
        std::sregex_token_iterator{ceilings.begin(), ceilings.end(), sentence, 1},
        std::sregex_token_iterator{}};
    for (const auto& [path, source] : sources()) {
        const auto text = with_joined_literals(source);
        formats.insert(formats.end(), std::sregex_token_iterator{text.begin(), text.end(), line, 1},
                       std::sregex_token_iterator{});
    }
    return formats;
}

TEST(LogLines, AreAllExplained) {
    std::vector<std::string> shown;
    for (const auto& row : table(document("docs/log.md"), "log"))
        shown.push_back(code_spans(row.at(0)).at(0));
    std::size_t checked = 0;
    for (const auto& format : log_formats()) {
        if (format == "{}" || format == "{}: {}") continue;  // a sentence that is made elsewhere
        const auto pattern = pattern_of(format);
        EXPECT_TRUE(std::ranges::any_of(
            shown, [&](const std::string& line) { return std::regex_match(line, pattern); }))
            << "docs/log.md does not explain \"" << format << '"';
        ++checked;
    }
    EXPECT_GE(checked, 35U);
}

TEST(LogLines, NameEveryEvent) {
    const auto page = read_project_file("docs/log.md");
    EXPECT_GE(events().size(), 7U);
    for (const auto& event : events()) EXPECT_NE(page.find(event + '`'), std::string::npos) << event;
}

TEST(Reasons, AreAllExplainedAndNoOthers) {
    static const std::regex literal{R"re("([^"\n]+)")re"};
    auto source = with_joined_literals(sources().at("bridge/core/reason.cpp"));
    source = source.substr(source.find("to_sentence(const Reason"));
    std::string shown;
    for (const auto& row : table(document("docs/log.md"), "reasons")) {
        const auto reason = code_spans(row.at(0)).at(0);
        shown += reason + '\n';
        for (const auto& fragment : fragments(reason)) {
            EXPECT_NE(source.find(trimmed(fragment)), std::string::npos)
                << "no reason is \"" << fragment << '"';
        }
    }
    for (auto found = std::sregex_iterator{source.begin(), source.end(), literal};
         found != std::sregex_iterator{}; ++found) {
        const auto said = trimmed((*found)[1].str());
        EXPECT_TRUE(said.empty() || shown.find(said) != std::string::npos)
            << "docs/log.md does not explain \"" << said << '"';
    }
}

/// "Suite.Name" of every test.
std::set<std::string> all_tests() {
    static const std::regex macro{R"(\bTEST(?:_F|_P)?\((\w+), *(\w+)\))"};
    std::set<std::string> tests;
    const std::filesystem::path project{PROJECT_DIR};
    for (const auto& entry : std::filesystem::recursive_directory_iterator{project / "tests"}) {
        if (entry.path().extension() != ".cpp") continue;
        const auto source = read_project_file(entry.path().lexically_relative(project).string());
        for (auto found = std::sregex_iterator{source.begin(), source.end(), macro};
             found != std::sregex_iterator{}; ++found) {
            tests.insert((*found)[1].str() + '.' + (*found)[2].str());
        }
    }
    return tests;
}

TEST(Protocol, IsShownByTestsThatThereAre) {
    static const std::regex confidence{"high|medium|low"};
    const auto tests = all_tests();
    const auto protocol = document("docs/protocol.md");
    for (const auto* marker : {"framing", "messages", "commands", "rules", "troubles"}) {
        const auto rows = table(protocol, marker);
        EXPECT_GE(rows.size(), 8U) << marker;
        for (const auto& row : rows) {
            const auto named = code_spans(row.at(row.size() - 2));
            EXPECT_FALSE(named.empty()) << row.at(0) << " is shown by no test";
            for (const auto& test : named) EXPECT_TRUE(tests.contains(test)) << "there is no test " << test;
            EXPECT_TRUE(std::regex_match(trimmed(row.back()), confidence)) << row.at(0);
        }
    }
}

TEST(Verification, OfHomeAssistantsRulesIsByTestsThatThereAre) {
    const auto tests = all_tests();
    const auto scenario = read_project_file("tests/homeassistant/scenario.py");
    const std::string step = "scenario.";
    int number = 0;
    for (const auto& row : table(document("docs/verification.md"), "rules")) {
        EXPECT_EQ(trimmed(row.at(0)), std::to_string(++number));
        const auto named = code_spans(row.at(2));
        EXPECT_FALSE(named.empty()) << row.at(1) << " is shown by no test";
        for (const auto& test : named) {
            const bool of_scenario = test.starts_with(step);
            const auto method = "async def " + test.substr(std::min(step.size(), test.size())) + "(self)";
            EXPECT_TRUE(of_scenario ? scenario.find(method) != std::string::npos : tests.contains(test))
                << test;
        }
    }
    EXPECT_EQ(number, 60);
}

TEST(Names, OfTheDesignAreInTheSources) {
    static const std::regex member{R"(([A-Z]\w+)(?:::(?:\w+::)*(\w+))?(?:\(.*\)|\{.*\})?)"};
    static const std::regex word{R"(\w+)"};
    std::set<std::string> known;
    const auto text = all_sources();
    for (auto found = std::sregex_iterator{text.begin(), text.end(), word}; found != std::sregex_iterator{};
         ++found) {
        known.insert(found->str());
    }
    int checked = 0;
    for (const auto& line : document("docs/design.md").prose) {
        for (const auto& span : code_spans(line.text)) {
            std::smatch parts;
            if (!std::regex_match(span, parts, member) || span == "IncludeRules" || span == "Clocks" ||
                span == "PascalCase")
                continue;
            for (const auto& name : {parts[1].str(), parts[2].str()}) {
                EXPECT_TRUE(name.empty() || known.contains(name)) << span << ", line " << line.line;
            }
            ++checked;
        }
    }
    EXPECT_GE(checked, 20);
}

// ---- citations

/// One line of text, in which a citation is whole that a comment breaks.
std::string with_joined_comments(const std::string& source) {
    static const std::regex seam{R"(\s*\n\s*//[/!]?<?\s*)"};
    return std::regex_replace(source, seam, " ");
}

/// The numbers of "## 1. Framing" and the like, or of a list behind `<!-- marker -->`.
std::set<std::string> numbers_of(const std::string& path, const std::string& marker = {}) {
    static const std::regex heading{R"(## ([0-9]+)\. .*)"};
    static const std::regex item{R"(([0-9]+)\. .*)"};
    const auto page = document(path);
    auto line = page.prose.begin();
    if (!marker.empty()) line = std::ranges::find(page.prose, "<!-- " + marker + " -->", &Prose::text);
    std::set<std::string> numbers;
    for (; line != page.prose.end() && (marker.empty() || !line->text.empty()); ++line) {
        std::smatch part;
        if (std::regex_match(line->text, part, marker.empty() ? heading : item)) numbers.insert(part[1]);
    }
    return numbers;
}

/// Every source and test, as path → text.
std::map<std::string, std::string> citing_files() {
    auto files = sources();
    const std::filesystem::path project{PROJECT_DIR};
    for (const auto& entry : std::filesystem::recursive_directory_iterator{project / "tests"}) {
        const auto path = entry.path().lexically_relative(project).string();
        const bool is_source = path.ends_with(".cpp") || path.ends_with(".hpp");
        if (is_source && !path.starts_with("tests/docs/")) files[path] = read_project_file(path);
    }
    return files;
}

TEST(Citations, LeadToNumbersThatThereAre) {
    static const std::regex section{
        R"((docs/)?(protocol|control)\.md ([0-9.]+[0-9]|[0-9])(?: (?:and|to) ([0-9]+))?)"};
    static const std::regex promise{R"(\bpromise ([0-9]+))"};
    const std::map<std::string, std::set<std::string>> sections{{"protocol", numbers_of("docs/protocol.md")},
                                                                {"control", numbers_of("docs/control.md")}};
    const auto promises = numbers_of("docs/design.md", "promises");
    ASSERT_EQ(promises.size(), 7U);
    int followed = 0;
    for (const auto& [path, source] : citing_files()) {
        const auto text = with_joined_comments(source);
        for (auto found = std::sregex_iterator{text.begin(), text.end(), section};
             found != std::sregex_iterator{}; ++found, ++followed) {
            const auto& there = sections.at((*found)[2]);
            EXPECT_TRUE((*found)[1].matched) << path << ": of which folder is " << found->str();
            EXPECT_TRUE(there.contains((*found)[3])) << path << ": " << found->str();
            EXPECT_TRUE(!(*found)[4].matched || there.contains((*found)[4])) << path << ": " << found->str();
        }
        for (auto found = std::sregex_iterator{text.begin(), text.end(), promise};
             found != std::sregex_iterator{}; ++found, ++followed) {
            EXPECT_TRUE(promises.contains((*found)[1])) << path << ": " << found->str();
        }
    }
    EXPECT_GE(followed, 80);
}

TEST(Citations, NameDocumentsThatThereAre) {
    static const std::regex page{R"(\bdocs/[a-z0-9-]+\.(?:md|8))"};
    for (const auto& [path, text] : citing_files()) {
        for (auto found = std::sregex_iterator{text.begin(), text.end(), page};
             found != std::sregex_iterator{}; ++found) {
            EXPECT_TRUE(std::filesystem::exists(std::filesystem::path{PROJECT_DIR} / found->str()))
                << path << ": " << found->str();
        }
    }
}

/// Each row of a table ends with the tests that show it.
void expect_tests(const Document& page, const std::string& marker, std::size_t least_rows) {
    const auto tests = all_tests();
    const auto rows = table(page, marker);
    EXPECT_GE(rows.size(), least_rows) << marker;
    for (const auto& row : rows) {
        const auto named = code_spans(row.back());
        EXPECT_FALSE(named.empty()) << row.at(0) << " is shown by no test";
        for (const auto& test : named) EXPECT_TRUE(tests.contains(test)) << "there is no test " << test;
    }
}

TEST(Reliability, IsShownByTestsThatThereAre) { expect_tests(document("docs/reliability.md"), "faults", 20); }

TEST(Safety, IsShownByTestsThatThereAre) {
    const auto safety = document("docs/safety.md");
    expect_tests(safety, "keeps", 6);
    expect_tests(safety, "failures", 12);
}

}  // namespace
}  // namespace docs

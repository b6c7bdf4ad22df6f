#include "tests/docs/markdown.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace docs {

namespace {

constexpr std::string_view fence = "```";

/// A comment of the shell, if it does not begin the line, stands behind two blanks.
std::string without_comment(const std::string& line) {
    if (line.starts_with('#')) return {};
    return trimmed(line.substr(0, line.find("  #")));
}

bool calls_one_of(const std::string& text, const std::vector<std::string>& programs) {
    const auto all = words_without_sudo(text);
    return all.size() > 1 && std::ranges::find(programs, all.front()) != programs.end();
}

}  // namespace

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\n") - first + 1)};
}

std::string read_project_file(const std::string& path) {
    std::ifstream file{std::filesystem::path{PROJECT_DIR} / path};
    if (!file) throw std::runtime_error{"cannot read " + path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

Document document(const std::string& path) {
    Document document{.path = path, .blocks = {}, .prose = {}};
    std::istringstream stream{read_project_file(path)};
    bool inside = false;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        if (line.starts_with(fence)) {
            if (!inside) document.blocks.push_back({line.substr(fence.size()), number, {}});
            inside = !inside;
        } else if (inside) {
            document.blocks.back().text += line + '\n';
        } else {
            document.prose.push_back({number, line});
        }
    }
    if (inside) throw std::runtime_error{path + ": a block is not closed"};
    return document;
}

std::vector<Document> documents() {
    std::vector<std::string> paths{"README.md"};
    for (const auto& entry :
         std::filesystem::directory_iterator{std::filesystem::path{PROJECT_DIR} / "docs"}) {
        if (entry.path().extension() == ".md") paths.push_back("docs/" + entry.path().filename().string());
    }
    std::ranges::sort(paths);
    std::vector<Document> all;
    for (const auto& path : paths) all.push_back(document(path));
    return all;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> parts{""};
    bool in_code = false;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '`') in_code = !in_code;
        if (!in_code && text.substr(i).starts_with(separator)) {
            parts.emplace_back();
            i += separator.size();
        } else {
            parts.back() += text[i++];
        }
    }
    return parts;
}

std::vector<Row> table(const Document& document, const std::string& marker) {
    const auto comment = "<!-- " + marker + " -->";
    auto line = std::ranges::find(document.prose, comment, &Prose::text);
    if (line == document.prose.end())
        throw std::runtime_error{document.path + ": no table marked " + comment};
    std::vector<Row> rows;
    for (++line; line != document.prose.end() && line->text.starts_with('|'); ++line) {
        auto cells = split(line->text, "|");
        Row row;
        // Nothing stands before the first and behind the last bar.
        for (std::size_t i = 1; i + 1 < cells.size(); ++i) row.push_back(trimmed(cells[i]));
        rows.push_back(std::move(row));
    }
    if (rows.size() < 3) throw std::runtime_error{document.path + ": the table " + comment + " is empty"};
    rows.erase(rows.begin(), rows.begin() + 2);
    return rows;
}

std::vector<std::string> code_spans(std::string_view text) {
    std::vector<std::string> spans;
    for (auto from = text.find('`'); from != std::string_view::npos;) {
        const auto to = text.find('`', from + 1);
        if (to == std::string_view::npos) break;
        spans.emplace_back(text.substr(from + 1, to - from - 1));
        from = text.find('`', to + 1);
    }
    return spans;
}

std::string place(const Document& document, int line) { return document.path + ":" + std::to_string(line); }

std::vector<Command> commands(const std::vector<std::string>& programs) {
    std::vector<Command> commands;
    const auto add = [&](const Document& document, int line, const std::string& text) {
        if (calls_one_of(text, programs)) commands.push_back({place(document, line), text});
    };
    for (const auto& document : documents()) {
        for (const auto& block : document.blocks) {
            if (block.language != "sh") continue;
            std::istringstream stream{block.text};
            int number = block.line;
            for (std::string line; std::getline(stream, line);)
                add(document, ++number, without_comment(line));
        }
        for (const auto& line : document.prose) {
            for (const auto& span : code_spans(line.text)) add(document, line.line, span);
        }
    }
    return commands;
}

std::vector<std::string> words(const std::string& text) {
    std::istringstream stream{text};
    return {std::istream_iterator<std::string>{stream}, {}};
}

std::vector<std::string> words_without_sudo(const std::string& text) {
    auto all = words(text);
    if (all.empty() || all.front() != "sudo") return all;
    const bool as_somebody = all.size() > 2 && all[1] == "-u";
    all.erase(all.begin(), all.begin() + (as_somebody ? 3 : 1));
    return all;
}

Outcome shell(const std::string& line) {
    Outcome outcome;
    FILE* const pipe = ::popen((line + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"cannot run " + line};
    std::array<char, 4096> buffer{};
    for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        outcome.output.append(buffer.data(), count);
    }
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

}  // namespace docs

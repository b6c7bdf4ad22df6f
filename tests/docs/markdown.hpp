// The documents of the project, taken apart: fenced blocks, prose, tables and code spans.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docs {

/// What stands between a pair of ```.
struct Block {
    std::string language;
    int line = 0;  ///< of the opening fence, from 1
    std::string text;
};

/// A line outside of blocks.
struct Prose {
    int line = 0;
    std::string text;
};

struct Document {
    std::string path;  ///< relative to the project
    std::vector<Block> blocks;
    std::vector<Prose> prose;
};

using Row = std::vector<std::string>;

/// README.md and everything in docs/.
std::vector<Document> documents();
/// One of them; throws if there is no such file.
Document document(const std::string& path);
/// The rows, without the head, of the table that follows the comment `<!-- marker -->`; throws if it has
/// none.
std::vector<Row> table(const Document&, const std::string& marker);
/// The texts between single backticks.
std::vector<std::string> code_spans(std::string_view text);
/// The parts of a text between the separators, outside of backticks.
std::vector<std::string> split(std::string_view text, std::string_view separator);
std::string trimmed(std::string_view text);

/// Content of a file of the project; throws if it cannot be read.
std::string read_project_file(const std::string& path);
/// "README.md:12", for messages.
std::string place(const Document&, int line);

/// A command that the documents show, without what a comment adds.
struct Command {
    std::string place;
    std::string text;
};
/// The lines of all sh blocks, and the code spans that look like a call of one of these programs.
std::vector<Command> commands(const std::vector<std::string>& programs);
/// Blank separated words; quotes are kept.
std::vector<std::string> words(const std::string& text);
/// The same of a command that sudo runs, as root or with -u USER.
std::vector<std::string> words_without_sudo(const std::string& text);

struct Outcome {
    int status = -1;
    std::string output;  ///< standard output and error
};
/// Runs a line of shell to its end.
Outcome shell(const std::string& line);

}  // namespace docs

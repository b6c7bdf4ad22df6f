// JSON as people write it by hand → JSON, with every character that stays in its line and column.
#include "bridge/relaxed_json.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace bridge {
namespace {

bool is_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; }

class Reader {
  public:
    explicit Reader(std::string_view text) : strict_{std::string{text}, {}} {}

    Strict take() {
        while (at_ < text().size()) step();
        close_at_end();
        return std::move(strict_);
    }

  private:
    std::string& text() { return strict_.text; }
    [[nodiscard]] bool follows(std::string_view expected) const {
        return std::string_view{strict_.text}.substr(at_).starts_with(expected);
    }

    void step() {
        const char letter = text()[at_];
        if (is_blank(letter)) {
            ++at_;
        } else if (letter == '#' || follows("//")) {
            blank_until("\n");
        } else if (follows("/*")) {
            blank_until("*/");
        } else if (letter == '"' || letter == '\'') {
            begin_value();
            pass_string(letter);
            end_value();
        } else if (letter == '{' || letter == '[') {
            begin_value();
            open_.push_back(letter == '{' ? '}' : ']');
            ++at_;
        } else if (letter == '}' || letter == ']') {
            close(letter);
        } else if (letter == ',') {
            comma_ = at_++;
            value_before_ = false;
        } else if (letter == ':') {
            value_before_ = false;
            ++at_;
        } else {
            begin_value();
            pass_word();
            end_value();
        }
    }

    /// Blanks, so that what follows stays where it is; line ends stay too.
    void blank_until(std::string_view end) {
        const auto found = text().find(end, at_);
        const bool inclusive = end != "\n";
        const auto stop = found == std::string::npos ? text().size() : found + (inclusive ? end.size() : 0);
        for (; at_ < stop; ++at_) {
            if (text()[at_] != '\n') text()[at_] = ' ';
        }
    }

    void pass_string(char quote) {
        text()[at_++] = '"';
        for (; at_ < text().size() && text()[at_] != '\n'; ++at_) {
            if (text()[at_] == '\\' && at_ + 1 < text().size()) {
                ++at_;
            } else if (text()[at_] == quote) {
                text()[at_++] = '"';
                return;
            }
        }
    }

    void pass_word() {
        constexpr std::string_view ends = " \t\r\n,:{}[]\"'#/";
        at_ = std::min(text().find_first_of(ends, at_ + 1), text().size());
    }

    /// Between two values there is a comma or a colon. Where there is none, one is put in.
    void begin_value() {
        if (value_before_ && !open_.empty()) {
            repair("a comma is missing");
            // In the place of a blank where there is one, so that columns stay.
            if (is_blank(text()[at_ - 1]) && text()[at_ - 1] != '\n') {
                text()[at_ - 1] = ',';
            } else {
                text().insert(at_++, 1, ',');
            }
        }
        value_before_ = false;
        comma_.reset();
    }
    void end_value() { value_before_ = true; }

    void close(char bracket) {
        if (comma_) text()[*comma_] = ' ';
        comma_.reset();
        if (!open_.empty() && open_.back() == bracket) open_.pop_back();
        ++at_;
        end_value();
    }

    void close_at_end() {
        if (open_.empty()) return;
        if (comma_) text()[*comma_] = ' ';
        repair(open_.size() == 1 ? "a closing bracket is missing"
                                 : std::to_string(open_.size()) + " closing brackets are missing");
        text().append(open_.rbegin(), open_.rend());
    }

    void repair(std::string_view what) {
        const auto before = std::string_view{text()}.substr(0, at_);
        const auto newline = before.rfind('\n');
        const auto column = newline == std::string_view::npos ? at_ + 1 : at_ - newline;
        std::string sentence = "line " + std::to_string(1 + std::ranges::count(before, '\n'));
        sentence += ", column " + std::to_string(column) + ": ";
        strict_.repairs.push_back(sentence += what);
    }

    Strict strict_;
    std::size_t at_ = 0;
    std::string open_;                  ///< what closes the brackets that are open
    bool value_before_ = false;         ///< nothing but blanks and comments since the end of a value
    std::optional<std::size_t> comma_;  ///< nothing but those since this one
};

}  // namespace

Strict to_strict_json(std::string_view relaxed) { return Reader{relaxed}.take(); }

}  // namespace bridge

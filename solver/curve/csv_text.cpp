#include "solver/curve/csv_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kelvolt {

namespace {

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The number of bytes of the UTF-8 character at `at`; 0 where there is none.
std::size_t bytes_of_character(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (at + size > text.size()) return 0;
    for (std::size_t k = 1; k < size; ++k)
        if ((static_cast<unsigned char>(text[at + k]) & 0xC0u) != 0x80u) return 0;
    return size;
}

void check_encoding(std::string_view text, const std::string& file) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        throw input_error("the file is UTF-16 (\"Unicode text\" of a spreadsheet); save it as CSV UTF-8", {file, 1});
    int line = 1;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = bytes_of_character(text, at);
        if (size == 0)
            throw input_error(fmt::format("the byte 0x{:02x} begins no UTF-8 character; save the file as CSV UTF-8",
                                          static_cast<unsigned char>(text[at])),
                              {file, line});
        if (text[at] == '\0')
            throw input_error("the text holds a zero byte, so this is no text of a table; save the sheet as CSV UTF-8",
                              {file, line});
        if (text[at] == '\n') ++line;
        at += size;
    }
}

/// Cuts the text into rows.
class Splitter {
   public:
    Splitter(std::string_view text, const std::string& file, int first_line)
        : rest_(text), file_(file), first_line_(first_line) {}

    CsvRows run() {
        CsvRows out;
        bool separated = false;
        while (!rest_.empty()) {
            const std::string_view next = rest_.substr(0, rest_.find('\n'));
            const std::string_view content = without_blanks(next);
            if (line_ == 1 && content.size() == 5 && content.starts_with("sep=")) {
                out.separator = content[4];
                separated = true;
                skip(next);
                continue;
            }
            if (line_ < first_line_ || content.empty() || content.front() == '#') {
                if (!out.rows.empty() && !content.empty() && looks_like(out, content)) out.comments.push_back(line_);
                skip(next);
                continue;
            }
            if (!separated && out.rows.empty()) out.separator = separator_of(next);
            separated = true;
            CsvRow row = one(out.separator);
            bool any = false;
            for (const std::string& cell : row.cells) any = any || !cell.empty();
            if (any) out.rows.push_back(std::move(row));
        }
        return out;
    }

   private:
    std::string_view rest_;
    const std::string& file_;
    int first_line_, line_ = 1;

    static bool looks_like(const CsvRows& rows, std::string_view comment) {
        const auto cells = static_cast<std::size_t>(std::count(comment.begin(), comment.end(), rows.separator)) + 1;
        return cells > 1 && cells == rows.rows.front().cells.size();
    }
    void skip(std::string_view next) {
        rest_.remove_prefix(std::min(next.size() + 1, rest_.size()));
        ++line_;
    }
    static char separator_of(std::string_view headings) {
        std::string outside;
        bool quoted = false;
        for (const char c : headings) {
            if (c == '"') quoted = !quoted;
            if (!quoted) outside += c;
        }
        for (const char c : {';', '\t'})
            if (outside.find(c) != std::string::npos) return c;
        return ',';
    }
    CsvRow one(char separator) {
        CsvRow row{line_, {}};
        for (;;) {
            // blanks before a quote do not count; a tab may be the separator
            while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
            row.cells.push_back(!rest_.empty() && rest_[0] == '"' ? quoted(separator) : bare(separator));
            if (rest_.empty()) return row;
            const char end = rest_[0];
            rest_.remove_prefix(1);
            if (end == '\n') {
                ++line_;
                return row;
            }
        }
    }
    std::string bare(char separator) {
        const std::size_t end = std::min(rest_.find_first_of(std::string{separator, '\n'}), rest_.size());
        const std::string cell(without_blanks(rest_.substr(0, end)));
        rest_.remove_prefix(end);
        return cell;
    }
    std::string quoted(char separator) {
        const int begins = line_;
        std::string cell;
        rest_.remove_prefix(1);
        for (;;) {
            const std::size_t quote = rest_.find('"');
            if (quote == std::string_view::npos)
                throw input_error("a cell begins with a double quote that is not closed; close it, or remove it",
                                  {file_, begins});
            for (const char c : rest_.substr(0, quote)) line_ += c == '\n' ? 1 : 0;
            cell += rest_.substr(0, quote);
            rest_.remove_prefix(quote + 1);
            if (rest_.empty() || rest_[0] != '"') break;
            cell += '"';
            rest_.remove_prefix(1);
        }
        const std::string behind = bare(separator);
        if (!behind.empty())
            throw input_error(
                fmt::format("'{}' stands behind a cell in double quotes; write a quote within a cell twice", behind),
                {file_, line_});
        return std::string(without_blanks(cell));
    }
};

}  // namespace

CsvRows split_csv(const NamedText& table, int first_line) {
    std::string_view text = table.text;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    check_encoding(text, table.name);
    return Splitter(text, table.name, first_line).run();
}

Heading heading_of(std::string_view cell) {
    cell = without_blanks(cell);
    const Heading plain{std::string(cell), ""};
    if (cell.empty() || (cell.back() != ')' && cell.back() != ']')) return plain;
    const char closing = cell.back(), opening = closing == ')' ? '(' : '[';
    int depth = 0;
    for (std::size_t at = cell.size(); at-- > 0;) {
        depth += cell[at] == closing ? 1 : cell[at] == opening ? -1 : 0;
        if (depth > 0) continue;
        // the brackets of a path stand close to its name
        if (opening == '[' && (at == 0 || cell[at - 1] != ' ')) return plain;
        return {std::string(without_blanks(cell.substr(0, at))),
                std::string(without_blanks(cell.substr(at + 1, cell.size() - at - 2)))};
    }
    return plain;
}

namespace {

/// The number at the begin of a cell as a spreadsheet may show it: digits, points, commas, apostrophes, blanks.
std::size_t length_of_number(std::string_view cell) {
    std::size_t at = !cell.empty() && (cell[0] == '+' || cell[0] == '-') ? 1 : 0;
    if (at >= cell.size() || cell[at] < '0' || cell[at] > '9') return 0;
    std::size_t end = at;
    while (at < cell.size()) {
        const std::size_t wide =
            cell.substr(at).starts_with("\xC2\xA0")                                                      ? 2
            : cell.substr(at).starts_with("\xE2\x80\xAF") || cell.substr(at).starts_with("\xE2\x80\x89") ? 3
                                                                                                         : 1;
        if (wide == 1 && std::string_view("0123456789.,' ").find(cell[at]) == std::string_view::npos) break;
        at += wide;
        if (cell[at - 1] >= '0' && cell[at - 1] <= '9') end = at;
    }
    return end;
}

}  // namespace

std::string with_decimal_point(std::string_view cell, bool decimal_comma) {
    const std::string_view number = cell.substr(0, length_of_number(cell));
    const char mark = decimal_comma ? ',' : '.', other = decimal_comma ? '.' : ',';
    int marks = 0;
    for (std::size_t k = 0; k < number.size(); ++k) {
        const char c = number[k];
        if (c == mark) ++marks;
        if (c == other)
            throw input_error(
                decimal_comma
                    ? fmt::format("'{}' holds a point beside `decimal: comma`; remove separators of thousands", cell)
                    : fmt::format("'{}' holds a comma; decimals take a point: write decimal: comma beside the table, "
                                  "or remove separators of thousands",
                                  cell));
        const bool digit = c >= '0' && c <= '9';
        if ((!digit && c != mark && k > 0) || marks > 1)
            throw input_error(fmt::format("'{}' holds separators of thousands; remove them", cell));
    }
    std::string text(cell);
    if (decimal_comma && marks == 1) text[number.find(',')] = '.';
    return text;
}

bool has_two_readings(std::string_view cell) {
    const auto digit = [&](std::size_t k) { return k < cell.size() && cell[k] >= '0' && cell[k] <= '9'; };
    std::size_t at = 0;
    while (digit(at)) ++at;
    if (at == 0 || at > 3 || cell[0] == '0' || at == cell.size() || cell[at] != '.') return false;
    return digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
}

}  // namespace kelvolt

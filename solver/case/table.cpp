#include "solver/case/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "solver/network/path_diagnosis.hpp"

namespace kelvolt {

namespace {

std::string text_at(const yaml::Node& spec, const char* key, const std::string& about) {
    const yaml::Node* node = spec.find(key);
    return node ? yaml::text(*node, about + ": " + key) : std::string();
}

std::optional<double> number_in_cell(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    double x = 0.0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), x);
    if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(x)) return {};
    return x;
}

bool is_empty(const CsvRows& rows, std::size_t column) {
    return std::all_of(rows.rows.begin(), rows.rows.end(),
                       [&](const CsvRow& row) { return column >= row.cells.size() || row.cells[column].empty(); });
}

/// Whether a cell says that its row sums up others: Total, Grand total, Subtotals, Sum, Summe, Gesamt, Average, Max...
bool says_total(std::string_view cell) {
    std::string text(cell.substr(0, 20));
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string_view rest = text;
    for (const std::string_view before : {"grand ", "sub"})
        if (rest.starts_with(before)) rest.remove_prefix(before.size());
    if (rest.starts_with("gesamt")) return true;
    for (const std::string_view word : {"totals", "total", "summe", "sum", "averages", "average", "mean", "mittelwert",
                                        "maximum", "max", "minimum", "min"}) {
        if (!rest.starts_with(word)) continue;
        const char next = rest.size() > word.size() ? rest[word.size()] : ' ';
        return std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '_' && next != '-';
    }
    return false;
}

/// What the keys `columns` and `ignore` say of the headings.
struct Meanings {
    const yaml::Node *columns, *ignore;
    std::vector<std::string> ignored;
    bool others = false;
    std::set<std::string> used{};

    Meanings(const yaml::Node& spec, const std::string& about)
        : columns(spec.find("columns")), ignore(spec.find("ignore")) {
        if (columns) yaml::map(*columns, about + ": columns");
        if (ignore) ignored = yaml::texts(*ignore, about + ": ignore");
        others = std::find(ignored.begin(), ignored.end(), "others") != ignored.end();
        if (others) used.insert("others");
    }
    /// The entry of `columns` for a heading, which may be written with or without its unit.
    const yaml::Node* renamed(const std::string& heading, const std::string& name) {
        for (const std::string& asked : {heading, name})
            if (const yaml::Node* found = columns ? columns->find(asked) : nullptr) {
                used.insert(asked);
                return found;
            }
        return nullptr;
    }
    bool leaves_out(const std::string& heading, const std::string& name) {
        for (const std::string& asked : {heading, name})
            if (std::find(ignored.begin(), ignored.end(), asked) != ignored.end()) {
                used.insert(asked);
                return true;
            }
        return false;
    }
};

}  // namespace

Table::Table(const yaml::Node& spec, const FileAccess& files, const std::filesystem::path& base, std::string about)
    : spec_(spec), about_(std::move(about)) {
    const yaml::Node& named = *spec.find("table");
    const std::string name = yaml::text(named, about_ + ": table");
    NamedText text = files.table(base, name, text_at(spec, "sheet", about_), true, about_, named.where());
    const std::string decimal = text_at(spec, "decimal", about_);
    if (!decimal.empty() && decimal != "point" && decimal != "comma")
        throw input_error(fmt::format("{}: decimal = '{}' is not one of point, comma", about_, decimal),
                          spec.find("decimal")->where());
    comma_ = decimal == "comma";
    decimal_stated_ = !decimal.empty();
    const yaml::Node* header = spec.find("header");
    file_ = yaml::interned(text.name);
    rows_ = split_csv(
        text, header ? yaml::whole_number(*header, about_ + ": header", format::component_table.form("header")) : 1);
    if (rows_.rows.empty())
        throw input_error(fmt::format("{}: the table is empty; it needs a row of headings and a row for each of what "
                                      "it lists",
                                      about_),
                          {*file_, 1});
    if (rows_.rows.size() == 1)
        throw input_error(fmt::format("{}: the table has headings but no rows", about_), where_headings());
    check_rows();
    read_columns();
    check_total();
    note_comments();
}

void Table::check_rows() const {
    const std::size_t width = rows_.rows.front().cells.size();
    for (const CsvRow& row : rows_.rows) {
        const bool rest =
            std::any_of(row.cells.begin() + static_cast<std::ptrdiff_t>(std::min(width, row.cells.size())),
                        row.cells.end(), [](const std::string& cell) { return !cell.empty(); });
        if (rest || row.cells.size() < width)
            throw input_error(
                fmt::format("{}: {} cells under {} headings; check for {}commas within cells", about_, row.cells.size(),
                            width, rows_.separator == ',' ? "decimal commas and other " : "missing separators and "),
                {*file_, row.line});
    }
}

std::optional<double> Table::number(std::size_t row, const TableColumn& column) const {
    const std::vector<std::string>& cells = rows_.rows[row + 1].cells;
    if (column.position >= cells.size()) return {};
    try {
        return number_in_cell(with_decimal_point(cells[column.position], comma_));
    } catch (const Error&) {
        return {};
    }
}

// A row that says it sums up others is refused wherever it stands; a last row that only holds their sums is told.
void Table::check_total() {
    for (std::size_t row = 0; row < size(); ++row) {
        const std::vector<std::string>& cells = rows_.rows[row + 1].cells;
        const auto first =
            std::find_if(cells.begin(), cells.end(), [](const std::string& cell) { return !cell.empty(); });
        if (first == cells.end() || !says_total(*first)) continue;
        throw input_error(fmt::format("{}: '{}' says that the row sums up others; remove the row of totals, or give it "
                                      "another name if it is one more of the list",
                                      about_, *first),
                          where(row));
    }
    if (size() < 4) return;
    const std::size_t last = size() - 1;
    std::vector<std::string> sums, others;
    for (const TableColumn& column : columns_) {
        const std::optional<double> total = number(last, column);
        if (!total) continue;
        double sum = 0.0;
        for (std::size_t row = 0; row < last; ++row) sum += number(row, column).value_or(0.0);
        (std::abs(*total - sum) <= 2e-3 * std::abs(sum) && sum != 0.0 ? sums : others).push_back(column.heading);
    }
    if (!sums.empty() && others.empty())
        notes_.push_back(
            fmt::format("{}: line {}: the row holds the sum of all others in column '{}'; is it a total? "
                        "Then remove it",
                        about_, line(last), sums.front()));
}

void Table::note_comments() {
    if (rows_.comments.empty()) return;
    const std::size_t count = rows_.comments.size();
    std::vector<int> shown(rows_.comments.begin(),
                           rows_.comments.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, 10)));
    notes_.push_back(fmt::format(
        "{}: lines of the table that begin with # were skipped as comments, {} of them look like rows (line "
        "{}); where a row is meant, put its first cell in double quotes",
        about_, count, fmt::join(shown, ", ")));
}

void Table::read_columns() {
    const CsvRow& head = rows_.rows.front();
    Meanings meanings(spec_, about_);
    const std::string names = text_at(spec_, "name", about_);
    for (std::size_t k = 0; k < head.cells.size(); ++k) {
        const std::string& heading = head.cells[k];
        if (heading.empty()) {
            if (is_empty(rows_, k)) continue;
            throw input_error(fmt::format("{}: column {} holds cells but has no heading; give it one", about_, k + 1),
                              where_headings());
        }
        if (std::count(head.cells.begin(), head.cells.end(), heading) > 1)
            throw input_error(
                fmt::format("{}: two columns are called '{}'; give each a heading of its own", about_, heading),
                where_headings());
        Heading parts = heading_of(heading);
        if (meanings.leaves_out(heading, parts.name)) continue;
        const bool is_name = !names.empty() && (heading == names || parts.name == names);
        const yaml::Node* renamed = meanings.renamed(heading, parts.name);
        if (meanings.others && !renamed && !is_name) continue;
        if (is_name) meanings.used.insert(names);
        if (renamed) {
            const Heading meant = heading_of(yaml::text(*renamed, fmt::format("{}: columns: {}", about_, heading)));
            parts = {meant.name, meant.unit.empty() ? parts.unit : meant.unit};
        }
        TableColumn column{k, heading, is_name ? "name" : parts.name, is_name ? "" : parts.unit};
        for (const TableColumn& before : columns_)
            if (before.key == column.key)
                throw input_error(fmt::format("{}: the columns '{}' and '{}' both mean {}; keep one, or list the other "
                                              "under ignore:",
                                              about_, before.heading, heading, column.key),
                                  where_headings());
        columns_.push_back(std::move(column));
    }
    for (const char* key : {"name", "columns", "ignore"}) check_named(key, meanings.used);
}

// headings that the case names but the table does not have
void Table::check_named(const char* key, const std::set<std::string>& used) const {
    const yaml::Node* node = spec_.find(key);
    if (!node) return;
    std::vector<std::string> asked, known;
    for (const std::string& cell : rows_.rows.front().cells) known.push_back(heading_of(cell).name);
    if (node->is_map())
        for (const auto& k : node->keys) asked.push_back(k.name);
    else
        asked = yaml::texts(*node, about_ + ": " + key);
    for (const std::string& heading : asked)
        if (!used.contains(heading))
            throw input_error(fmt::format("{}: {}: the table has no column '{}'{}; its headings are {}", about_, key,
                                          heading, did_you_mean(heading, known), fmt::join(known, ", ")),
                              node->where());
}

const TableColumn* Table::column(std::string_view key) const {
    const auto found =
        std::find_if(columns_.begin(), columns_.end(), [&](const TableColumn& c) { return c.key == key; });
    return found == columns_.end() ? nullptr : &*found;
}

const std::string& Table::text(std::size_t row, const TableColumn& column) const {
    static const std::string none;
    const CsvRow& cells = rows_.rows[row + 1];
    const std::string& cell = column.position < cells.cells.size() ? cells.cells[column.position] : none;
    const yaml::Node* words = spec_.find("words");
    if (!words || cell.empty()) return cell;
    for (const std::string& name : {column.heading, heading_of(column.heading).name, column.key}) {
        const yaml::Node* of = yaml::map(*words, about_ + ": words").find(name);
        if (!of) continue;
        const yaml::Node* meant = yaml::map(*of, fmt::format("{}: words: {}", about_, name)).find(cell);
        if (!meant) {
            std::vector<std::string> known;
            for (const auto& k : of->keys) known.push_back(k.name);
            throw input_error(fmt::format("{}: column '{}': '{}' is none of the words {}", about_, column.heading, cell,
                                          fmt::join(known, ", ")),
                              where(row));
        }
        return yaml::text(*meant, fmt::format("{}: words: {}: {}", about_, name, cell));
    }
    return cell;
}

std::string Table::number_with_unit(const std::string& cell, const TableColumn& column) const {
    if (rows_.separator == ';' && !decimal_stated_ && has_two_readings(cell))
        throw input_error(fmt::format(
            "'{}' is a decimal or holds a separator of thousands; write decimal: point beside the table, or "
            "remove the separator",
            cell));
    const std::string pointed = with_decimal_point(cell, comma_);
    if (column.unit.empty()) return pointed;
    if (number_in_cell(pointed)) return fmt::format("{} {}", pointed, column.unit);
    // a cell may repeat the unit of its column
    const std::size_t rest = pointed.size() > column.unit.size() ? pointed.size() - column.unit.size() : 0;
    std::string_view number = std::string_view(pointed).substr(0, rest);
    while (!number.empty() && number.back() == ' ') number.remove_suffix(1);
    if (pointed.ends_with(column.unit) && number_in_cell(number)) return fmt::format("{} {}", number, column.unit);
    throw input_error(
        fmt::format("'{}' is no number in {}; leave the cell empty where the column says nothing", cell, column.unit));
}

yaml::Node Table::value(std::size_t row, const TableColumn& column) const {
    const std::string& cell = text(row, column);
    if (!cell.empty()) return value_of(cell, row, column);
    yaml::Node node = block(row);
    node.type = yaml::Node::Type::null;
    return node;
}

std::vector<yaml::Node> Table::span(std::size_t row, const TableColumn& column) const {
    const std::string& cell = text(row, column);
    const std::size_t dots = cell.find("..");
    if (dots == std::string::npos)
        throw input_error(fmt::format("{}: column '{}': '{}' is no range; write its two ends as 92..124", about_,
                                      column.heading, cell),
                          where(row));
    const auto end = [&](std::string_view text) {
        while (text.ends_with(' ')) text.remove_suffix(1);
        while (text.starts_with(' ')) text.remove_prefix(1);
        return value_of(std::string(text), row, column);
    };
    return {end(std::string_view(cell).substr(0, dots)), end(std::string_view(cell).substr(dots + 2))};
}

yaml::Node Table::value_of(const std::string& cell, std::size_t row, const TableColumn& column) const {
    yaml::Node node = block(row);
    node.type = yaml::Node::Type::text;
    node.cell = true;
    try {
        node.text = number_with_unit(cell, column);
    } catch (const Error& e) {
        throw input_error(fmt::format("{}: column '{}': {}", about_, column.heading, e.message), where(row));
    }
    return node;
}

yaml::Node Table::block(std::size_t row) const {
    yaml::Node node;
    node.type = yaml::Node::Type::map;
    node.line = line(row);
    node.file = file_;
    return node;
}

yaml::Node Table::keys(std::size_t row, const format::Section& section) const {
    yaml::Node node = block(row);
    for (const TableColumn& column : columns_) {
        if (text(row, column).empty()) continue;
        const format::Key* key = section.find(column.key);
        yaml::Node cell = block(row);
        if (!key || key->form.kind == format::Form::Kind::quantity) {
            cell = value(row, column);
        } else {
            cell.type = yaml::Node::Type::text;
            cell.text = text(row, column);
        }
        node.keys.push_back({column.key, node.line});
        node.items.push_back(std::move(cell));
    }
    return node;
}

yaml::Node list_or_table(const yaml::Node& node, const FileAccess& files, const std::string& about,
                         const format::Section& section, std::vector<std::string>& notes) {
    if (!node.is_map()) return yaml::list(node, about);
    yaml::Fields(node, about, format::row_table);
    const Table table(node, files, files.folder(), about);
    notes.insert(notes.end(), table.notes().begin(), table.notes().end());
    yaml::Node list = node;
    list.type = yaml::Node::Type::list;
    list.keys.clear();
    list.items.clear();
    for (std::size_t row = 0; row < table.size(); ++row) list.items.push_back(table.keys(row, section));
    return list;
}

}  // namespace kelvolt

/// Tables in a case: each row of a CSV file or of a sheet stands for a block of keys. Here headings are understood and
/// cells become values with their units and lines; what a row means is up to the section that holds the table.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "solver/case/file_access.hpp"
#include "solver/case/yaml.hpp"

namespace kelvolt {

/// A column that is read.
struct TableColumn {
    std::size_t position;
    std::string heading;  ///< as in the table
    std::string key;      ///< what it means, without unit
    std::string unit;     ///< of its numbers; empty: the cells say it
};

class Table {
   public:
    /// `spec`: a block of keys with `table:`, which must outlive this; `base`: the folder to which its file is relative.
    /// Error(input) with file and line.
    Table(const yaml::Node& spec, const FileAccess& files, const std::filesystem::path& base, std::string about);

    const std::vector<TableColumn>& columns() const { return columns_; }
    const TableColumn* column(std::string_view key) const;
    std::size_t size() const { return rows_.rows.size() - 1; }
    int line(std::size_t row) const { return rows_.rows[row + 1].line; }
    Where where(std::size_t row) const { return {*file_, line(row)}; }
    Where where_headings() const { return {*file_, rows_.rows.front().line}; }
    /// The text of a cell, after `words`; empty where the cell is.
    const std::string& text(std::size_t row, const TableColumn& column) const;
    /// The cell as a value of a case; null where it is empty.
    yaml::Node value(std::size_t row, const TableColumn& column) const;
    /// The two ends of a cell such as 92..124 as values of a case.
    std::vector<yaml::Node> span(std::size_t row, const TableColumn& column) const;
    /// A node at the place of a row, to put values in.
    yaml::Node block(std::size_t row) const;
    /// A row as a block of the keys of a section, without those that are empty.
    yaml::Node keys(std::size_t row, const format::Section& section) const;
    const std::string& about() const { return about_; }
    /// What to tell of rows that were read and of lines that were not.
    const std::vector<std::string>& notes() const { return notes_; }

   private:
    const yaml::Node& spec_;
    std::string about_;
    bool comma_ = false, decimal_stated_ = false;
    std::vector<std::string> notes_;
    CsvRows rows_;
    const std::string* file_ = nullptr;
    std::vector<TableColumn> columns_;

    void read_columns();
    void check_rows() const;
    void check_total();
    void note_comments();
    std::optional<double> number(std::size_t row, const TableColumn& column) const;
    void check_named(const char* key, const std::set<std::string>& used) const;
    std::string number_with_unit(const std::string& cell, const TableColumn& column) const;
    yaml::Node value_of(const std::string& cell, std::size_t row, const TableColumn& column) const;
};

/// A list of blocks, or a table of them as such a list: what `events:` and `limits:` take. Adds to `notes`.
yaml::Node list_or_table(const yaml::Node& node, const FileAccess& files, const std::string& about,
                         const format::Section& section, std::vector<std::string>& notes);

}  // namespace kelvolt

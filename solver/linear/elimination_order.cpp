#include "solver/linear/elimination_order.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

namespace kelvolt {

namespace {

/// Entries line by line: of rows, of columns.
struct Lines {
    std::vector<int> first{0}, entry;
    int size() const { return static_cast<int>(first.size()) - 1; }
    const int* begin(int k) const { return entry.data() + first[k]; }
    const int* end(int k) const { return entry.data() + first[k + 1]; }
    void close() { first.push_back(static_cast<int>(entry.size())); }
};

Lines transposed(const Lines& of) {
    Lines to;
    to.first.assign(of.size() + 1, 0);
    to.entry.resize(of.entry.size());
    for (int k : of.entry) ++to.first[k + 1];
    for (int k = 0; k < of.size(); ++k) to.first[k + 1] += to.first[k];
    std::vector<int> next = to.first;
    for (int k = 0; k < of.size(); ++k)
        for (const int* m = of.begin(k); m != of.end(k); ++m) to.entry[next[*m]++] = k;
    return to;
}

/// Takes out, again and again, entries that are alone in their row or column.
class Peeling {
   public:
    Peeling(const Lines& by_column, const Lines& by_row) : columns_(by_column), rows_(by_row) {
        for (int k = 0; k < by_row.size(); ++k) {
            look(rows_, k, true);
            look(columns_, k, false);
        }
        for (std::size_t k = 0; k < alone_.size(); ++k) take(alone_[k].first, alone_[k].second);
    }
    bool has_row(int r) const { return !rows_.gone[r]; }
    bool has_column(int c) const { return !columns_.gone[c]; }
    EliminationOrder taken;

   private:
    struct Side {
        explicit Side(const Lines& of) : lines(of), left(of.size()), gone(of.size(), 0) {
            for (int k = 0; k < of.size(); ++k) left[k] = of.first[k + 1] - of.first[k];
        }
        const Lines& lines;
        std::vector<int> left;
        std::vector<char> gone;
    };

    void look(const Side& side, int k, bool is_row) {
        if (side.left[k] == 1 && !side.gone[k]) alone_.emplace_back(k, is_row);
    }
    void take(int k, bool is_row) {
        Side &one = is_row ? rows_ : columns_, &other = is_row ? columns_ : rows_;
        if (one.gone[k] || one.left[k] != 1) return;
        const int partner = *std::find_if(one.lines.begin(k), one.lines.end(k), [&](int m) { return !other.gone[m]; });
        taken.rows.push_back(is_row ? k : partner);
        taken.columns.push_back(is_row ? partner : k);
        remove(one, other, k, !is_row);
        remove(other, one, partner, is_row);
    }
    void remove(Side& from, Side& across, int k, bool across_is_row) {
        from.gone[k] = 1;
        for (const int* m = from.lines.begin(k); m != from.lines.end(k); ++m) {
            --across.left[*m];
            look(across, *m, across_is_row);
        }
    }

    Side columns_, rows_;
    std::vector<std::pair<int, bool>> alone_;
};

/// Rows that wait, by how much they would fill; the lowest of those that fill least is next.
class Waiting {
   public:
    explicit Waiting(std::size_t rows) : words_((rows + 63) / 64), levels_(level(~std::uint32_t{0}) + 1) {}

    /// Exact up to 63, then by eighths of its power of two.
    static int level(std::uint32_t fill) {
        if (fill < 64) return static_cast<int>(fill);
        const int power = std::bit_width(fill) - 1;
        return 64 + 8 * (power - 6) + static_cast<int>(fill >> (power - 3) & 7);
    }
    void put(int level, int row) {
        Level& l = levels_[level];
        if (l.rows.empty()) l.rows.resize(words_), l.words.resize((words_ + 63) / 64);
        l.rows[row / 64] |= bit(row);
        l.words[row / 4096] |= bit(row / 64);
        ++l.count;
        lowest_ = std::min(lowest_, level);
    }
    void remove(int level, int row) {
        Level& l = levels_[level];
        l.rows[row / 64] &= ~bit(row);
        if (l.rows[row / 64] == 0) l.words[row / 4096] &= ~bit(row / 64);
        --l.count;
    }
    /// -1 where none waits.
    int first() {
        while (lowest_ < static_cast<int>(levels_.size()) && levels_[lowest_].count == 0) ++lowest_;
        if (lowest_ == static_cast<int>(levels_.size())) return -1;
        const Level& l = levels_[lowest_];
        const auto some = std::find_if(l.words.begin(), l.words.end(), [](std::uint64_t w) { return w != 0; });
        const int word = 64 * static_cast<int>(some - l.words.begin()) + std::countr_zero(*some);
        return 64 * word + std::countr_zero(l.rows[word]);
    }

   private:
    struct Level {
        std::vector<std::uint64_t> rows, words;  ///< a bit for each row; for each word of them that has one
        int count = 0;
    };
    static std::uint64_t bit(int k) { return std::uint64_t{1} << (k % 64); }

    std::size_t words_;
    std::vector<Level> levels_;
    int lowest_ = 0;
};

/// What is left after peeling, by Markowitz on the pattern alone: the pivot that can fill fewest entries comes first,
/// of several the one of the lowest row, so that what repeats is eliminated side by side. A row keeps the column it is
/// paired with while that entry is there or comes by fill. A balance of mass has none in the pressure it is written
/// for; it may change partners with another row where both new entries are there.
class Markowitz {
   public:
    /// rows[k] is paired with columns[k]; both are numbers of the whole matrix.
    Markowitz(const Lines& by_column, const std::vector<int>& rows, const std::vector<int>& columns,
              const std::vector<char>& last)
        : rows_(rows),
          columns_(columns),
          row_(rows.size()),
          column_(rows.size()),
          offered_(rows.size()),
          waiting_(rows.size()),
          filled_(rows.size(), -1) {
        const int n = by_column.size(), size = static_cast<int>(rows.size());
        std::vector<int> place(n, -1);
        for (int k = 0; k < size; ++k) place[rows[k]] = k;
        constexpr int usual = 12;  // entries, with fill
        for (int k = 0; k < size; ++k) {
            row_[k].partner = column_[k].partner = k;
            row_[k].entries.reserve(usual);
            column_[k].entries.reserve(usual);
        }
        for (int k = 0; k < size; ++k) {
            if (!last.empty()) column_[k].waits = last[columns[k]];
            for (const int* r = by_column.begin(columns[k]); r != by_column.end(columns[k]); ++r)
                if (const int q = place[*r]; q >= 0) enter(q, k);
        }
    }
    void append(EliminationOrder& order) {
        for (const bool waiting : {false, true}) {  // those that wait come in the second round
            for (std::size_t k = 0; k < row_.size(); ++k) column_[k].waits = column_[k].waits && !waiting;
            for (std::size_t k = 0; k < row_.size(); ++k) offer(static_cast<int>(k));
            for (int r = waiting_.first(); r >= 0; r = waiting_.first()) {
                const Offer offered = offered_[r];
                if (level(r, offered.column) > offered.level)
                    offer(r);  // a wide column has grown meanwhile
                else
                    take(r, offered.column, order);
            }
        }
        pair_the_rest(order);
    }

   private:
    struct Line {
        std::vector<int> entries;  ///< some of lines that are gone
        int left = 0;              ///< of lines that are not
        int partner = -1;
        bool gone = false, waits = false;
        bool paired = false;  ///< a row: the entry in its partner is there
    };
    struct Offer {
        int level = -1;  ///< of fill; -1: none
        int column = -1;
    };
    static constexpr int wide = 64;  // entries; a line as wide is no good pivot and not looked through

    void enter(int r, int c) {
        row_[r].entries.push_back(c);
        column_[c].entries.push_back(r);
        ++row_[r].left, ++column_[c].left;
        row_[r].paired |= row_[r].partner == c;
    }
    bool has(int r, int c) const {
        const bool by_row = row_[r].entries.size() < column_[c].entries.size();
        const std::vector<int>& in = by_row ? row_[r].entries : column_[c].entries;
        return std::find(in.begin(), in.end(), by_row ? c : r) != in.end();
    }
    int level(int r, int c) const {
        const std::uint64_t most = 0xffffffff, fill = std::uint64_t(row_[r].left - 1) * (column_[c].left - 1);
        return Waiting::level(static_cast<std::uint32_t>(std::min(fill, most)));
    }

    /// The best pivot of row r.
    void offer(int r) {
        const Line& row = row_[r];
        if (row.gone) return;
        Offer best;
        const auto consider = [&](int c) {
            if (column_[c].waits) return;
            const int l = level(r, c);
            if (best.level < 0 || l < best.level) best = {l, c};
        };
        if (row.paired) {
            consider(row.partner);
        } else if (row.left <= wide) {
            for (int c : row.entries)
                if (!column_[c].gone && (row.left == 1 || has(column_[c].partner, row.partner))) consider(c);
        }
        if (best.level != offered_[r].level) {
            if (offered_[r].level >= 0) waiting_.remove(offered_[r].level, r);
            if (best.level >= 0) waiting_.put(best.level, r);
        }
        offered_[r] = best;
    }
    void take(int r, int c, EliminationOrder& order) {
        order.rows.push_back(rows_[r]);
        order.columns.push_back(columns_[c]);
        const int own = row_[r].partner, other = column_[c].partner;
        if (own != c) {  // the partners left are paired
            row_[other].partner = own;
            row_[other].paired = has(other, own);
            column_[own].partner = other;
        }
        waiting_.remove(offered_[r].level, r);
        row_[r].gone = column_[c].gone = true;
        drop(row_[r], column_, across_);
        drop(column_[c], row_, down_);
        for (int q : down_) fill(q);
        offer(other);
        for (int q : down_) offer(q);
        for (int k : across_) {
            offer(column_[k].partner);
            if (column_[k].left > wide) continue;
            for (int q : column_[k].entries)
                if (!row_[q].gone && !row_[q].paired) offer(q);
        }
    }
    /// Row q after the pivot whose row had the entries `across_`.
    void fill(int q) {
        Line& row = row_[q];
        if (row.left > wide) {
            for (int k : across_)
                if (!has(q, k)) enter(q, k);
            return;
        }
        std::erase_if(row.entries, [&](int k) { return column_[k].gone; });
        for (int k : row.entries) filled_[k] = q;
        for (int k : across_)
            if (filled_[k] != q) enter(q, k);
        for (int k : row.entries) filled_[k] = -1;
    }
    /// The lines that cross one that goes.
    static void drop(Line& line, std::vector<Line>& others, std::vector<int>& crossing) {
        crossing.clear();
        for (int k : line.entries)
            if (!others[k].gone) {
                crossing.push_back(k);
                --others[k].left;
            }
    }
    /// Rows without an entry to go by: the matrix is singular, or pivots are sought by value.
    void pair_the_rest(EliminationOrder& order) const {
        for (std::size_t k = 0; k < row_.size(); ++k)
            if (!row_[k].gone) {
                order.rows.push_back(rows_[k]);
                order.columns.push_back(columns_[row_[k].partner]);
            }
    }

    const std::vector<int>&rows_, &columns_;
    std::vector<Line> row_, column_;
    std::vector<Offer> offered_;  // by each row
    Waiting waiting_;
    std::vector<int> across_, down_, filled_;
};

}  // namespace

EliminationOrder elimination_order(const std::vector<int>& col_ptr, const std::vector<int>& row,
                                   const std::vector<char>& last) {
    const int n = static_cast<int>(col_ptr.size()) - 1;
    const Lines by_column{col_ptr, row}, by_row = transposed(by_column);
    Peeling peeling(by_column, by_row);
    // the rest keeps its own pairs; where only one of a pair is left, those left are paired
    std::vector<int> rows, columns, lone_columns;
    for (int k = 0; k < n; ++k) {
        if (peeling.has_row(k) && peeling.has_column(k)) rows.push_back(k), columns.push_back(k);
        if (!peeling.has_row(k) && peeling.has_column(k)) lone_columns.push_back(k);
    }
    for (int k = 0, lone = 0; k < n; ++k)
        if (peeling.has_row(k) && !peeling.has_column(k)) rows.push_back(k), columns.push_back(lone_columns[lone++]);
    EliminationOrder all = std::move(peeling.taken);
    Markowitz(by_column, rows, columns, last).append(all);
    return all;
}

}  // namespace kelvolt

#include "solver/linear/elimination_order.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <utility>

namespace kelvolt {

namespace {

/// A sparse pattern stored line by line; a line is a row or a column.
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

/// Pairs entries that are alone in their row or column and removes both lines, until no such entry is left.
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
    EliminationOrder taken;  ///< the pairs removed, in order

   private:
    struct Side {  // all rows or all columns: entries left in each, and whether it was removed
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

/// Priority queue of rows by the fill their best pivot may cause. Of the rows with least fill, the one with the lowest
/// number comes first. Rows are kept as bits, one set of bits for each level of fill.
class Waiting {
   public:
    explicit Waiting(std::size_t rows) : words_((rows + 63) / 64), levels_(level(~std::uint32_t{0}) + 1) {}

    /// Level of a fill count: the count itself up to 63, above that eight levels for each power of two.
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
    /// The next row; -1 when the queue is empty.
    int first() {
        while (lowest_ < static_cast<int>(levels_.size()) && levels_[lowest_].count == 0) ++lowest_;
        if (lowest_ == static_cast<int>(levels_.size())) return -1;
        const Level& l = levels_[lowest_];
        const auto nonzero = std::find_if(l.words.begin(), l.words.end(), [](std::uint64_t w) { return w != 0; });
        const int word = 64 * static_cast<int>(nonzero - l.words.begin()) + std::countr_zero(*nonzero);
        return 64 * word + std::countr_zero(l.rows[word]);
    }

   private:
    struct Level {
        /// `rows`: one bit per row, set if it is in the queue at this level. `words`: one bit per word of `rows`, set
        /// if any bit of that word is.
        std::vector<std::uint64_t> rows, words;
        int count = 0;
    };
    static std::uint64_t bit(int k) { return std::uint64_t{1} << (k % 64); }

    std::size_t words_;
    std::vector<Level> levels_;
    int lowest_ = 0;
};

/// Orders what is left after peeling by Markowitz's rule on the pattern alone: the pivot that can cause the least fill
/// comes first; among equals the one with the lowest row, so that repeated parts of the network are eliminated
/// together. Each row has a partner column. If the entry in that column is nonzero, from the start or by fill, it is
/// the row's only possible pivot. Where it is zero (a mass balance does not contain the pressure of its own node), the
/// row may exchange partners with another row, if both new entries are nonzero.
class Markowitz {
   public:
    /// rows[k] has the partner columns[k]; both are numbered as in the whole matrix.
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
        constexpr int usual = 12;  // entries of a typical line, with fill
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
        for (const bool waiting : {false, true}) {  // columns marked as last come in the second round
            for (std::size_t k = 0; k < row_.size(); ++k) column_[k].waits = column_[k].waits && !waiting;
            for (std::size_t k = 0; k < row_.size(); ++k) offer(static_cast<int>(k));
            for (int r = waiting_.first(); r >= 0; r = waiting_.first()) {
                const Offer offered = offered_[r];
                if (level(r, offered.column) > offered.level)
                    offer(r);  // the column has gained entries since the row was put into the queue
                else
                    take(r, offered.column, order);
            }
        }
        pair_the_rest(order);
    }

   private:
    static constexpr std::size_t wide = 64;  // entries; a longer line makes a poor pivot and is not searched

    struct Line {
        std::vector<int> entries;  ///< crossing lines, among them some already eliminated
        int left = 0;              ///< number of crossing lines not yet eliminated
        int partner = -1;
        bool gone = false, waits = false;  ///< gone: eliminated; waits: a column that comes in the second round
        bool paired = false;               ///< of a row: its entry in the partner column is nonzero
        /// The entries again, of a long line: a search along a line that many others cross would take most of the time.
        std::unique_ptr<std::unordered_set<int>> index;

        void enter(int k) {
            entries.push_back(k);
            ++left;
            if (index)
                index->insert(k);
            else if (entries.size() > wide)
                index = std::make_unique<std::unordered_set<int>>(entries.begin(), entries.end());
        }
        bool has(int k) const {
            return index ? index->count(k) > 0 : std::find(entries.begin(), entries.end(), k) != entries.end();
        }
    };
    struct Offer {       // the best pivot of a row
        int level = -1;  ///< its fill, as a level of the queue; -1: the row has no pivot now
        int column = -1;
    };
    void enter(int r, int c) {
        row_[r].enter(c);
        column_[c].enter(r);
        row_[r].paired |= row_[r].partner == c;
    }
    bool has(int r, int c) const {
        return row_[r].entries.size() < column_[c].entries.size() ? row_[r].has(c) : column_[c].has(r);
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
        } else if (row.left <= int(wide)) {
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
        if (own != c) {  // the two lines whose partners were taken become partners
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
            if (column_[k].left > int(wide)) continue;
            for (int q : column_[k].entries)
                if (!row_[q].gone && !row_[q].paired) offer(q);
        }
    }
    /// Adds to row q the entries that elimination of the pivot row, with entries `across_`, fills in.
    void fill(int q) {
        Line& row = row_[q];
        if (row.left > int(wide)) {
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
    /// Lists the lines not yet eliminated that cross an eliminated one, and counts it as gone in each.
    static void drop(Line& line, std::vector<Line>& others, std::vector<int>& crossing) {
        crossing.clear();
        for (int k : line.entries)
            if (!others[k].gone) {
                crossing.push_back(k);
                --others[k].left;
            }
    }
    /// Rows for which no nonzero pivot was found keep their partners: KLU must find another pivot by value, or the
    /// matrix is singular.
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
    // row k and column k are partners where both are left; the other rows and columns left are paired in order
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

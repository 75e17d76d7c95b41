#include "solver/linear/lane_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace kelvolt {

namespace {

using Rows = std::vector<std::vector<int>>;

/// The pattern of the factors L and U by rows. Rows and columns are numbered in the order of the pivots.
struct Factored {
    Rows left, right;        // columns of the entries of L and of U, ascending, without the pivot
    Rows column, position;   // entries of the matrix itself: their column, and their position among its values
    std::vector<int> P, Q;   // row and column of the matrix that hold each pivot
    std::vector<int> level;  // rows of the same level do not depend on each other
    int size() const { return static_cast<int>(P.size()); }
};

Rows rows_of(int n, const std::vector<int>& col_ptr, const std::vector<int>& row) {
    Rows rows(n);
    for (int c = 0; c < n; ++c)
        for (int k = col_ptr[c]; k < col_ptr[c + 1]; ++k)
            if (row[k] != c) rows[row[k]].push_back(c);
    return rows;
}

Factored factored(const std::vector<int>& col_ptr, const std::vector<int>& row, klu_symbolic* symbolic,
                  klu_numeric* numeric, klu_common* common) {
    const int n = symbolic->n;
    Factored f;
    f.P.resize(n), f.Q.resize(n);
    std::vector<int> Lp(n + 1), Li(numeric->lnz), Up(n + 1), Ui(numeric->unz);
    std::vector<double> Lx(numeric->lnz), Ux(numeric->unz);  // klu_extract gives no pattern without the values
    if (!klu_extract(numeric, symbolic, Lp.data(), Li.data(), Lx.data(), Up.data(), Ui.data(), Ux.data(), nullptr,
                     nullptr, nullptr, f.P.data(), f.Q.data(), nullptr, nullptr, common))
        return f.P.clear(), f;
    f.left = rows_of(n, Lp, Li);
    f.right = rows_of(n, Up, Ui);
    std::vector<int> place(n);
    for (int k = 0; k < n; ++k) place[f.P[k]] = k;
    f.column.resize(n), f.position.resize(n);
    for (int c = 0; c < n; ++c)
        for (int k = col_ptr[f.Q[c]]; k < col_ptr[f.Q[c] + 1]; ++k) {
            f.column[place[row[k]]].push_back(c);
            f.position[place[row[k]]].push_back(k);
        }
    f.level.assign(n, 0);
    for (int k = 0; k < n; ++k) {
        for (int j : f.left[k]) f.level[k] = std::max(f.level[k], f.level[j] + 1);
        for (int j : f.right[k]) f.level[j] = std::max(f.level[j], f.level[k] + 1);
    }
    return f;
}

/// Numbers the different structures of rows. Two rows have the same structure when they have the same level, as many
/// entries on either side of the pivot, their matrix entries at the same places, and when each row they depend on the
/// left changes entries at the same places.
class RowStructures {
   public:
    explicit RowStructures(const Factored& f) : f_(f), local_(f.size()) {}

    int of(int k) {
        entries_of(k);
        text_ = {f_.level[k], int(f_.left[k].size()), int(f_.right[k].size())};
        for (int c : f_.column[k]) text_.push_back(local_[c]);
        for (int j : f_.left[k]) {
            text_.push_back(-1);
            for (int c : f_.right[j]) text_.push_back(local_[c]);
        }
        return ids_.try_emplace(text_, int(ids_.size())).first->second;
    }
    /// Place of a column among the entries of the row last given to `entries_of`.
    int place(int column) const { return local_[column]; }
    /// Counts the entries of row k from left to right, for `place`.
    void entries_of(int k) {
        int place = 0;
        for (int c : f_.left[k]) local_[c] = place++;
        local_[k] = place++;
        for (int c : f_.right[k]) local_[c] = place++;
    }

   private:
    const Factored& f_;
    std::vector<int> local_, text_;
    std::map<std::vector<int>, int> ids_;
};

using Group = std::vector<int>;

/// Collects rows of the same structure into groups, from the last level to the first. Where possible, the rows that a
/// group depends on form groups in the same order of lanes, so that lane l reads from lane l (LanePlan::aligned).
class Grouping {
   public:
    Grouping(const Factored& f, const std::vector<int>& structure) : f_(f), structure_(structure), taken_(f.size(), 0) {
        std::vector<int> order(f.size());
        std::iota(order.begin(), order.end(), 0);
        const auto before = [&](int a, int b) {
            if (f.level[a] != f.level[b]) return f.level[a] > f.level[b];
            return structure[a] != structure[b] ? structure[a] < structure[b] : a < b;
        };
        std::sort(order.begin(), order.end(), before);
        by_level_.resize(f.size() ? f.level[order.front()] + 1 : 0);
        for (auto from = order.begin(); from != order.end();) {
            const int level = f.level[*from];
            const auto to = std::find_if(from, order.end(), [&](int k) { return f.level[k] != level; });
            split_level(Group(from, to));
            for (std::size_t g = 0; g < by_level_[level].size(); ++g) group_dependencies(by_level_[level][g]);
            from = to;
        }
    }
    /// In ascending order of levels: first the rows that depend on no other.
    std::vector<Group> groups() const {
        std::vector<Group> all;
        for (const auto& level : by_level_) all.insert(all.end(), level.begin(), level.end());
        return all;
    }

   private:
    static constexpr std::size_t few = 3;   // fewer rows than this are taken singly: most lanes would be empty
    static constexpr std::size_t half = 5;  // smaller groups do not decide the order of the groups they depend on

    void add(Group group) {
        for (int k : group) taken_[k] = 1;
        by_level_[f_.level[group.front()]].push_back(std::move(group));
    }
    // Splits the rows of one level that are in no group yet into groups of the same structure.
    void split_level(const Group& of_level) {
        for (auto from = of_level.begin(); from != of_level.end();) {
            const int structure = structure_[*from];
            Group alike;
            for (; from != of_level.end() && structure_[*from] == structure; ++from)
                if (!taken_[*from]) alike.push_back(*from);
            for (std::size_t k = 0; k < alike.size();) {
                std::size_t lanes = std::min<std::size_t>(LanePlan::wide, alike.size() - k);
                if (lanes < few) lanes = 1;
                add(Group(alike.begin() + k, alike.begin() + k + lanes));
                k += lanes;
            }
        }
    }
    // Forms groups of the rows this group depends on, in the order of its lanes, where these rows are free and differ.
    void group_dependencies(const Group group) {
        if (group.size() < half) return;  // the groups below would be as small and leave as many lanes empty
        for (std::size_t a = 0; a < f_.left[group.front()].size(); ++a) {
            Group below;
            for (int k : group) below.push_back(f_.left[k][a]);
            const auto free = [&](int j) { return !taken_[j] && structure_[j] == structure_[below.front()]; };
            Group sorted = below;
            std::sort(sorted.begin(), sorted.end());
            if (std::all_of(below.begin(), below.end(), free) &&
                std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end())
                add(std::move(below));
        }
    }

    const Factored& f_;
    const std::vector<int>& structure_;
    std::vector<char> taken_;
    std::vector<std::vector<Group>> by_level_;
};

/// Writes the groups into the plan as steps, in the given order.
class Writer {
   public:
    Writer(LanePlan& plan, const Factored& f, RowStructures& structures)
        : plan_(plan), f_(f), structures_(structures), at_(f.size()) {}

    void write(const std::vector<Group>& groups) {
        groups_.insert(groups.begin(), groups.end());
        for (const Group& g : groups) place(g);
        for (const Group& g : groups) step(g);
    }

   private:
    // Adds a step for the group and assigns its places in the factors and in vectors.
    void place(const Group& g) {
        const int lanes = g.size() > 1 ? LanePlan::wide : 1, slot = int(plan_.row_of_slot.size());
        const int entries = int(f_.left[g[0]].size() + 1 + f_.right[g[0]].size());
        plan_.steps.push_back({.lanes = lanes,
                               .used = int(g.size()),
                               .left = int(f_.left[g[0]].size()),
                               .right = int(f_.right[g[0]].size()),
                               .first = plan_.factors,
                               .slot = slot,
                               .links = 0,
                               .entries = int(f_.column[g[0]].size()),
                               .sources = 0,
                               .targets = 0});
        for (int lane = 0; lane < lanes; ++lane) {
            const int k = lane_of(g, lane);
            plan_.row_of_slot.push_back(f_.P[k]);
            plan_.column_of_slot.push_back(f_.Q[k]);
        }
        for (int lane = 0; lane < int(g.size()); ++lane)
            at_[g[lane]] = {{plan_.factors + lanes * plan_.steps.back().left + lane, lanes}, slot + lane};
        plan_.factors += lanes * entries;
    }
    // Row of a lane; unused lanes repeat the row of the first.
    static int lane_of(const Group& g, int lane) { return g[lane < int(g.size()) ? lane : 0]; }

    // Fills in the links, sources and targets of a step, once all steps have their places.
    void step(const Group& g) {
        LanePlan::Step& s = plan_.steps[written_++];
        s.links = int(plan_.rows.size());
        for (int a = 0; a < s.left; ++a) link(g, f_.left, a, s.lanes);
        for (int a = 0; a < s.right; ++a) link(g, f_.right, a, s.lanes);
        structures_.entries_of(g[0]);
        s.sources = int(plan_.sources.size());
        for (int e = 0; e < s.entries; ++e) {
            plan_.sources.push_back(structures_.place(f_.column[g[0]][e]));
            for (int lane = 0; lane < s.lanes; ++lane) plan_.sources.push_back(f_.position[lane_of(g, lane)][e]);
        }
        s.targets = int(plan_.targets.size());
        for (int j : f_.left[g[0]]) {
            plan_.targets.push_back(int(f_.right[j].size()));
            for (int c : f_.right[j]) plan_.targets.push_back(structures_.place(c));
        }
    }
    // Adds the link for entry a of the group's rows on one side of the pivot.
    void link(const Group& g, const Rows& rows, int a, int lanes) {
        Group on;  // for each row of the group, the row it depends on
        for (int k : g) on.push_back(rows[k][a]);
        int table = LanePlan::aligned;
        if (g.size() > 1 && std::all_of(on.begin(), on.end(), [&](int j) { return j == on[0]; })) {
            table = LanePlan::one_for_all;
        } else if (g.size() > 1 && groups_.count(on) == 0) {
            table = int(plan_.lane_rows.size());
            for (int lane = 0; lane < lanes; ++lane) {
                plan_.lane_rows.push_back(at_[lane_of(on, lane)].row);
                plan_.lane_slots.push_back(at_[lane_of(on, lane)].slot);
            }
        }
        plan_.rows.push_back(at_[on[0]].row);
        plan_.slots.push_back(at_[on[0]].slot);
        plan_.table.push_back(table);
    }

    struct Place {
        LanePlan::Row row;
        int slot;
    };
    LanePlan& plan_;
    const Factored& f_;
    RowStructures& structures_;
    std::vector<Place> at_;
    std::set<Group> groups_;
    std::size_t written_ = 0;
};

}  // namespace

LanePlan::LanePlan(const std::vector<int>& col_ptr, const std::vector<int>& row, klu_symbolic* symbolic,
                   klu_numeric* numeric, klu_common* common) {
    constexpr double densest = 12.0;  // multiplications per entry of the factors; above this no plan is made
    constexpr int largest = 300'000;  // rows; a plan costs about five solves and more memory than the factors
    if (numeric->lnz + numeric->unz == 0 || symbolic->n > largest) return;
    const Factored f = factored(col_ptr, row, symbolic, numeric, common);
    double work = 0.0;
    for (int k = 0; k < f.size(); ++k)
        for (int j : f.left[k]) work += double(f.right[j].size());
    if (work > densest * (numeric->lnz + numeric->unz)) return;
    RowStructures structures(f);
    std::vector<int> structure(f.size());
    for (int k = 0; k < f.size(); ++k) structure[k] = structures.of(k);
    const std::vector<Group> groups = Grouping(f, structure).groups();
    if (groups.size() > 0.75 * f.size()) return;  // too few rows share a step
    Writer(*this, f, structures).write(groups);
}

}  // namespace kelvolt

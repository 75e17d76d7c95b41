#include "solver/linear/sparse_lu.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <random>

#include "solver/case/case.hpp"
#include "solver/linear/elimination_order.hpp"
#include "solver/steady/steady.hpp"

using namespace kelvolt;

namespace {

/// A sparse matrix by columns, made from a dense one.
struct Matrix {
    explicit Matrix(Eigen::MatrixXd of) : dense(std::move(of)) {
        for (int c = 0; c < dense.cols(); ++c) {
            for (int r = 0; r < dense.rows(); ++r)
                if (dense(r, c) != 0.0) row.push_back(r), values.push_back(dense(r, c));
            col_ptr.push_back(static_cast<std::int64_t>(row.size()));
        }
    }
    Eigen::MatrixXd dense;
    std::vector<std::int64_t> col_ptr{0}, row;
    std::vector<double> values;
};

double number(std::mt19937& random) {
    const double x = std::uniform_real_distribution(0.1, 1.0)(random);
    return random() % 2 ? x : -x;
}

// `copies` of one sparse block, each of which touches the `border` at its own two places
Matrix repeating(int copies, int block, int border, int seed) {
    std::mt19937 random(seed);
    const int n = copies * block + border;
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
    const std::vector<std::pair<int, int>> entries{{0, 1}, {1, 0}, {1, 3}, {2, 0}, {3, 2}, {4, 1}, {2, 4}};
    for (int k = 0; k < copies; ++k) {
        for (int i = 0; i < block; ++i) a(k * block + i, k * block + i) = 3.0 + number(random);
        for (const auto& [i, j] : entries) a(k * block + i % block, k * block + j % block) += number(random);
        const int at = copies * block + k % border, next = copies * block + (k + 1) % border;
        a(k * block, at) = number(random), a(at, k * block + 1) = number(random);
        a(k * block + 1, next) = number(random), a(next, k * block) = number(random);
    }
    for (int i = copies * block; i < n; ++i) {
        a(i, i) = 9.0 + number(random);
        if (i + 1 < n) a(i, i + 1) = number(random), a(i + 1, i) = number(random);
    }
    return Matrix(a);
}

/// How far both solutions are from those of a dense factorisation.
double worst_of_both(SparseLU& lu, const Matrix& m) {
    const int n = static_cast<int>(m.dense.rows());
    Eigen::VectorXd b(n);
    std::mt19937 random(5);
    for (int i = 0; i < n; ++i) b[i] = number(random);
    Eigen::VectorXd x = b, z = b;
    lu.solve(x.data());
    lu.solve_transposed(z.data());
    const Eigen::MatrixXd t = m.dense.transpose();
    return std::max((x - m.dense.fullPivLu().solve(b)).cwiseAbs().maxCoeff(),
                    (z - t.fullPivLu().solve(b)).cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("what repeats is factorised in lanes, and solves as a dense factorisation does, either way round") {
    for (const auto& [copies, block, border] : {std::array{8, 5, 3}, {24, 5, 1}, {18, 4, 6}, {72, 3, 2}, {13, 5, 13}}) {
        CAPTURE(copies);
        CAPTURE(block);
        CAPTURE(border);
        Matrix first = repeating(copies, block, border, 1), second = repeating(copies, block, border, 2);
        SparseLU lu(first.col_ptr, first.row);
        REQUIRE(lu.factor(first.values.data()));
        CHECK_FALSE(lu.in_lanes());
        CHECK(worst_of_both(lu, first) < 1e-12);
        lu.keep();
        for (Matrix* m : {&second, &first}) {
            REQUIRE(lu.factor(m->values.data()));
            CHECK(lu.in_lanes());
            CHECK(worst_of_both(lu, *m) < 1e-12);
        }
    }
}

TEST_CASE("where nothing repeats every factorisation is KLU's") {
    std::mt19937 random(3);
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(40, 40);
    for (int i = 0; i < 40; ++i) {
        a(i, i) = 4.0;
        for (int k = 0; k < 6; ++k) a(i, random() % 40) += number(random);
    }
    Matrix m(a);
    SparseLU lu(m.col_ptr, m.row);
    REQUIRE(lu.factor(m.values.data()));
    lu.keep();
    REQUIRE(lu.factor(m.values.data()));
    CHECK_FALSE(lu.in_lanes());
    CHECK(worst_of_both(lu, m) < 1e-12);
}

TEST_CASE("pivots that no longer serve are noticed, and found anew") {
    Matrix good = repeating(16, 5, 2, 1);
    for (const double pivot : {0.0, 1e-18}) {
        Matrix poor = good;
        for (int c = 0; c < poor.dense.cols(); ++c)
            for (auto k = poor.col_ptr[c]; k < poor.col_ptr[c + 1]; ++k)
                if (poor.row[k] == c && c % 5 > 2) poor.dense(c, c) = poor.values[k] = pivot;
        SparseLU lu(good.col_ptr, good.row);
        REQUIRE(lu.factor(good.values.data()));
        lu.keep();
        REQUIRE(lu.factor(poor.values.data()));
        CHECK(worst_of_both(lu, poor) < 1e-10);
        CHECK_FALSE(lu.in_lanes());
        lu.restore();
        REQUIRE(lu.factor(good.values.data()));
        CHECK(lu.in_lanes());
        CHECK(worst_of_both(lu, good) < 1e-12);
    }
}

TEST_CASE("several pivots are kept, each for what it serves, and another matrix of that structure shares them") {
    Matrix good = repeating(16, 5, 2, 1), other = good;
    for (auto k = other.col_ptr[0]; k < other.col_ptr.back(); ++k)
        for (int c = 3; c < 80; c += 5)
            if (k >= other.col_ptr[c] && k < other.col_ptr[c + 1] && other.row[k] == c)
                other.dense(c, c) = other.values[k] = 0.0;
    SparseLU first(good.col_ptr, good.row), second(good.col_ptr, good.row);
    CHECK_FALSE(second.follow(first));
    for (Matrix* m : {&good, &other}) {
        first.restore();
        REQUIRE(first.factor(m->values.data()));
        first.keep();
    }
    CHECK(second.follow(first));
    for (SparseLU* lu : {&first, &second})
        for (Matrix* m : {&good, &other, &good}) {
            lu->restore();
            REQUIRE(lu->factor(m->values.data()));
            CHECK(worst_of_both(*lu, *m) < 1e-10);
            CHECK(lu->in_lanes());
        }
}

TEST_CASE("a singular matrix is told as such, with its column, also after a good one") {
    Matrix good = repeating(16, 5, 2, 1), bad = good;
    for (auto k = bad.col_ptr[7]; k < bad.col_ptr[8]; ++k) bad.values[k] = 0.0;
    SparseLU lu(good.col_ptr, good.row);
    REQUIRE(lu.factor(good.values.data()));
    lu.keep();
    CHECK_FALSE(lu.factor(bad.values.data()));
    CHECK(lu.singular_column() >= 0);
    CHECK(lu.factor(good.values.data()));
}

TEST_CASE("what stands alone in its row or column comes first, and both orders name everything once") {
    // x0 is given; x3 is only a sum of others; x1 and x2 depend on each other
    Eigen::MatrixXd a(4, 4);
    a << 2, 0, 0, 0, 1, 3, 1, 0, 1, 1, 3, 0, 1, 1, 1, -1;
    const Matrix m(a);
    const EliminationOrder order =
        elimination_order({m.col_ptr.begin(), m.col_ptr.end()}, {m.row.begin(), m.row.end()});
    CHECK(std::vector(order.rows.begin(), order.rows.begin() + 2) == std::vector{0, 3});
    CHECK(std::vector(order.columns.begin(), order.columns.begin() + 2) == std::vector{0, 3});
    for (std::vector<int> all : {order.rows, order.columns}) {
        std::sort(all.begin(), all.end());
        CHECK(all == std::vector{0, 1, 2, 3});
    }
}

TEST_CASE("a chain of pipes, whose balances of mass have no entry in their own pressure, is eliminated without fill") {
    constexpr int pipes = 30;  // unknown k < pipes: flow of pipe k; beyond: pressure between it and the next
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(2 * pipes - 1, 2 * pipes - 1);
    for (int k = 0; k < pipes; ++k) {
        a(k, k) = 2.0 + k % 3;
        if (k + 1 < pipes) a(k, pipes + k) = 1.0, a(pipes + k, k) = 1.0, a(pipes + k, k + 1) = -1.0;
        if (k > 0) a(k, pipes + k - 1) = -1.0;
    }
    const Matrix m(a);
    for (const int waiting : {-1, 7}) {
        std::vector<char> last(m.dense.rows(), 0);
        if (waiting >= 0) last[waiting] = 1;
        const EliminationOrder order =
            elimination_order({m.col_ptr.begin(), m.col_ptr.end()}, {m.row.begin(), m.row.end()}, last);
        Eigen::MatrixXd left = m.dense.cwiseAbs();  // no two entries can cancel
        const auto entries = [&] { return (left.array() > 0.0).count(); };
        for (std::size_t k = 0; k < order.rows.size(); ++k) {
            const int r = order.rows[k], c = order.columns[k];
            CAPTURE(k);
            REQUIRE(left(r, c) > 0.0);
            const auto before = entries();
            const auto row = (left.row(r).array() > 0.0).count(), column = (left.col(c).array() > 0.0).count();
            left += left.col(c) * left.row(r);
            left.row(r).setZero();
            left.col(c).setZero();
            if (waiting < 0) CHECK(entries() <= before - 1);  // fills no more than it takes away
            CHECK(row * column <= 9);
        }
        if (waiting >= 0) CHECK(order.columns.back() == waiting);
    }
}

TEST_CASE("the Jacobian of a rack is solved in lanes as KLU solves it") {
    const Case the_case(load_case(KELVOLT_SOURCE_DIR "/data/cases/gb200_nvl72_rack.yaml"));
    const Network& net = the_case.network();
    const Solution s = the_case.steady();
    std::vector<double> r(net.size()), jacobian(net.structure.nonzeros());
    net.jacobian({s.y.data(), nullptr, s.values}, {}, r.data(), jacobian.data());
    SparseLU plain(net.structure.col_ptr, net.structure.row), lanes(net.structure.col_ptr, net.structure.row);
    REQUIRE(plain.factor(jacobian.data()));
    REQUIRE(lanes.factor(jacobian.data()));
    lanes.keep();
    REQUIRE(lanes.factor(jacobian.data()));
    CHECK(lanes.in_lanes());
    for (const bool transposed : {false, true}) {
        std::vector<double> x(net.size(), 1.0), y(net.size(), 1.0);
        transposed ? plain.solve_transposed(x.data()) : plain.solve(x.data());
        transposed ? lanes.solve_transposed(y.data()) : lanes.solve(y.data());
        double worst = 0.0, largest = 0.0;
        for (int u = 0; u < net.size(); ++u) {
            worst = std::max(worst, std::abs(x[u] - y[u]));
            largest = std::max(largest, std::abs(x[u]));
        }
        CHECK(worst < 1e-9 * largest);
    }
}

TEST_CASE("a matrix without loops is ordered by what stands alone, and solved") {
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(5, 5);
    for (int i = 0; i < 5; ++i)
        for (int j = 0; j <= i; ++j) a(i, j) = 1.0 + i - 0.3 * j;
    Matrix m(a);
    SparseLU lu(m.col_ptr, m.row);
    REQUIRE(lu.factor(m.values.data()));
    CHECK(worst_of_both(lu, m) < 1e-12);
}

TEST_CASE("a rack with pivots prepared and one without find the same states") {
    const Case the_case(load_case(KELVOLT_SOURCE_DIR "/data/cases/gb200_nvl72_rack.yaml"));
    const Network& net = the_case.network();
    SteadySolver prepared(net), fresh(net);
    prepared.prepare();
    std::mt19937 random(7);
    for (int variant = 0; variant < 12; ++variant) {
        Values values = net.initial;
        for (const Component& c : net.components)
            for (const char* name : {"power", "Cv", "Q_nominal"})
                if (const ParamInfo* p = c.info->param(name))
                    values.params[net.param_position(c, p->index)] *= std::uniform_real_distribution(0.7, 1.5)(random);
        prepared.forget();
        const std::vector<double> x = prepared.solve(values).y, y = fresh.solve(values).y;
        double worst = 0.0;
        for (int u = 0; u < net.size(); ++u) worst = std::max(worst, std::abs(x[u] - y[u]) / net.nominal[u]);
        CHECK(worst < 1e-8);
    }
}

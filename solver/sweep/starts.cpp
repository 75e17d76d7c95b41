#include "solver/sweep/starts.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

namespace kelvolt {

namespace {

constexpr std::size_t most_numbers = 8'000'000;  // 64 MB of anchors and tangents
constexpr std::size_t candidates = 2, kept = 3;

// van der Corput sequence in a prime base; a Halton point has one such number per column
double radical_inverse(int number, int base) {
    double fraction = 1.0, sum = 0.0;
    for (; number > 0; number /= base) sum += (fraction /= base) * (number % base);
    return sum;
}

int prime(std::size_t index) {
    int p = 2;
    for (;; ++p) {
        bool is_prime = true;
        for (int d = 2; d * d <= p; ++d) is_prime = is_prime && p % d != 0;
        if (is_prime && index-- == 0) return p;
    }
}

}  // namespace

Starts::Starts(const Network& net, std::vector<double> low, std::vector<double> high, ValuesAt values_at)
    : net_(net), low_(std::move(low)), high_(std::move(high)), values_at_(std::move(values_at)) {}

// solves dF/dy dy = -dF/dp dp with the exact Jacobian; dF/dp dp by a difference
Starts::Anchor Starts::tangents(Newton& newton, const double* at, std::vector<double> y) const {
    Anchor anchor{{at, at + low_.size()}, std::move(y), std::vector<std::vector<double>>(low_.size())};
    const std::vector<double>& row = anchor.row;
    newton.forget();
    const bool regular = newton.linearise(anchor.y, values_at_(at));
    const std::vector<double> at_anchor = newton.residual();
    for (std::size_t j = 0; regular && j < row.size(); ++j) {
        const double width = high_[j] - low_[j];
        if (!(width > 0.0)) continue;
        std::vector<double> moved = row;
        const double step = (row[j] - low_[j] < 0.5 * width ? 1e-3 : -1e-3) * width;
        moved[j] += step;
        std::vector<double> dy(anchor.y.size());
        try {
            net_.residual(Point{anchor.y.data(), nullptr, values_at_(moved.data())}, dy.data());
        } catch (const Error&) {
            continue;  // the parameter accepts no value in between, so there is no tangent
        }
        for (std::size_t u = 0; u < dy.size(); ++u) dy[u] = (at_anchor[u] - dy[u]) / step;
        newton.lu().solve(dy.data());
        anchor.slope[j] = std::move(dy);
    }
    return anchor;
}

void Starts::add(Newton& newton, const std::vector<double>& row, const std::vector<double>& y) {
    anchors_.push_back(tangents(newton, row.data(), y));
    if (size_.empty()) size_ = newton.residual_size();
}

void Starts::spread(int anchors, int threads, const std::function<Worker()>& worker) {
    constexpr std::size_t first_round = 4, largest_round = 64;
    const std::size_t affordable = most_numbers / ((low_.size() + 1) * std::max<std::size_t>(1, net_.size()));
    const std::size_t all = std::min<std::size_t>(std::max(0, anchors), affordable), columns = low_.size();
    std::vector<double> rows;
    for (std::size_t k = 1; k <= all; ++k)
        for (std::size_t j = 0; j < columns; ++j)
            rows.push_back(low_[j] + (high_[j] - low_[j]) * radical_inverse(static_cast<int>(k), prime(j)));
    std::vector<std::optional<Worker>> crew(
        std::min<std::size_t>(std::max(1, threads), std::max<std::size_t>(1, all / 2)));
    std::exception_ptr failure;
    for (std::size_t done = 0, round = first_round; done < all; round = std::min(2 * round, largest_round)) {
        std::vector<std::optional<Anchor>> found(std::min(round, all - done));
        std::atomic<std::size_t> next = 0;
        const auto work = [&](std::optional<Worker>& hand) {
            try {
                if (!hand) hand = worker();
                for (std::size_t k = next++; k < found.size(); k = next++) {
                    const double* row = rows.data() + (done + k) * columns;
                    try {
                        found[k] = tangents(*hand->newton, row, hand->solve(row, best(row, values_at_(row), nullptr)));
                    } catch (const Error&) {
                        continue;  // no solution there; points of the sweep nearby report the reason
                    }
                }
            } catch (...) {
                static std::mutex lock;
                const std::lock_guard guard(lock);
                failure = std::current_exception();
            }
        };
        {
            std::vector<std::jthread> others;
            for (std::size_t t = 1; t < std::min(crew.size(), found.size()); ++t)
                others.emplace_back([&, t] { work(crew[t]); });
            work(crew[0]);
        }
        if (failure) std::rethrow_exception(failure);
        for (std::optional<Anchor>& anchor : found)
            if (anchor) anchors_.push_back(std::move(*anchor));
        done += found.size();
    }
}

double Starts::distance(const double* a, const double* b) const {
    double sum = 0.0;
    for (std::size_t j = 0; j < low_.size(); ++j) {
        const double width = high_[j] - low_[j];
        if (width > 0.0) sum += (a[j] - b[j]) * (a[j] - b[j]) / (width * width);
    }
    return sum;
}

std::vector<std::size_t> Starts::nearest(const double* row, std::size_t count) const {
    std::vector<std::size_t> order(anchors_.size());
    std::vector<double> far(anchors_.size());
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t k = 0; k < far.size(); ++k) far[k] = distance(row, anchors_[k].row.data());
    count = std::min(count, order.size());
    // points at equal distances keep their order, so the choice does not depend on the sorting algorithm
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::size_t a, std::size_t b) { return far[a] != far[b] ? far[a] < far[b] : a < b; });
    order.resize(count);
    return order;
}

std::vector<double> Starts::along(const Anchor& tangents, const double* from, const std::vector<double>& y,
                                  const double* row) const {
    std::vector<double> out = y;
    for (std::size_t j = 0; j < tangents.slope.size(); ++j) {
        const double x = row[j] - from[j];
        if (x == 0.0 || tangents.slope[j].empty()) continue;
        for (std::size_t u = 0; u < out.size(); ++u) out[u] += x * tangents.slope[j][u];
    }
    return out;
}

double Starts::mismatch(const std::vector<double>& y, const Values& values) const {
    std::vector<double> r(y.size());
    net_.residual(Point{y.data(), nullptr, values}, r.data());
    double sum = 0.0;
    for (std::size_t u = 0; u < r.size(); ++u) sum += (r[u] / size_[u]) * (r[u] / size_[u]);
    return std::isfinite(sum) ? sum : INFINITY;
}

std::vector<std::vector<double>> Starts::best(const double* row, const Values& values, const StartPoint* before) const {
    const std::vector<std::size_t> near = nearest(row, candidates);
    std::vector<std::pair<double, std::vector<double>>> tried;
    const auto consider = [&](std::vector<double> y) {
        const double m = mismatch(y, values);
        tried.emplace_back(m, std::move(y));
    };
    for (const std::size_t k : near) consider(along(anchors_[k], anchors_[k].row.data(), anchors_[k].y, row));
    if (before) consider(along(anchors_[near.front()], before->row, before->y, row));
    std::stable_sort(tried.begin(), tried.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::vector<double>> out;
    for (auto& [m, y] : tried)
        if (out.size() < kept) out.push_back(std::move(y));
    return out;
}

}  // namespace kelvolt

// what every registered model must have: exact derivatives, a complete structure, finite results, closed balances, no
// allocation, documentation. A model gets these tests by its line in models/registry.def; nothing here knows a single
// model.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/Dense>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <sstream>

#include "solver/curve/curve.hpp"
#include "solver/model/registration.hpp"
#include "tests/heap_counter.hpp"
#include "tests/models/one_component.hpp"

using namespace kelvolt;
using kelvolt::test::OneComponent;

namespace {

constexpr int states_per_variant = 200;

std::vector<OneComponent> accepted_variants(const ModelInfo& info) {
    auto variants = test::variants(info);
    REQUIRE_MESSAGE(!variants.accepted.empty(), info.type,
                    ": no combination of generated parameters is accepted: ", variants.refused);
    return std::move(variants.accepted);
}
template <class F>
void for_each_variant(F&& visit) {
    for (const ModelInfo* info : all_models())
        for (auto& one : accepted_variants(*info)) visit(*info, one);
}

// Central differences of a vector function in one variable, over steps of several sizes: a wrong derivative is near
// none of them.
class Differences {
   public:
    /// Central, and of three points towards the inside where z stands at an end of its range: equations may have a
    /// corner there.
    template <class F>
    Differences(double& z, double nominal, F&& function, const Range& range = {}) {
        const double z0 = z;
        std::vector<double> coarse;  // central, of the step before, which was ten times as long
        for (double h : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9}) {
            const auto at = [&](double steps) {
                z = z0 + steps * h * nominal;
                return function();
            };
            const bool up = range.holds(z0 + h * nominal), down = range.holds(z0 - h * nominal);
            const double side = up ? 1.0 : -1.0;
            if (up != down) {
                std::vector<double> d = at(side);
                const std::vector<double> far = at(2.0 * side), here = at(0.0);
                for (std::size_t k = 0; k < d.size(); ++k)
                    d[k] = side * (4.0 * d[k] - far[k] - 3.0 * here[k]) / (2.0 * h * nominal);
                rows_.push_back(std::move(d));
            }
            std::vector<double> d = at(1.0), below = at(-1.0);
            for (std::size_t k = 0; k < d.size(); ++k) d[k] = (d[k] - below[k]) / (2.0 * h * nominal);
            if (!coarse.empty()) {  // from two steps to none, for errors in proportion to the step: v|v| at rest
                std::vector<double> limit = d;
                for (std::size_t k = 0; k < d.size(); ++k) limit[k] += (d[k] - coarse[k]) / 9.0;
                rows_.push_back(std::move(limit));
            }
            coarse = d;
            rows_.push_back(std::move(d));
        }
        z = z0;
    }
    /// NaN where the function has no value beyond the end of the range, such as the angle of a power factor above 1: at
    /// such a root differences do not converge.
    double nearest(int row, double exact) const {
        double best = std::nan("");
        for (const auto& d : rows_)
            if (!(std::fabs(d[row] - exact) >= std::fabs(best - exact))) best = d[row];
        return best;
    }

   private:
    std::vector<std::vector<double>> rows_;
};

struct Agreement {
    bool any_nonzero = false, any_different = false, varies = false;
    Eigen::MatrixXd first;
    void add(double exact, double difference) {
        any_nonzero |= exact != 0.0;
        any_different |= exact != difference;
    }
};

std::string at_fault(const ModelInfo& info, const OneComponent& c, int row, int col) {
    std::ostringstream text;
    text << info.type << " (" << c.variant << "): equation " << row << ", variable " << col << " at y =";
    for (double v : c.y) text << ' ' << v;
    return text.str();
}

// compares dF/dy (on_der: dF/dy') with differences of F at the state of c
void compare_jacobian(const ModelInfo& info, OneComponent& c, bool on_der, std::vector<char>& seen,
                      Agreement& agreement) {
    const Eigen::MatrixXd J = c.jacobian(on_der ? 0.0 : 1.0, on_der ? 1.0 : 0.0);
    if (!on_der) {
        if (agreement.first.size() == 0) agreement.first = J;
        agreement.varies |= J != agreement.first;
    }
    auto& z = on_der ? c.yp : c.y;
    // terms cancel, so a difference is rounded to the largest of them
    const double rounding = 1e-10 * c.term_size();
    for (int col = 0; col < c.size(); ++col) {
        const Differences differences(z[col], c.nominal[col], [&] { return c.residual(); });
        for (int row = 0; row < c.size(); ++row) {
            const double difference = differences.nearest(row, J(row, col));
            const double floor = rounding / c.nominal[col] + 1e-14;
            if (std::fabs(J(row, col) - difference) >
                1e-5 * std::max(std::fabs(J(row, col)), std::fabs(difference)) + floor) {
                INFO(at_fault(info, c, row, col), "; derivative ", J(row, col), ", difference ", difference);
                CHECK(J(row, col) == doctest::Approx(difference));
            }
            agreement.add(J(row, col), difference);
            if (J(row, col) != 0.0) seen[row * c.size() + col] = 1;
        }
    }
}

// entries of dF/dy and dF/dy' that are not zero while states and parameters vary
void mark_seen(OneComponent& c, std::vector<char>& seen) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> factor(0.7, 1.4);
    const Values given = c.values;
    for (int trial = 0; trial < 40; ++trial) {
        for (const ParamInfo& p : c.info.params) {
            if (p.type != ParamInfo::Type::number) continue;
            double& x = c.values.params[p.index];
            const double before = x;
            x = given.params[p.index] * factor(random);
            if (!p.range.holds(x) || !c.problem().empty()) x = before;
        }
        c.random_state(trial);
        for (const double on_der : {0.0, 1.0}) {
            const Eigen::MatrixXd J = c.jacobian(1.0 - on_der, on_der);
            for (int row = 0; row < c.size(); ++row)
                for (int col = 0; col < c.size(); ++col)
                    if (J(row, col) != 0.0) seen[row * c.size() + col] = 1;
        }
    }
    c.values = given;
}

}  // namespace

TEST_CASE("the dual Jacobian of every model equals central differences, in values and in time derivatives") {
    for (const ModelInfo* info : all_models()) {
        auto variants = accepted_variants(*info);
        const int n = info->size;
        std::vector<char> seen(n * n, 0);
        Agreement agreement;
        for (auto& c : variants)
            for (int trial = 0; trial < states_per_variant; ++trial) {
                c.random_state(trial);
                compare_jacobian(*info, c, false, seen, agreement);
                compare_jacobian(*info, c, true, seen, agreement);
            }
        if (variants.front().block->entries.empty()) continue;  // states a flow that depends on parameters alone
        CHECK_MESSAGE(agreement.any_nonzero, info->type, ": all derivatives are zero");
        // a linear model with unit coefficients may be differenced without any rounding; no other may
        if (agreement.varies)
            CHECK_MESSAGE(agreement.any_different, info->type, ": derivatives and differences are bitwise the same");
        // entries may be zero by design (a port that is joined to nothing, a rotation by 90 degrees), but not many
        std::vector<std::string> unseen;
        const auto whole = [](const OneComponent& c) {
            return c.variant.starts_with("everything given") && c.variant.find("switches off") == std::string::npos;
        };
        std::ptrdiff_t ways = 1;
        for (const ParamInfo& p : info->params)
            if (p.type == ParamInfo::Type::choice) ways *= static_cast<std::ptrdiff_t>(p.options.size());
        // what is not given leaves entries zero: judged where every choice could be tried with everything given
        if (std::count_if(variants.begin(), variants.end(), whole) < std::min<std::ptrdiff_t>(ways, 8)) continue;
        for (auto& c : variants) mark_seen(c, seen);
        for (const LocalEntry& e : variants.front().block->entries)
            if (!seen[e.row * n + e.col]) unseen.push_back(fmt::format("({}, {})", e.row, e.col));
        CHECK_MESSAGE(
            (unseen.size() <= 6 || 4 * unseen.size() <= variants.front().block->entries.size()), info->type,
            ": structural entries that are zero in every state tried: ", fmt::format("{}", fmt::join(unseen, " ")));
    }
}

TEST_CASE("the structure of every model covers every dependence that a difference can see") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        std::set<std::pair<int, int>> on_value, on_der;
        for (const LocalEntry& e : c.block->entries) {
            if (e.on_value) on_value.insert({e.row, e.col});
            if (e.on_der) on_der.insert({e.row, e.col});
        }
        for (int trial = 0; trial < states_per_variant; ++trial) {
            c.random_state(trial);
            for (const bool der : {false, true})
                for (int col = 0; col < c.size(); ++col) {
                    auto& z = der ? c.yp : c.y;
                    const double z0 = z[col];
                    const auto before = c.residual();
                    z[col] = z0 + 0.3 * c.nominal[col];
                    const auto after = c.residual();
                    z[col] = z0;
                    for (int row = 0; row < c.size(); ++row)
                        if (before[row] != after[row] && !(der ? on_der : on_value).count({row, col}))
                            FAIL_CHECK(at_fault(info, c, row, col)
                                       << ": the equation depends on this variable's "
                                       << (der ? "time derivative" : "value") << " outside its structure");
                }
        }
    });
}

TEST_CASE("parameter derivatives of every model equal central differences") {
    for (const ModelInfo* info : all_models()) {
        auto variants = accepted_variants(*info);
        std::vector<Range> ranges(info->numbers);
        for (const ParamInfo& p : info->params)
            if (p.type == ParamInfo::Type::number) ranges[p.index] = p.range;
        Agreement agreement;
        for (auto& c : variants)
            for (int trial = 0; trial < states_per_variant; ++trial) {
                c.random_state(trial);
                const std::vector<double> lambda = c.random_weights(), grad = c.param_product(lambda);
                const auto weighted = [&] {
                    const auto r = c.residual();
                    return std::vector{std::inner_product(r.begin(), r.end(), lambda.begin(), 0.0)};
                };
                const double rounding = 1e-9 * c.term_size();
                for (int j = 0; j < info->numbers; ++j) {
                    double& p = c.values.params[j];
                    const double p0 = p;
                    CHECK_MESSAGE(std::isfinite(grad[j]), info->type, " (", c.variant, "): derivative of number ", j);
                    if (std::isnan(p0)) continue;  // not given, so not used
                    const double scale = p0 != 0.0 ? std::fabs(p0) : 1.0;
                    const double difference = Differences(p, scale, weighted, ranges[j]).nearest(0, grad[j]);
                    const double floor = rounding / scale + 1e-14;
                    if (std::fabs(grad[j] - difference) >
                        1e-5 * std::max(std::fabs(grad[j]), std::fabs(difference)) + floor) {
                        INFO(at_fault(*info, c, -1, -1), "; number ", j, " = ", p0, "; derivative ", grad[j],
                             ", difference ", difference);
                        CHECK(grad[j] == doctest::Approx(difference));
                    }
                    agreement.add(grad[j], difference);
                }
            }
        if (info->numbers == 0 || !info->discretes.empty())
            continue;  // numbers that only decide events have no derivative
        CHECK_MESSAGE(agreement.any_nonzero, info->type, ": all parameter derivatives are zero");
        if (info->numbers > 2)
            CHECK_MESSAGE(agreement.any_different, info->type, ": derivatives and differences are bitwise the same");
    }
}

TEST_CASE("every model is finite, derivatives included, at rest, reversed, hot, cold, and from 1e-9 to 10 kg/s") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        for (const double flow : {0.0, 1e-9, -1e-9, 1e-6, 1e-4, -1e-4, 0.01, -0.1, 1.0, -1.0, 10.0, -10.0})
            for (const double T : {200.0, 273.15, 313.15, 600.0})
                for (const double p : {0.0, 1e5, 50e5}) {
                    c.state_of(flow, T, p);
                    const Eigen::MatrixXd J = c.jacobian(1.0, 1.0);
                    const auto r = c.residual();
                    const bool finite =
                        J.allFinite() && std::all_of(r.begin(), r.end(), [](double x) { return std::isfinite(x); });
                    CHECK_MESSAGE(finite, info.type, " (", c.variant, ") at ", flow, " kg/s, ", T, " K, ", p, " Pa");
                    const std::vector<double> outputs = c.output_values();
                    for (std::size_t k = 0; k < outputs.size(); ++k) {
                        // what rests on data that may not be given says so
                        const bool may_lack = info.outputs[k].doc.find("not a number where") != std::string::npos;
                        CHECK_MESSAGE((std::isfinite(outputs[k]) || (may_lack && std::isnan(outputs[k]))), info.type,
                                      " (", c.variant, "): ", info.outputs[k].name, " at ", flow, " kg/s");
                    }
                }
    });
}

TEST_CASE("every model conserves coolant: what enters a circuit's ports leaves them, but for boundaries that say so") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        for (int trial = 0; trial < states_per_variant; ++trial) {
            c.random_state(trial);
            if (!c.settle()) continue;  // a junction's mass balance is an equation of its own
            for (const auto& [circuit, sum] : c.mass_sums())
                CHECK_MESSAGE(std::fabs(sum.net) <= 1e-9 * (sum.size + 1e-3), info.type, " (", c.variant, "): circuit ",
                              circuit, " gains ", sum.net, " kg/s");
        }
    });
}

TEST_CASE("at rest a component's equations are those with every time derivative zero, and so is their Jacobian") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        c.random_state(1);
        std::fill(c.yp.begin(), c.yp.end(), 0.0);
        const std::vector<double> zero = c.residual(), seeds(c.size(), 1.0), none(c.size(), 0.0);
        const std::size_t entries = c.block->entries.size();
        std::vector<double> r(c.size(), 0.0), r_dual(c.size(), 0.0), jac(entries, 0.0), at_rest(entries, 0.0);
        const Point rest{c.y.data(), nullptr, c.values};
        c.block->residual(rest, r.data());
        c.block->jacobian(rest, {}, r_dual.data(), at_rest.data());
        c.block->jacobian(c.point(), {seeds.data(), none.data()}, r_dual.data(), jac.data());
        std::vector<char> store(c.size(), 0);  // at rest the equation of a store says that its content is kept
        for (const UnknownInfo& u : info.unknowns) store[u.local] = u.store;
        for (int k = 0; k < c.size(); ++k)
            CHECK_MESSAGE((store[k] || r[k] == zero[k] || (std::isnan(r[k]) && std::isnan(zero[k]))), info.type,
                          ": equation ", k);
        for (std::size_t e = 0; e < entries; ++e)
            CHECK_MESSAGE((store[c.block->entries[e].row] || at_rest[e] == jac[e] || std::isnan(jac[e])), info.type,
                          ": entry ", e);
    });
}

TEST_CASE("side by side with others a component's equations are what they are alone") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        for (int trial = 0; trial < states_per_variant; ++trial) {
            c.random_state(trial);
            const std::vector<double> together = c.residual();
            std::vector<double> alone(c.size());
            c.block->local_residual(0, c.point(), alone.data());
            const double rounding = 1e-12 * c.term_size() + 1e-12;
            for (int k = 0; k < c.size(); ++k)
                if (std::fabs(together[k] - alone[k]) > 1e-10 * std::fabs(alone[k]) + rounding) {
                    INFO(at_fault(info, c, k, k));
                    CHECK(together[k] == doctest::Approx(alone[k]));
                }
        }
    });
}

TEST_CASE("every model conserves energy: heat, enthalpy and power that enter are what its store gains") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        int assessed = 0;
        for (int trial = 0; trial < states_per_variant; ++trial) {
            c.random_state(trial);
            if (!c.settle()) continue;  // a state near this one where the component's own equations hold
            ++assessed;
            const auto e = c.energy_balance();
            CHECK_MESSAGE(std::fabs(e.flows + e.power_in - e.stored_rate) <= 1e-6 * (e.size + 1.0), info.type, " (",
                          c.variant, "): in ", e.flows, " W by ports and ", e.power_in, " W from outside, stored ",
                          e.stored_rate, " W");
        }
        CHECK_MESSAGE(assessed >= states_per_variant / 2, info.type, " (", c.variant,
                      "): its own equations were solved in ", assessed, " of ", states_per_variant, " states only");
    });
}

TEST_CASE("residual and Jacobian of every model take nothing from the heap") {
    for_each_variant([](const ModelInfo& info, OneComponent& c) {
        c.random_state(1);
        const std::vector<double> ones(c.size(), 1.0);
        std::vector<double> r(c.size()), jac(c.block->entries.size());
        const long before = test::heap_allocations();
        c.block->residual(c.point(), r.data());
        c.block->jacobian(c.point(), {ones.data(), ones.data()}, r.data(), jac.data());
        const long taken = test::heap_allocations() - before;
        CHECK_MESSAGE(taken == 0, info.type, ": ", taken, " allocations");
    });
    const long before = test::heap_allocations();
    ::operator delete(::operator new(1));
    CHECK(test::heap_allocations() == before + 1);  // the counter counts
}

TEST_CASE(
    "every model and everything it declares is documented, listed in models/README.md and named in a test of its own") {
    const std::filesystem::path root = KELVOLT_SOURCE_DIR;
    const auto text_of = [](const std::filesystem::path& file) {
        std::ifstream in(file);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const std::string readme = text_of(root / "models/README.md");
    std::string tests;
    for (const auto& entry : std::filesystem::directory_iterator(root / "tests/models"))
        if (entry.path().extension() == ".cpp" && entry.path().filename() != "registry_properties_test.cpp")
            tests += text_of(entry.path());
    std::set<std::string> types;
    for (const ModelInfo* info : all_models()) {
        CHECK_MESSAGE(types.insert(info->type).second, "two models are called ", info->type);
        CHECK_MESSAGE(readme.find("| `" + info->type + "` |") != std::string::npos, "models/README.md has no row for ",
                      info->type);
        CHECK_MESSAGE(tests.find("\"" + info->type + "\"") != std::string::npos, "no file of tests/models names \"",
                      info->type, "\"");
        CHECK_MESSAGE(info->doc.size() > 10, info->type, " has no description");
        for (const auto& p : info->params)
            CHECK_MESSAGE(p.doc.size() > 5, info->type, ".", p.name, " has no description");
        for (const auto& p : info->ports)
            CHECK_MESSAGE(p.doc.size() > 3, info->type, ".", p.name, " has no description");
        for (const auto& u : info->unknowns)
            CHECK_MESSAGE((u.doc.size() > 3 && u.balance.size() > 3 && u.nominal > 0), info->type, ".", u.name);
        for (const auto& d : info->discretes)
            CHECK_MESSAGE(d.doc.size() > 3, info->type, ".", d.name, " has no description");
        for (const auto& o : info->outputs)
            CHECK_MESSAGE(o.doc.size() > 3, info->type, ".", o.name, " has no description");
    }
}

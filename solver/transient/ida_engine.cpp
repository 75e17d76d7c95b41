#include "solver/transient/ida_engine.hpp"

#include <fmt/format.h>
#include <idas/idas.h>
#include <nvector/nvector_serial.h>
#include <sunmatrix/sunmatrix_sparse.h>
#include <sunnonlinsol/sunnonlinsol_newton.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <utility>

#include "solver/linear/ida_linear_solver.hpp"
#include "solver/scalar/finite.hpp"

namespace kelvolt {

struct IdaEngine::Memory {
    IdaProblem problem;
    SUNContext context = nullptr;
    void* ida = nullptr;
    N_Vector y = nullptr, yp = nullptr, tolerance = nullptr, id = nullptr, q = nullptr, scratch = nullptr;
    SUNMatrix matrix = nullptr;
    SUNLinearSolver solver = nullptr;
    SUNNonlinearSolver newton = nullptr;
    double last_correction = 0.0;  ///< size of the first correction of a step, see `converged`
    std::vector<double> residual;
    double t = 0.0, t_before = 0.0;
    int crawling = 0;      ///< number of consecutive steps with almost no advance in time
    IdaStatistics before;  ///< sums over the integrations before the last restart
    long shown_steps = 0;  ///< steps returned by `accepted` since the last restart
    std::exception_ptr failure;

    ~Memory() {
        if (ida) IDAFree(&ida);
        if (newton) SUNNonlinSolFree(newton);
        if (solver) SUNLinSolFree(solver);
        if (matrix) SUNMatDestroy(matrix);
        for (N_Vector v : {y, yp, tolerance, id, q, scratch})
            if (v) N_VDestroy(v);
        if (context) SUNContext_Free(&context);
    }
};

namespace {

using Memory = IdaEngine::Memory;

double* data(N_Vector v) { return N_VGetArrayPointer(v); }

/// The error norm is the largest RMS over groups of sixteen consecutive unknowns, instead of the RMS over all unknowns.
/// One pulsed chip is then resolved as accurately in a large hall as alone. Consecutive unknowns are close to each
/// other in the network (numbering: nodes, then components, each in the order of the case).
constexpr int neighbours = 16;
template <class Weighed>
double worst_neighbours(N_Vector v, const Weighed& weighed) {
    const auto n = static_cast<int>(N_VGetLength(v));
    double worst = 0.0;
    for (int first = 0; first < n; first += neighbours) {
        double sum = 0.0;
        const int end = std::min(n, first + neighbours);
        for (int i = first; i < end; ++i) {
            const double x = weighed(i);
            sum += x * x;
        }
        worst = sum > worst || std::isnan(sum) ? sum : worst;
    }
    return std::sqrt(worst / std::min(neighbours, std::max(1, n)));
}
double weighed_norm(N_Vector v, N_Vector weight) {
    const double *x = data(v), *w = data(weight);
    return worst_neighbours(v, [=](int i) { return x[i] * w[i]; });
}
double masked_norm(N_Vector v, N_Vector weight, N_Vector counted) {
    const double *x = data(v), *w = data(weight), *on = data(counted);
    return worst_neighbours(v, [=](int i) { return on[i] > 0.0 ? x[i] * w[i] : 0.0; });
}

// Keeps exceptions from passing through the C code of SUNDIALS. Return values: 0 success, 1 retry with a smaller step,
// -1 stop; the exception is stored and thrown again by `step`.
template <class F>
int guarded(void* user, F&& body) {
    auto& m = *static_cast<Memory*>(user);
    try {
        return body(m);
    } catch (...) {
        m.failure = std::current_exception();
        return -1;
    }
}

int retry_unless_finite(const double* r, std::int64_t n) { return all_finite(r, static_cast<std::size_t>(n)) ? 0 : 1; }

// Copies the sparse structure of the network; each decay adds one entry on the diagonal.
void put_structure(const IdaProblem& problem, SUNMatrix matrix) {
    const Structure& s = problem.net->structure;
    std::int64_t* col_ptr = std::copy(s.col_ptr.begin(), s.col_ptr.end(), SUNSparseMatrix_IndexPointers(matrix));
    std::int64_t* row = std::copy(s.row.begin(), s.row.end(), SUNSparseMatrix_IndexValues(matrix));
    for (std::size_t k = 0; k < problem.decays.size(); ++k) {
        *row++ = problem.net->size() + static_cast<std::int64_t>(k);
        *col_ptr++ = s.nonzeros() + static_cast<std::int64_t>(k) + 1;
    }
}

int residual(realtype t, N_Vector y, N_Vector yp, N_Vector r, void* user) {
    return guarded(user, [&](Memory& m) {
        m.problem.at_time(t);
        m.problem.net->residual(Point{data(y), data(yp), *m.problem.values}, data(r));
        const int n = m.problem.net->size();
        for (std::size_t k = 0; k < m.problem.decays.size(); ++k)
            data(r)[n + k] = data(yp)[n + k] + data(y)[n + k] / m.problem.decays[k];
        return retry_unless_finite(data(r), n);
    });
}

int jacobian(realtype t, realtype cj, N_Vector y, N_Vector yp, N_Vector, SUNMatrix matrix, void* user, N_Vector,
             N_Vector, N_Vector) {
    return guarded(user, [&](Memory& m) {
        const Structure& s = m.problem.net->structure;
        m.problem.at_time(t);
        put_structure(m.problem, matrix);
        for (std::size_t k = 0; k < m.problem.decays.size(); ++k)
            SUNSparseMatrix_Data(matrix)[s.nonzeros() + k] = cj + 1.0 / m.problem.decays[k];
        m.problem.net->jacobian(Point{data(y), data(yp), *m.problem.values}, {nullptr, nullptr, cj}, m.residual.data(),
                                SUNSparseMatrix_Data(matrix));
        return retry_unless_finite(SUNSparseMatrix_Data(matrix), s.nonzeros());
    });
}

// Convergence test of Newton's iteration in a time step. Like that of IDAS it estimates the error from the rate at
// which corrections shrink, but it always requires two corrections. With an old Jacobian, from before a check valve
// opened or closed, the first correction can be 1e-5 of the true error; the step would be accepted away from the
// solution, and the following steps would fail.
int converged(SUNNonlinearSolver newton, N_Vector, N_Vector correction, realtype tolerance, N_Vector weight,
              void* user) {
    auto& m = *static_cast<Memory*>(user);
    const double size = N_VWrmsNorm(correction, weight);
    int iteration = 0;
    SUNNonlinSolGetCurIter(newton, &iteration);
    if (iteration == 0) {
        m.last_correction = size;
        return size == 0.0 ? SUN_NLS_SUCCESS : SUN_NLS_CONTINUE;
    }
    const double rate = std::pow(size / m.last_correction, 1.0 / iteration);
    if (rate > 0.9) return size <= 1e-4 * tolerance ? SUN_NLS_SUCCESS : SUN_NLS_CONV_RECVR;
    return rate / (1.0 - rate) * size <= tolerance ? SUN_NLS_SUCCESS : SUN_NLS_CONTINUE;
}

int roots(realtype t, N_Vector y, N_Vector yp, realtype* g, void* user) {
    return guarded(user, [&](Memory& m) {
        m.problem.at_time(t);
        m.problem.root_values(Point{data(y), data(yp), *m.problem.values}, g);
        return 0;
    });
}

int quadrature(realtype t, N_Vector y, N_Vector yp, N_Vector dq, void* user) {
    return guarded(user, [&](Memory& m) {
        m.problem.at_time(t);
        m.problem.quadrature_rates(Point{data(y), data(yp), *m.problem.values}, data(dq));
        return 0;
    });
}

void check(int status, const char* call) {
    if (status < 0)
        throw Error(Error::Kind::no_convergence, fmt::format("the integrator refused {} (status {})", call, status));
}

}  // namespace

IdaEngine::IdaEngine(IdaProblem problem, double tolerance) : m_(std::make_unique<Memory>()) {
    Memory& m = *m_;
    m.problem = std::move(problem);
    const Network& net = *m.problem.net;
    const int n = net.size();
    check(SUNContext_Create(nullptr, &m.context), "SUNContext_Create");
    const int decays = static_cast<int>(m.problem.decays.size());
    m.y = N_VNew_Serial(n + decays, m.context);
    m.y->ops->nvwrmsnorm = weighed_norm;  // clones of this vector use the same norms
    m.y->ops->nvwrmsnormmask = masked_norm;
    for (N_Vector* v : {&m.yp, &m.tolerance, &m.id, &m.scratch}) *v = N_VClone(m.y);
    for (int i = 0; i < n; ++i) {
        data(m.tolerance)[i] = tolerance * net.nominal[i];
        data(m.id)[i] = net.differential[i] ? 1.0 : 0.0;
    }
    for (int k = 0; k < decays; ++k) {  // scaled so that the norm of a group gives the RMS over all decays
        data(m.tolerance)[n + k] = m.problem.decay_tolerance * std::sqrt(double(decays) / neighbours);
        data(m.id)[n + k] = 1.0;
    }
    m.residual.assign(n, 0.0);
    m.matrix = SUNSparseMatrix(n + decays, n + decays, net.structure.nonzeros() + decays, CSC_MAT, m.context);
    put_structure(m.problem, m.matrix);
    std::vector<char> last = net.integrator;
    last.resize(n + decays, 0);
    m.solver = ida_linear_solver(m.matrix, last, m.context);
}

IdaEngine::~IdaEngine() = default;

void IdaEngine::restart(double t, const std::vector<double>& y, const std::vector<double>& yp, double t_stop) {
    Memory& m = *m_;
    std::copy(y.begin(), y.end(), data(m.y));
    std::copy(yp.begin(), yp.end(), data(m.yp));
    for (std::size_t k = 0; k < m.problem.decays.size(); ++k) {
        data(m.y)[y.size() + k] = 1.0;
        data(m.yp)[y.size() + k] = -1.0 / m.problem.decays[k];
    }
    m.t = m.t_before = t;
    m.crawling = 0;
    m.shown_steps = 0;
    if (m.ida) {
        m.before = statistics();
        check(IDAReInit(m.ida, t, m.y, m.yp), "IDAReInit");
        if (m.q) {
            N_VConst(0.0, m.q);
            check(IDAQuadReInit(m.ida, m.q), "IDAQuadReInit");
        }
    } else {
        m.ida = IDACreate(m.context);
        check(IDAInit(m.ida, residual, t, m.y, m.yp), "IDAInit");
        check(IDASVtolerances(m.ida, 0.0, m.tolerance), "IDASVtolerances");
        check(IDASetUserData(m.ida, &m), "IDASetUserData");
        check(IDASetId(m.ida, m.id), "IDASetId");
        check(IDASetSuppressAlg(m.ida, SUNTRUE), "IDASetSuppressAlg");
        m.newton = SUNNonlinSol_Newton(m.y, m.context);
        check(IDASetNonlinearSolver(m.ida, m.newton), "IDASetNonlinearSolver");
        check(SUNNonlinSolSetConvTestFn(m.newton, converged, &m), "SUNNonlinSolSetConvTestFn");
        check(IDASetLinearSolver(m.ida, m.solver, m.matrix), "IDASetLinearSolver");
        check(IDASetJacFn(m.ida, jacobian), "IDASetJacFn");
        check(IDASetNonlinConvCoef(m.ida, 0.05),
              "IDASetNonlinConvCoef");  // a tight tolerance, so that Newton's error does not appear in the energy audit
        check(IDASetMaxNonlinIters(m.ida, 8), "IDASetMaxNonlinIters");
        check(IDASetMaxConvFails(m.ida, 40), "IDASetMaxConvFails");
        check(IDASetErrHandlerFn(
                  m.ida, [](int, const char*, const char*, char*, void*) {}, nullptr),
              "IDASetErrHandlerFn");
        if (m.problem.roots > 0) check(IDARootInit(m.ida, m.problem.roots, roots), "IDARootInit");
        if (m.problem.quadratures > 0) {
            m.q = N_VNew_Serial(m.problem.quadratures, m.context);
            N_VConst(0.0, m.q);
            check(IDAQuadInit(m.ida, quadrature, m.q), "IDAQuadInit");
        }
    }
    set_stop(t_stop);
}

void IdaEngine::set_stop(double t_stop) { check(IDASetStopTime(m_->ida, t_stop), "IDASetStopTime"); }

IdaEngine::Outcome IdaEngine::step() {
    Memory& m = *m_;
    m.t_before = m.t;
    const int status = IDASolve(m.ida, m.t + 1e9, &m.t, m.y, m.yp, IDA_ONE_STEP);
    if (m.failure) std::rethrow_exception(std::exchange(m.failure, nullptr));
    if (status < 0) give_up(status == IDA_CONV_FAIL ? "no convergence at the smallest step" : "error test failed");
    // Where a solution ends at a finite time (a property leaves its range, a temperature runs away), the integrator
    // approaches that time in ever smaller steps, all of them accepted.
    constexpr int patience = 1000;
    m.crawling = m.t - m.t_before < 1e-10 * std::max(1.0, std::abs(m.t)) ? m.crawling + 1 : 0;
    if (m.crawling == patience) give_up("its steps shrink without end");
    return status == IDA_ROOT_RETURN ? Outcome::root : status == IDA_TSTOP_RETURN ? Outcome::stop : Outcome::step;
}

// Names the unknowns with the largest local errors in the last attempt, relative to their tolerances.
void IdaEngine::give_up(const char* reason) const {
    Memory& m = *m_;
    const Network& net = *m.problem.net;
    std::string list;
    if (IDAGetEstLocalErrors(m.ida, m.scratch) == 0) {
        std::vector<int> order(net.size());
        for (int i = 0; i < net.size(); ++i) order[i] = i;
        const auto size = [&](int i) { return std::abs(data(m.scratch)[i]) / data(m.tolerance)[i]; };
        const int shown = std::min(net.size(), 4);
        std::partial_sort(order.begin(), order.begin() + shown, order.end(),
                          [&](int a, int b) { return size(a) > size(b); });
        for (int k = 0; k < shown; ++k)
            list += fmt::format("\n  {} = {:g} {}", net.variable_name(order[k]), data(m.y)[order[k]],
                                net.variable_unit(order[k]));
    }
    throw Error(Error::Kind::no_convergence,
                fmt::format("the transient stopped at t = {:.6g} s ({}); largest local errors:{}", m.t, reason, list));
}

double IdaEngine::time() const { return m_->t; }

void IdaEngine::interpolate(double t, std::vector<double>& y, std::vector<double>& yp) const {
    Memory& m = *m_;
    y.resize(m.problem.net->size());
    yp.resize(m.problem.net->size());
    if (t == m.t) {
        std::copy_n(data(m.y), y.size(), y.begin());
        std::copy_n(data(m.yp), yp.size(), yp.begin());
        return;
    }
    check(IDAGetDky(m.ida, t, 0, m.scratch), "IDAGetDky");
    std::copy_n(data(m.scratch), y.size(), y.begin());
    check(IDAGetDky(m.ida, t, 1, m.scratch), "IDAGetDky");
    std::copy_n(data(m.scratch), yp.size(), yp.begin());
}

void IdaEngine::quadratures(double t, std::vector<double>& q) const {
    Memory& m = *m_;
    q.assign(m.problem.quadratures, 0.0);
    if (!m.q) return;
    check(IDAGetQuadDky(m.ida, t, 0, m.q), "IDAGetQuadDky");
    std::copy_n(data(m.q), q.size(), q.begin());
}

std::vector<int> IdaEngine::crossed() const {
    std::vector<int> found(m_->problem.roots, 0);
    if (!found.empty()) check(IDAGetRootInfo(m_->ida, found.data()), "IDAGetRootInfo");
    return found;
}

bool IdaEngine::accepted(double& t, int& order, std::vector<double>& y) {
    Memory& m = *m_;
    long steps = 0;
    check(IDAGetNumSteps(m.ida, &steps), "IDAGetNumSteps");
    if (steps == m.shown_steps) return false;
    m.shown_steps = steps;
    check(IDAGetCurrentTime(m.ida, &t), "IDAGetCurrentTime");
    check(IDAGetLastOrder(m.ida, &order), "IDAGetLastOrder");
    check(IDAGetDky(m.ida, t, 0, m.scratch), "IDAGetDky");
    y.assign(data(m.scratch), data(m.scratch) + m.problem.net->size());
    return true;
}

IdaStatistics IdaEngine::statistics() const {
    Memory& m = *m_;
    IdaStatistics s = m.before;
    long n = 0;
    if (!m.ida) return s;
    if (IDAGetNumSteps(m.ida, &n) == 0) s.steps += n;
    if (IDAGetNumResEvals(m.ida, &n) == 0) s.residuals += n;
    if (IDAGetNumJacEvals(m.ida, &n) == 0) s.jacobians += n;
    if (IDAGetNumErrTestFails(m.ida, &n) == 0) s.error_failures += n;
    if (IDAGetNumNonlinSolvConvFails(m.ida, &n) == 0) s.convergence_failures += n;
    return s;
}

}  // namespace kelvolt

#include "solver/sweep/sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

#include "models/media/library.hpp"

using namespace kelvolt;

namespace {

Case starter() { return Case(load_case(KELVOLT_SOURCE_DIR "/python/kelvolt/starter.yaml")); }

std::vector<SweepColumn> columns_of(const Case& s) {
    return {{s.subject().parameters("facility.T_supply"), false, 290.0, 303.0, 316.0},
            {s.subject().parameters("gpu[*].power"), true, 0.5, 1.0, 1.5},
            {s.subject().parameters("facility.V_flow"), true, 0.0, 1.0, 1.5}};
}
std::vector<SweepRecord> records_of(const Case& s) {
    return {
        {s.find("gpu[*].T_die"), Fold::each}, {s.find("gpu[*].T_die"), Fold::max}, {s.find("gpu[*].T_die"), Fold::sum}};
}
// rows that wander over the region, the last of every eight without facility water
std::vector<double> table_of(int points) {
    std::vector<double> table;
    for (int k = 0; k < points; ++k) {
        table.push_back(290.0 + 26.0 * ((k * 37) % 101) / 100.0);
        table.push_back(0.5 + ((k * 53) % 97) / 96.0);
        table.push_back(k % 8 == 7 ? 0.0 : 0.6 + 0.9 * ((k * 29) % 89) / 88.0);
    }
    return table;
}
bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE("a point of a sweep is what the steady solver finds from cold") {
    const Case s = starter();
    const Sweep sweep(s, columns_of(s), records_of(s), 10);
    REQUIRE(sweep.width() == 5);
    const std::vector<double> table = table_of(7);
    const SweepChunk chunk = sweep.steady(table.data(), 7, Judged::tightest);
    for (int k = 0; k < 7; ++k) {
        Case one = s;
        one.set("facility.T_supply", table[3 * k]);
        one.set("gpu[*].power", 1100.0 * table[3 * k + 1]);
        one.set("facility.V_flow", s.get(s.subject().parameters("facility.V_flow"))[0] * table[3 * k + 2]);
        const Solution alone = one.steady();
        const std::vector<double> T = alone.read(s.find("gpu[*].T_die"));
        const double* found = &chunk.values[k * sweep.width()];
        for (int i = 0; i < 3; ++i) CHECK(found[i] == doctest::Approx(T[i]).epsilon(1e-10));
        CHECK(found[3] == std::max({found[0], found[1], found[2]}));
        CHECK(found[4] == doctest::Approx(found[0] + found[1] + found[2]));
        CHECK(chunk.binding[k].id == alone.verdicts.front().id);
        CHECK(chunk.binding[k].margin == doctest::Approx(alone.verdicts.front().margin()).epsilon(1e-6));
    }
}

TEST_CASE("a chunk has the same bits alone, again, and beside others in threads") {
    const Case s = starter();
    constexpr int chunks = 8, size = 16;
    const std::vector<double> table = table_of(chunks * size);
    const Sweep first(s, columns_of(s), records_of(s), 10), second(s, columns_of(s), records_of(s), 10);
    std::vector<SweepChunk> alone(chunks), beside(chunks);
    for (int c = chunks; c-- > 0;) alone[c] = first.steady(&table[3 * size * c], size, Judged::none);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int c = t; c < chunks; c += 4) beside[c] = second.steady(&table[3 * size * c], size, Judged::none);
        });
    for (std::thread& t : threads) t.join();
    for (int c = 0; c < chunks; ++c) {
        CHECK(same_bits(alone[c].values, beside[c].values));
        CHECK(alone[c].status == beside[c].status);
        CHECK(alone[c].reason == beside[c].reason);
        CHECK(alone[c].iterations == beside[c].iterations);
    }
}

TEST_CASE("points without a steady state say why and leave their neighbours alone") {
    const Case s = starter();
    const Sweep sweep(s, columns_of(s), records_of(s), 10);
    const SweepChunk chunk = sweep.steady(table_of(16).data(), 16, Judged::none);
    for (int k = 0; k < 16; ++k) {
        const bool dry = k % 8 == 7;
        CHECK(chunk.status[k] == (dry ? "no_steady_state" : "ok"));
        CHECK((chunk.reason[k].find("T_die") != std::string::npos) == dry);
        CHECK(std::isnan(chunk.values[k * sweep.width()]) == dry);
    }
}

TEST_CASE("a value out of its range refuses its point alone") {
    const Case s = starter();
    const Sweep sweep(s, {{s.subject().parameters("pump.speed"), false, 0.5, 0.8, 1.0}}, records_of(s), 0);
    const SweepChunk chunk = sweep.steady(std::vector<double>{-1.0, 0.9}.data(), 2, Judged::none);
    CHECK(chunk.status == std::vector<std::string>{"refused", "ok"});
    CHECK(chunk.reason[0].find("pump.speed = -1") != std::string::npos);
}

TEST_CASE("starts from tangents save iterations") {
    const Case s = starter();
    const std::vector<SweepColumn> columns = columns_of(s);
    std::vector<double> table = table_of(64);
    for (int k = 7; k < 64; k += 8) table[3 * k + 2] = 0.7;
    const SweepChunk few = Sweep(s, columns, records_of(s), 0).steady(table.data(), 64, Judged::none);
    const SweepChunk many = Sweep(s, columns, records_of(s), 40).steady(table.data(), 64, Judged::none);
    CHECK(many.iterations < few.iterations);
    for (std::size_t i = 0; i < few.values.size(); ++i)
        CHECK(few.values[i] == doctest::Approx(many.values[i]).epsilon(1e-10));
}

TEST_CASE("threads that solve starts change no bit") {
    const Case s = starter();
    const std::vector<double> table = table_of(24);
    const SweepChunk one = Sweep(s, columns_of(s), records_of(s), 30, 1).steady(table.data(), 24, Judged::none);
    for (const int threads : {2, 3, 7})
        CHECK(
            same_bits(Sweep(s, columns_of(s), records_of(s), 30, threads).steady(table.data(), 24, Judged::none).values,
                      one.values));
}

TEST_CASE("a cancelled sweep ends as interrupted") {
    const Case s = starter();
    const Sweep sweep(s, columns_of(s), records_of(s), 0);
    sweep.cancel();
    try {
        sweep.steady(table_of(2).data(), 2, Judged::none);
        FAIL("it went on");
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::interrupted);
    }
}

TEST_CASE("rows in turn keep what a switch decided in the row before, and tell every limit and the power") {
    const Case s(load_case(KELVOLT_SOURCE_DIR "/data/cases/economiser_plant.yaml"));
    const auto air = [&](const char* name) { return s.subject().parameters(std::string("outdoors.") + name); };
    const std::vector<SweepColumn> columns{{air("T"), false, 290.0, 296.0, 301.0},
                                           {air("T_dew"), false, 290.0, 296.0, 301.0}};
    const Sweep sweep(s, columns, {{s.find("economiser.lockout.on"), Fold::each}}, 4);
    // saturated air: the lockout comes above 26 and goes below 24.5 degC of wet bulb
    const std::vector<double> table{293.0, 293.0, 298.4, 298.4, 300.0, 300.0, 298.4, 298.4};
    const SweepChunk chunk = sweep.steady(table.data(), 4, Judged::full, Rows::in_turn);
    for (const std::string& status : chunk.status) CHECK(status == "ok");
    CHECK(chunk.values == std::vector<double>{0.0, 0.0, 1.0, 1.0});
    CHECK(chunk.unsettled == std::vector<int>(4, 0));
    const std::size_t components = s.network().components.size();
    for (std::size_t k = 0; k < 4; ++k) {
        double sum = 0.0, size = 0.0;
        for (std::size_t c = 0; c < components; ++c)
            sum += chunk.power[k * components + c], size += std::abs(chunk.power[k * components + c]);
        CHECK(std::abs(sum) < 1e-9 * size);
        double tightest = 1e300;
        for (const LimitMargins& m : chunk.margins)
            if (m.id == chunk.binding[k].id) tightest = std::fmin(tightest, m.margin[k]);
        CHECK(tightest == doctest::Approx(chunk.binding[k].margin));
    }
}

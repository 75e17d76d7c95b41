// writes rows of a known function of time until it is killed; the test of the result file kills it at random moments
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

#include "solver/results/result_file.hpp"

namespace {

kelvolt::ResultSchema schema() {
    kelvolt::ResultSchema s;
    s.dimensions = {{"tray", 3, {}, {"tray01", "tray02", "tray03"}, "", "compute tray"}, {"gpu", 4, {}, {}, "", ""}};
    s.variables = {{"rack.tray.gpu.T_die", {"tray", "gpu"}, true, "K", "die temperature", {}},
                   {"rack.pump.m_flow", {}, true, "kg/s", "mass flow", {}},
                   {"rack.tray.volume", {"tray"}, false, "m3", "coolant volume", {}}};
    s.attributes = {{"title", "rows until killed"}};
    return s;
}

/// Exact in doubles, so that the reader may compare with ==.
double value(double time, std::size_t column) { return 2000.0 * time + static_cast<double>(column); }

bool number(const char* text, unsigned long& out) {
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
    return error == std::errc() && *end == '\0';
}

}  // namespace

int main(int argc, char** argv) {
    unsigned long rows_per_part = 0, delay_us = 0, rows = 0;
    const bool read = (argc == 4 || argc == 5) && number(argv[2], rows_per_part) && number(argv[3], delay_us) &&
                      (argc == 4 || number(argv[4], rows));
    if (!read) {
        std::fprintf(stderr, "usage: %s FILE ROWS_PER_PART DELAY_US [ROWS, then close]\n", argv[0]);
        return 2;
    }
    try {
        kelvolt::ResultFile file(argv[1], schema(), {.rows_per_part = rows_per_part});
        file.set_static("rack.tray.volume", {0.25, 0.5, 0.75});
        std::vector<double> row(file.width());
        for (unsigned long i = 0; argc == 4 || i < rows; ++i) {
            const double time = 0.5 * static_cast<double>(i);
            for (std::size_t k = 0; k < row.size(); ++k) row[k] = value(time, k);
            if (i % 10 == 0) file.event(time, "rack.pump", "row " + std::to_string(i));
            file.append(time, row.data());
            std::this_thread::sleep_for(std::chrono::microseconds(delay_us));
        }
        file.close();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}

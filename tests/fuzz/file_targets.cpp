// Files: tables of curves and profiles, and the parts of a result.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "solver/case/built_case.hpp"
#include "solver/case/profiles.hpp"
#include "solver/curve/curve_csv.hpp"
#include "solver/results/disk_file.hpp"
#include "solver/results/result_file.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/laws.hpp"

namespace kelvolt::fuzz {

namespace fs = std::filesystem;

namespace {

fs::path write(const char* name, Bytes bytes) {
    static const fs::path folder = empty_folder();
    const fs::path file = folder / name;
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return file;
}

void put_seal(std::string& bytes) {
    bytes.resize(bytes.size() - std::string(hdf5::seal_mark).size() - 8);
    const auto sum =
        crc32(0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
    bytes += fmt::format("{}{:08x}", hdf5::seal_mark, sum);
}

Bytes after(Bytes input, std::size_t count) { return input.subspan(std::min(count, input.size())); }

}  // namespace

bool read_curve(Bytes input) {
    Choices choices(input);
    static const std::vector<std::string> units{"m3/s", "Pa", "K/W", "1", "W"};
    const std::string &x = choices.of(units), &y = choices.of(units);
    const auto scale = choices.one_in(4) ? Curve::Scale::log_log : Curve::Scale::linear;
    const fs::path file = write("curve.csv", after(input, 3));
    try {
        const Curve curve = read_curve_csv(file, {"", x}, {"", y}, scale);
        double largest = 0.0;
        for (const double y_point : curve.y()) largest = std::max(largest, std::abs(y_point));
        for (std::size_t k = 0; k < curve.x().size(); ++k) {
            const double read = curve(curve.x()[k]);
            if (!(std::abs(read - curve.y()[k]) <= 1e-9 * largest + 1e-250))
                throw BrokenProperty(fmt::format("the curve is {} at its point ({}, {})\n{}", read, curve.x()[k],
                                                 curve.y()[k], text_of(input)));
        }
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool read_profile(Bytes input) {
    Choices choices(input);
    static const std::vector<std::string> units{"W", "1", "K", "m3/s"};
    const std::string& unit = choices.of(units);
    const auto between = choices.one_in(2) ? Profile::Between::step : Profile::Between::linear;
    const fs::path file = write("profile.csv", after(input, 2));
    try {
        const Profile profile = profile_from_csv(file, "t", "value", unit, between);
        const auto [from, to] = profile.span();
        const double low = profile.lowest(), high = profile.highest();
        double t = from;
        for (int k = 0; k < 100 && t < to; ++k) {
            const Segment s = profile.segment(t);
            if (!(s.t1 > t)) throw BrokenProperty(fmt::format("a profile stands still at {} s", t));
            const double slack = 1e-9 * std::max(std::abs(low), std::abs(high)) + 1e-250;
            for (const double at : {t, std::min(s.t1, to)})
                if (const double v = s.at(at); !(v >= low - slack && v <= high + slack))
                    throw BrokenProperty(
                        fmt::format("a profile is {} at {} s, outside {} to {}\n{}", v, at, low, high, text_of(input)));
            t = s.t1;
        }
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// Racks from a table; the text of the case, which then holds the table, must give the same network.
bool read_table(Bytes input) {
    const fs::path file = write("racks.csv", input);
    const std::string head =
        "kelvolt: 1\ncomponents:\n  room: {model: ambient, T: 300}\n  racks: {table: racks.csv, model: heat_source}\n";
    try {
        const BuiltCase made = read_case(head, "table.yaml", file.parent_path());
        const BuiltCase again = read_case(made.text, "table.yaml", "");
        const auto &now = again.network.initial.params, &before = made.network.initial.params;
        const bool same = std::equal(now.begin(), now.end(), before.begin(), before.end(), [](double a, double b) {
            return a == b || (std::isnan(a) && std::isnan(b));  // NaN: not given
        });
        if (!same || again.network.components.size() != made.network.components.size())
            throw BrokenProperty(fmt::format("the text that holds its table gives another network\n{}", made.text));
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// One part of a run that stands on disk is changed before the file is assembled: by a few bytes, or as a whole, and
/// sealed anew in half of the inputs, so that what HDF5 meets is damaged too.
bool assemble_result(Bytes input) {
    static const fs::path folder = empty_folder();
    const fs::path target = folder / "result.h5";
    fs::remove_all(folder / "result.h5.parts");
    ResultSchema schema;
    schema.dimensions = {{"gpu", 3, {}, {}, "", ""}};
    schema.variables = {{"T_die", {"gpu"}, true, "K", "die temperature", {}},
                        {"m_flow", {}, true, "kg/s", "mass flow", {}}};
    Choices choices(input);
    const bool sealed_anew = choices.one_in(2);
    bool changed = false;
    try {
        ResultFile file(target, schema, {8, 1e9, false});
        std::vector<double> row(file.width(), 1.5);
        for (int k = 0; k < 20; ++k) file.append(k, row.data());
        const fs::path part = file.parts_folder() / "part-000001.h5";
        std::string bytes;
        {
            std::ifstream in(part, std::ios::binary);
            bytes.assign(std::istreambuf_iterator<char>(in), {});
        }
        const std::string before = bytes;
        while (!choices.spent()) {
            const std::size_t at = (256u * choices.byte() + choices.byte()) % bytes.size();
            bytes[at] = static_cast<char>(choices.byte());
        }
        changed = bytes != before;
        if (sealed_anew) put_seal(bytes);
        std::ofstream(part, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (changed && !sealed_anew)
            throw BrokenProperty("a result was assembled from a part that is not what was written");
        return true;
    } catch (const Error&) {
        if (!changed) throw BrokenProperty("a result that nothing happened to is refused");
        return false;
    }
}

}  // namespace kelvolt::fuzz

#include "tests/fuzz/targets.hpp"

#include <random>

namespace kelvolt::fuzz {

namespace {

std::vector<std::string> case_texts() {
    std::vector<std::string> texts = shipped_texts("python/kelvolt", ".yaml", 8'000);
    for (const char* folder : {"data/cases", "validation"})
        for (std::string& text : shipped_texts(folder, ".yaml", 4'000))
            if (text.find("kelvolt: 1") != std::string::npos) texts.push_back(std::move(text));
    return texts;
}
std::vector<std::string> yaml_texts() {
    std::vector<std::string> texts = case_texts();
    for (std::string& text : shipped_texts("data", ".yaml", 4'000)) texts.push_back(std::move(text));
    texts.push_back("a: &x [1, 2]\nb: *x\nc: {d: !!float 1, e: 'f', g: \"h\\n\"}\nk: |\n  text\nl: >-\n  folded\n");
    return texts;
}
std::vector<std::string> quantities() {
    std::vector<std::string> texts;
    for (const char* text :
         {"1.1 kW", "40 degC", "12 psig", "85 %", "0.25", "3.2 gpm", "2 bar(a)", "1e-3 m3/s", "9 degF", "100 kcmil",
          "4 AWG", "2 tonref", "1 kVAR", "5 ft H2O", "30 min", "7 L/min/kPa^0.5"})
        for (int unit = 0; unit < 40; ++unit) texts.push_back(std::string(1, static_cast<char>(unit)) + text);
    return texts;
}
std::vector<std::string> patterns() {
    return {"rack.tray[3].gpu[1..2].power\nrack.tray[3].gpu[1].power", "**.T_die\na.b.c.T_die", "*[*].q*\na[1].q",
            "one of ups[1..2]\none of ups[2]", "**.a.**.b\na.a.b"};
}
/// The first bytes choose units, as read_curve does.
std::vector<std::string> curves() {
    return {std::string("\0\1\0", 3) + "x (L/min), y (kPa)\n0, 1\n1, 2\n4, 9\n10, 12\n",
            std::string("\3\3\0", 3) + "Q;R\n# note\n1;0.5\n2;0.25\n3;0.2\n",
            std::string("\0\2\3", 3) + "Q (L/min)\tR (K/kW)\n1\t60\n2\t35\n4\t21\n",
            std::string("\3\4\0", 3) + "share,loss (W)\r\n0.1,1e2\r\n0.5,2e2\r\n1,7e2\r\n"};
}
/// The first bytes choose unit and interpolation, as read_profile does.
std::vector<std::string> profiles() {
    return {std::string("\0\0", 2) + "t (s), value (kW)\n0, 1\n10, 2\n20, 1.5\n",
            std::string("\1\1", 2) + "t (min)\tvalue (%)\n0\t50\n1\t100\n5\t70\n",
            std::string("\2\0", 2) + "t (h);value (degC);other\n0;21.5;1\n1;22;2\n2;19;3\n",
            std::string("\1\0", 2) + "t (s), value\n0, 1\n1e3, 0.5\n"};
}
/// Tables of racks with headings, as read_table takes them.
std::vector<std::string> tables() {
    return {"name,power (kW),port\nR01,12,room.port\nR02,7.5,room.port\n",
            "sep=;\n\"name\";power;count\nA-1;12 kW;2\nA-2;\"7\";\n",
            "# racks\npower [W]\tport\n1\troom.port\n2\troom.port\n",
            "name,model,T (degC)\n1,ambient,20\n2,ambient,21\n"};
}
/// Sealed anew or not, then place and value of each change.
std::vector<std::string> damages() {
    std::mt19937 random(2);
    std::vector<std::string> seeds{std::string(1, '\0')};
    for (int k = 0; k < 200; ++k) {
        std::string bytes(static_cast<std::size_t>(1 + 3 * (1 + k % 4)), '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        seeds.push_back(bytes);
    }
    return seeds;
}

}  // namespace

std::vector<std::string> random_seeds() {
    std::mt19937 random(1);
    std::vector<std::string> seeds;
    for (int k = 0; k < 64; ++k) {
        std::string bytes(100 + 10 * k, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        seeds.push_back(bytes);
    }
    return seeds;
}

const std::vector<Target>& targets() {
    static const std::vector<Target> all{
        {"yaml", "texts for the YAML reader", parse_yaml, yaml_texts, 5000, 0.2},
        {"case", "whole cases, solved and begun in time", solve_case, case_texts, 2000, 0.1},
        {"units", "quantities with units", read_units, quantities, 10000, 0.05},
        {"path", "patterns of value paths", match_path, patterns, 10000, 0.2},
        {"curve", "CSV files of curves", read_curve, curves, 5000, 0.1},
        {"profile", "CSV files of profiles", read_profile, profiles, 5000, 0.1},
        {"table", "CSV files of components", read_table, tables, 3000, 0.05},
        {"result", "HDF5 parts of a result, damaged", assemble_result, damages, 2000, 0.1},
        {"hydraulic", "hydraulic and thermal networks", solve_hydraulic, random_seeds, 2000, 0.15},
        {"electric", "electric networks", solve_electric, random_seeds, 3000, 0.2},
        {"parts", "components of any model, joined at random", solve_any_parts, random_seeds, 3000, 0.05},
    };
    return all;
}

}  // namespace kelvolt::fuzz

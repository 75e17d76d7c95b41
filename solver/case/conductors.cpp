#include "solver/case/conductors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "solver/case/values.hpp"
#include "solver/data_folder.hpp"

namespace kelvolt {

namespace {
namespace conductor_tables {

constexpr double zero = 273.15;  // 0 degC in K
// 1/K at 20 degC, textbook values
const std::map<std::string, double> alpha_of = {{"copper", 0.00393}, {"aluminium", 0.00403}};
constexpr const char* alpha_source = "temperature coefficient at 20 degC, textbook value";

[[noreturn]] void refuse(const std::string& text) { throw input_error("conductor: " + text); }

yaml::Node table(const std::string& name) {
    const auto file = data_directory() / "conductors" / (name + ".yaml");
    return yaml::parse(yaml::read_text(file), file.string());
}

double number(const yaml::Node& node) {
    return node.is_null() || node.text == "~" ? NAN : read_number(node, {"1"}, "");
}

std::vector<double> numbers(const yaml::Node& list) {
    std::vector<double> found;
    for (const yaml::Node& item : list.items) found.push_back(number(item));
    return found;
}

std::vector<std::string> names_of(const yaml::Node& map) {
    std::vector<std::string> names;
    for (const auto& key : map.keys) names.push_back(key.name);
    return names;
}

const yaml::Node& in(const yaml::Node& map, std::string_view key) { return *map.find(key); }

const yaml::Node& one_of(const yaml::Node& map, const std::string& what, const std::string& word) {
    if (const yaml::Node* found = map.find(word)) return *found;
    refuse(fmt::format("{} '{}' is none of {}", what, word, fmt::join(names_of(map), ", ")));
}

const yaml::Node& of_material(const yaml::Node& root, const std::string& material) {
    if (!alpha_of.count(material)) refuse(fmt::format("material '{}' is none of copper, aluminium", material));
    return in(in(root, "ampacity"), material);
}

// The factor at x; between two entries that of the upper one, which is smaller.
double worse(const std::vector<double>& at, const std::vector<double>& factors, double x, const std::string& what) {
    const auto k = std::lower_bound(at.begin(), at.end(), x - 1e-9) - at.begin();
    if (k == static_cast<std::ptrdiff_t>(at.size()) || x < 0.0)
        refuse(fmt::format("{} = {:g} is beyond the table, which ends at {:g}", what, x, at.back()));
    return factors[static_cast<std::size_t>(k)];
}

std::string grade_of(const yaml::Node& block, const std::string& material) {
    const yaml::Node& grade = in(block, "grade");
    return grade.is_map() ? in(grade, material).text : grade.text;
}

class Filled {
   public:
    Filled(Conductor& out, std::string material) : out_(out), material_(std::move(material)) {}

    void add(const char* parameter, double value, const yaml::Node& block) {
        Conductor::Value v{parameter, value, in(block, "source").text, grade_of(block, material_), NAN, NAN};
        if (const yaml::Node* range = block.find("range")) {
            const double per = value / number(in(block, "value"));
            v.lo = per * number(range->items[0]), v.hi = per * number(range->items[1]);
        }
        out_.values.push_back(std::move(v));
    }
    void add(const char* parameter, double value, const std::string& source, const std::string& grade) {
        out_.values.push_back({parameter, value, source, grade, NAN, NAN});
    }

   private:
    Conductor& out_;
    std::string material_;
};

void refuse_gap(double ampacity, double R, const ConductorChoice& choice) {
    if (std::isnan(ampacity) || std::isnan(R))
        refuse(fmt::format("the tables hold no value for {} of {}", choice.material, choice.size));
}

Conductor of_iec(double size, const ConductorChoice& choice) {
    const yaml::Node root = table("iec");
    const std::vector<double> sizes = numbers(in(root, "sizes_mm2"));
    const yaml::Node& by_insulation = of_material(root, choice.material);
    const auto& by_loaded = one_of(by_insulation, "insulation", choice.insulation);
    const auto& by_method = one_of(by_loaded, "loaded", std::to_string(choice.loaded));
    const auto& row = one_of(by_method, "method for " + choice.material, choice.method);
    const auto at = std::find(sizes.begin(), sizes.end(), size);
    if (at == sizes.end()) refuse(fmt::format("{:g} mm2 is none of {} mm2", size, fmt::join(sizes, ", ")));
    const auto k = static_cast<std::size_t>(at - sizes.begin());
    const double ampacity = numbers(row)[k], R = numbers(in(in(root, "resistance"), choice.material))[k];
    refuse_gap(ampacity, R, choice);

    const bool ground = choice.method[0] == 'D';
    const yaml::Node &ambient = in(root, "ambient"), &place = in(ambient, ground ? "soil" : "air"),
                     &groups = in(root, "grouping");
    const double T = choice.ambient ? *choice.ambient - zero : ground ? 20.0 : 30.0;
    const double derating =
        worse(numbers(in(place, "degC")), numbers(in(place, choice.insulation)), T, "ambient in degC") *
        worse(numbers(in(groups, "circuits")), numbers(in(groups, "factor")), choice.grouped, "grouped");
    const double limit = number(in(in(root, "conductor_temperature"), choice.insulation));
    Conductor out{fmt::format("{:g} mm2", size), "iec", {}, zero + limit};
    Filled make(out, choice.material);
    make.add("R", R / 1e3, in(root, "resistance"));
    make.add("T_reference", zero + 20.0, in(root, "resistance"));
    make.add("alpha", alpha_of.at(choice.material), alpha_source, "B");
    make.add("X", number(in(in(root, "reactance"), "value")) / 1e3, in(root, "reactance"));
    make.add("I_max", ampacity, in(root, "ampacity"));
    make.add("derating", derating, fmt::format("{}; {}", in(ambient, "source").text, in(groups, "source").text),
             grade_of(ambient, choice.material));
    return out;
}

std::string nec_name(const std::string& size) {
    return size.find('/') == std::string::npos && std::stod(size) >= 250.0 ? size + " kcmil" : size + " AWG";
}

Conductor of_nec(const std::string& wanted, const ConductorChoice& choice) {
    const yaml::Node root = table("nec");
    const auto known = conductor_sizes("nec");
    const yaml::Node& by_rating = of_material(root, choice.material);
    const auto& row = one_of(by_rating, "insulation (temperature rating of the NEC table)", choice.insulation);
    const auto at = std::find_if(known.begin(), known.end(), [&](const auto& size) { return size.first == wanted; });
    if (at == known.end()) {
        std::vector<std::string> names;
        for (const auto& size : known) names.push_back(size.first);
        refuse(fmt::format("{} is none of {}", wanted, fmt::join(names, ", ")));
    }
    const auto k = static_cast<std::size_t>(at - known.begin());
    const double ampacity = numbers(row)[k], R = numbers(in(in(root, "resistance"), choice.material))[k];
    refuse_gap(ampacity, R, choice);

    const yaml::Node &ambient = in(root, "ambient"), &groups = in(root, "grouping");
    const std::vector<double> counts = numbers(in(groups, "conductors"));
    const double T = choice.ambient ? *choice.ambient - zero : 30.0, many = std::max(choice.grouped, 3);
    const double of_group = many > counts.back() ? number(in(groups, "beyond"))
                                                 : worse(counts, numbers(in(groups, "factor")), many, "grouped");
    const double derating =
        worse(numbers(in(ambient, "degC")), numbers(in(ambient, choice.insulation)), T, "ambient in degC") * of_group;
    const double at_20 = alpha_of.at(choice.material);
    Conductor out{wanted, "nec", {}, zero + std::stod(choice.insulation)};
    Filled make(out, choice.material);
    make.add("R", R / 1e3, in(root, "resistance"));
    make.add("T_reference", zero + 75.0, in(root, "resistance"));
    make.add("alpha", at_20 / (1.0 + at_20 * 55.0), alpha_source, "B");  // of a resistance stated at 75 degC
    make.add("X", numbers(in(in(root, "reactance"), "value"))[k] / 1e3, in(root, "reactance").find("source")->text,
             grade_of(in(root, "reactance"), choice.material));
    make.add("I_max", ampacity, in(root, "ampacity"));
    make.add("derating", derating, fmt::format("{}; {}", in(ambient, "source").text, in(groups, "source").text),
             grade_of(ambient, choice.material));
    return out;
}

}  // namespace conductor_tables
}  // namespace

Conductor conductor(const ConductorChoice& choice) {
    const auto ends = choice.size.find_last_not_of(' ');
    const std::string text = choice.size.substr(0, ends == std::string::npos ? 0 : ends + 1);
    const auto digits = text.find_first_not_of(' '), letters = text.find_first_not_of("0123456789./", digits);
    const auto unit_at = letters == std::string::npos ? letters : text.find_first_not_of(' ', letters);
    const std::string unit = unit_at == std::string::npos ? "" : text.substr(unit_at);
    const std::string size = digits == letters || unit.empty() ? "" : text.substr(digits, letters - digits);
    if (unit == "mm2" && size.find('/') == std::string::npos && !size.empty())
        return conductor_tables::of_iec(to_si(size, {"1"}), choice);
    if ((unit == "AWG" || unit == "kcmil") && !size.empty()) return conductor_tables::of_nec(size + " " + unit, choice);
    conductor_tables::refuse(
        fmt::format("size '{}' is neither such as '95 mm2' nor such as '4/0 AWG' or '500 kcmil'", choice.size));
}

std::vector<std::pair<std::string, double>> conductor_sizes(const std::string& name) {
    const yaml::Node root = conductor_tables::table(name);
    std::vector<std::pair<std::string, double>> found;
    if (name == "iec") {
        for (const double size : conductor_tables::numbers(conductor_tables::in(root, "sizes_mm2")))
            found.emplace_back(fmt::format("{:g} mm2", size), 1e-6 * size);
        return found;
    }
    const std::vector<double> areas = conductor_tables::numbers(conductor_tables::in(root, "area_mm2"));
    for (std::size_t k = 0; k < areas.size(); ++k)
        found.emplace_back(conductor_tables::nec_name(conductor_tables::in(root, "sizes").items[k].text),
                           1e-6 * areas[k]);
    return found;
}

}  // namespace kelvolt

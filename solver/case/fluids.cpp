#include "solver/case/fluids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "solver/case/values.hpp"
#include "solver/model/registry.hpp"

namespace kelvolt {
namespace {

const Quantity temperature{"K", Kind::temperature};

/// One column of a table: its name and the vector for its numbers.
struct Column {
    std::string_view name;
    Quantity quantity;
    std::vector<double> FluidSheet::*to;
};
const std::array<Column, 5>& columns() {
    static const std::array<Column, 5> all{{{"T", temperature, &FluidSheet::T},
                                            {"rho", {"kg/m3", Kind::plain}, &FluidSheet::rho},
                                            {"cp", {"J/(kg K)", Kind::plain}, &FluidSheet::cp},
                                            {"k", {"W/(m K)", Kind::plain}, &FluidSheet::k},
                                            {"mu", {"Pa s", Kind::plain}, &FluidSheet::mu}}};
    return all;
}

void read_rows(const yaml::Node& node, const std::string& about, FluidSheet& sheet) {
    const yaml::Fields f(node, about + ": table", format::fluid_table);
    const yaml::Node& rows = yaml::list(f.at("rows"), about + ": rows");
    for (const yaml::Node& row : rows.items) {
        if (!row.is_list() || row.items.size() != columns().size())
            throw input_error(fmt::format("{}: a row must be a list of five numbers, [T, rho, cp, k, mu]", about),
                              row.where());
        for (std::size_t i = 0; i < columns().size(); ++i) {
            const Column& column = columns()[i];
            const yaml::Node& unit = f.at(column.name);
            const double number = read_number(row.items[i], {"1"}, fmt::format("{}: {}", about, column.name));
            try {
                (sheet.*column.to).push_back(to_si(number, yaml::text(unit, about), column.quantity));
            } catch (const Error& e) {
                rethrow(e, fmt::format("{}: {}", about, column.name), unit.where());
            }
        }
    }
}

const Medium& from_sheet(const std::string& name, const yaml::Node& node) {
    const std::string about = "fluid " + name;
    const yaml::Fields f(node, about, format::fluid);
    FluidSheet m;
    m.name = name;
    const auto text = [&](const char* key, std::string fallback) {
        const yaml::Node* given = f.find(key);
        return given ? yaml::text(*given, fmt::format("{}: {}", about, key)) : std::move(fallback);
    };
    if (text("name", name) != name)
        throw input_error(fmt::format("{}: its name is given as '{}'", about, text("name", name)), node.where());
    m.title = text("title", name);
    m.source = yaml::text(f.at("source"), about + ": source");
    m.date = text("date", "");
    m.grade = text("grade", "");
    m.T_freeze = find_number(f, "T_freeze").value_or(0.0);
    m.T_boil = find_number(f, "T_boil").value_or(0.0);
    const yaml::Node& table = f.at("table");
    read_rows(table, about, m);
    try {
        return coolants().fit(m);
    } catch (const Error& e) {
        rethrow(e, about, table.where());
    }
}

}  // namespace

Fluids::Fluids(const yaml::Node* fluids, const FileAccess& files) : files_(files) {
    if (!fluids) return;
    yaml::map(*fluids, "fluids");
    for (std::size_t k = 0; k < fluids->keys.size(); ++k) {
        const std::string& name = fluids->keys[k].name;
        if (coolants().find(name))
            throw input_error(
                fmt::format("fluids: '{}' is a fluid shipped with Kelvolt; give yours another name", name),
                fluids->where_key(k));
        own_.emplace(name, &from_sheet(name, fluids->items[k]));
    }
}

const Medium& Fluids::find(const std::string& name) const {
    if (const auto found = own_.find(name); found != own_.end()) return *found->second;
    if (const Medium* shipped = coolants().find(name)) return *shipped;
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-';
    });
    const std::string beside = name + ".yaml";
    if (std::error_code unreadable; plain && std::filesystem::exists(files_.folder() / beside, unreadable)) {
        const std::filesystem::path file = files_.resolve(files_.folder(), beside, "fluid " + name, {});
        const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
        if (root.is_map() && root.find("table")) return from_sheet(name, root);
        return coolants().read(file);
    }
    std::vector<std::string> known;
    for (const auto& [own, fluid] : own_) known.push_back(own);
    throw unknown_coolant(name, std::move(known));
}

}  // namespace kelvolt

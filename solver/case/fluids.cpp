#include "solver/case/fluids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <mutex>

#include "models/media/library.hpp"
#include "models/media/table.hpp"
#include "solver/case/values.hpp"

namespace kelvolt {
namespace {

const Quantity temperature{"K", Kind::temperature};

/// One column of a table: its name, and where its numbers go.
struct Column {
    std::string_view name;
    Quantity quantity;
    std::vector<double> FluidTable::*to;
};
const std::array<Column, 5>& columns() {
    static const std::array<Column, 5> all{{{"T", temperature, &FluidTable::T},
                                            {"rho", {"kg/m3", Kind::plain}, &FluidTable::rho},
                                            {"cp", {"J/(kg K)", Kind::plain}, &FluidTable::cp},
                                            {"k", {"W/(m K)", Kind::plain}, &FluidTable::k},
                                            {"mu", {"Pa s", Kind::plain}, &FluidTable::mu}}};
    return all;
}

FluidTable read_table(const yaml::Node& node, const std::string& about) {
    const yaml::Fields f(node, about + ": table", format::fluid_table);
    FluidTable table;
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
                (table.*column.to).push_back(to_si(number, yaml::text(unit, about), column.quantity));
            } catch (const Error& e) {
                rethrow(e, fmt::format("{}: {}", about, column.name), unit.where());
            }
        }
    }
    return table;
}

// one fluid of a given content, for good: models and sessions keep pointers
const Medium& kept(Medium made) {
    static std::mutex guard;
    static std::map<std::string, std::unique_ptr<const Medium>> all;
    std::string content =
        fmt::format("{}\n{}\n{}\n{}\n{:a} {:a} {:a} {:a} {:a} {:a}", made.name, made.title, made.source, made.grade,
                    made.T_min, made.T_max, made.hold_min, made.hold_max, made.T_freeze, made.T_boil);
    for (const PropertyFit* p : {&made.rho_fit, &made.cp_fit, &made.k_fit, &made.mu_fit}) {
        content += fmt::format("\n{:a} {:a} {:a}", p->T_ref, p->B, p->C);
        for (const double c : p->c) content += fmt::format(" {:a}", c);
    }
    const std::lock_guard lock(guard);
    auto& place = all[content];
    if (!place) place = std::make_unique<const Medium>(std::move(made));
    return *place;
}

Medium from_table(const std::string& name, const yaml::Node& node) {
    const std::string about = "fluid " + name;
    const yaml::Fields f(node, about, format::fluid);
    Medium m;
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
    const FluidTable rows = read_table(table, about);
    try {
        fit(m, rows);
        find_limits(m);
        std::string property;
        if (const std::string problem = fluid_problem(m, property); !problem.empty()) throw input_error(problem);
    } catch (const Error& e) {
        rethrow(e, about, table.where());
    }
    return m;
}

}  // namespace

Fluids::Fluids(const yaml::Node* fluids, const FileAccess& files) : files_(files) {
    if (!fluids) return;
    yaml::map(*fluids, "fluids");
    for (std::size_t k = 0; k < fluids->keys.size(); ++k) {
        const std::string& name = fluids->keys[k].name;
        if (find_medium(name))
            throw input_error(fmt::format("fluids: '{}' is a fluid that Kelvolt brings; give yours another name", name),
                              fluids->where_key(k));
        own_.emplace(name, &kept(from_table(name, fluids->items[k])));
    }
}

const Medium& Fluids::find(const std::string& name) const {
    if (const auto found = own_.find(name); found != own_.end()) return *found->second;
    if (const Medium* shipped = find_medium(name)) return *shipped;
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-';
    });
    const std::string beside = name + ".yaml";
    if (std::error_code unreadable; plain && std::filesystem::exists(files_.folder() / beside, unreadable)) {
        const std::filesystem::path file = files_.resolve(files_.folder(), beside, "fluid " + name, {});
        const yaml::Node root = yaml::parse(yaml::read_text(file), file.string());
        if (root.is_map() && root.find("table")) return kept(from_table(name, root));
        return kept(read_medium(file));
    }
    std::vector<std::string> known;
    for (const auto& [own, fluid] : own_) known.push_back(own);
    throw unknown_medium(name, std::move(known));
}

}  // namespace kelvolt

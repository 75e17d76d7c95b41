// Tables of components: one component for each row.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "solver/case/table.hpp"
#include "solver/case/templates.hpp"
#include "solver/network/path_diagnosis.hpp"

namespace kelvolt {

namespace {

constexpr std::string_view conductor_prefix = "conductor.", connect_prefix = "connect ", range_prefix = "range ";

bool is_inner_path(std::string_view key) { return key.find_first_of(".[*") != std::string_view::npos; }

/// A name as paths have it: letters, digits and _; `heading` begins one that begins with a digit.
std::string path_name(std::string_view text, std::string_view heading) {
    std::string name;
    for (const char c : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        if (plain)
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (!name.empty() && name.back() == '_') name.pop_back();
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0]))) return name;
    const std::string prefix = heading.empty() || heading == "name" ? "no" : path_name(heading, "");
    return fmt::format("{}_{}", prefix.empty() ? "no" : prefix, name[0] == '_' ? name.substr(1) : name);
}

/// The port of a component that a port of a part means; null if it has none of that name.
const PortInfo* port_of_row(Part& part, std::string name) {
    Part* at = &part;
    while (!at->is_leaf()) {
        const Assembly::Port* outward = at->assembly->port(name);
        if (!outward) return nullptr;
        const auto& steps = outward->target;
        const auto found = PartFinder().find(*at, "", steps, steps.size() - 1, true, outward->where);
        if (found.empty()) return nullptr;
        at = found.front().part;
        name = steps.back().name;
    }
    if (name == "way" && !at->info->ports.empty()) return &at->info->ports.front();
    return at->info->port(name);
}

bool leads_out(const PortInfo* port) {
    return port && (port->chain == Chain::forward_out || port->chain == Chain::counter_out);
}

std::vector<std::string> names_in_row(const Part& part) {
    std::vector<std::string> names;
    if (part.is_leaf()) {
        for (const ParamInfo& p : part.info->params) names.push_back(p.name);
        for (const PortInfo& p : part.info->ports) names.push_back(p.name);
        if (part.info->chainable) names.emplace_back("cells");
    } else {
        for (const auto& s : part.assembly->short_names) names.push_back(s.name);
        for (const auto& p : part.assembly->ports) names.push_back(p.name);
    }
    return names;
}

}  // namespace

/// The rows of one table as parts.
class PartReader::TableRows {
   public:
    TableRows(PartReader& reader, const yaml::Node& spec, const Scope& scope, const std::string& here,
              const std::string& relative)
        : reader_(reader),
          spec_(spec),
          scope_(scope),
          here_(here),
          relative_(relative),
          table_(spec, reader.files_, scope.origin.folder, here) {
        reader_.notes_.insert(reader_.notes_.end(), table_.notes().begin(), table_.notes().end());
        for (const TableColumn& column : table_.columns())
            with_conductors_ = with_conductors_ || column.key.starts_with(conductor_prefix);
    }

    /// The elements of an array.
    std::vector<Part> elements() {
        const std::string first = model_of(0).text;
        std::vector<Part> all;
        for (std::size_t row = 0; row < table_.size(); ++row) {
            const yaml::Node model = model_of(row);
            if (model.text != first)
                throw input_error(
                    fmt::format("{}: the rows are of {} and of {}, so they are no array; give each a name "
                                "in a column `name`",
                                here_, first, model.text),
                    table_.where(row));
            const std::string index = fmt::format("[{}]", row + 1);
            all.push_back(part(row, here_ + index, relative_ + index));
        }
        if (const TableColumn* count = table_.column("count"))
            throw input_error(fmt::format("{}: a column '{}' needs names of the rows beside it; add a column `name`",
                                          here_, count->heading),
                              table_.where_headings());
        return all;
    }
    /// The components of an assembly, each by its name.
    std::vector<PartGroup> named(const TableColumn& names) {
        std::vector<PartGroup> all;
        std::map<std::string, std::size_t> seen;
        for (std::size_t row = 0; row < table_.size(); ++row) {
            const std::string& written = table_.text(row, names);
            PartGroup group{name_of(row, names), false, table_.where(row), {}};
            const auto [before, fresh] = seen.emplace(group.name, row);
            if (!fresh)
                throw input_error(
                    fmt::format("{}: '{}' is called {} as the row on line {} is; give each row a name of its own",
                                here_, written, group.name, table_.line(before->second)),
                    table_.where(row));
            const std::string path = joined(here_, group.name), relative = joined(relative_, group.name);
            int count = 1;
            if (const TableColumn* column = table_.column("count"))
                if (const yaml::Node cell = table_.value(row, *column); !cell.is_null()) {
                    count = yaml::whole_number(cell, path + ": count", format::component.form("count"));
                    group.is_array = true;
                }
            const std::string index = group.is_array ? "[*]" : "";
            Part made = part(row, path, relative + index);
            group.elements.assign(static_cast<std::size_t>(count) - 1, made);
            group.elements.push_back(std::move(made));
            all.push_back(std::move(group));
        }
        note_renamed();
        return all;
    }
    const TableColumn* names() const { return table_.column("name"); }

   private:
    PartReader& reader_;
    const yaml::Node& spec_;
    const Scope& scope_;
    const std::string &here_, &relative_;
    Table table_;
    bool with_conductors_ = false;
    std::map<std::string, Part> made_;  ///< by model, with what all rows have in common
    std::vector<std::string> renamed_;

    std::string name_of(std::size_t row, const TableColumn& names) {
        const std::string& written = table_.text(row, names);
        if (written.empty())
            throw input_error(fmt::format("{}: the row has no name in column '{}'; name it, or leave the row empty",
                                          here_, names.heading),
                              table_.where(row));
        const std::string name = path_name(written, names.heading);
        check_name(name.empty() ? written : name, table_.where(row));
        if (name != written) renamed_.push_back(fmt::format("'{}' is {}", written, name));
        return name;
    }
    void note_renamed() {
        if (renamed_.empty()) return;
        reader_.notes_.push_back(
            fmt::format("{}: paths hold letters, digits and _ only, so {}", here_, listed(renamed_, 3)));
    }

    yaml::Node model_of(std::size_t row) const {
        const TableColumn* column = table_.column("model");
        if (column && !table_.text(row, *column).empty()) {
            yaml::Node node = table_.block(row);
            node.type = yaml::Node::Type::text;
            node.text = table_.text(row, *column);
            return node;
        }
        if (const yaml::Node* node = spec_.find("model")) return *node;
        throw input_error(fmt::format("{}: the row says no model; give one to all rows as {}: {{table: ..., model: "
                                      "gb200_rack_ac}}, or name it in a column `model`",
                                      here_, relative_),
                          table_.where(row));
    }

    /// Model, conductor and keys that stand beside `table:`, as a component of its own has them.
    yaml::Node head(std::size_t row, const yaml::Node& model) const {
        yaml::Node node = table_.block(row);
        const auto add = [&](const std::string& key, int line, yaml::Node value) {
            node.keys.push_back({key, line});
            node.items.push_back(std::move(value));
        };
        add("model", model.line, model);
        if (with_conductors_) add("conductor", node.line, conductor(row));
        for (std::size_t k = 0; k < spec_.keys.size(); ++k) {
            const std::string& key = spec_.keys[k].name;
            const bool of_table = format::component_table.find(key) && key != "cells" && key != "conductor";
            if (of_table || (key == "conductor" && with_conductors_)) continue;
            add(key, spec_.keys[k].line, spec_.items[k]);
        }
        return node;
    }
    yaml::Node conductor(std::size_t row) const {
        yaml::Node node = table_.block(row);
        if (const yaml::Node* shared = spec_.find("conductor")) node = yaml::map(*shared, here_ + ": conductor");
        node.line = table_.line(row);
        node.file = table_.block(row).file;
        for (const TableColumn& column : table_.columns()) {
            if (!column.key.starts_with(conductor_prefix)) continue;
            const yaml::Node cell = table_.value(row, column);
            if (cell.is_null()) continue;
            const std::string key = column.key.substr(conductor_prefix.size());
            const auto at =
                std::find_if(node.keys.begin(), node.keys.end(), [&](const auto& k) { return k.name == key; });
            if (at != node.keys.end()) {
                node.items[static_cast<std::size_t>(at - node.keys.begin())] = cell;
                continue;
            }
            node.keys.push_back({key, node.line});
            node.items.push_back(cell);
        }
        return node;
    }

    Part part(std::size_t row, const std::string& path, const std::string& relative) {
        const yaml::Node model = model_of(row);
        auto found = made_.find(model.text);
        if (found == made_.end() || with_conductors_) {
            reader_.cells_.push_back(head(row, model));
            Part fresh = reader_.component(path, reader_.cells_.back(), scope_);
            if (found == made_.end()) check_headings(fresh, model.text);
            found = made_.insert_or_assign(model.text, std::move(fresh)).first;
        }
        Part made = found->second;
        made.where = table_.where(row);
        for (const TableColumn& column : table_.columns()) cell(row, column, made, path, relative);
        return made;
    }

    void cell(std::size_t row, const TableColumn& column, Part& made, const std::string& path,
              const std::string& relative) {
        const std::string& key = column.key;
        if (key == "name" || key == "model" || key == "count" || key.starts_with(conductor_prefix)) return;
        if (key.starts_with(range_prefix)) return check_range(row, column);
        const std::string& text = table_.text(row, column);
        if (text.empty()) return;
        if (key == "from") return wire(row, text, relative, false);
        if (key == "to") return wire(row, text, relative, true);
        if (key.starts_with(connect_prefix)) {
            const std::string port = key.substr(connect_prefix.size());
            return wire(row, text, joined(relative, port), leads_out(port_of_row(made, port)));
        }
        if (const PortInfo* port = port_of_row(made, key); port && !port->kind->is_signal)
            return wire(row, text, joined(relative, key), leads_out(port));
        reader_.cells_.push_back(with_range(row, column));
        try {
            reader_.apply(made, path, key, table_.where(row), reader_.cells_.back(), scope_.origin);
        } catch (const Error& e) {
            if (heading_of(column.heading).name == key) throw;
            throw Error(e.kind, fmt::format("{} (column '{}')", e.message, column.heading), e.where);
        }
    }

    /// The value of a cell; a block with grade and source of all rows where another column gives its range.
    yaml::Node with_range(std::size_t row, const TableColumn& column) const {
        yaml::Node value = table_.value(row, column);
        const TableColumn* range = table_.column(std::string(range_prefix) + column.key);
        if (!range || table_.text(row, *range).empty()) return value;
        yaml::Node node = table_.block(row), list = table_.block(row);
        list.type = yaml::Node::Type::list;
        list.items = table_.span(row, *range);
        const auto add = [&](const std::string& key, yaml::Node item) {
            node.keys.push_back({key, node.line});
            node.items.push_back(std::move(item));
        };
        add("value", std::move(value));
        add("range", std::move(list));
        const yaml::Node* shared = spec_.find(column.key);
        for (const char* key : {"grade", "source", "date"})
            if (const yaml::Node* said = shared && shared->is_map() ? shared->find(key) : nullptr) add(key, *said);
        return node;
    }
    void check_range(std::size_t row, const TableColumn& range) const {
        const std::string key = range.key.substr(range_prefix.size());
        const TableColumn* column = table_.column(key);
        if (!column)
            throw input_error(fmt::format("{}: column '{}' is the range of {}, but no column is called {}", here_,
                                          range.heading, key, key),
                              table_.where_headings());
        if (!table_.text(row, range).empty() && table_.text(row, *column).empty())
            throw input_error(fmt::format("{}: column '{}' says {}, but the row has no {}; give both, or leave both "
                                          "empty",
                                          here_, range.heading, table_.text(row, range), column->heading),
                              table_.where(row));
    }

    void wire(std::size_t row, const std::string& cell, const std::string& own, bool outward) {
        const Where where = table_.where(row);
        const std::string &first = outward ? own : cell, &second = outward ? cell : own;
        reader_.wires_.push_back(
            {{parse_path(first, where), parse_path(second, where)}, fmt::format("{} -> {}", first, second), where});
    }

    // of a column that no row could use the heading is wrong, not a row
    void check_headings(Part& part, const std::string& model) const {
        if (table_.column("model")) return;
        const std::vector<std::string> known = names_in_row(part);
        for (const TableColumn& column : table_.columns()) {
            const std::string& key = column.key;
            static const std::vector<std::string> own{"name", "count", "from", "to", "cells"};
            if (std::find(own.begin(), own.end(), key) != own.end() || is_inner_path(key) ||
                key.starts_with(connect_prefix) || key.starts_with(range_prefix) || key == "conductor" ||
                std::find(known.begin(), known.end(), key) != known.end())
                continue;
            throw input_error(
                fmt::format("{}: column '{}': {} has no parameter or port '{}'{}; it has {}; say what the column means "
                            "under columns:, or list it under ignore:",
                            here_, column.heading, model, key, did_you_mean(key, known), listed(known, 20)),
                table_.where_headings());
        }
    }
};

PartGroup PartReader::table_group(const std::string& path, const std::string& name, const yaml::Node& spec,
                                  const Where& where, const Scope& scope) {
    const std::string here = joined(path, name);
    yaml::Fields(spec, here, format::component_table);
    TableRows rows(*this, spec, scope, here, name);
    PartGroup group{name, false, where, {}};
    if (const TableColumn* names = rows.names()) {
        Part whole;
        whole.where = where;
        whole.groups = rows.named(*names);
        auto about = std::make_shared<Assembly>();
        about->name = name + " (a table)";
        whole.assembly = std::move(about);
        group.elements.push_back(std::move(whole));
    } else {
        group.is_array = true;
        group.elements = rows.elements();
    }
    return group;
}

}  // namespace kelvolt

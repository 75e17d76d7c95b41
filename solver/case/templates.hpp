/// Makes parts from the text of components, assemblies and library entries.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "solver/case/fluids.hpp"
#include "solver/case/library.hpp"
#include "solver/case/parts.hpp"

namespace kelvolt {

class PartReader {
   public:
    /// `files` and `fluids`, those of the case, must outlive the reader.
    PartReader(const FileAccess& files, const Fluids& fluids) : library_(files), files_(files), fluids_(fluids) {}

    /// Reads the local definitions of the case (`assemblies:`); before any component.
    void define(const yaml::Node& assemblies);
    /// The whole case as one assembly without a name.
    Part read_case(const yaml::Node& components, const yaml::Node* connections);
    /// Applies a block of `pattern: value` below `root`.
    void apply_set(Part& root, const std::string& root_path, const yaml::Node& set, const Origin& origin,
                   std::string_view about);
    /// Origin of values written in the case itself.
    Origin case_origin() const { return {"", "", "", "", files_.folder(), &files_, &fluids_}; }

    /// Models that were named by a former name, with the present one.
    const std::map<std::string, std::string>& former_names() const { return former_names_; }

    /// What was read otherwise than it is written, such as names of rows.
    const std::vector<std::string>& notes() const { return notes_; }

   private:
    LibraryFiles library_;
    std::map<std::string, std::string> former_names_;
    const FileAccess& files_;
    const Fluids& fluids_;
    std::map<std::string, const yaml::Node*> local_;
    std::map<std::string, Part> local_parts_, entry_parts_;  ///< read once, copied for every use
    std::vector<std::string> open_;                          ///< definitions being read, to detect cycles
    PartFinder finder_;
    std::vector<ConnectionLine> wires_;  ///< that rows of tables say, of the assembly that is read
    std::deque<yaml::Node> cells_;       ///< of tables; kept, as values are known by their place
    std::vector<std::string> notes_;

    struct Scope {
        Origin origin;
        bool sees_local;
    };
    Part component(const std::string& path, const yaml::Node& spec, const Scope& scope);
    /// Gives a line what the tables say of its conductor; values of the case come after it.
    void install(Part& part, const std::string& path, const yaml::Node& spec);
    void replace_conductor(Part& part, const std::string& path, const yaml::Node& value);
    PartGroup group(const std::string& path, const std::string& name, const yaml::Node& spec, const Where& where,
                    const Scope& scope);
    /// One component for each row: with names the components of an assembly, otherwise the elements of an array.
    PartGroup table_group(const std::string& path, const std::string& name, const yaml::Node& spec, const Where& where,
                          const Scope& scope);
    class TableRows;
    Part model(const std::string& name, const yaml::Node& at, const Scope& scope, std::string_view about);
    Part assembly(const std::string& name, const yaml::Node& definition, const Scope& scope);
    Part entry(const std::string& name, const yaml::Node& root);
    void read_groups(Part& part, const yaml::Node& components, const Scope& scope, const std::string& path);
    void read_ports(Assembly& assembly, const Part& part, const yaml::Node& ports);
    void read_short_names(Assembly& assembly, Part& part, const yaml::Node& names);
    void enter(const std::string& name, const yaml::Node& at);

    void apply(Part& part, const std::string& path, const std::string& key, const Where& where_key,
               const yaml::Node& value, const Origin& origin);
    void set_leaf(Part& part, const std::string& path, const std::string& name, const Where& where,
                  const yaml::Node& value, const Origin& origin);
    void set_pattern(Part& root, const std::string& path, const std::string& pattern, const Where& where,
                     const yaml::Node& value, const Origin& origin, int depth);
    void set_named(Part& part, const std::string& path, const std::string& name, const Where& where,
                   const yaml::Node& value, const Origin& origin, int depth);

    /// While one key is applied, a value that was read serves all elements of the same model.
    const yaml::Node* last_value_ = nullptr;
    std::map<const void*, std::shared_ptr<const Given>> given_;
};

/// The lines of `connections:`.
std::vector<ConnectionLine> read_connections(const yaml::Node& list);

}  // namespace kelvolt

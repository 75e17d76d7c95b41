// Texts: YAML, whole cases, quantities with units, paths.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "solver/case/yaml.hpp"
#include "solver/model/info.hpp"
#include "solver/network/path_pattern.hpp"
#include "solver/units/units.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/laws.hpp"

namespace kelvolt::fuzz {

namespace fs = std::filesystem;

std::vector<std::string> shipped_texts(std::string_view folder, std::string_view extension, std::size_t longest) {
    std::vector<std::string> texts;
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(KELVOLT_SOURCE_DIR) / folder))
        if (entry.is_regular_file() && entry.path().extension() == extension && entry.file_size() <= longest)
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        std::ostringstream text;
        text << std::ifstream(file, std::ios::binary).rdbuf();
        texts.push_back(text.str());
    }
    return texts;
}

namespace {

/// Everything that is said about a node, so that nothing is left unread.
std::size_t walk(const yaml::Node& node) {
    if (node.is_map() && node.keys.size() != node.items.size())
        throw BrokenProperty("a map of the YAML tree has another number of keys than of values");
    std::size_t count = 1;
    for (const yaml::Node& item : node.items) {
        if (item.line < node.line && node.line > 0)
            throw BrokenProperty(fmt::format("line {} of the YAML tree lies inside line {}", item.line, node.line));
        count += walk(item);
    }
    return count;
}

/// Units of the declarations, each once.
const std::vector<std::string>& declared_units() {
    static const std::vector<std::string> units = [] {
        std::vector<std::string> found;
        for (const ModelInfo* info : all_models())
            for (const ParamInfo& p : info->params)
                for (const std::string* unit : {&p.unit, &p.x_unit})
                    if (!unit->empty() && std::find(found.begin(), found.end(), *unit) == found.end())
                        found.push_back(*unit);
        return found;
    }();
    return units;
}

}  // namespace

bool parse_yaml(Bytes input) {
    try {
        walk(yaml::parse(std::string(text_of(input)), "fuzz.yaml"));
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool solve_case(Bytes input) {
    static const fs::path folder = empty_folder();
    return solve_and_judge(std::string(text_of(input)), folder, Depth::steady_and_start_of_run).has_value();
}

bool read_units(Bytes input) {
    Choices choices(input);
    const std::string& unit = choices.of(declared_units());
    const std::string text(text_of(input.empty() ? input : input.subspan(1)));
    try {
        const Quantity quantity = declared(unit);
        const double si = to_si(text, quantity);
        if (!std::isfinite(si)) throw BrokenProperty(fmt::format("'{}' is {} {}", text, si, unit));
        const std::string shown = display_unit(quantity, "us");
        const double there = from_si(si, shown, quantity), back = to_si(there, shown, quantity);
        if (std::isfinite(there) && !(std::abs(back - si) <= 1e-9 * std::abs(si) + 1e-9 * std::abs(there) + 1e-250))
            throw BrokenProperty(
                fmt::format("'{}' is {} {}, shown as {} {}, which is read as {}", text, si, unit, there, shown, back));
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool match_path(Bytes input) {
    const std::string_view text = text_of(input);
    const std::size_t cut = text.find('\n');
    const std::string_view pattern = text.substr(0, cut);
    const std::string path(cut == std::string_view::npos ? pattern : text.substr(cut + 1));
    try {
        const std::vector<PathStep> steps = parse_path(pattern);
        const std::string again = text_of(steps, steps.size());
        if (text_of(parse_path(again), steps.size()) != again)
            throw BrokenProperty(
                fmt::format("the path '{}' is written '{}', which is read as another", pattern, again));
        (void)covers(pattern, path);
        (void)chain_of(path), (void)array_of(path), (void)first_levels(path, 2), (void)any_element(path);
        const Lifted lifted = lift_paths(path);
        if (lifted.text.size() > path.size() + 12 * lifted.paths.size() * (path.size() + 1))
            throw BrokenProperty(fmt::format("the expression '{}' grows to '{}'", path, lifted.text));
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace kelvolt::fuzz

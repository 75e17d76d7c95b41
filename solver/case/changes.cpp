// What was set on a case after it was read: one list, for copies in other processes, result files and cases read anew.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "solver/case/case.hpp"
#include "solver/network/path_text.hpp"

namespace kelvolt {

namespace {

/// Whether an edit gives the component at `path` another model or other values.
bool replaces(const Edit& edit, const std::string& path) {
    return inside("components." + path, owner_of(edit.path));  // "components.pump"
}

bool has_number(const Network& net, const Change& change) {
    const int id = net.find(change.component);
    if (id < 0) return false;
    const ParamInfo* info = net.component(id).info->param(change.parameter);
    return info && info->type == ParamInfo::Type::number;
}

}  // namespace

std::vector<Change> Case::changes() const {
    std::vector<Change> out;
    const std::vector<double>&now = values_.params, &given = network().initial.params;
    for (const Component& c : network().components)
        for (const ParamInfo& p : c.info->params) {
            if (p.type != ParamInfo::Type::number) continue;
            const std::size_t k = network().param_position(c, p.index);
            if (now[k] != given[k] && !(std::isnan(now[k]) && std::isnan(given[k])))
                out.push_back({k, c.path, p.name, now[k]});
        }
    return out;
}

void Case::repeat(const std::vector<Change>& changes) {
    for (const Change& change : changes) values_.params.at(change.position) = change.value;
}

std::string Case::changes_text() const {
    std::vector<std::string> patterns;  // in the order of the components
    std::map<std::string, std::vector<Change>> arrays;
    for (Change& change : changes()) {
        const std::string pattern = any_element(change.path());
        std::vector<Change>& elements = arrays[pattern];
        if (elements.empty()) patterns.push_back(pattern);
        elements.push_back(std::move(change));
    }
    std::string text;
    const auto add = [&](const std::string& path, double value) {
        text += fmt::format("{}\"{}\": {:#}", text.empty() ? "" : ", ", path, value);
    };
    for (const std::string& pattern : patterns) {
        const std::vector<Change>& elements = arrays[pattern];
        const double first = elements.front().value;
        const bool alike =
            std::all_of(elements.begin(), elements.end(), [&](const Change& c) { return c.value == first; }) &&
            case_->parameters(pattern).size() == elements.size();
        if (alike) add(pattern, first);
        for (const Change& c : alike ? std::vector<Change>{} : elements) add(c.path(), c.value);
    }
    return text.empty() ? "" : "{" + text + "}";
}

Case Case::anew(const std::vector<Edit>& edits, bool keep) const {
    Case made(read_anew(subject(), edits));
    for (const Change& change : changes()) {
        const bool replaced =
            std::any_of(edits.begin(), edits.end(), [&](const Edit& e) { return replaces(e, change.component); });
        if ((keep || !replaced) && has_number(made.network(), change)) made.set(change.path(), change.value);
    }
    return made;
}

}  // namespace kelvolt

// The format of cases as data, of which the JSON Schema is made.
#include <cmath>
#include <iterator>

#include "python/bindings.hpp"
#include "solver/case/format.hpp"

namespace kelvolt::bindings {

namespace {

// in the order of their declaration
constexpr const char* kinds[] = {"anything", "nothing", "version",    "text", "truth", "whole",   "quantity",
                                 "word",     "paths",   "connection", "list", "map",   "section", "either"};
constexpr const char* presences[] = {"optional", "required", "one_of", "some_of"};
static_assert(std::size(kinds) == std::size_t(format::Form::Kind::either) + 1);
static_assert(std::size(presences) == std::size_t(format::Key::Presence::some_of) + 1);

py::dict form_of(const format::Form& form) {
    py::dict out;
    out["kind"] = kinds[static_cast<int>(form.kind)];
    if (!form.unit.empty()) out["unit"] = py::str(form.unit.data(), form.unit.size());
    if (std::isfinite(form.bounds.lo)) out[form.bounds.above ? "above" : "minimum"] = form.bounds.lo;
    if (std::isfinite(form.bounds.hi)) out["maximum"] = form.bounds.hi;
    if (!form.words.empty()) out["words"] = std::vector<std::string>(form.words.begin(), form.words.end());
    if (form.item) out["item"] = form_of(*form.item);
    if (form.least > 0) out["least"] = form.least;
    if (form.most > 0) out["most"] = form.most;
    if (form.names) out["names"] = true;
    if (form.section) out["section"] = std::string(form.section->name);
    if (!form.forms.empty()) {
        py::list forms;
        for (const format::Form& one : form.forms) forms.append(form_of(one));
        out["forms"] = forms;
    }
    return out;
}

py::dict case_format() {
    py::dict all;
    for (const format::Section* section : format::sections()) {
        py::list keys;
        for (const format::Key& key : section->keys) {
            py::dict one;
            one["name"] = std::string(key.name);
            one["form"] = form_of(key.form);
            one["doc"] = std::string(key.doc);
            one["presence"] = presences[static_cast<int>(key.presence)];
            py::list with;
            for (const std::string_view choice : key.with)
                if (!choice.empty()) with.append(std::string(choice));
            one["with"] = with;
            keys.append(one);
        }
        py::dict made;
        made["doc"] = std::string(section->doc);
        made["keys"] = keys;
        made["open"] = section->open;
        all[py::str(std::string(section->name))] = made;
    }
    return all;
}

}  // namespace

void bind_case_format(py::module_& m) {
    m.def("case_format", &case_format,
          "By the name of a section its keys: name, form, doc, presence, and the choices a key goes with.");
}

}  // namespace kelvolt::bindings

#include "solver/case/file_access.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/case/outside.hpp"
#include "solver/curve/curve_csv.hpp"
#include "solver/data_folder.hpp"
#include "solver/regular_file.hpp"

namespace kelvolt {
namespace fs = std::filesystem;

namespace {
bool lies_in(const fs::path& resolved, const fs::path& root) {
    return std::mismatch(root.begin(), root.end(), resolved.begin(), resolved.end()).first == root.end();
}
}  // namespace

FileAccess::FileAccess(fs::path folder, const std::vector<fs::path>& allowed) : folder_(std::move(folder)) {
    if (folder_.empty()) folder_ = ".";
    std::error_code problem;
    const fs::path own = fs::canonical(folder_, problem);
    if (!problem) roots_.push_back(own);  // a folder that does not exist contains no files
    for (const fs::path& more : allowed) {
        const fs::path root = fs::canonical(more, problem);
        if (problem || !fs::is_directory(root, problem))
            throw input_error(fmt::format(
                "the allowed folder {} is not a folder; give one that exists (--allow-files DIR, allow=DIR)",
                more.string()));
        roots_.push_back(root);
    }
}

bool FileAccess::allows(const fs::path& resolved) const {
    if (std::any_of(roots_.begin(), roots_.end(), [&](const fs::path& root) { return lies_in(resolved, root); }))
        return true;
    std::error_code problem;
    const fs::path library = fs::canonical(data_directory(), problem);
    return !problem && lies_in(resolved, library);
}

fs::path FileAccess::resolve(const fs::path& base, const std::string& named, const std::string& about,
                             const Where& where) const {
    std::error_code problem;
    const fs::path asked = base / named;
    // of a path that does not exist, the existing part is resolved
    const fs::path resolved = fs::weakly_canonical(asked, problem);
    const auto missing = [&] {
        return Error(Error::Kind::no_file, fmt::format("{}: there is no file {}", about, asked.string()), where);
    };
    if (problem) throw missing();
    // the message does not tell whether a file outside exists
    if (!allows(resolved))
        throw input_error(fmt::format("{}: {} lies outside the folder of the case and the library, links resolved, so "
                                      "it is not read; put the file beside the case, or allow its folder "
                                      "(--allow-files DIR; in Python allow=DIR)",
                                      about, named),
                          where);
    const fs::file_status status = fs::status(resolved, problem);
    if (!fs::exists(status)) throw missing();
    if (!fs::is_regular_file(status))
        throw input_error(fmt::format("{}: {} is not a regular file, so it is not read", about, named), where);
    return resolved;
}

namespace {

std::string suffix_of(const std::string& named) {
    std::string suffix = fs::path(named).extension().string();
    for (char& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return suffix;
}

std::string content_of(const fs::path& file, const std::string& sheet, const std::string& about, const Where& where) {
    const std::string suffix = suffix_of(file.string());
    for (const char* other : {".xls", ".xlsm", ".xlsb", ".ods", ".numbers"})
        if (suffix == other)
            throw input_error(
                fmt::format("{}: a file {} is not read; save it as .xlsx, or its sheet as CSV UTF-8", about, suffix),
                where);
    if (suffix == ".xlsx") {
        if (!outside().sheet)
            throw input_error(fmt::format("{}: a workbook is read by the Python package of Kelvolt only; save its "
                                          "sheet as CSV UTF-8",
                                          about),
                              where);
        return outside().sheet(file, sheet);
    }
    if (!sheet.empty())
        throw input_error(fmt::format("{}: a sheet is given, but {} is no workbook (.xlsx); remove `sheet`", about,
                                      file.filename().string()),
                          where);
    return read_regular_file(file, largest_table, "the table", Error::Kind::io);
}

}  // namespace

// Bytes of a text up to which a case keeps it; longer ones are logs, of which the file stays beside the case.
constexpr std::size_t always_kept = 65536;

NamedText FileAccess::table(const fs::path& base, const std::string& named, const std::string& sheet, bool kept,
                            const std::string& about, const Where& where) const {
    if (named.find('\n') != std::string::npos) return {about, named};
    const bool own = base == folder_;
    const std::string name = sheet.empty() ? named : fmt::format("{}#{}", named, sheet);
    if (own)
        if (const auto found = given_.find(name); found != given_.end()) return {name, found->second};
    const fs::path file = resolve(base, named, about, where);
    NamedText table{sheet.empty() ? file.string() : fmt::format("{}#{}", file.string(), sheet),
                    content_of(file, sheet, about, where)};
    if (own && (kept || table.text.size() <= always_kept || suffix_of(named) == ".xlsx")) kept_[name] = table.text;
    return table;
}

}  // namespace kelvolt

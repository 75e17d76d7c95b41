#include "solver/units/udunits.hpp"

#include <locale.h>
#include <udunits2.h>

#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string_view>

#include "solver/data_folder.hpp"
#include "solver/error.hpp"

namespace kelvolt::units {
namespace {

using OwnedUnit = std::unique_ptr<ut_unit, decltype(&ut_free)>;
using OwnedConverter = std::unique_ptr<cv_converter, decltype(&cv_free)>;

std::mutex& lock() {
    static std::mutex mutex;
    return mutex;
}

/// UDUNITS reads numbers with strtod, and a decimal comma in the caller's locale would change them; this sets the C
/// locale for the scope.
class CLocale {
   public:
    CLocale() : before_(uselocale(c())) {}
    ~CLocale() { uselocale(before_); }
    CLocale(const CLocale&) = delete;
    CLocale& operator=(const CLocale&) = delete;

   private:
    static locale_t c() {
        static const locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
        return locale;
    }
    locale_t before_;
};

/// The database that an installed package brings; empty where the system's is used, or one that UDUNITS2_XML_PATH names.
std::string brought_database() {
    if (std::getenv("UDUNITS2_XML_PATH")) return {};
    const std::filesystem::path package = package_directory();
    std::error_code unreadable;
    const std::filesystem::path file = package / "units" / "udunits2.xml";
    return !package.empty() && std::filesystem::is_regular_file(file, unreadable) ? file.string() : std::string();
}

// valid as long as the process; called with the lock held
ut_system* unit_system() {
    static ut_system* const loaded = [] {
        ut_set_error_message_handler(ut_ignore);
        const std::string brought = brought_database();
        ut_system* read = ut_read_xml(brought.empty() ? nullptr : brought.c_str());
        if (!read)
            throw Error(
                Error::Kind::io,
                "the unit database of UDUNITS-2 cannot be read: install libudunits2-data or correct UDUNITS2_XML_PATH");
        return read;
    }();
    return loaded;
}

OwnedUnit parse(const std::string& text) { return {ut_parse(unit_system(), text.c_str(), UT_ASCII), ut_free}; }

}  // namespace

bool udunits_knows(const std::string& text) {
    const std::scoped_lock guard(lock());
    const CLocale numbers;
    return parse(text) != nullptr;
}

bool udunits_coherent(const std::string& text) {
    const std::scoped_lock guard(lock());
    const CLocale numbers;
    const OwnedUnit unit = parse(text);
    std::array<char, 256> base{};
    if (!unit || ut_format(unit.get(), base.data(), base.size() - 1, UT_ASCII | UT_DEFINITION) < 0) return false;
    // a definition in base units starts with its factor, unless that is 1
    const std::string_view definition = base.data();
    return definition == "1" || (!definition.empty() && std::isdigit(static_cast<unsigned char>(definition[0])) == 0);
}

std::optional<double> udunits_factor(const std::string& from, const std::string& to) {
    const std::scoped_lock guard(lock());
    const CLocale numbers;
    const OwnedUnit a = parse(from), b = parse(to);
    if (!a || !b || !ut_are_convertible(a.get(), b.get())) return std::nullopt;
    const OwnedConverter convert(ut_get_converter(a.get(), b.get()), cv_free);
    if (!convert) return std::nullopt;
    // UDUNITS also converts s to Hz and K/W to W/K by 1/x, and degrees by an offset; neither is a factor
    const double one = cv_convert_double(convert.get(), 1.0), two = cv_convert_double(convert.get(), 2.0);
    if (cv_convert_double(convert.get(), 0.0) != 0.0 || std::abs(two - 2.0 * one) > 1e-12 * std::abs(one))
        return std::nullopt;
    return one;
}

}  // namespace kelvolt::units

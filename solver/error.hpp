/// The one exception type of Kelvolt. Messages carry file, line, component, quantity, value, unit, range and remedy.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kelvolt {

/// Where in the user's text something was said; line 0 means "not from a file".
struct Where {
    std::string file;
    int line = 0;
};

class Error : public std::runtime_error {
   public:
    enum class Kind {
        input,            ///< the user's text, values or files
        topology,         ///< what was connected cannot be solved, named before solving
        no_convergence,   ///< the solver gave up; the worst residuals are named
        no_steady_state,  ///< a physical answer: heat and no sink
        thermal_runaway,  ///< a physical answer: leakage grows faster than it can be cooled
        no_stable_point,  ///< a physical answer: the balances close, but only where the least push leads away
        no_gradient,      ///< a derivative does not exist; the event and the components are named
        no_power_flow,    ///< a physical answer: the electric network cannot carry its load
        out_of_step,      ///< sources or loops of the electric network that do not agree in voltage or angle
        io,               ///< files
        no_file,          ///< a path that names no file
        interrupted       ///< Ctrl-C; what was recorded is kept
    };

    Error(Kind kind, const std::string& message, Where where = {})
        : std::runtime_error(prefix(where) + message), kind(kind), where(std::move(where)), message(message) {}

    Kind kind;
    Where where;
    std::string message;  ///< without file and line

   private:
    static std::string prefix(const Where& where) {
        if (where.file.empty() && where.line == 0) return "";
        const std::string file = where.file.empty() ? "case" : where.file;
        return where.line > 0 ? file + ":" + std::to_string(where.line) + ": " : file + ": ";
    }
};

inline Error input_error(const std::string& message, Where where = {}) {
    return {Error::Kind::input, message, std::move(where)};
}
inline Error topology_error(const std::string& message, Where where = {}) {
    return {Error::Kind::topology, message, std::move(where)};
}

/// "did you mean ...?" for a misspelt name; empty when nothing is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace kelvolt

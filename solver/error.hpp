/// The one exception type of Kelvolt. Messages carry file, line, component, quantity, value, unit, range and remedy.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kelvolt {

/// Place in the input text that a message refers to; line 0: not from a file.
struct Where {
    std::string file;
    int line = 0;
};

class Error : public std::runtime_error {
   public:
    enum class Kind {
        input,            ///< the user's text, values or files
        topology,         ///< what is connected cannot be solved; found before solving
        no_convergence,   ///< the solver did not converge; the worst residuals are named
        no_steady_state,  ///< a physical result: heat that nothing takes away
        thermal_runaway,  ///< a physical result: leakage grows faster than it can be cooled
        no_stable_point,  ///< a physical result: the balances close, but the state is unstable
        no_gradient,      ///< a derivative does not exist; the event and the components are named
        no_power_flow,    ///< a physical result: the electric network cannot carry its load
        out_of_step,      ///< sources or loops of the electric network differ in voltage or angle
        io,               ///< a file cannot be read or written
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

/// "did you mean ...?" for a misspelt name; empty if no known name is similar.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace kelvolt

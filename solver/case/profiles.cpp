#include "solver/case/profiles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace kelvolt {

namespace {

/// Reads one profile. Without a unit it only checks the form and takes the numbers as written.
class OneProfile {
   public:
    OneProfile(const std::string& name, const yaml::Node& node, const FileAccess& files, const std::string* unit,
               double begins)
        : about_("profile " + name),
          files_(files),
          unit_(unit),
          begins_(begins),
          fields_(node, about_, format::profile) {}

    Profile read() const {
        const std::string_view form = fields_.choice();
        const yaml::Node& node = fields_.at(form);
        try {
            if (form == "constant") return Profile::constant(value(node));
            if (form == "step") return step(node);
            if (form == "square_wave") return wave(node);
            if (form == "piecewise") return piecewise(node);
            return table(node, form);
        } catch (const Error& e) {
            if (e.where.line > 0 || !e.message.starts_with("profile: ")) throw;
            throw input_error(fmt::format("{}: {}", about_, e.message.substr(9)), node.where());
        }
    }

   private:
    std::string about_;
    const FileAccess& files_;
    const std::string* unit_;
    double begins_;
    yaml::Fields fields_;

    double value(const yaml::Node& node) const {
        if (unit_) return read_number(node, declared(*unit_), about_);
        const std::string& word = yaml::text(node, about_);
        double number = 0.0;
        const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (status != std::errc() || !std::isfinite(number))
            throw input_error(fmt::format("{}: '{}' does not begin with a finite number", about_, word), node.where());
        return number;
    }

    Profile step(const yaml::Node& node) const {
        const yaml::Fields f(node, about_ + ": step", format::step);
        return Profile::step(number_at(f, "at"), value(f.at("before")), value(f.at("after")));
    }
    Profile wave(const yaml::Node& node) const {
        const yaml::Fields f(node, about_ + ": square_wave", format::square_wave);
        SquareWave w;
        w.high = value(f.at("high"));
        w.low = value(f.at("low"));
        w.period = number_at(f, "period");
        w.duty = number_at(f, "duty");
        if (const auto from = find_number(f, "from")) w.from = *from;
        if (const auto until = find_number(f, "until")) w.until = *until;
        if (const auto phase = find_number(f, "phase")) w.phase = *phase;
        const yaml::Node* otherwise = fields_.find("otherwise");
        if (!otherwise && (f.find("from") || f.find("until")))
            throw input_error(fmt::format("{}: the value outside {} is not given; add otherwise: beside square_wave:",
                                          about_, f.find("from") ? "from .. until" : "until"),
                              node.where());
        w.otherwise = otherwise ? value(*otherwise) : w.high;
        return Profile::square_wave(w);
    }
    Profile::Between between() const {
        const yaml::Node* node = fields_.find("between");
        if (!node || node->text == "linear") return Profile::Between::linear;
        if (node->text == "step") return Profile::Between::step;
        throw input_error(fmt::format("{}: between = '{}' is not one of {}", about_, node->text,
                                      fmt::join(fields_.section().form("between").words, ", ")),
                          node->where());
    }
    Profile piecewise(const yaml::Node& node) const {
        Profile::Points points;
        for (const yaml::Node& point : yaml::list(node, about_ + ": piecewise").items) {
            if (!point.is_list() || point.items.size() != 2)
                throw input_error(fmt::format("{}: a point must be a list of two, [time, value]", about_),
                                  point.where());
            points.emplace_back(read_number(point.items[0], declared("s"), about_), value(point.items[1]));
        }
        return Profile::piecewise(std::move(points), between());
    }
    Profile table(const yaml::Node& node, std::string_view form) const {
        const auto word = [&](std::string_view key) {
            const yaml::Node* given = fields_.find(key);
            return given ? yaml::text(*given, fmt::format("{}: {}", about_, key)) : std::string();
        };
        ProfileColumns columns{word("time"), word("value"), unit_ ? *unit_ : "", between(), word("zone"), begins_};
        const std::string about = fmt::format("{}: {}", about_, form), name = yaml::text(node, about);
        const std::string sheet = word("sheet"), decimal = word("decimal");
        if (!decimal.empty() && decimal != "point" && decimal != "comma")
            throw input_error(fmt::format("{}: decimal = '{}' is not one of point, comma", about_, decimal),
                              node.where());
        if (!unit_) {
            // a file that no line of apply uses is not read, but it must be there
            if (name.find('\n') == std::string::npos && !files_.given(name, sheet))
                files_.resolve(files_.folder(), name, about_, node.where());
            return Profile::constant(0.0);
        }
        try {
            NamedText text = files_.table(files_.folder(), name, sheet, form == "table", about_, node.where());
            text.decimal_comma = decimal == "comma";
            return profile_of_table(text, columns);
        } catch (const Error& e) {
            throw Error(e.kind, e.message.starts_with(about_) ? e.message : fmt::format("{}: {}", about_, e.message),
                        e.where.file.empty() ? node.where() : e.where);
        }
    }
};

}  // namespace

ProfileReader::ProfileReader(const yaml::Node* profiles, const FileAccess& files, double begins)
    : profiles_(profiles), files_(files), begins_(begins) {
    if (!profiles_) return;
    yaml::map(*profiles_, "profiles");
    for (std::size_t k = 0; k < profiles_->keys.size(); ++k)
        OneProfile(profiles_->keys[k].name, profiles_->items[k], files_, nullptr, begins_).read();
}

bool ProfileReader::is_log(const std::string& name) const {
    const yaml::Node* node = profiles_ ? profiles_->find(name) : nullptr;
    return node && (node->find("csv") || node->find("table"));
}

const Profile& ProfileReader::get(const std::string& name, const std::string& unit, const Where& where) {
    const yaml::Node* node = profiles_ ? profiles_->find(name) : nullptr;
    if (!node) {
        std::vector<std::string> known;
        if (profiles_)
            for (const auto& key : profiles_->keys) known.push_back(key.name);
        throw input_error(
            fmt::format("there is no profile '{}'{}; define it under `profiles:`", name, did_you_mean(name, known)),
            where);
    }
    const auto found = made_.find({name, unit});
    if (found != made_.end()) return found->second;
    return made_.emplace(std::pair{name, unit}, OneProfile(name, *node, files_, &unit, begins_).read()).first->second;
}

}  // namespace kelvolt

#include "solver/case/profiles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "solver/curve/curve_csv.hpp"

namespace kelvolt {

namespace {

/// Reads one profile. Without a unit it only checks the form and takes the numbers as written.
class OneProfile {
   public:
    OneProfile(const std::string& name, const yaml::Node& node, const FileAccess& files, const std::string* unit)
        : about_("profile " + name), files_(files), unit_(unit), fields_(node, about_, format::profile) {}

    Profile read() const {
        const std::string_view form = fields_.choice();
        const yaml::Node& node = fields_.at(form);
        try {
            if (form == "constant") return Profile::constant(value(node));
            if (form == "step") return step(node);
            if (form == "square_wave") return wave(node);
            if (form == "piecewise") return piecewise(node);
            return csv(node);
        } catch (const Error& e) {
            if (e.where.line > 0 || !e.message.starts_with("profile: ")) throw;
            throw input_error(fmt::format("{}: {}", about_, e.message.substr(9)), node.where());
        }
    }

   private:
    std::string about_;
    const FileAccess& files_;
    const std::string* unit_;
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
    Profile csv(const yaml::Node& node) const {
        const std::filesystem::path file =
            files_.resolve(files_.folder(), yaml::text(node, about_ + ": csv"), about_, node.where());
        const auto column = [&](std::string_view key) { return yaml::text(fields_.at(key), about_); };
        const std::string time = column("time"), name = column("value");
        const Profile::Between how = between();
        if (!unit_) return Profile::constant(0.0);
        try {
            return profile_from_csv(file, time, name, *unit_, how);
        } catch (const Error& e) {
            throw Error(e.kind, fmt::format("{}: {}", about_, e.message),
                        e.where.file.empty() ? node.where() : e.where);
        }
    }
};

}  // namespace

Profile profile_from_csv(const std::filesystem::path& file, const std::string& time, const std::string& value,
                         const std::string& declared_unit, Profile::Between between) {
    const Curve table = read_curve_csv(file, {time, "s"}, {value, declared_unit});
    Profile::Points points;
    for (std::size_t i = 0; i < table.x().size(); ++i) points.emplace_back(table.x()[i], table.y()[i]);
    return Profile::piecewise(std::move(points), between);
}

ProfileReader::ProfileReader(const yaml::Node* profiles, const FileAccess& files) : profiles_(profiles), files_(files) {
    if (!profiles_) return;
    yaml::map(*profiles_, "profiles");
    for (std::size_t k = 0; k < profiles_->keys.size(); ++k)
        OneProfile(profiles_->keys[k].name, profiles_->items[k], files_, nullptr).read();
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
    return made_.emplace(std::pair{name, unit}, OneProfile(name, *node, files_, &unit).read()).first->second;
}

}  // namespace kelvolt

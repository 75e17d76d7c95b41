/// The reader of one YAML file of data/fluids; its errors state file and line.
#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "solver/error.hpp"

namespace kelvolt::fluid_file {

/// Reads the tree of one file; its errors state file and line.
struct Source {
    std::string file;

    Where where(const YAML::Node& node) const { return {file, node.Mark().is_null() ? 0 : node.Mark().line + 1}; }

    YAML::Node child(const YAML::Node& parent, const std::string& key) const {
        const YAML::Node node = parent[key];
        if (!node) throw input_error(fmt::format("fluid: '{}' is missing", key), where(parent));
        return node;
    }
    std::string text(const YAML::Node& parent, const std::string& key) const {
        const YAML::Node node = child(parent, key);
        if (!node.IsScalar()) throw input_error(fmt::format("fluid: '{}' must be text", key), where(node));
        return node.Scalar();
    }
    double finite(const YAML::Node& node, const std::string& what) const {
        double x = 0.0;
        if (!node.IsScalar() || !YAML::convert<double>::decode(node, x) || !std::isfinite(x))
            throw input_error(fmt::format("fluid: {} must be a finite number", what), where(node));
        return x;
    }
    double number(const YAML::Node& parent, const std::string& key) const { return finite(child(parent, key), key); }
    double number_or(const YAML::Node& parent, const std::string& key, double fallback) const {
        return parent[key] ? finite(parent[key], key) : fallback;
    }
    std::vector<std::string> list(const YAML::Node& parent, const std::string& key) const {
        std::vector<std::string> items;
        if (parent[key] && !parent[key].IsSequence())
            throw input_error(fmt::format("fluid: '{}' must be a list", key), where(parent[key]));
        for (const auto& item : parent[key]) {
            if (!item.IsScalar())
                throw input_error(fmt::format("fluid: '{}' must hold plain text; quote it", key), where(item));
            items.push_back(item.Scalar());
        }
        return items;
    }
};

/// The tree of a file, which holds keys. Error(io) where it cannot be read, Error(input) where it is not YAML.
inline YAML::Node tree(const std::filesystem::path& file) {
    YAML::Node root;
    try {
        root = YAML::LoadFile(file.string());
    } catch (const YAML::BadFile&) {
        throw Error(Error::Kind::io, "cannot read the fluid file", {file.string(), 0});
    } catch (const YAML::ParserException& e) {
        throw input_error("fluid: " + e.msg, {file.string(), e.mark.line + 1});
    }
    if (!root.IsMap())
        throw input_error("fluid: the file must hold keys such as name and properties", {file.string(), 1});
    return root;
}

}  // namespace kelvolt::fluid_file

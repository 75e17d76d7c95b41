// texts made to break the reader, and mistakes that lie in files the case only names.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "solver/case/built_case.hpp"

using namespace kelvolt;
namespace fs = std::filesystem;

namespace {

struct Mistake {
    const char* name;
    std::string text;
    std::vector<const char*> says;
};

std::string refusal(const std::string& text, const fs::path& folder = ".") {
    try {
        read_case(text, "bad.yaml", folder);
    } catch (const Error& e) {
        return e.what();
    }
    return "accepted";
}
std::string components(const std::string& line) {
    return "kelvolt: 1\ncomponents:\n  air: {model: ambient, T: 25 degC}\n  " + line + "\n";
}

}  // namespace

TEST_CASE("mistakes in library files are reported with the library file and its line") {
    const fs::path folder = fs::temp_directory_path() / "kelvolt_bad_library";
    fs::remove_all(folder);
    fs::create_directories(folder);
    const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
    write("loop_a.yaml", "title: A\nmodel: loop_b\n");
    write("loop_b.yaml", "title: B\nmodel: loop_a\n");
    write("unit.yaml", "title: U\nmodel: heat_capacity\nparameters:\n  C: 3 kg\n");
    write("neither.yaml", "title: N\n");
    write("a_case.yaml", "kelvolt: 1\ntitle: N\n");
    write("grade.yaml", "title: N\ngrade: Z\nmodel: heat_capacity\n");
    write("range.yaml", "title: N\nmodel: heat_capacity\nparameters:\n  C: -1\n");
    const Mistake mistakes[] = {
        {"cycle", components("x: {model: loop_a}"), {"loop_b.yaml:2", "contains itself: loop_a -> loop_b -> loop_a"}},
        {"wrong unit", components("x: {model: unit}"), {"unit.yaml:4", "unit: C", "3 kg"}},
        {"neither model nor assembly",
         components("x: {model: neither}"),
         {"neither.yaml:1", "one of model, assembly is missing"}},
        {"a case", components("x: {model: a_case}"), {"a_case.yaml:1", "this is a case"}},
        {"grade", components("x: {model: grade}"), {"grade.yaml:2", "grade 'Z'"}},
        {"range", components("x: {model: range}"), {"range.yaml:4", "x: C = -1 J/K is outside its range"}},
    };
    for (const Mistake& m : mistakes) {
        const std::string message = refusal(m.text, folder);
        for (const char* part : m.says) {
            INFO(std::string(m.name) << " -> " << message);
            CHECK(message.find(part) != std::string::npos);
        }
    }
    fs::remove_all(folder);
}

TEST_CASE("hostile texts are refused quickly") {
    const auto timed = [](const std::string& text) {
        const auto begin = std::chrono::steady_clock::now();
        const std::string message = refusal(text);
        CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 5.0);
        return message;
    };
    CHECK(timed(std::string(1'000'000, '[')).find("bad.yaml:1") != std::string::npos);
    std::string dashes = "kelvolt: 1\ntitle:\n";
    for (int i = 0; i < 100'000; ++i) dashes += "- ";
    CHECK(timed(dashes).find("nested more than 100 levels") != std::string::npos);
    std::string deep = "kelvolt: 1\n";
    for (int i = 0; i < 300; ++i) deep += std::string(i, ' ') + "a:\n";
    CHECK(timed(deep).find("nested more than 100 levels") != std::string::npos);
    CHECK(timed(std::string(1'000'000, '{')).find("bad.yaml") != std::string::npos);
    std::string laughs = "kelvolt: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c < 'l'; ++c) {
        const std::string before(1, static_cast<char>(c - 1));
        laughs += std::string(1, c) + ": &" + std::string(1, c) + " [";
        for (int i = 0; i < 10; ++i) laughs += (i ? ", *" : "*") + before;
        laughs += "]\n";
    }
    CHECK(timed(laughs).find("aliases (*name) repeat too much") != std::string::npos);
    CHECK(timed("kelvolt: 1\ncomponents: &a {x: *a}\n").find("bad.yaml:2") != std::string::npos);
    CHECK(timed(std::string(30'000'000, 'x')).find("at most 20 MB") != std::string::npos);
    CHECK(timed("kelvolt: 1\n\"" + std::string(100'000, 'k') + "\": 1\n").find("bad.yaml:2") != std::string::npos);
}

TEST_CASE("a file that is too large is refused before it is read, with its size") {
    const fs::path file = fs::temp_directory_path() / "kelvolt_large.yaml";
    std::ofstream(file) << "kelvolt: 1\n";
    fs::resize_file(file, 100'000'000);  // sparse: takes no space
    CHECK_THROWS_WITH_AS(load_case(file), doctest::Contains("the file has 100.0 MB; at most 20 MB"), Error);
    fs::remove(file);
    CHECK_THROWS_WITH_AS(load_case(file), doctest::Contains("cannot read the file"), Error);
    CHECK_THROWS_WITH_AS(load_case(fs::temp_directory_path()), doctest::Contains("this is a folder"), Error);
}

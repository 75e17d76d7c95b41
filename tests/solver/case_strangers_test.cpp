// A case from a stranger: which files it may name, and texts and patterns that would cost without end.
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "solver/case/built_case.hpp"
#include "solver/case/file_access.hpp"
#include "solver/network/path_pattern.hpp"

using namespace kelvolt;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with its content.
struct Folder {
    fs::path at = fs::temp_directory_path() / ("kelvolt_strangers_" + std::to_string(::getpid()));
    Folder() {
        fs::create_directories(at / "case" / "inside");
        fs::create_directories(at / "other");
        std::ofstream(at / "case" / "inside" / "own.csv") << "x, y\n";
        std::ofstream(at / "other" / "secret.csv") << "secret\n";
        fs::create_symlink(at / "other", at / "case" / "way_out");
        fs::create_symlink(at / "case" / "inside", at / "case" / "way_in");
    }
    ~Folder() { fs::remove_all(at); }
};

std::string refusal(const FileAccess& files, const std::string& named) {
    try {
        files.resolve(files.folder(), named, "curve", {"case.yaml", 7});
    } catch (const Error& e) {
        CHECK(e.where.line == 7);
        return e.message;
    }
    return "";
}

double milliseconds_of(auto&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a file is resolved inside the folder of the case and refused outside, links followed") {
    const Folder folder;
    const FileAccess files(folder.at / "case", {});
    CHECK(refusal(files, "inside/own.csv") == "");
    CHECK(refusal(files, "way_in/own.csv") == "");
    CHECK(refusal(files, "inside/../inside/own.csv") == "");
    for (const std::string named : {"way_out/secret.csv", "../other/secret.csv", "../other/no_such.csv", "/etc/passwd"})
        CHECK(refusal(files, named).find("outside the folder of the case") != std::string::npos);
    CHECK(refusal(files, "inside").find("not a regular file") != std::string::npos);
    CHECK(refusal(files, "no_such.csv").find("there is no file") != std::string::npos);
    CHECK(refusal(FileAccess(folder.at / "case", {folder.at / "other"}), "way_out/secret.csv") == "");
    // a folder whose name only begins alike is another one
    fs::create_directories(folder.at / "case_2");
    std::ofstream(folder.at / "case_2" / "secret.csv") << "secret\n";
    CHECK(refusal(files, "../case_2/secret.csv").find("outside the folder of the case") != std::string::npos);
}

TEST_CASE("any number of levels of any depth matches in time that grows with both lengths") {
    const auto steps = parse_path("**.a.**.a.**.b");
    CHECK(matches("a.a.b", steps.data(), steps.data() + steps.size()));
    CHECK(matches("x.a.y.z.a.b", steps.data(), steps.data() + steps.size()));
    CHECK_FALSE(matches("a.b", steps.data(), steps.data() + steps.size()));
    CHECK_FALSE(matches("a.a.b.c", steps.data(), steps.data() + steps.size()));
    const auto tail = parse_path("a.**");
    CHECK(matches("a", tail.data(), tail.data() + tail.size()));
    CHECK(matches("a.b.c", tail.data(), tail.data() + tail.size()));
    std::string pattern = "**", path = "a";
    for (int k = 0; k < 40; ++k) pattern += ".a.**", path += ".a";
    pattern += ".b";
    const auto many = parse_path(pattern);
    CHECK(milliseconds_of([&] { CHECK_FALSE(matches(path, many.data(), many.data() + many.size())); }) < 100.0);
}

TEST_CASE("a pattern covers a component and what lies inside, and never takes long") {
    CHECK(covers("rack", "rack"));
    CHECK(covers("rack", "rack[2].tray"));
    CHECK_FALSE(covers("rack", "racks"));
    CHECK(covers("rack[*]", "rack[12].tray[3]"));
    CHECK_FALSE(covers("rack[1..3]", "rack[4]"));
    CHECK(covers("rack[1..99999999999999999999]", "rack[4]"));
    CHECK(covers("**.ups", "hall.row[2].ups"));
    CHECK(covers("**.ups", "ups"));
    CHECK_FALSE(covers("rack.it", "rack[1].it"));
    CHECK(covers("one of ups[1..2]", "one of ups[2].modules"));
    CHECK_FALSE(covers("ups[1..2]", "one of ups[2].modules"));
    CHECK_FALSE(covers("one of ups[1..2]", "ups[2]"));
    CHECK_THROWS_WITH_AS(covers("", "a"), doctest::Contains("it is empty"), Error);
    std::string stars;
    for (int k = 0; k < 300; ++k) stars += "*a";
    CHECK(milliseconds_of([&] { CHECK_FALSE(covers(stars + "b", std::string(1000, 'a'))); }) < 100.0);
    CHECK_THROWS_WITH_AS(Cover("a[3..1]", {"case.yaml", 2}), doctest::Contains("runs backwards"), Error);
}

TEST_CASE("text that is not UTF-8 or holds control characters is refused with its line") {
    for (const std::string bad : {"\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "\x01",
                                  "\x7f", "\xc2\x9b", "\xef\xbf\xbe"}) {
        try {
            yaml::parse("a: 1\nb: x" + bad + "y\n", "case.yaml");
            FAIL("read: " << bad);
        } catch (const Error& e) {
            CHECK(e.where.line == 2);
        }
    }
    CHECK(yaml::parse("\xef\xbb\xbf"
                      "a: \xc3\xa9 \xf0\x9f\x98\x80\n",
                      "case.yaml")
              .find("a")
              ->text.size() == 7);
    CHECK(yaml::parse("a: '1'\nb: 1\nc: |\n  1\n", "case.yaml").find("a")->quoted);
    CHECK_FALSE(yaml::parse("a: '1'\nb: 1\n", "case.yaml").find("b")->quoted);
}

#include "solver/results/result_file.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>

#include "solver/error.hpp"

using namespace kelvolt;
namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test.
struct Folder {
    fs::path path = fs::temp_directory_path() / ("kelvolt_result_" + std::to_string(getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
};

/// Every file larger than this fails to grow, as on a full disk.
class FullDisk {
   public:
    explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit low{bytes, old_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &low);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, handler_);
    }

   private:
    rlimit old_;
    void (*handler_)(int);
};

ResultSchema rack() {
    ResultSchema schema;
    schema.dimensions = {{"tray", 2, {}, {"tray01", "tray02"}, "", "compute tray"},
                         {"gpu", 3, {}, {}, "", ""},
                         {"height", 2, {0.1, 0.7}, {}, "m", "height in the rack"}};
    schema.variables = {{"rack.tray.gpu.T_die", {"tray", "gpu"}, true, "K", "die temperature", {{"basis", "assumed"}}},
                        {"rack.pump.m_flow", {}, true, "kg/s", "mass flow", {}},
                        {"rack.air_T", {"height"}, false, "K", "air temperature", {}},
                        {"rack.static_pressure", {}, false, "Pa", "fill pressure", {}}};
    schema.attributes = {{"title", "Prüfung 25 °C"}, {"case", std::string(200'000, 'y')}, {"empty", ""}};
    return schema;
}

std::vector<double> row_at(double time) {
    std::vector<double> row(7);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = 10 * time + static_cast<double>(k);
    return row;
}

void append_rows(ResultFile& file, int first, int last) {
    for (int i = first; i < last; ++i) file.append(i, row_at(i).data());
}

/// Reads through HDF5's own interface, independent of the writer.
struct Reader {
    hid_t file;
    explicit Reader(const fs::path& path) : file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
        REQUIRE(file >= 0);
    }
    ~Reader() { H5Fclose(file); }

    std::vector<hsize_t> shape(const char* name) const {
        const hid_t data = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(data);
        std::vector<hsize_t> size(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
        if (!size.empty()) H5Sget_simple_extent_dims(space, size.data(), nullptr);
        H5Sclose(space), H5Dclose(data);
        return size;
    }
    std::vector<double> doubles(const char* name) const {
        std::size_t count = 1;
        for (const auto n : shape(name)) count *= n;
        std::vector<double> values(count);
        const hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
        REQUIRE(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
        H5Dclose(data);
        return values;
    }
    std::vector<std::string> strings(const char* name) const {
        std::vector<char*> raw(shape(name).at(0));
        const hid_t data = H5Dopen2(file, name, H5P_DEFAULT), type = H5Dget_type(data);
        REQUIRE(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()) >= 0);
        std::vector<std::string> texts(raw.begin(), raw.end());
        for (char* text : raw) H5free_memory(text);
        H5Tclose(type), H5Dclose(data);
        return texts;
    }
    bool has(const char* object, const char* attribute) const {
        return H5Aexists_by_name(file, object, attribute, H5P_DEFAULT) > 0;
    }
    std::string text(const char* object, const char* attribute) const {
        const hid_t at = H5Aopen_by_name(file, object, attribute, H5P_DEFAULT, H5P_DEFAULT), type = H5Aget_type(at);
        REQUIRE(at >= 0);
        std::string value(H5Tget_size(type), '\0');
        H5Aread(at, type, value.data());
        H5Tclose(type), H5Aclose(at);
        return value;
    }
    template <class T>
    T number(const char* attribute, hid_t type) const {
        const hid_t at = H5Aopen(file, attribute, H5P_DEFAULT);
        REQUIRE(at >= 0);
        T value{};
        H5Aread(at, type, &value);
        H5Aclose(at);
        return value;
    }
    bool attached(const char* variable, const char* dimension, unsigned axis) const {
        const hid_t data = H5Dopen2(file, variable, H5P_DEFAULT), scale = H5Dopen2(file, dimension, H5P_DEFAULT);
        const bool yes = H5DSis_attached(data, scale, axis) > 0;
        H5Dclose(data), H5Dclose(scale);
        return yes;
    }
};

std::string message_of(const auto& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a closed result is one file that holds every row, static array, event and warning") {
    const Folder folder;
    const fs::path target = folder.path / "run.h5";
    ResultFile file(target, rack(), {.rows_per_part = 4});
    CHECK(file.width() == 7);
    append_rows(file, 0, 6);
    file.set_static("rack.air_T", {298.15, 310.5});
    file.event(2.5, "rack.pump[1]", "trips");
    file.warning("outside the curve");
    append_rows(file, 6, 10);
    file.event(7.0, "rack.pump[2]", "takes over");
    file.attribute("steps", 42);
    file.attribute("audit.energy_relative", 1e-7);
    file.attribute("steps", 43);
    file.close();

    CHECK_FALSE(fs::exists(file.parts_folder()));
    const Reader read(target);
    CHECK(read.shape("rack.tray.gpu.T_die") == std::vector<hsize_t>{10, 2, 3});
    const auto die = read.doubles("rack.tray.gpu.T_die"), flow = read.doubles("rack.pump.m_flow");
    for (int i = 0; i < 10; ++i) {
        CHECK(flow[i] == 10 * i + 6);
        for (int k = 0; k < 6; ++k) CHECK(die[6 * i + k] == 10 * i + k);
    }
    CHECK(read.doubles("rack.air_T") == std::vector{298.15, 310.5});
    CHECK(std::isnan(read.doubles("rack.static_pressure").at(0)));
    CHECK(read.doubles("event_time") == std::vector{2.5, 7.0});
    CHECK(read.strings("event_component") == std::vector<std::string>{"rack.pump[1]", "rack.pump[2]"});
    CHECK(read.strings("event_text") == std::vector<std::string>{"trips", "takes over"});
    CHECK(read.strings("warning_text") == std::vector<std::string>{"outside the curve"});
    CHECK(read.number<long long>("steps", H5T_NATIVE_LLONG) == 43);
    CHECK(read.number<double>("audit.energy_relative", H5T_NATIVE_DOUBLE) == 1e-7);
    CHECK(read.text("/", "title") == "Prüfung 25 °C");
    CHECK(read.text("/", "case") == std::string(200'000, 'y'));
    CHECK(read.text("/", "status") == "complete");
    CHECK_FALSE(read.has("/", "part"));
}

TEST_CASE("dimensions are scales with their labels or coordinates, attached to every variable that has them") {
    const Folder folder;
    ResultFile file(folder.path / "run.h5", rack());
    append_rows(file, 0, 3);
    file.close();
    const Reader read(folder.path / "run.h5");
    CHECK(read.attached("rack.tray.gpu.T_die", "time", 0));
    CHECK(read.attached("rack.tray.gpu.T_die", "tray", 1));
    CHECK(read.attached("rack.tray.gpu.T_die", "gpu", 2));
    CHECK_FALSE(read.attached("rack.tray.gpu.T_die", "gpu", 1));
    CHECK(read.attached("rack.pump.m_flow", "time", 0));
    CHECK(read.attached("rack.air_T", "height", 0));
    CHECK(read.attached("event_text", "event", 0));
    CHECK(read.strings("tray") == std::vector<std::string>{"tray01", "tray02"});
    CHECK(read.doubles("height") == std::vector{0.1, 0.7});
    CHECK(read.doubles("time") == std::vector{0.0, 1.0, 2.0});
    CHECK(read.text("time", "units") == "s");
    CHECK(read.text("height", "units") == "m");
    CHECK(read.text("rack.tray.gpu.T_die", "long_name") == "die temperature");
    CHECK(read.text("rack.tray.gpu.T_die", "basis") == "assumed");
    for (const char* name : {"time", "event", "warning", "tray", "gpu", "height"}) {
        CHECK(contains(read.text(name, "CLASS"), "DIMENSION_SCALE"));
        CHECK(read.has(name, "_Netcdf4Dimid"));
    }
    CHECK(contains(read.text("gpu", "NAME"), "This is a netCDF dimension but not a netCDF variable.         3"));
    CHECK(contains(read.text("tray", "NAME"), "tray"));
}

TEST_CASE("every finished part is a whole file, and a run that is not closed leaves all its rows in parts") {
    const Folder folder;
    const fs::path target = folder.path / "run.h5", parts = folder.path / "run.h5.parts";
    {
        ResultFile file(target, rack(), {.rows_per_part = 4});
        CHECK(Reader(parts / "part-000000.h5").shape("rack.tray.gpu.T_die") == std::vector<hsize_t>{0, 2, 3});
        append_rows(file, 0, 3);
        CHECK_FALSE(fs::exists(parts / "part-000001.h5"));
        file.event(2.5, "rack.pump", "trips");
        append_rows(file, 3, 6);
        CHECK(Reader(parts / "part-000001.h5").doubles("time") == std::vector{0.0, 1.0, 2.0, 3.0});
        CHECK_FALSE(fs::exists(parts / "part-000002.h5"));
    }
    CHECK_FALSE(fs::exists(target));
    const Reader last(parts / "part-000002.h5");
    CHECK(last.doubles("time") == std::vector{4.0, 5.0});
    CHECK(last.doubles("rack.pump.m_flow") == std::vector{46.0, 56.0});
    CHECK(last.shape("event_text") == std::vector<hsize_t>{0});
    CHECK(last.text("/", "status") == "incomplete");
    CHECK(last.number<long long>("first_row", H5T_NATIVE_LLONG) == 4);
    CHECK(last.attached("rack.tray.gpu.T_die", "time", 0));
    CHECK(std::distance(fs::directory_iterator(parts), fs::directory_iterator()) == 3);  // no temporary stays
}

TEST_CASE("a part ends when it is old enough, so that a slow run loses little") {
    const Folder folder;
    ResultFile file(folder.path / "run.h5", rack(), {.rows_per_part = 1000, .seconds_per_part = 0.0});
    append_rows(file, 0, 3);
    CHECK(fs::exists(file.parts_folder() / "part-000003.h5"));
    file.flush_part();  // nothing new
    CHECK_FALSE(fs::exists(file.parts_folder() / "part-000004.h5"));
}

TEST_CASE("close keeps the status it is given and replaces an older file only then") {
    const Folder folder;
    const fs::path target = folder.path / "run.h5";
    ResultFile(target, rack()).close();
    ResultFile file(target, rack());
    append_rows(file, 0, 2);
    CHECK(Reader(target).shape("time") == std::vector<hsize_t>{0});
    file.close("failed: thermal runaway");
    CHECK(Reader(target).shape("time") == std::vector<hsize_t>{2});
    CHECK(Reader(target).text("/", "status") == "failed: thermal runaway");
    file.close();  // a second close changes nothing
    CHECK(Reader(target).text("/", "status") == "failed: thermal runaway");
    CHECK(contains(message_of([&] { append_rows(file, 2, 3); }), "after close"));
}

TEST_CASE("parts of an earlier dead run are moved aside and named") {
    const Folder folder;
    const fs::path target = folder.path / "run.h5";
    for (int run = 0; run < 2; ++run) {
        ResultFile dead(target, rack());
        append_rows(dead, 0, 5);
    }
    ResultFile file(target, rack());
    file.close();
    CHECK(Reader(folder.path / "run.h5.parts.old-1/part-000001.h5").shape("time") == std::vector<hsize_t>{5});
    CHECK(fs::exists(folder.path / "run.h5.parts.old-2/part-000001.h5"));
    CHECK(Reader(target).text("/", "earlier_parts") == "run.h5.parts.old-2");
}

TEST_CASE("two runs cannot write to one target at the same time") {
    const Folder folder;
    ResultFile first(folder.path / "run.h5", rack());
    CHECK(contains(message_of([&] { ResultFile(folder.path / "run.h5", rack()); }), "another run is writing"));
    append_rows(first, 0, 1);
    first.close();
    CHECK(Reader(folder.path / "run.h5").shape("time") == std::vector<hsize_t>{1});
}

TEST_CASE("rows that fill many chunks and several stretches of memory keep their order") {
    const Folder folder;
    ResultSchema schema;
    schema.dimensions = {{"cell", 30'000, {}, {}, "", ""}};
    schema.variables = {{"small", {}, true, "", "", {}}, {"wide", {"cell"}, true, "K", "", {}}};
    ResultFile file(folder.path / "run.h5", schema);
    std::vector<double> row(file.width());
    const int rows = 333;  // 80 MB: more than assembling holds at once
    for (int i = 0; i < rows; ++i) {
        for (std::size_t k = 0; k < row.size(); ++k) row[k] = i + 1000.0 * static_cast<double>(k);
        file.append(i, row.data());
    }
    file.close();
    const Reader read(folder.path / "run.h5");
    const auto small = read.doubles("small"), wide = read.doubles("wide");
    REQUIRE(wide.size() == 30'000u * rows);
    std::size_t wrong = 0;
    for (int i = 0; i < rows; ++i) {
        wrong += small[i] != i;
        for (std::size_t k = 0; k < 30'000; ++k)
            wrong += wide[30'000 * i + k] != i + 1000.0 * static_cast<double>(k + 1);
    }
    CHECK(wrong == 0);
}

TEST_CASE("thousands of variables share the time dimension") {
    const Folder folder;
    ResultSchema schema;
    for (int i = 0; i < 6000; ++i) schema.variables.push_back({"T_" + std::to_string(i), {}, true, "K", "", {}});
    ResultFile file(folder.path / "run.h5", schema);
    std::vector<double> row(6000);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = static_cast<double>(k);
    file.append(0, row.data());
    file.close();
    const Reader read(folder.path / "run.h5");
    CHECK(read.doubles("T_5999") == std::vector{5999.0});
    CHECK(read.attached("T_5999", "time", 0));
    CHECK(read.attached("T_0", "time", 0));
}

TEST_CASE("a full disk is an error that names file and remedy, and no row is lost") {
    const Folder folder;
    const fs::path target = folder.path / "run.h5";
    ResultSchema schema;
    schema.dimensions = {{"cell", 1000, {}, {}, "", ""}};
    schema.variables = {{"T", {"cell"}, true, "K", "", {}}};
    ResultFile file(target, schema, {.rows_per_part = 20, .compress = false});
    const std::vector<double> row(1000, 300.0);
    for (int i = 0; i < 45; ++i) file.append(i, row.data());
    {
        const FullDisk full(200'000);  // enough for the last five rows as a part, not for the whole file
        const std::string text = message_of([&] { file.close(); });
        CHECK(contains(text, "run.h5: cannot write"));
        CHECK(contains(text, "every row is kept in run.h5.parts"));
    }
    CHECK_FALSE(fs::exists(target));
    CHECK_FALSE(fs::exists(file.parts_folder() / "assembled.writing"));
    CHECK(Reader(file.parts_folder() / "part-000003.h5").shape("T") == std::vector<hsize_t>{5, 1000});
    {
        const FullDisk full(100'000);
        const std::string text = message_of([&] {
            for (int i = 45; i < 65; ++i) file.append(i, row.data());
        });
        CHECK(contains(text, "part-000004.h5: cannot write"));
        CHECK(contains(text, "free space"));
        CHECK_FALSE(fs::exists(file.parts_folder() / "part-000004.h5"));
    }
    file.close();  // there is space again
    CHECK(Reader(target).shape("T") == std::vector<hsize_t>{65, 1000});
    CHECK(Reader(target).doubles("time").back() == 64.0);
}

TEST_CASE("a disk that is full at once refuses at construction") {
    const Folder folder;
    const FullDisk full(0);
    CHECK(contains(message_of([&] { ResultFile(folder.path / "run.h5", rack()); }), "part-000000.h5: cannot write"));
}

TEST_CASE("what a result file cannot hold is refused with the name and the remedy") {
    const Folder folder;
    const auto refusal = [&](const auto& change) {
        ResultSchema schema = rack();
        change(schema);
        return message_of([&] { ResultFile(folder.path / "run.h5", schema); });
    };
    CHECK(contains(refusal([](auto& s) { s.variables[0].dims[0] = "trays"; }), "uses dimension 'trays'"));
    CHECK(contains(refusal([](auto& s) { s.variables[1].name = "tray"; }), "'tray' is used twice"));
    CHECK(contains(refusal([](auto& s) { s.variables[1].name = "time"; }), "belongs to the file"));
    CHECK(contains(refusal([](auto& s) { s.variables[1].name = "a/b"; }), "no netCDF name"));
    CHECK(contains(refusal([](auto& s) { s.dimensions[1].size = 0; }), "size 0"));
    CHECK(contains(refusal([](auto& s) { s.dimensions[0].labels.pop_back(); }), "size 2 but 1 labels"));
    CHECK(contains(refusal([](auto& s) { s.variables[0].attributes.push_back({"units", "m"}); }), "'units' twice"));
    CHECK(contains(refusal([](auto& s) { s.attributes.push_back({"status", "x"}); }), "belongs to the file format"));
    CHECK(fs::is_empty(folder.path));

    ResultFile file(folder.path / "run.h5", rack());
    append_rows(file, 3, 4);
    CHECK(contains(message_of([&] { append_rows(file, 2, 3); }), "order of time"));
    CHECK(contains(message_of([&] { file.append(NAN, row_at(1).data()); }), "order of time"));
    CHECK(contains(message_of([&] { file.set_static("rack.air_T", {1.0}); }), "holds 2 values, 1 given"));
    CHECK(contains(message_of([&] { file.set_static("rack.pump.m_flow", {1.0}); }), "over_time = false"));
    CHECK(contains(message_of([&] { file.attribute("status", "x"); }), "belongs to the file format"));
}

TEST_CASE("a folder that is absent or a target that is a folder is an error, not a crash") {
    const Folder folder;
    CHECK(contains(message_of([&] { ResultFile(folder.path / "no/run.h5", rack()); }), "check that the folder exists"));
    CHECK(contains(message_of([&] { ResultFile(folder.path, rack()); }), "this is a folder"));
}

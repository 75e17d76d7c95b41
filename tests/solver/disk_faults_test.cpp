// A disk that fails: every single write, sync and rename of a run in turn, sectors that were never written, and
// every byte of a part turned.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "solver/error.hpp"
#include "solver/results/disk_file.hpp"
#include "solver/results/netcdf_writer.hpp"
#include "solver/results/result_file.hpp"

using namespace kelvolt;
namespace fs = std::filesystem;

namespace {

enum class Call { write, sync, rename };

/// One call that fails. The linker leads these calls of the whole programme through the functions below (--wrap).
struct Fault {
    Call call;
    int countdown;      // fails when it reaches zero
    int error;          // as errno
    bool torn = false;  // of a write: half of it is done first
    bool happened = false;
};
std::optional<Fault> fault;

bool fails(Call call) {
    if (!fault || fault->call != call || fault->countdown-- != 0) return false;
    fault->happened = true;
    errno = fault->error;
    return true;
}

}  // namespace

extern "C" {
ssize_t __real_pwrite(int, const void*, size_t, off_t);
int __real_fsync(int);
int __real_rename(const char*, const char*);

ssize_t __wrap_pwrite(int file, const void* bytes, size_t size, off_t at) {
    const bool torn = fault && fault->torn;
    if (!fails(Call::write)) return __real_pwrite(file, bytes, size, at);
    if (torn) (void)__real_pwrite(file, bytes, size / 2, at);
    errno = fault->error;
    return -1;
}
int __wrap_fsync(int file) { return fails(Call::sync) ? -1 : __real_fsync(file); }
int __wrap_rename(const char* from, const char* to) { return fails(Call::rename) ? -1 : __real_rename(from, to); }
}

namespace {

struct Folder {
    fs::path path = fs::temp_directory_path() / ("kelvolt_faults_" + std::to_string(::getpid()));
    Folder() {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
};

constexpr int rows = 20;

ResultSchema schema() {
    ResultSchema s;
    s.dimensions = {{"gpu", 3, {}, {}, "", ""}};
    s.variables = {{"T_die", {"gpu"}, true, "K", "die temperature", {}}};
    return s;
}

/// The rows of a finished file, by the seal and by what it holds; -1 when it is not as it was written.
int rows_of(const fs::path& file) {
    try {
        const hdf5::Quiet quiet;
        const hdf5::Handle opened = hdf5::open_finished(file);
        hdf5::Rows read{{}, {{}}};
        for (int count = rows; count > 0; --count) {
            try {
                hdf5::read_rows(opened, schema(), static_cast<std::size_t>(count), read);
                return count;
            } catch (const hdf5::Failure&) {
                read = {{}, {{}}};
            }
        }
        return 0;
    } catch (const hdf5::Failure&) {
        return -1;
    }
}

/// A run of 20 rows, 8 in a part; what it says, empty when all went well. `again`: close is tried once more.
std::string run(const fs::path& target, bool again) {
    std::string said;
    try {
        ResultFile file(target, schema(), {8, 1e9, false});
        const double row[3] = {300.0, 310.0, 320.0};
        for (int k = 0; k < rows; ++k) {
            try {
                file.append(k, row);
            } catch (const Error& e) {
                CHECK(e.kind == Error::Kind::io);
                said += e.what();
            }
        }
        for (int attempt = 0; attempt < (again ? 2 : 1); ++attempt) {
            try {
                file.close();
                break;
            } catch (const Error& e) {
                CHECK(e.kind == Error::Kind::io);
                said += e.what();
            }
        }
    } catch (const Error& e) {
        CHECK(e.kind == Error::Kind::io);
        said += e.what();
    }
    return said;
}

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
}

/// Parts of a run that was not closed.
std::vector<fs::path> parts_left_in(const fs::path& folder) {
    {
        ResultFile file(folder / "r.h5", schema(), {8, 1e9, false});
        const double row[3] = {300.0, 310.0, 320.0};
        for (int k = 0; k < rows; ++k) file.append(k, row);
    }
    std::vector<fs::path> parts;
    for (const fs::path& file : files_in(folder))
        if (file.extension() == ".h5") parts.push_back(file);
    std::sort(parts.begin(), parts.end());
    return parts;
}

}  // namespace

TEST_CASE("whichever call to the disk fails, the error names file and cause, and every row outlives it") {
    for (const Call call : {Call::write, Call::sync, Call::rename})
        for (const int error : {ENOSPC, EIO})
            for (const bool torn : {false, true}) {
                if (torn && call != Call::write) continue;
                int faults = 0;
                for (int k = 0; k < 10'000; ++k) {
                    const Folder folder;
                    const fs::path target = folder.path / "r.h5";
                    fault = Fault{call, k, error, torn};
                    const std::string said = run(target, true);
                    const bool happened = std::exchange(fault, std::nullopt)->happened;
                    INFO("call " << static_cast<int>(call) << ", number " << k << ": " << said);
                    if (!happened) {
                        CHECK(said.empty());
                        break;
                    }
                    ++faults;
                    CHECK(said.find("r.h5") != std::string::npos);
                    CHECK(said.find(std::strerror(error)) != std::string::npos);
                    // refused before the first row, or all rows in place
                    if (fs::exists(target)) CHECK(rows_of(target) == rows);
                    for (const fs::path& file : files_in(folder.path)) CHECK(file.extension() != ".writing");
                }
                INFO("call " << static_cast<int>(call));
                CHECK(faults >= (call == Call::write ? 20 : 3));
            }
}

TEST_CASE("when a run ends at the failure, what was finished before it is whole") {
    for (const Call call : {Call::write, Call::sync, Call::rename})
        for (int k = 0; k < 10'000; ++k) {
            const Folder folder;
            fault = Fault{call, k, ENOSPC, true};
            run(folder.path / "r.h5", false);
            if (!std::exchange(fault, std::nullopt)->happened) break;
            for (const fs::path& file : files_in(folder.path))
                if (file.extension() == ".h5") CHECK(rows_of(file) >= 0);
        }
}

TEST_CASE("sectors that never reached the disk are noticed, wherever they lie") {
    const Folder folder;
    for (const fs::path& part : parts_left_in(folder.path)) {
        REQUIRE(rows_of(part) >= 0);
        std::string whole;
        {
            std::ifstream in(part, std::ios::binary);
            whole.assign(std::istreambuf_iterator<char>(in), {});
        }
        for (const std::size_t sector : {512u, 4096u})
            for (std::size_t at = 0; at < whole.size(); at += sector) {
                const std::size_t length = std::min<std::size_t>(sector, whole.size() - at);
                std::string torn = whole;
                torn.replace(at, length, length, '\0');
                for (const std::string& bytes : {torn, whole.substr(0, at)}) {
                    if (bytes == whole) continue;  // it held nothing but zeros
                    std::ofstream(part, std::ios::binary) << bytes;
                    CHECK(rows_of(part) == -1);
                }
            }
    }
}

TEST_CASE("a part with any one byte turned is refused") {
    const Folder folder;
    const std::vector<fs::path> parts = parts_left_in(folder.path);
    REQUIRE(parts.size() >= 3);
    const fs::path& part = parts[1];
    const int file = ::open(part.c_str(), O_RDWR);
    const auto size = static_cast<off_t>(fs::file_size(part));
    int unnoticed = 0;
    for (off_t at = 0; at < size; ++at) {
        char byte = 0;
        REQUIRE(pread(file, &byte, 1, at) == 1);
        const char turned = static_cast<char>(byte ^ (1 << at % 8));
        REQUIRE(__real_pwrite(file, &turned, 1, at) == 1);
        unnoticed += rows_of(part) != -1;
        REQUIRE(__real_pwrite(file, &byte, 1, at) == 1);
    }
    ::close(file);
    CHECK(unnoticed == 0);
    CHECK(rows_of(part) == 8);
}

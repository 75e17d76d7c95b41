#include "solver/results/result_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <limits>
#include <random>

#include "solver/error.hpp"
#include "solver/results/disk_file.hpp"
#include "solver/results/netcdf_writer.hpp"

namespace kelvolt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t stretch_doubles = 8u << 20;  // 64 MB of rows in memory while the file is assembled

Error io_error(const fs::path& file, const std::string& text) {
    return {Error::Kind::io, fmt::format("{}: {}", file.string(), text)};
}

/// Converts failures of HDF5 to errors that name the file and the remedy.
template <class Work>
void guarded(const fs::path& file, const std::string& remedy, Work work) {
    const hdf5::Quiet quiet;
    try {
        work();
    } catch (const hdf5::Failure& failure) {
        throw io_error(file, fmt::format("{}; {}", failure.what(), remedy));
    } catch (const fs::filesystem_error& failure) {
        throw io_error(file, fmt::format("{}; {}", failure.what(), remedy));
    }
}

template <class Value>
void set_pair(std::vector<std::pair<std::string, Value>>& pairs, const std::string& name, Value value) {
    for (auto& [known, old] : pairs)
        if (known == name) {
            old = std::move(value);
            return;
        }
    pairs.emplace_back(name, std::move(value));
}

/// A name that distinguishes the parts of different runs, independent of the clock.
std::string run_name() {
    std::random_device random;
    std::string name;
    for (int k = 0; k < 4; ++k) name += fmt::format("{:08x}", random());
    return name;
}

}  // namespace

/// Prevents two runs to one target from removing each other's parts. The lock ends with the process in any case.
class ResultFile::FolderLock {
   public:
    explicit FolderLock(const fs::path& folder) : descriptor_(::open(folder.c_str(), O_RDONLY | O_CLOEXEC)) {
        // disks without locks are accepted: only a lock held by another run is an error
        if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            ::close(descriptor_);
            throw io_error(folder, "another run is writing these parts; wait for it or choose another output file");
        }
    }
    ~FolderLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

   private:
    int descriptor_;
};

ResultFile::ResultFile(fs::path target, ResultSchema schema, Options options)
    : target_(fs::absolute(target).lexically_normal()),
      parts_folder_(target_.string() + ".parts"),
      schema_(std::move(schema)),
      options_(options),
      last_time_(-std::numeric_limits<double>::infinity()) {
    hdf5::check_schema(schema_);
    options_.rows_per_part = std::max<std::size_t>(options_.rows_per_part, 1);
    statics_.resize(schema_.variables.size());
    for (const auto& v : schema_.variables)
        if (v.over_time) width_ += hdf5::row_size(schema_, v);
    for (const auto& [name, text] : schema_.attributes) set_pair<ResultAttribute>(attributes_, name, text);
    set_pair<ResultAttribute>(attributes_, "run", run_name());
    if (fs::is_directory(target_)) throw io_error(target_, "this is a folder; give the name of a file");
    guarded(target_, "check that the folder exists and may be written", [&] { claim_parts_folder(); });
    write_part();
}

ResultFile::~ResultFile() {
    if (closed_) return;
    try {
        flush_part();
    } catch (...) {  // the finished parts remain; nobody can receive the error
    }
}

void ResultFile::claim_parts_folder() {
    if (fs::exists(parts_folder_)) move_earlier_parts_aside();
    fs::create_directory(parts_folder_);
    lock_ = std::make_unique<FolderLock>(parts_folder_);
    hdf5::sync_folder(parts_folder_.parent_path());
}

void ResultFile::move_earlier_parts_aside() {
    const FolderLock free(parts_folder_);
    fs::path aside;
    for (int n = 1; aside.empty() || fs::exists(aside); ++n)
        aside = fmt::format("{}.old-{}", parts_folder_.string(), n);
    fs::rename(parts_folder_, aside);
    set_pair<ResultAttribute>(attributes_, "earlier_parts", aside.filename().string());
}

void ResultFile::require_open(const char* action) const {
    if (closed_) throw io_error(target_, fmt::format("cannot {} after close; open a new result file", action));
}

void ResultFile::append(double time, const double* values) {
    require_open("append");
    if (!(time >= last_time_) || !std::isfinite(time))
        throw Error(Error::Kind::input, fmt::format("result file: a row at time {} s follows one at {} s; give rows in "
                                                    "order of time",
                                                    time, last_time_));
    if (time_.empty()) part_started_ = std::chrono::steady_clock::now();
    time_.push_back(time);
    values_.insert(values_.end(), values, values + width_);
    last_time_ = time;
    news_ = true;
    const std::chrono::duration<double> age = std::chrono::steady_clock::now() - part_started_;
    if (time_.size() >= options_.rows_per_part || age.count() >= options_.seconds_per_part) flush_part();
}

void ResultFile::set_static(const std::string& name, std::vector<double> values) {
    require_open("set a variable");
    for (std::size_t i = 0; i < schema_.variables.size(); ++i) {
        const ResultVariable& v = schema_.variables[i];
        if (v.name != name || v.over_time) continue;
        const std::size_t size = hdf5::row_size(schema_, v);
        if (values.size() != size)
            throw Error(Error::Kind::input, fmt::format("result file: variable '{}' holds {} values, {} given; give {}",
                                                        name, size, values.size(), size));
        statics_[i] = std::move(values);
        news_ = true;
        return;
    }
    throw Error(Error::Kind::input,
                fmt::format("result file: the schema has no variable '{}' without time; add it with "
                            "over_time = false",
                            name));
}

void ResultFile::event(double time, std::string component, std::string text) {
    require_open("record an event");
    events_.push_back({time, std::move(component), std::move(text)});
    news_ = true;
}

void ResultFile::warning(std::string text) {
    require_open("record a warning");
    warnings_.push_back(std::move(text));
    news_ = true;
}

void ResultFile::attribute(const std::string& name, ResultAttribute value) {
    require_open("set an attribute");
    hdf5::check_attribute_name(name);
    set_pair(attributes_, name, std::move(value));
    news_ = true;
}

void ResultFile::flush_part() {
    require_open("finish a part");
    if (news_) write_part();
}

std::vector<std::vector<double>> ResultFile::columns_of_buffer() const {
    std::vector<std::vector<double>> columns;
    std::size_t offset = 0;
    for (const auto& v : schema_.variables) {
        if (!v.over_time) continue;
        const std::size_t size = hdf5::row_size(schema_, v);
        auto& column = columns.emplace_back();
        column.reserve(size * time_.size());
        for (std::size_t row = 0; row < time_.size(); ++row) {
            const auto from = values_.begin() + static_cast<std::ptrdiff_t>(row * width_ + offset);
            column.insert(column.end(), from, from + static_cast<std::ptrdiff_t>(size));
        }
        offset += size;
    }
    return columns;
}

void ResultFile::write_part() {
    const std::string name = fmt::format("part-{:06}.h5", parts_.size());
    const fs::path final_name = parts_folder_ / name;
    auto attributes = attributes_;
    attributes.emplace_back("status", "incomplete");
    attributes.emplace_back("part", static_cast<std::int64_t>(parts_.size()));
    attributes.emplace_back("first_row", static_cast<std::int64_t>(rows_in_parts_));
    const auto events = std::span(events_).subspan(events_in_parts_);
    const auto warnings = std::span(warnings_).subspan(warnings_in_parts_);
    guarded(final_name, "free space on this disk, then run again; the parts before this one are kept", [&] {
        hdf5::DiskFile disk(parts_folder_ / ("." + name + ".writing"));
        hdf5::Handle file = disk.create();
        const bool compress = false;  // a part exists only for a short time; compressing it would delay the run
        hdf5::NetcdfWriter writer(file, schema_, {attributes, statics_, events, warnings}, time_.size(), compress);
        writer.write({time_, columns_of_buffer()}, time_.size());
        file.close("finish the part");
        disk.commit(final_name);
    });
    parts_.push_back({final_name, time_.size()});
    rows_in_parts_ += time_.size();
    events_in_parts_ = events_.size();
    warnings_in_parts_ = warnings_.size();
    time_.clear();
    values_.clear();
    news_ = false;
}

void ResultFile::close(const std::string& status) {
    if (closed_) return;
    const fs::path kept = parts_folder_.filename();
    guarded(target_, fmt::format("free space on this disk or choose another; every row is kept in {}", kept.string()),
            [&] {
                try {
                    assemble(parts_folder_ / "assembled.writing", status);
                } catch (...) {
                    flush_part();  // rows that are only in memory must survive the failure
                    throw;
                }
            });
    closed_ = true;
    std::error_code ignored;  // the result file is complete; a remaining folder of parts is older and is not read
    fs::remove_all(parts_folder_, ignored);
    lock_.reset();
}

void ResultFile::assemble(const fs::path& temporary, const std::string& status) const {
    auto attributes = attributes_;
    attributes.emplace_back("status", status);
    hdf5::DiskFile disk(temporary);
    hdf5::Handle file = disk.create();
    hdf5::NetcdfWriter writer(file, schema_, {attributes, statics_, events_, warnings_}, rows(), options_.compress);
    hdf5::Rows stretch{{}, std::vector<std::vector<double>>(columns_of_buffer().size())};
    const auto write = [&](std::size_t count) {
        writer.write(stretch, count);
        disk.check();
        const std::size_t held = stretch.time.size();
        const auto drop = [&](std::vector<double>& of) {
            of.erase(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / held * count));
        };
        for (auto& column : stretch.columns) drop(column);
        drop(stretch.time);
    };
    for (const Part& part : parts_) {
        if (part.rows == 0) continue;
        hdf5::read_rows(hdf5::open_finished(part.file), schema_, part.rows, stretch);
        const std::size_t held = stretch.time.size();
        const std::size_t whole_chunks = held - held % writer.chunk_rows();
        if (held * std::max<std::size_t>(width_, 1) >= stretch_doubles && whole_chunks > 0) write(whole_chunks);
    }
    const auto last = columns_of_buffer();
    stretch.time.insert(stretch.time.end(), time_.begin(), time_.end());
    for (std::size_t i = 0; i < last.size(); ++i)
        stretch.columns[i].insert(stretch.columns[i].end(), last[i].begin(), last[i].end());
    if (!stretch.time.empty()) write(stretch.time.size());
    file.close("finish the file");
    disk.commit(target_);
}

}  // namespace kelvolt

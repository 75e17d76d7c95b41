/// Crash-safe result file: plain HDF5 that is also valid netCDF-4. Rows are collected in numbered parts
/// `<target>.parts/part-000001.h5`, each a complete netCDF-4 file finished by an atomic rename, so that all finished
/// parts of a killed run can be read. close() assembles one file at the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kelvolt {

/// One array dimension, such as `tray`, with a numeric coordinate, labels, or neither.
struct ResultDimension {
    std::string name;
    std::size_t size = 0;
    std::vector<double> coordinate;
    std::vector<std::string> labels;
    std::string unit, long_name;
    std::vector<std::pair<std::string, std::string>> attributes = {};
};

/// One array of doubles. Over time its netCDF shape is (time, dims...), otherwise (dims...).
struct ResultVariable {
    std::string name;
    std::vector<std::string> dims;
    bool over_time = true;
    std::string unit, long_name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<double> flag_values = {};  ///< of a state: its values, whose `flag_meanings` is an attribute
};

struct ResultSchema {
    std::vector<ResultDimension> dimensions;
    std::vector<ResultVariable> variables;
    std::vector<std::pair<std::string, std::string>> attributes;            ///< global texts: title, case text, version
    std::vector<std::pair<std::string, std::string>> time_attributes = {};  ///< of the variable `time`
};

/// A global attribute: statistics, tolerances, the audit.
using ResultAttribute = std::variant<std::string, double, std::int64_t>;

/// An event at a time; stored as event_time, event_component, event_text over `event`.
struct ResultEvent {
    double time = 0;
    std::string component, text;
};

struct ResultOptions {
    std::size_t rows_per_part = 64;
    double seconds_per_part = 10.0;  ///< a part also ends after this wall time: a killed run loses no more
    bool compress = true;            ///< of the assembled file; parts are never compressed
};

class ResultFile {
   public:
    using Options = ResultOptions;

    /// Writes part-000000.h5 without rows, so that even a run that is killed at once leaves a readable file. Parts of
    /// an earlier run that did not finish are moved to `<target>.parts.old-N`, named in the attribute `earlier_parts`.
    ResultFile(std::filesystem::path target, ResultSchema schema, Options options = {});
    /// If not closed: the current part is finished and the parts remain, with status "incomplete".
    ~ResultFile();
    ResultFile(const ResultFile&) = delete;
    ResultFile& operator=(const ResultFile&) = delete;

    /// Number of doubles in one row: every variable over time, row-major, in the order of the schema.
    std::size_t width() const { return width_; }
    std::size_t rows() const { return rows_in_parts_ + time_.size(); }
    const std::filesystem::path& target() const { return target_; }
    const std::filesystem::path& parts_folder() const { return parts_folder_; }

    /// Appends one row of width() doubles. Time may stay equal (before and after an event) and must not decrease.
    void append(double time, const double* values);
    void set_static(const std::string& name, std::vector<double> values);
    void event(double time, std::string component, std::string text);
    void warning(std::string text);
    /// May be set repeatedly until close; the last value counts.
    void attribute(const std::string& name, ResultAttribute value);
    /// Finishes the current part now; does nothing without new data.
    void flush_part();
    /// Assembles the target, then removes the parts. Status: complete, interrupted, or `failed: reason`. If this
    /// throws, the parts still exist and close may be called again.
    void close(const std::string& status = "complete");

   private:
    struct Part {
        std::filesystem::path file;
        std::size_t rows;
    };
    class FolderLock;

    void require_open(const char* action) const;
    void claim_parts_folder();
    void move_earlier_parts_aside();
    void write_part();
    void assemble(const std::filesystem::path& file, const std::string& status) const;
    std::vector<std::vector<double>> columns_of_buffer() const;

    std::filesystem::path target_, parts_folder_;
    ResultSchema schema_;
    Options options_;
    std::size_t width_ = 0;
    std::vector<std::pair<std::string, ResultAttribute>> attributes_;
    std::vector<std::vector<double>> statics_;  // by variable index; empty if not set
    std::vector<ResultEvent> events_;
    std::vector<std::string> warnings_;
    std::vector<double> time_, values_;  // rows of the current part, not yet on disk
    double last_time_;
    std::vector<Part> parts_;
    std::size_t rows_in_parts_ = 0, events_in_parts_ = 0, warnings_in_parts_ = 0;
    bool news_ = false;  // there are data that the finished parts do not contain
    bool closed_ = false;
    std::chrono::steady_clock::time_point part_started_;
    std::unique_ptr<FolderLock> lock_;
};

}  // namespace kelvolt

/// Crash-safe result file: plain HDF5 that is also valid netCDF-4.
/// Rows are gathered into numbered parts `<target>.parts/part-000001.h5`, each a complete netCDF-4 file finished by an
/// atomic rename, so that a killed run leaves every finished part readable. close() assembles one file at the target.
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

/// One array dimension, such as `tray`. Give a numeric coordinate, or labels, or neither.
struct ResultDimension {
    std::string name;
    std::size_t size = 0;
    std::vector<double> coordinate;
    std::vector<std::string> labels;
    std::string unit, long_name;
};

/// One array of doubles. Over time its netCDF shape is (time, dims...), otherwise (dims...).
struct ResultVariable {
    std::string name;
    std::vector<std::string> dims;
    bool over_time = true;
    std::string unit, long_name;
    std::vector<std::pair<std::string, std::string>> attributes;
};

struct ResultSchema {
    std::vector<ResultDimension> dimensions;
    std::vector<ResultVariable> variables;
    std::vector<std::pair<std::string, std::string>> attributes;  ///< global text: title, case text, version
};

/// A global attribute: statistics, tolerances, the audit.
using ResultAttribute = std::variant<std::string, double, std::int64_t>;

/// Something that happened at an instant; stored as event_time, event_component, event_text over `event`.
struct ResultEvent {
    double time = 0;
    std::string component, text;
};

struct ResultOptions {
    std::size_t rows_per_part = 64;
    double seconds_per_part = 10.0;  ///< a part also ends at the first row after this wall time: what a kill may lose
    bool compress = true;            ///< of the assembled file; parts are never compressed
};

class ResultFile {
   public:
    using Options = ResultOptions;

    /// Writes part-000000.h5 with no rows, so that even a run killed at once leaves a readable answer.
    /// Parts of an earlier dead run are moved aside to `<target>.parts.old-N`, named in the attribute `earlier_parts`.
    ResultFile(std::filesystem::path target, ResultSchema schema, Options options = {});
    /// Not closed: the current part is finished and the parts stay, status "incomplete".
    ~ResultFile();
    ResultFile(const ResultFile&) = delete;
    ResultFile& operator=(const ResultFile&) = delete;

    /// Doubles in one row: every variable over time, row-major, in the schema's order.
    std::size_t width() const { return width_; }
    std::size_t rows() const { return rows_in_parts_ + time_.size(); }
    const std::filesystem::path& target() const { return target_; }
    const std::filesystem::path& parts_folder() const { return parts_folder_; }

    /// One row of width() doubles. Time may stand still (before and after an event) and may not go back.
    void append(double time, const double* values);
    void set_static(const std::string& name, std::vector<double> values);
    void event(double time, std::string component, std::string text);
    void warning(std::string text);
    /// May be set again until close; the last value counts.
    void attribute(const std::string& name, ResultAttribute value);
    /// Finishes the current part now. Does nothing when there is nothing new.
    void flush_part();
    /// Assembles the target, then removes the parts. Status: complete, interrupted, or `failed: reason`.
    /// When this throws, the parts are still there, and close may be tried again.
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
    std::vector<std::vector<double>> statics_;  // by variable index; empty where not set
    std::vector<ResultEvent> events_;
    std::vector<std::string> warnings_;
    std::vector<double> time_, values_;  // rows of the current part, not yet on disk
    double last_time_;
    std::vector<Part> parts_;
    std::size_t rows_in_parts_ = 0, events_in_parts_ = 0, warnings_in_parts_ = 0;
    bool news_ = false;  // something that the finished parts do not hold yet
    bool closed_ = false;
    std::chrono::steady_clock::time_point part_started_;
    std::unique_ptr<FolderLock> lock_;
};

}  // namespace kelvolt

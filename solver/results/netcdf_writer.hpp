/// Writes a result to an HDF5 file in the layout of netCDF-4: dimension scales, fill values, units, creation order.
#pragma once

#include <span>

#include "solver/results/hdf5_handle.hpp"
#include "solver/results/result_file.hpp"

namespace kelvolt::hdf5 {

/// What a file contains besides its rows.
struct Contents {
    std::span<const std::pair<std::string, ResultAttribute>> attributes;
    std::span<const std::vector<double>> statics;  // by variable index; empty: not set, written as NaN
    std::span<const ResultEvent> events;
    std::span<const std::string> warnings;
};

/// Values of consecutive rows, one array (rows x row size) for each variable over time.
struct Rows {
    std::vector<double> time;
    std::vector<std::vector<double>> columns;
};

/// Number of doubles of one variable in one row, or in total for a static one.
std::size_t row_size(const ResultSchema& schema, const ResultVariable& variable);

/// Refuses schemas that netCDF cannot hold or in which a reader could not distinguish variables.
void check_schema(const ResultSchema& schema);
void check_attribute_name(const std::string& name);

class NetcdfWriter {
   public:
    /// Creates all variables, with space for `rows` rows; times and variables over time are filled by write().
    NetcdfWriter(hid_t file, const ResultSchema& schema, const Contents& contents, std::size_t rows, bool compress);

    /// If rows are written in multiples of this number, every chunk is compressed only once.
    std::size_t chunk_rows() const { return largest_chunk_; }
    /// Appends the first `count` of these rows.
    void write(const Rows& rows, std::size_t count);

   private:
    struct Dimension {
        std::string name;
        hsize_t size;
        bool of_rows;
        hobj_ref_t reference = 0;
        std::vector<std::pair<hobj_ref_t, int>> users = {};  // REFERENCE_LIST: dataset, axis
    };
    struct Shape {
        std::vector<std::size_t> dims;  // indices into dimensions_
        std::vector<hsize_t> size, chunk;
        hsize_t bytes = 0;
    };

    void create_dimension(std::size_t index, const ResultDimension& from);
    void create_texts(const Contents& contents);
    void create_variable(const ResultVariable& variable, std::span<const double> values);
    void write_reference_lists();
    Shape shape(const std::vector<std::string>& dims, hsize_t value_bytes);
    std::size_t dimension_index(const std::string& name) const;
    Handle create_dataset(const std::string& name, hid_t type, const Shape& shape, bool fill_nan);
    /// Attaches the dimensions; the scales must exist.
    void attach(hid_t dataset, const std::string& name, const Shape& shape);

    hid_t file_;
    const ResultSchema& schema_;
    bool compress_;
    hsize_t rows_, rows_written_ = 0, row_bytes_ = 0;
    std::size_t largest_chunk_ = 1;
    std::vector<Dimension> dimensions_;
    Handle utf8_, reference_list_;
};

/// Appends the rows of a finished part.
void read_rows(hid_t file, const ResultSchema& schema, std::size_t count, Rows& rows);

}  // namespace kelvolt::hdf5

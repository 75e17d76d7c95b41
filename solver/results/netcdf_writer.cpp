#include "solver/results/netcdf_writer.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <limits>

namespace kelvolt::hdf5 {
namespace {

constexpr hsize_t chunk_bytes = 256 << 10;      // smaller than HDF5's chunk cache of 1 MB
constexpr hsize_t stretch_bytes = 64 << 20;     // rows held in memory while the file is assembled
constexpr hsize_t worth_compressing = 1 << 10;  // for smaller arrays the filter costs more than it saves
constexpr unsigned deflate_level = 1;           // higher levels cost time and gain little on shuffled doubles
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Attaches one attribute; `type` is the type in memory and in the file.
void put_attribute(hid_t object, const std::string& name, hid_t type, hid_t space, const void* value) {
    const Handle attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                           "create attribute", name);
    ok(H5Awrite(attribute, type, value), "write attribute", name);
}

Handle line_of(hsize_t count) {
    return Handle(H5Screate_simple(1, &count, nullptr), H5Sclose, "create an attribute's shape");
}

/// Writes text as a char attribute of netCDF: fixed length, UTF-8; empty text is one NUL, because HDF5 has no length 0.
void put_text(hid_t object, const std::string& name, const std::string& text) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "create a text type");
    ok(H5Tset_size(type, std::max<std::size_t>(text.size(), 1)), "size a text", name);
    ok(H5Tset_cset(type, H5T_CSET_UTF8), "set UTF-8");
    ok(H5Tset_strpad(type, H5T_STR_NULLPAD), "set padding");
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "create an attribute's shape");
    put_attribute(object, name, type, space, text.c_str());
}

void put_value(hid_t object, const std::string& name, const ResultAttribute& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return put_text(object, name, *text);
    if (const auto* real = std::get_if<double>(&value))
        return put_attribute(object, name, H5T_NATIVE_DOUBLE, line_of(1), real);
    const auto whole = static_cast<long long>(std::get<std::int64_t>(value));
    put_attribute(object, name, H5T_NATIVE_LLONG, line_of(1), &whole);
}

void put_unit_and_name(hid_t dataset, const std::string& unit, const std::string& long_name) {
    if (!unit.empty()) put_text(dataset, "units", unit);
    if (!long_name.empty()) put_text(dataset, "long_name", long_name);
}

template <class Get>
void write_strings(hid_t dataset, hid_t utf8, std::size_t count, Get get) {
    std::vector<const char*> pointers(count);
    for (std::size_t i = 0; i < count; ++i) pointers[i] = get(i).c_str();
    if (count > 0) ok(H5Dwrite(dataset, utf8, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), "write texts");
}

void write_doubles(hid_t dataset, std::span<const double> values, const std::string& name) {
    if (values.empty()) return;
    ok(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write variable", name);
}

/// Writes `count` rows from row `first` on; all other dimensions are written completely.
void write_stretch(hid_t file, const std::string& name, hsize_t first, hsize_t count, const double* values) {
    Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, "open variable", name);
    const Handle space(H5Dget_space(dataset), H5Sclose, "get the shape of", name);
    std::vector<hsize_t> size(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, size.data(), nullptr);
    std::vector<hsize_t> start(size.size(), 0);
    start[0] = first, size[0] = count;
    const Handle memory(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr), H5Sclose, "shape");
    ok(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), "select rows", name);
    ok(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values), "write variable", name);
    dataset.close("write variable", name);
}

Handle reference_list_type() {
    struct User {
        hobj_ref_t dataset;
        int dimension;
    };
    Handle type(H5Tcreate(H5T_COMPOUND, sizeof(User)), H5Tclose, "create a reference type");
    ok(H5Tinsert(type, "dataset", HOFFSET(User, dataset), H5T_STD_REF_OBJ), "create a reference type");
    ok(H5Tinsert(type, "dimension", HOFFSET(User, dimension), H5T_NATIVE_INT), "create a reference type");
    return type;
}

}  // namespace

NetcdfWriter::NetcdfWriter(hid_t file, const ResultSchema& schema, const Contents& contents, std::size_t rows,
                           bool compress)
    : file_(file), schema_(schema), compress_(compress), rows_(rows), reference_list_(reference_list_type()) {
    utf8_ = Handle(H5Tcopy(H5T_C_S1), H5Tclose, "create a text type");
    ok(H5Tset_size(utf8_, H5T_VARIABLE), "create a text type");
    ok(H5Tset_cset(utf8_, H5T_CSET_UTF8), "create a text type");

    dimensions_ = {
        {"time", rows_, true}, {"event", contents.events.size(), true}, {"warning", contents.warnings.size(), true}};
    for (const auto& d : schema.dimensions) dimensions_.push_back({d.name, d.size, false});
    for (const auto& v : schema.variables)
        if (v.over_time) row_bytes_ += row_size(schema, v) * sizeof(double);

    for (const auto& [name, value] : contents.attributes) put_value(file_, name, value);
    const std::vector<ResultDimension> own = {
        {"time", rows, {}, {}, "s", "simulated time", schema.time_attributes}, {}, {}};
    for (std::size_t i = 0; i < dimensions_.size(); ++i)
        create_dimension(i, i < own.size() ? own[i] : schema.dimensions[i - own.size()]);
    for (std::size_t i = 0; i < schema.variables.size(); ++i) create_variable(schema.variables[i], contents.statics[i]);
    create_texts(contents);
    write_reference_lists();
}

std::size_t NetcdfWriter::dimension_index(const std::string& name) const {
    const auto same = [&](const Dimension& d) { return d.name == name; };
    return static_cast<std::size_t>(std::find_if(dimensions_.begin(), dimensions_.end(), same) - dimensions_.begin());
}

/// Sizes and chunks: the dimension of rows is long and is divided; the others are not. None is unlimited: a file is
/// written once, and h5netcdf would ask every variable for the length of an unlimited dimension, for every variable.
NetcdfWriter::Shape NetcdfWriter::shape(const std::vector<std::string>& dims, hsize_t value_bytes) {
    Shape shape;
    hsize_t inner = value_bytes;
    for (const auto& name : dims) {
        const std::size_t index = dimension_index(name);
        const Dimension& d = dimensions_[index];
        shape.dims.push_back(index);
        shape.size.push_back(d.size);
        if (!d.of_rows) inner *= d.size;
    }
    shape.chunk = shape.size;
    shape.bytes = inner;
    if (dims.empty() || !dimensions_[shape.dims[0]].of_rows) return shape;
    const hsize_t most =
        std::max<hsize_t>(1, std::min(chunk_bytes / inner, stretch_bytes / std::max(row_bytes_, inner)));
    const hsize_t count = shape.size[0];
    shape.chunk[0] = count <= most ? std::max<hsize_t>(count, 1) : std::bit_floor(most);
    shape.bytes = inner * shape.chunk[0];
    if (shape.dims[0] == 0) largest_chunk_ = std::max<std::size_t>(largest_chunk_, shape.chunk[0]);
    return shape;
}

Handle NetcdfWriter::create_dataset(const std::string& name, hid_t type, const Shape& shape, bool fill_nan) {
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "create properties");
    ok(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "track attributes");
    const int rank = static_cast<int>(shape.size.size());
    const bool squeeze = compress_ && rank > 0 && shape.bytes > worth_compressing;
    if (squeeze) ok(H5Pset_chunk(creation, rank, shape.chunk.data()), "set chunks of", name);
    if (squeeze) {
        ok(H5Pset_shuffle(creation), "set shuffle of", name);
        ok(H5Pset_deflate(creation, deflate_level), "set compression of", name);
    }
    if (fill_nan) ok(H5Pset_fill_value(creation, H5T_NATIVE_DOUBLE, &nan), "set the fill value of", name);
    const Handle space(rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape.size.data(), nullptr), H5Sclose,
                       "create the shape of", name);
    return Handle(H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose,
                  "create variable", name);
}

/// Writes DIMENSION_LIST here and records the reverse reference for later. H5DSattach_scale would rewrite the whole
/// REFERENCE_LIST for every variable, which is quadratic: thousands of variables use `time`.
void NetcdfWriter::attach(hid_t dataset, const std::string& name, const Shape& shape) {
    if (shape.dims.empty()) return;
    hobj_ref_t self;
    ok(H5Rcreate(&self, file_, name.c_str(), H5R_OBJECT, -1), "refer to", name);
    std::vector<hvl_t> scales;
    for (std::size_t axis = 0; axis < shape.dims.size(); ++axis) {
        Dimension& d = dimensions_[shape.dims[axis]];
        d.users.emplace_back(self, static_cast<int>(axis));
        scales.push_back({1, &d.reference});
    }
    const Handle type(H5Tvlen_create(H5T_STD_REF_OBJ), H5Tclose, "create a reference type");
    put_attribute(dataset, "DIMENSION_LIST", type, line_of(scales.size()), scales.data());
}

void NetcdfWriter::write_reference_lists() {
    for (const auto& d : dimensions_) {
        if (d.users.empty()) continue;
        const Handle dataset(H5Dopen2(file_, d.name.c_str(), H5P_DEFAULT), H5Dclose, "open dimension", d.name);
        put_attribute(dataset, "REFERENCE_LIST", reference_list_, line_of(d.users.size()), d.users.data());
    }
}

void NetcdfWriter::create_dimension(std::size_t index, const ResultDimension& from) {
    Dimension& d = dimensions_[index];
    const bool has_values = !from.coordinate.empty() || index == 0;
    const bool has_labels = !from.labels.empty();
    const hid_t type = has_values ? H5T_IEEE_F64LE : has_labels ? static_cast<hid_t>(utf8_) : H5T_IEEE_F32BE;
    const Handle dataset = create_dataset(d.name, type, shape({d.name}, has_values ? 8 : 4), false);
    // the name that netCDF-4 gives to a dimension without a variable
    char bare[64];
    std::snprintf(bare, sizeof bare, "This is a netCDF dimension but not a netCDF variable.%10llu",
                  static_cast<unsigned long long>(d.size));
    ok(H5DSset_scale(dataset, has_values || has_labels ? d.name.c_str() : bare), "make a dimension of", d.name);
    const int id = static_cast<int>(index);
    const Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "create an attribute's shape");
    put_attribute(dataset, "_Netcdf4Dimid", H5T_NATIVE_INT, scalar, &id);
    put_unit_and_name(dataset, from.unit, from.long_name);
    for (const auto& [name, text] : from.attributes) put_text(dataset, name, text);
    if (index != 0) write_doubles(dataset, from.coordinate, d.name);
    if (has_labels)
        write_strings(
            dataset, utf8_, d.size, [&](std::size_t i) -> auto& { return from.labels[i]; });
    ok(H5Rcreate(&d.reference, file_, d.name.c_str(), H5R_OBJECT, -1), "refer to", d.name);
}

void NetcdfWriter::create_variable(const ResultVariable& variable, std::span<const double> values) {
    std::vector<std::string> dims = variable.dims;
    if (variable.over_time) dims.insert(dims.begin(), "time");
    const Shape form = shape(dims, sizeof(double));
    Handle dataset = create_dataset(variable.name, H5T_IEEE_F64LE, form, true);
    put_attribute(dataset, "_FillValue", H5T_NATIVE_DOUBLE, line_of(1), &nan);
    put_unit_and_name(dataset, variable.unit, variable.long_name);
    for (const auto& [name, text] : variable.attributes) put_text(dataset, name, text);
    if (const auto& flags = variable.flag_values; !flags.empty())
        put_attribute(dataset, "flag_values", H5T_NATIVE_DOUBLE, line_of(flags.size()), flags.data());
    attach(dataset, variable.name, form);
    if (!variable.over_time) write_doubles(dataset, values, variable.name);
    dataset.close("write variable", variable.name);
}

void NetcdfWriter::create_texts(const Contents& contents) {
    const auto create = [&](const std::string& name, const char* dimension, hid_t type, const std::string& long_name) {
        const Shape form = shape({dimension}, sizeof(hvl_t));
        Handle dataset = create_dataset(name, type, form, false);
        put_unit_and_name(dataset, type == utf8_ ? "" : "s", long_name);
        attach(dataset, name, form);
        return dataset;
    };
    const auto events = contents.events;
    std::vector<double> times;
    for (const auto& e : events) times.push_back(e.time);
    write_doubles(create("event_time", "event", H5T_IEEE_F64LE, "time of the event"), times, "event_time");
    write_strings(
        create("event_component", "event", utf8_, "component of the event"), utf8_,
        events.size(), [&](std::size_t i) -> auto& { return events[i].component; });
    write_strings(
        create("event_text", "event", utf8_, "what happened"), utf8_,
        events.size(), [&](std::size_t i) -> auto& { return events[i].text; });
    write_strings(
        create("warning_text", "warning", utf8_, "warnings of the run"), utf8_,
        contents.warnings.size(), [&](std::size_t i) -> auto& { return contents.warnings[i]; });
}

void NetcdfWriter::write(const Rows& rows, std::size_t count) {
    if (count == 0) return;
    write_stretch(file_, "time", rows_written_, count, rows.time.data());
    std::size_t column = 0;
    for (const auto& v : schema_.variables)
        if (v.over_time) write_stretch(file_, v.name, rows_written_, count, rows.columns[column++].data());
    rows_written_ += count;
}

void read_rows(hid_t file, const ResultSchema& schema, std::size_t count, Rows& rows) {
    const auto read = [&](const std::string& name, std::size_t values, std::vector<double>& into) {
        const Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, "open variable", name);
        const Handle space(H5Dget_space(dataset), H5Sclose, "get the shape of", name);
        if (H5Sget_simple_extent_npoints(space) != static_cast<hssize_t>(values))
            throw Failure("cannot read variable '" + name + "': it does not hold the rows that were written");
        const std::size_t before = into.size();
        into.resize(before + values);
        ok(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, into.data() + before), "read", name);
    };
    read("time", count, rows.time);
    std::size_t column = 0;
    for (const auto& v : schema.variables)
        if (v.over_time) read(v.name, count * row_size(schema, v), rows.columns[column++]);
}

}  // namespace kelvolt::hdf5

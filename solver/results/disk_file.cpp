#include "solver/results/disk_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace kelvolt::hdf5 {
namespace {

[[noreturn]] void fail_with(int error, const std::string& doing) {
    throw Failure("cannot " + doing + ": " + std::strerror(error));
}

/// HDF5 uses the base class; the other members belong to this driver.
struct OpenFile : H5FD_t {
    DiskFile* disk;
    haddr_t allocated, written;
};

OpenFile& ours(H5FD_t* file) { return *static_cast<OpenFile*>(file); }
const OpenFile& ours(const H5FD_t* file) { return *static_cast<const OpenFile*>(file); }

H5FD_t* driver_open(const char*, unsigned, hid_t access, haddr_t) {
    const auto* disk = static_cast<DiskFile* const*>(H5Pget_driver_info(access));
    if (!disk) return nullptr;
    auto* file = new OpenFile{};
    file->disk = *disk;
    return file;
}

herr_t driver_close(H5FD_t* file) {
    delete &ours(file);
    return 0;
}

herr_t driver_query(const H5FD_t*, unsigned long* flags) {
    if (flags)
        *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                 H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

haddr_t driver_get_eoa(const H5FD_t* file, H5FD_mem_t) { return ours(file).allocated; }
haddr_t driver_get_eof(const H5FD_t* file, H5FD_mem_t) { return ours(file).written; }

herr_t driver_set_eoa(H5FD_t* file, H5FD_mem_t, haddr_t end) {
    ours(file).allocated = end;
    return 0;
}

/// Bytes beyond the end of what was written read as zero, as with HDF5's own driver.
herr_t driver_read(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t at, size_t size, void* buffer) {
    auto* to = static_cast<char*>(buffer);
    while (size > 0) {
        const ssize_t n = pread(ours(base).disk->descriptor(), to, size, static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) ours(base).disk->failed(errno);
        if (n <= 0) break;
        to += n, at += static_cast<haddr_t>(n), size -= static_cast<size_t>(n);
    }
    std::memset(to, 0, size);
    return 0;
}

herr_t driver_write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t at, size_t size, const void* buffer) {
    const auto* from = static_cast<const char*>(buffer);
    ours(base).written = std::max(ours(base).written, at + size);
    while (size > 0) {
        const ssize_t n = pwrite(ours(base).disk->descriptor(), from, size, static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            ours(base).disk->failed(n < 0 ? errno : ENOSPC);
            return 0;
        }
        from += n, at += static_cast<haddr_t>(n), size -= static_cast<size_t>(n);
    }
    return 0;
}

herr_t driver_truncate(H5FD_t* base, hid_t, hbool_t) {
    OpenFile& file = ours(base);
    if (file.written == file.allocated) return 0;
    if (ftruncate(file.disk->descriptor(), static_cast<off_t>(file.allocated)) != 0) file.disk->failed(errno);
    file.written = file.allocated;
    return 0;
}

hid_t register_driver() {
    H5FD_class_t driver{};
    driver.name = "kelvolt_disk";
    driver.maxaddr = (static_cast<haddr_t>(1) << 62) - 1;
    driver.fc_degree = H5F_CLOSE_STRONG;
    driver.fapl_size = sizeof(DiskFile*);
    driver.open = driver_open;
    driver.close = driver_close;
    driver.query = driver_query;
    driver.get_eoa = driver_get_eoa;
    driver.set_eoa = driver_set_eoa;
    driver.get_eof = driver_get_eof;
    driver.read = driver_read;
    driver.write = driver_write;
    driver.truncate = driver_truncate;
    // two free lists, for metadata and for raw data, as in HDF5's own disk driver
    std::fill(std::begin(driver.fl_map), std::end(driver.fl_map), H5FD_MEM_SUPER);
    driver.fl_map[H5FD_MEM_DRAW] = driver.fl_map[H5FD_MEM_GHEAP] = H5FD_MEM_DRAW;
    return H5FDregister(&driver);
}

/// CRC-32 of the first `size` bytes.
unsigned long checksum(int descriptor, off_t size) {
    std::vector<unsigned char> buffer(1 << 20);
    unsigned long sum = crc32(0, nullptr, 0);
    for (off_t at = 0; at < size;) {
        const auto wanted = static_cast<std::size_t>(std::min<off_t>(size - at, static_cast<off_t>(buffer.size())));
        const ssize_t n = pread(descriptor, buffer.data(), wanted, at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail_with(n < 0 ? errno : EIO, "read back what was written");
        sum = crc32(sum, buffer.data(), static_cast<unsigned>(n));
        at += n;
    }
    return sum;
}

off_t size_of(int descriptor) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) fail_with(errno, "ask for the size of the file");
    return about.st_size;
}

void seal(int descriptor) {
    const off_t size = size_of(descriptor);
    const std::string text = fmt::format("{}{:08x}", seal_mark, checksum(descriptor, size));
    const ssize_t n = pwrite(descriptor, text.data(), text.size(), size);
    if (n != static_cast<ssize_t>(text.size())) fail_with(n < 0 ? errno : ENOSPC, "seal the file");
}

void require_seal(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail_with(errno, "open " + file.filename().string());
    const auto close = [](const int* open) { ::close(*open); };
    const std::unique_ptr<const int, decltype(close)> closer(&descriptor, close);
    char text[16];
    const off_t inside = size_of(descriptor) - static_cast<off_t>(sizeof text);
    if (inside < 0 || pread(descriptor, text, sizeof text, inside) != static_cast<ssize_t>(sizeof text) ||
        std::string_view(text, sizeof text) != fmt::format("{}{:08x}", seal_mark, checksum(descriptor, inside)))
        throw Failure("cannot read " + file.filename().string() + ": it is damaged, its bytes are not those written");
}

}  // namespace

DiskFile::DiskFile(std::filesystem::path temporary) : temporary_(std::move(temporary)) {
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail_with(errno, "create " + temporary_.string());
}

DiskFile::~DiskFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
}

Handle DiskFile::create() {
    static const hid_t driver = register_driver();
    ok(driver < 0 ? -1 : 0, "register the file driver");
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "create properties");
    const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "create properties");
    DiskFile* self = this;
    ok(H5Pset_driver(access, driver, &self), "set the file driver");
    // the 1.8 format can be read by every netCDF-4 library; attributes above 64 kB (case text) need it
    ok(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V110), "set format");
    ok(H5Pset_meta_block_size(access, 1 << 13), "set block size");
    ok(H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "track names");
    ok(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "track attributes");
    return Handle(H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose, "create the HDF5 file");
}

void DiskFile::check() const {
    if (error_ != 0) fail_with(error_, "write " + temporary_.filename().string());
}

void DiskFile::commit(const std::filesystem::path& final_name) {
    check();
    seal(descriptor_);
    if (::fsync(descriptor_) != 0) fail_with(errno, "sync " + temporary_.filename().string());
    if (::rename(temporary_.c_str(), final_name.c_str()) != 0) fail_with(errno, "rename to " + final_name.string());
    ::close(std::exchange(descriptor_, -1));
    sync_folder(final_name.parent_path());
}

Handle open_finished(const std::filesystem::path& file) {
    require_seal(file);
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "create properties");
    ok(H5Pset_file_locking(access, false, true), "set locking");
    return Handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "open", file.string());
}

void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;  // the folder may be write-only; the rename has been made
    const int error = ::fsync(descriptor) != 0 ? errno : 0;
    ::close(descriptor);
    if (error != 0 && error != EINVAL && error != ENOTSUP)  // some network disks do not support syncing a folder
        fail_with(error, "sync the folder " + folder.filename().string());
}

}  // namespace kelvolt::hdf5

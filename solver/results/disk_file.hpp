/// A file that appears under its name either complete or not at all: it is written under a temporary name, synced and
/// renamed. HDF5 1.10 crashes when its own driver cannot write (measured: SIGSEGV in H5Fclose on a full disk). This
/// driver records the first failure and reports success to HDF5, so that HDF5 can finish; commit() then throws, and the
/// temporary file is removed.
#pragma once

#include <filesystem>

#include "solver/results/hdf5_handle.hpp"

namespace kelvolt::hdf5 {

class DiskFile {
   public:
    explicit DiskFile(std::filesystem::path temporary);
    ~DiskFile();
    DiskFile(const DiskFile&) = delete;
    DiskFile& operator=(const DiskFile&) = delete;

    /// Creates the HDF5 file with the settings that netCDF-4 requires: names and attributes tracked in creation order.
    Handle create();
    /// Throws an error for the first read or write that failed.
    void check() const;
    /// Adds the seal, syncs, renames and syncs the folder. The HDF5 handle must be closed before.
    void commit(const std::filesystem::path& final_name);

    int descriptor() const { return descriptor_; }
    void failed(int error_number) { error_ = error_ ? error_ : error_number; }

   private:
    std::filesystem::path temporary_;
    int descriptor_ = -1;
    int error_ = 0;
};

/// Seal of a finished file: after the data that HDF5 reads come 8 letters and the CRC-32 of all bytes before them in 8
/// hexadecimal digits, so that damage is detected before HDF5 reads the file. A file without a seal was written by
/// another program.
inline constexpr char seal_mark[] = "KVSEAL01";

/// Opens a finished file of this program for reading; Failure if its seal does not match. Without file locks, which
/// network disks often refuse.
Handle open_finished(const std::filesystem::path& file);

/// Makes a rename or removal in this folder permanent in case of a power failure.
void sync_folder(const std::filesystem::path& folder);

}  // namespace kelvolt::hdf5

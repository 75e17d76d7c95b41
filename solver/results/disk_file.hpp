/// A file that appears whole under its name, or not at all: written under a temporary name, synced, renamed.
/// HDF5 1.10 crashes when its own driver cannot write (measured: SIGSEGV in H5Fclose on a full disk). This driver keeps
/// the first failure and lets HDF5 finish as if all were well; commit() then refuses and the temporary is removed.
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

    /// Creates the HDF5 file inside, with what netCDF-4 demands: names and attributes tracked in creation order.
    Handle create();
    /// Throws the first failed read or write.
    void check() const;
    /// Seals, syncs, renames and syncs the folder. The HDF5 handle must be closed before.
    void commit(const std::filesystem::path& final_name);

    int descriptor() const { return descriptor_; }
    void failed(int error_number) { error_ = error_ ? error_ : error_number; }

   private:
    std::filesystem::path temporary_;
    int descriptor_ = -1;
    int error_ = 0;
};

/// The seal of a finished file: behind what HDF5 reads stand 8 letters and the CRC-32 of all bytes before them in 8
/// hexadecimal digits, so that damage is found before HDF5 meets it. A file without a seal was written by another
/// programme.
inline constexpr char seal_mark[] = "KVSEAL01";

/// Opens one of our own finished files to read; Failure when its seal does not fit. No locks: network disks often
/// refuse them.
Handle open_finished(const std::filesystem::path& file);

/// Makes a rename or a removal in this folder survive a power failure.
void sync_folder(const std::filesystem::path& folder);

}  // namespace kelvolt::hdf5

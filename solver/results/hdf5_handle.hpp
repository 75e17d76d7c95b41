/// HDF5 identifiers that are closed automatically, and failures of HDF5 as exceptions that carry its innermost message.
#pragma once

#include <hdf5.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kelvolt::hdf5 {

/// An HDF5 call failed; the caller, which knows the file, converts it to kelvolt::Error.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The innermost message of the error stack of HDF5, which names the cause ("No space left on device").
inline std::string reason() {
    std::string text;
    const auto first = [](unsigned n, const H5E_error2_t* error, void* out) -> herr_t {
        if (n == 0 && error->desc) *static_cast<std::string*>(out) = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &text);
    return text.empty() ? "HDF5 gives no reason" : text;
}

[[noreturn]] inline void fail(std::string_view doing, std::string_view name) {
    const std::string quoted = name.empty() ? "" : " '" + std::string(name) + "'";
    throw Failure("cannot " + std::string(doing) + quoted + ": " + reason());
}

inline void ok(herr_t status, std::string_view doing, std::string_view name = {}) {
    if (status < 0) fail(doing, name);
}

class Handle {
   public:
    using Close = herr_t (*)(hid_t);
    Handle() = default;
    Handle(hid_t id, Close close, std::string_view doing, std::string_view name = {}) : id_(id), close_(close) {
        if (id < 0) fail(doing, name);
    }
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    operator hid_t() const { return id_; }

    /// Closing a file or dataset writes data and can fail; a destructor could not report that.
    void close(std::string_view doing, std::string_view name = {}) {
        ok(close_(std::exchange(id_, H5I_INVALID_HID)), doing, name);
    }

   private:
    hid_t id_ = H5I_INVALID_HID;
    Close close_ = nullptr;
};

/// Prevents HDF5 from printing its error stack to stderr; the old handler is restored at the end of the scope.
class Quiet {
   public:
    Quiet() {
        H5Eget_auto2(H5E_DEFAULT, &handler_, &data_);
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }
    ~Quiet() { H5Eset_auto2(H5E_DEFAULT, handler_, data_); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

   private:
    H5E_auto2_t handler_ = nullptr;
    void* data_ = nullptr;
};

}  // namespace kelvolt::hdf5

#include "solver/regular_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace kelvolt {

std::string read_regular_file(const std::filesystem::path& file, std::uintmax_t largest, std::string_view what,
                              Error::Kind kind) {
    const auto fail = [&](const std::string& why) { throw Error(kind, why, {file.string(), 0}); };
    // without O_NONBLOCK, opening a pipe would wait for its writer
    int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0 && errno == ENOENT)
        throw Error(Error::Kind::no_file, fmt::format("cannot read {}: {}", what, std::strerror(errno)),
                    {file.string(), 0});
    if (descriptor < 0) fail(fmt::format("cannot read {}: {}", what, std::strerror(errno)));
    const auto close = [](const int* open) { ::close(*open); };
    const std::unique_ptr<int, decltype(close)> closer(&descriptor, close);
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) fail(fmt::format("cannot read {}: {}", what, std::strerror(errno)));
    if (!S_ISREG(about.st_mode))
        fail(fmt::format("cannot read {}: this is a {}, not a regular file", what,
                         S_ISDIR(about.st_mode) ? "folder" : "device, pipe or socket"));
    std::string content;
    char buffer[1 << 16];
    // the size that a file states may be wrong: files of the kernel state none, others grow meanwhile
    for (ssize_t n = 1; n > 0 && content.size() <= largest;) {
        n = ::read(descriptor, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            n = 1;
            continue;
        }
        if (n < 0) fail(fmt::format("cannot read {}: {}", what, std::strerror(errno)));
        content.append(buffer, static_cast<std::size_t>(n));
    }
    if (content.size() > largest)
        fail(fmt::format("{} has {:.1f} MB; at most {:.0f} MB are read", what,
                         static_cast<double>(std::max<std::uintmax_t>(content.size(), about.st_size)) / 1e6,
                         static_cast<double>(largest) / 1e6));
    return content;
}

}  // namespace kelvolt

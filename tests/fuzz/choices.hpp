/// Decisions taken from the bytes of an input, so that the fuzzer steers what is built. Past the end every choice is
/// its first.
#pragma once

#include <cmath>

#include "tests/fuzz/targets.hpp"

namespace kelvolt::fuzz {

class Choices {
   public:
    explicit Choices(Bytes input) : rest_(input) {}

    bool spent() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    /// 0 to n - 1.
    int below(int n) { return n > 1 ? (n > 256 ? 256 * byte() + byte() : byte()) % n : 0; }
    int between(int lowest, int highest) { return lowest + below(highest - lowest + 1); }
    bool one_in(int n) { return below(n) == n - 1; }
    double uniform(double lo, double hi) {
        const int fine = 256 * byte();
        return lo + (hi - lo) * (fine + byte()) / 65535.0;
    }
    /// Every decade alike.
    double decades(double lo, double hi) { return lo * std::pow(hi / lo, uniform(0.0, 1.0)); }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }

   private:
    Bytes rest_;
};

}  // namespace kelvolt::fuzz

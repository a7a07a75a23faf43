#pragma once

#include <cstddef>

namespace mlx::core::cpu {

// A real line of even length 2m is transformed as m complex numbers, its even elements being the
// real parts and its odd ones the imaginary parts. With E and O for the transforms of these, and w
// for exp(-2 pi i / 2m), X[k] = E[k] + w^k O[k] and X[m - k] = conj(E[k] - w^k O[k]). `roots` holds
// w^k for k <= m / 2.

/// Turns the m transformed rows of a block into the m + 1 of the real lines' spectra, in place.
void split_block(const float* roots, size_t m, float* block);
/// The way back from spectra: m rows, of which the transform with the positive sign is the lines
/// times 2m. Parts come out swapped, as load_block does it. Imaginary parts of the first and the
/// last row count as zero.
void join_block(const float* roots, size_t m, float* block);

/// The same for one line of complex numbers, with no parts swapped.
void split_line(const float* roots, size_t m, float* line);
void join_line(const float* roots, size_t m, float* line);

/// out = a * b * scale for n complex numbers, with the parts of a, or of the result, swapped.
/// The memories may be the same.
struct SwappedParts {
  bool in;
  bool out;
};
void multiply_line(const float* a, const float* b, size_t n, SwappedParts swapped, float scale,
                   float* out);

}  // namespace mlx::core::cpu

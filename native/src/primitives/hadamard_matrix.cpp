#include "primitives/hadamard_matrix.h"

#include <array>
#include <string_view>

namespace mlx::core {
namespace {

/// Paley's second construction (J. Math. and Phys. 12, 1933) over the field of five elements: each
/// entry of a symmetric conference matrix becomes a block of two by two.
HadamardMatrix paley_12() {
  constexpr int q = 5;
  // 1 for squares, -1 for others.
  constexpr int character[q] = {0, 1, -1, -1, 1};
  HadamardMatrix result{12, {}};
  for (int i = 0; i <= q; ++i)
    for (int j = 0; j <= q; ++j) {
      const bool is_border = i == 0 || j == 0;
      const int entry = i == j ? 0 : is_border ? 1 : character[(i - j + q) % q];
      const int of_zero[2][2] = {{1, -1}, {-1, -1}}, of_one[2][2] = {{1, 1}, {1, -1}};
      for (int k = 0; k < 2; ++k)
        for (int l = 0; l < 2; ++l)
          result.signs[2 * i + k][2 * j + l] =
              int8_t(entry == 0 ? of_zero[k][l] : entry * of_one[k][l]);
    }
  return result;
}

/// Williamson's construction (Duke Math. J. 11, 1944) from four circulant matrices, given by their
/// first rows.
HadamardMatrix williamson(const std::array<std::string_view, 4>& first_rows) {
  const int n = int(first_rows[0].size());
  constexpr int circulant[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
  constexpr int sign[4][4] = {{1, 1, 1, 1}, {-1, 1, -1, 1}, {-1, 1, 1, -1}, {-1, -1, 1, 1}};
  HadamardMatrix result{4 * n, {}};
  for (int i = 0; i < 4 * n; ++i)
    for (int j = 0; j < 4 * n; ++j) {
      const int row = i / n, column = j / n;
      const char entry =
          first_rows[size_t(circulant[row][column])][size_t((j % n - i % n + n) % n)];
      result.signs[i][j] = int8_t((entry == '+' ? 1 : -1) * sign[row][column]);
    }
  return result;
}

}  // namespace

HadamardMatrix hadamard_matrix(int size) {
  switch (size) {
    case 12:
      return paley_12();
    case 20:
      return williamson({"+----", "+----", "++--+", "+-++-"});
    case 28:
      return williamson({"+------", "++----+", "+-+--+-", "+--++--"});
    default:
      return {1, {{1}}};
  }
}

}  // namespace mlx::core

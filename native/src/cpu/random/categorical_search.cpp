#include "cpu/random/categorical_search.h"

#include <algorithm>
#include <vector>

#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

void categorical_search(const float* weights, size_t n, const float* draws, size_t m,
                        uint32_t* out) {
  std::vector<double> before(n);
  double total = 0;
  for (size_t i = 0; i < n; ++i) {
    before[i] = total;
    total += double(weights[i]);
  }
  parallel_for(m, 4096, [&](size_t begin, size_t end) {
    for (size_t j = begin; j < end; ++j) {
      // With NaN among the weights it is the last category, since all comparisons fail.
      auto above = std::upper_bound(before.begin() + 1, before.end(), double(draws[j]) * total);
      out[j] = uint32_t(above - before.begin() - 1);
    }
  });
}

}  // namespace mlx::core::cpu

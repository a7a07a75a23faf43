#include "cpu/array_view.h"
#include "cpu/random/categorical_search.h"
#include "cpu/random/random_bits.h"
#include "primitives/random.h"

namespace mlx::core {

void RandomBits::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array keys = cpu::row_contiguous(inputs[0]);
  size_t num_keys = keys.size() / 2;
  if (num_keys == 0) return;
  cpu::random_bits(keys.data<uint32_t>(), num_keys, output.nbytes() / num_keys,
                   output.data<void>());
}

void CategoricalSearch::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() == 0) return;
  array weights = cpu::row_contiguous(inputs[0]), draws = cpu::row_contiguous(inputs[1]);
  size_t n = size_t(weights.shape(-1)), m = size_t(draws.shape(-1));
  for (size_t row = 0; row * m < draws.size(); ++row)
    cpu::categorical_search(weights.data<float>() + row * n, n, draws.data<float>() + row * m, m,
                            output.data<uint32_t>() + row * m);
}

}  // namespace mlx::core

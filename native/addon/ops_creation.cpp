#include "binder.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

FunctionTable creation_functions() {
  return {
      bind("blackman", [](int size, StreamOrDevice s) { return blackman(size, s); }),
      bind("hamming", [](int size, StreamOrDevice s) { return hamming(size, s); }),
      bind("hanning", [](int size, StreamOrDevice s) { return hanning(size, s); }),
      bind("bartlett", [](int size, StreamOrDevice s) { return bartlett(size, s); }),
      bind("arange", [](double start, double stop, double step, Dtype dtype,
                        StreamOrDevice s) { return arange(start, stop, step, dtype, s); }),
      bind("linspace", [](double start, double stop, int num, Dtype dtype,
                          StreamOrDevice s) { return linspace(start, stop, num, dtype, s); }),
      bind("full",
           [](Shape shape, const array& value, std::optional<Dtype> dtype, StreamOrDevice s) {
             return dtype ? full(shape, value, *dtype, s) : full(shape, value, s);
           }),
      bind("zeros",
           [](Shape shape, Dtype dtype, StreamOrDevice s) { return zeros(shape, dtype, s); }),
      bind("ones",
           [](Shape shape, Dtype dtype, StreamOrDevice s) { return ones(shape, dtype, s); }),
      bind("eye", [](int n, int m, int k, Dtype dtype,
                     StreamOrDevice s) { return eye(n, m, k, dtype, s); }),
      bind("tri", [](int n, int m, int k, Dtype dtype,
                     StreamOrDevice s) { return tri(n, m, k, dtype, s); }),
      bind("tril", [](const array& a, int k, StreamOrDevice s) { return tril(a, k, s); }),
      bind("triu", [](const array& a, int k, StreamOrDevice s) { return triu(a, k, s); }),
      bind("copy", [](const array& a, StreamOrDevice s) { return core::copy(a, s); }),
      bind("contiguous", [](const array& a, bool allow_col_major,
                            StreamOrDevice s) { return contiguous(a, allow_col_major, s); }),
  };
}

}  // namespace mlx::addon

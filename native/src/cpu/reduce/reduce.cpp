#include "cpu/reduce/reduce.h"

#include <string>

#include "array/dtype_table.h"
#include "cpu/reduce/driver.h"
#include "cpu/reduce/kernel.h"
#include "mlx/errors.h"

namespace mlx::core::cpu {
namespace {

void require_dtype(const char* name, Dtype expected, Dtype out) {
  if (out != expected)
    throw DtypeError(std::string("[") + name + "] the output must be " + dtype_to_string(expected) +
                     ", not " + dtype_to_string(out));
}

ReduceKernel find_kernel(ReduceOp op, Dtype in, Dtype out) {
  switch (op) {
    case ReduceOp::sum:
      return sum_kernel(in, out);
    case ReduceOp::prod:
      return prod_kernel(in, out);
    case ReduceOp::max:
      require_dtype("max", in, out);
      return max_kernel(in);
    case ReduceOp::min:
      require_dtype("min", in, out);
      return min_kernel(in);
    case ReduceOp::all:
      require_dtype("all", bool_, out);
      return all_kernel(in);
    default:
      require_dtype("any", bool_, out);
      return any_kernel(in);
  }
}

}  // namespace

size_t sum_or_product_width(const char* name, Dtype in, Dtype out) {
  auto is_whole = [](Dtype dtype) { return dtype == bool_ || issubdtype(dtype, integer); };
  bool fits =
      is_whole(in) ? is_whole(out) && out != bool_ : out == in || (is_half(in) && out == float32);
  if (!fits)
    throw DtypeError(std::string("[") + name + "] can't reduce " + dtype_to_string(in) + " to " +
                     dtype_to_string(out));
  return out.size();
}

void reduce(ReduceOp op, const StridedInput& in, std::span<const int> axes, Dtype out_dtype,
            void* out) {
  run_reduction(find_kernel(op, in.dtype, out_dtype), in, axes, out, out_dtype.size());
}

}  // namespace mlx::core::cpu

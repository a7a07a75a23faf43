#include "io/byte_sink.h"

#include "array/raw_booleans.h"
#include "mlx/ops.h"

namespace mlx::core::io {

void write_row_major(ByteSink& sink, const array& a) {
  array dense = a;
  dense.eval();
  if (!dense.flags().row_contiguous) dense = contiguous(a, false, Device::cpu);
  dense.eval();
  dense = plain_booleans(dense);
  sink.write(dense.data<void>(), dense.nbytes());
}

std::string with_suffix(std::string name, std::string_view suffix) {
  if (!name.ends_with(suffix)) name += suffix;
  return name;
}

}  // namespace mlx::core::io

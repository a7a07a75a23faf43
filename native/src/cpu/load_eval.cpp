#include <algorithm>

#include "cpu/array_view.h"
#include "io/load.h"
#include "runtime/thread_pool.h"

namespace mlx::core {
namespace {

template <size_t width>
void reverse_each(uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; i += width) std::reverse(bytes + i, bytes + i + width);
}

void swap_bytes(uint8_t* bytes, size_t count, Dtype dtype) {
  // A complex number is two floats.
  switch (dtype == complex64 ? 4 : dtype.size()) {
    case 2:
      return reverse_each<2>(bytes, count);
    case 4:
      return reverse_each<4>(bytes, count);
    case 8:
      return reverse_each<8>(bytes, count);
  }
}

}  // namespace

void Load::eval_cpu(const std::vector<array>&, array& output) {
  cpu::allocate(output);
  auto* bytes = output.data<uint8_t>();
  source_->read_array(offset_, bytes, output.nbytes());
  bool is_bool = output.dtype() == bool_;
  if (!is_bool && !swap_endianness_) return;
  parallel_for(output.nbytes(), size_t(1) << 18, [&](size_t begin, size_t end) {
    // C++ gives no meaning to other values of a bool.
    if (is_bool)
      for (size_t i = begin; i < end; ++i) bytes[i] = bytes[i] != 0;
    else
      swap_bytes(bytes + begin, end - begin, output.dtype());
  });
}

}  // namespace mlx::core

#include "cpu/array_view.h"
#include "primitives/load.h"
#include "runtime/thread_pool.h"

namespace mlx::core {

void Load::eval_cpu(const std::vector<array>&, array& output) {
  cpu::allocate(output);
  auto* bytes = output.data<uint8_t>();
  bool is_bool = output.dtype() == bool_;
  // Several threads, because copying out of the page cache takes longer than memory needs.
  parallel_for(output.nbytes(), size_t(8) << 20, [&](size_t begin, size_t end) {
    file_->read(offset_ + begin, bytes + begin, end - begin);
    // C++ gives no meaning to other values of a bool.
    if (is_bool)
      for (size_t i = begin; i < end; ++i) bytes[i] = bytes[i] != 0;
  });
}

}  // namespace mlx::core

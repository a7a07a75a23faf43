#include "cpu/array_view.h"

#include "cpu/copy/copy.h"
#include "mlx/utils.h"

namespace mlx::core::cpu {

void allocate(array& a) { a.set_data(allocator::malloc(a.nbytes())); }

void copy_or_donate(const array& a, array& out) {
  if (a.flags().row_contiguous && a.data_size() == a.size() && a.is_donatable()) {
    out.copy_shared_buffer(a, row_contiguous_strides(out.shape()), a.flags(), a.size());
    return;
  }
  allocate(out);
  copy_contiguous(a.itemsize(), {a.shape().data(), a.ndim()}, a.data<void>(),
                  {a.strides().data(), a.strides().size()}, out.data<void>());
}

array row_contiguous(const array& a) {
  if (a.flags().row_contiguous) return a;
  array copy(a.shape(), a.dtype(), nullptr, {});
  copy_or_donate(a, copy);
  return copy;
}

}  // namespace mlx::core::cpu

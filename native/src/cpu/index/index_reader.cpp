#include "cpu/index/index_reader.h"

#include <algorithm>
#include <limits>
#include <string>

#include "array/dtype_dispatch.h"
#include "cpu/strided_loop.h"
#include "mlx/errors.h"

namespace mlx::core::cpu {
namespace {

template <typename T>
[[noreturn]] void throw_out_of_range(const IndexedAxis& axis, T index) {
  std::string message = std::string("[") + axis.operation + "] index " + std::to_string(index) +
                        " is out of range for axis " + std::to_string(axis.axis) + " of size " +
                        std::to_string(axis.size);
  if (axis.slice != 1) message += " and slices of " + std::to_string(axis.slice);
  throw EngineError(message);
}

template <typename T>
void read_typed(const IndexedAxis& axis, const T* data, int64_t step, int64_t count,
                int64_t* offsets) {
  const int64_t starts = axis.size - axis.slice + 1;
  for (int64_t i = 0; i < count; ++i) {
    T index = data[i * step];
    // Huge unsigned indices must not turn negative.
    bool fits = std::is_signed_v<T> || uint64_t(index) <= uint64_t(axis.size);
    int64_t start = int64_t(index) + (fits && index < T(0) ? axis.size : 0);
    if (!fits || start < 0 || start >= starts) throw_out_of_range(axis, index);
    offsets[i] = start * axis.stride;
  }
}

}  // namespace

void read_indices(const IndexedAxis& axis, Dtype dtype, const void* data, int64_t step,
                  int64_t count, int64_t* offsets) {
  dispatch_integral(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    read_typed(axis, static_cast<const T*>(data), step, count, offsets);
  });
}

void add_index_offsets(const IndexedAxis& axis, const StridedInput& indices, int64_t begin,
                       int64_t end, int64_t* offsets) {
  constexpr int64_t kBlock = 512;
  int64_t block[kBlock];
  LoopAxes<1> loop = collapse(make_loop<1>(indices.shape, {indices.strides}));
  LoopAxis<1> run{1, {0}};
  if (!loop.empty()) {
    run = loop.back();
    loop.pop_back();
  }
  LoopIterator<1> outer(loop, begin / run.size);
  int64_t at = begin % run.size;
  while (begin < end) {
    int64_t count = std::min({kBlock, run.size - at, end - begin});
    int64_t offset = outer.offset(0) + at * run.stride[0];
    read_indices(axis, indices.dtype,
                 static_cast<const char*>(indices.data) + offset * indices.dtype.size(),
                 run.stride[0], count, block);
    for (int64_t i = 0; i < count; ++i) offsets[i] += block[i];
    offsets += count;
    begin += count;
    at += count;
    if (at == run.size) {
      at = 0;
      outer.next();
    }
  }
}

IndexedPlaces::IndexedPlaces(const char* operation, std::span<const StridedInput> indices,
                             std::span<const int> axes, std::span<const int32_t> shape,
                             std::span<const int64_t> strides, std::span<const int32_t> slice_sizes)
    : indices(indices) {
  for (int axis : axes)
    this->axes.push_back(
        {operation, axis, shape[size_t(axis)], slice_sizes[size_t(axis)], strides[size_t(axis)]});
}

int64_t IndexedPlaces::count() const {
  int64_t count = 1;
  if (!indices.empty())
    for (int32_t size : indices[0].shape) count *= size;
  return count;
}

void IndexedPlaces::read(int64_t begin, int64_t end, int64_t* offsets) const {
  std::fill_n(offsets, end - begin, 0);
  for (size_t k = 0; k < axes.size(); ++k)
    add_index_offsets(axes[k], indices[k], begin, end, offsets);
}

}  // namespace mlx::core::cpu

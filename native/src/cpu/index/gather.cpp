#include "cpu/index/gather.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/copy/copy.h"
#include "cpu/index/index_reader.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kTaskElements = 32768;

template <typename T>
void copy_run(const T* src, int64_t step, int64_t count, T* dst) {
  if (step == 1 && count * int64_t(sizeof(T)) >= 64)
    std::memcpy(dst, src, size_t(count) * sizeof(T));
  else
    for (int64_t i = 0; i < count; ++i) dst[i] = src[i * step];
}

/// Every slice is `runs` of `run.size` elements, one after another in dst.
template <typename T>
void gather_slices(const T* src, const IndexedPlaces& places, const LoopAxes<1>& outer,
                   LoopAxis<1> run, T* dst) {
  int64_t runs = loop_size(outer);
  size_t grain = size_t(std::max<int64_t>(1, kTaskElements / run.size));
  parallel_for(size_t(places.count() * runs), grain, [&](size_t begin, size_t end) {
    int64_t first = int64_t(begin) / runs, last = (int64_t(end) - 1) / runs + 1;
    std::vector<int64_t> offsets(size_t(last - first));
    places.read(first, last, offsets.data());
    T* to = dst + int64_t(begin) * run.size;
    int64_t at = int64_t(begin) % runs, todo = int64_t(end - begin);
    LoopIterator<1> slice(outer, at);
    for (int64_t offset : offsets) {
      for (; at < runs && todo > 0; ++at, --todo, to += run.size) {
        copy_run(src + offset + slice.offset(0), run.stride[0], run.size, to);
        slice.next();
      }
      at = 0;
    }
  });
}

}  // namespace

void gather(const StridedInput& src, std::span<const StridedInput> indices,
            std::span<const int> axes, std::span<const int32_t> slice_sizes, void* out) {
  IndexedPlaces places("gather", indices, axes, src.shape, src.strides, slice_sizes);
  LoopAxes<1> slice = make_loop<1>(slice_sizes, {src.strides});
  int64_t slice_elements = loop_size(slice), count = places.count();
  if (count == 0) return;
  size_t itemsize = src.dtype.size();
  if (slice_elements == 0) {
    // Nothing to copy, but the indices must still be right.
    std::vector<int64_t> offsets(static_cast<size_t>(count));
    places.read(0, count, offsets.data());
    return;
  }
  // A few large slices are shared between threads one by one.
  if (count < 16 && slice_elements >= 4 * kTaskElements) {
    std::vector<int64_t> offsets(static_cast<size_t>(count));
    places.read(0, count, offsets.data());
    for (int64_t i = 0; i < count; ++i)
      copy_contiguous(itemsize, slice_sizes,
                      static_cast<const char*>(src.data) + offsets[size_t(i)] * int64_t(itemsize),
                      src.strides,
                      static_cast<char*>(out) + i * slice_elements * int64_t(itemsize));
    return;
  }
  slice = collapse(slice);
  LoopAxis<1> run{1, {1}};
  if (!slice.empty()) {
    run = slice.back();
    slice.pop_back();
  }
  dispatch_width(itemsize, [&](auto tag) {
    using T = typename decltype(tag)::type;
    gather_slices(static_cast<const T*>(src.data), places, slice, run, static_cast<T*>(out));
  });
}

void gather_axis(const StridedInput& src, const StridedInput& indices, int axis, void* out) {
  constexpr int64_t kSrc = 0, kIndex = 1, kBlock = 512;
  LoopAxes<2> loop = make_loop<2>(indices.shape, {src.strides, indices.strides});
  int64_t count = loop_size(loop);
  if (count == 0) return;
  // Along the axis it is the index that says where in src.
  loop[size_t(axis)].stride[kSrc] = 0;
  loop = collapse(loop);
  LoopAxis<2> run{1, {0, 0}};
  if (!loop.empty()) {
    run = loop.back();
    loop.pop_back();
  }
  IndexedAxis indexed{"gather_axis", axis, src.shape[size_t(axis)], 1, src.strides[size_t(axis)]};
  dispatch_width(src.dtype.size(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    parallel_for(size_t(count), size_t(kTaskElements), [&](size_t begin, size_t end) {
      int64_t offsets[kBlock];
      LoopIterator<2> outer(loop, int64_t(begin) / run.size);
      int64_t at = int64_t(begin) % run.size;
      T* to = static_cast<T*>(out) + begin;
      for (int64_t todo = int64_t(end - begin); todo > 0;) {
        int64_t length = std::min({kBlock, run.size - at, todo});
        int64_t place = outer.offset(kIndex) + at * run.stride[kIndex];
        read_indices(indexed, indices.dtype,
                     static_cast<const char*>(indices.data) + place * indices.dtype.size(),
                     run.stride[kIndex], length, offsets);
        const T* from =
            static_cast<const T*>(src.data) + outer.offset(kSrc) + at * run.stride[kSrc];
        for (int64_t i = 0; i < length; ++i) to[i] = from[i * run.stride[kSrc] + offsets[i]];
        to += length;
        todo -= length;
        at += length;
        if (at == run.size) {
          at = 0;
          outer.next();
        }
      }
    });
  });
}

}  // namespace mlx::core::cpu

#pragma once

#include <cstdint>
#include <vector>

#include "cpu/strided_view.h"
#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// What indices along one axis may be, and what one step along it is worth in elements.
struct IndexedAxis {
  const char* operation;
  int axis;
  int64_t size;
  /// Elements taken from each index on.
  int64_t slice;
  int64_t stride;
};

/// Writes index * stride for indices of any integer dtype at data[i * step], i < count, with
/// negative ones counted from the end. Throws EngineError for an index out of range.
void read_indices(const IndexedAxis& axis, Dtype dtype, const void* data, int64_t step,
                  int64_t count, int64_t* offsets);

/// The same over a whole array of indices: for positions [begin, end) of its row-major order,
/// added to offsets[0 .. end - begin).
void add_index_offsets(const IndexedAxis& axis, const StridedInput& indices, int64_t begin,
                       int64_t end, int64_t* offsets);

/// How several arrays of indices, of one shape, pick places in memory with these strides.
struct IndexedPlaces {
  std::vector<IndexedAxis> axes;
  std::span<const StridedInput> indices;

  IndexedPlaces(const char* operation, std::span<const StridedInput> indices,
                std::span<const int> axes, std::span<const int32_t> shape,
                std::span<const int64_t> strides, std::span<const int32_t> slice_sizes);

  /// Positions in the indices' common shape; one without indices.
  int64_t count() const;
  /// The place of each position in [begin, end).
  void read(int64_t begin, int64_t end, int64_t* offsets) const;
};

}  // namespace mlx::core::cpu

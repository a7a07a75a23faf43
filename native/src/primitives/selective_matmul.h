#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Inputs: matrices (count, m, k) and (count, k, n), then for each product the number of its left
/// and of its right matrix. Result: (products, m, n).
class GatherMM : public Parametric<GatherMM> {
 public:
  GatherMM(Stream stream, bool right_ascends) : Parametric(stream), right_ascends_(right_ascends) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  auto parameters() const { return std::tie(right_ascends_); }
  const char* name() const override { return "GatherMM"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  /// Says that products which share a right matrix are neighbours.
  bool right_ascends_;
};

/// Inputs: matrices (m, k) and (k, n), and (segments, 2) bounds of slices of k. Result: for each
/// the product of the slices, (segments, m, n).
class SegmentedMM : public Parametric<SegmentedMM> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "SegmentedMM"; }
  std::tuple<> parameters() const { return {}; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
};

/// The adjoint of SegmentedMM for its left matrix. Inputs: matrices (segments, m, n) and one
/// (k, n), and (segments, 2) bounds. Result: (m, k), where each slice is the sum of the products of
/// the segments' matrices with the transposed slice.
class SegmentedMMAdjoint : public Parametric<SegmentedMMAdjoint> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "SegmentedMMAdjoint"; }
  std::tuple<> parameters() const { return {}; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
};

/// Inputs: matrices (..., m, k) and (..., k, n), and bool masks with one element for each block of
/// the result, the left and the right matrix. The batch axes have equal sizes.
class BlockMaskedMM : public Parametric<BlockMaskedMM> {
 public:
  BlockMaskedMM(Stream stream, int block_size) : Parametric(stream), block_size_(block_size) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  auto parameters() const { return std::tie(block_size_); }
  const char* name() const override { return "BlockMaskedMM"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  int block_size_;
};

}  // namespace mlx::core

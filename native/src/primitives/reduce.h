#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Combines the elements along some axes.
class Reduce : public Parametric<Reduce> {
 public:
  enum ReduceType { And, Or, Sum, Prod, Min, Max };

  /// Axes are sorted and not negative. The result's dtype is the input's but for sums and products
  /// of integers and booleans, and for sums of half types in float32.
  Reduce(Stream stream, ReduceType type, std::vector<int> axes, bool keepdims, Dtype dtype)
      : Parametric(stream),
        type_(type),
        axes_(std::move(axes)),
        keepdims_(keepdims),
        dtype_(dtype) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override;
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

  ReduceType type() const { return type_; }
  const std::vector<int>& axes() const { return axes_; }
  bool keepdims() const { return keepdims_; }
  auto parameters() const { return std::tie(type_, axes_, keepdims_, dtype_); }

 private:
  /// The same reduction of another array.
  array apply(const array& a, std::vector<int> axes) const;
  /// A result with the reduced axes back in place, with size one.
  array with_axes(const array& result) const;

  ReduceType type_;
  std::vector<int> axes_;
  bool keepdims_;
  Dtype dtype_;
};

/// A shape after a reduction over sorted axes.
Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims);

}  // namespace mlx::core

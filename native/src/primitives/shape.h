#pragma once

#include <tuple>

#include "primitives/rearrangement.h"

namespace mlx::core {

/// The first input repeated to a shape. Inside a shapeless trace it has the arrays that it was
/// broadcast against as further inputs, and takes the shape from them all.
class Broadcast : public Rearrangement<Broadcast> {
 public:
  Broadcast(Stream stream, Shape shape) : Rearrangement(stream), shape_(std::move(shape)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  const char* name() const override { return "Broadcast"; }
  Role role() const override { return Role::broadcast; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(shape_); }

 private:
  Shape shape_;
};

/// The same in memory of its own, so that programs can read and write it element by element. Only
/// the evaluation differs; derivatives and mapped axes may be views.
class Full : public Broadcast {
 public:
  using Broadcast::Broadcast;
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Full"; }
  Role role() const override { return Role::operation; }
};

/// The shape may hold one -1, so that a shapeless trace can infer it anew.
class Reshape : public Rearrangement<Reshape> {
 public:
  Reshape(Stream stream, Shape shape) : Rearrangement(stream), shape_(std::move(shape)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Reshape"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(shape_); }

 private:
  Shape shape_;
};

class Flatten : public Rearrangement<Flatten> {
 public:
  Flatten(Stream stream, int start_axis, int end_axis)
      : Rearrangement(stream), start_axis_(start_axis), end_axis_(end_axis) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Flatten"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(start_axis_, end_axis_); }

 private:
  int start_axis_, end_axis_;
};

class Unflatten : public Rearrangement<Unflatten> {
 public:
  Unflatten(Stream stream, int axis, Shape shape)
      : Rearrangement(stream), axis_(axis), shape_(std::move(shape)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Unflatten"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(axis_, shape_); }

 private:
  int axis_;
  Shape shape_;
};

class Squeeze : public Rearrangement<Squeeze> {
 public:
  Squeeze(Stream stream, std::vector<int> axes) : Rearrangement(stream), axes_(std::move(axes)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Squeeze"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(axes_); }

 private:
  std::vector<int> axes_;
};

class ExpandDims : public Rearrangement<ExpandDims> {
 public:
  ExpandDims(Stream stream, std::vector<int> axes)
      : Rearrangement(stream), axes_(std::move(axes)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "ExpandDims"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(axes_); }

 private:
  std::vector<int> axes_;
};

class Transpose : public Rearrangement<Transpose> {
 public:
  Transpose(Stream stream, std::vector<int> axes) : Rearrangement(stream), axes_(std::move(axes)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Transpose"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(axes_); }

 private:
  std::vector<int> axes_;
};

/// Any strides over a row-contiguous vector.
class AsStrided : public Rearrangement<AsStrided> {
 public:
  AsStrided(Stream stream, Shape shape, Strides strides, size_t offset)
      : Rearrangement(stream),
        shape_(std::move(shape)),
        strides_(std::move(strides)),
        offset_(offset) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "AsStrided"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(shape_, strides_, offset_); }

 private:
  Shape shape_;
  Strides strides_;
  size_t offset_;
};

/// The bytes under another dtype. Between complex numbers and their parts that is linear; between
/// other dtypes it has no slope.
class View : public Rearrangement<View> {
 public:
  View(Stream stream, Dtype dtype) : Rearrangement(stream), dtype_(dtype) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  const char* name() const override { return "View"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const { return apply(input); }
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(dtype_); }

 private:
  bool is_linear_from(Dtype input) const;

  Dtype dtype_;
};

}  // namespace mlx::core

#pragma once

#include <tuple>

#include "primitives/rearrangement.h"

namespace mlx::core {

/// A slice as Python writes it: start, stop and step of each axis.
class Slice : public Rearrangement<Slice> {
 public:
  Slice(Stream stream, Shape start, Shape stop, Shape strides)
      : Rearrangement(stream),
        start_(std::move(start)),
        stop_(std::move(stop)),
        strides_(std::move(strides)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Slice"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const;
  array adjoint(const array& primal, const array& cotangent) const;
  auto parameters() const { return std::tie(start_, stop_, strides_); }

 private:
  Shape start_, stop_, strides_;
};

/// The first input with a slice of it replaced by the second, which has the slice's shape.
class SliceUpdate : public Parametric<SliceUpdate> {
 public:
  SliceUpdate(Stream stream, Shape start, Shape stop, Shape strides)
      : Parametric(stream),
        start_(std::move(start)),
        stop_(std::move(stop)),
        strides_(std::move(strides)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "SliceUpdate"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(start_, stop_, strides_); }

 private:
  Shape start_, stop_, strides_;
};

/// A slice of fixed size that begins where the second input says, on some axes.
class DynamicSlice : public Parametric<DynamicSlice> {
 public:
  DynamicSlice(Stream stream, std::vector<int> axes, Shape slice_size)
      : Parametric(stream), axes_(std::move(axes)), slice_size_(std::move(slice_size)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "DynamicSlice"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {slice_size_}; }
  auto parameters() const { return std::tie(axes_, slice_size_); }

 private:
  std::vector<int> axes_;
  Shape slice_size_;
};

/// The first input with the second in it, beginning where the third says, on some axes.
class DynamicSliceUpdate : public Parametric<DynamicSliceUpdate> {
 public:
  DynamicSliceUpdate(Stream stream, std::vector<int> axes)
      : Parametric(stream), axes_(std::move(axes)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "DynamicSliceUpdate"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(axes_); }

 private:
  std::vector<int> axes_;
};

}  // namespace mlx::core

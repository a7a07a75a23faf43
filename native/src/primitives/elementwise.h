#pragma once

#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/elementwise_op.h"

namespace mlx::core {

/// Any operation that acts on each element by itself. Its inputs have the output's shape.
class Elementwise : public Parametric<Elementwise> {
 public:
  Elementwise(Stream stream, ElementwiseOp op) : Parametric(stream), op_(op) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return elementwise_op_name(op_); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  std::optional<ElementwiseOp> fused_op() const override { return op_; }

  ElementwiseOp op() const { return op_; }
  auto parameters() const { return std::tie(op_); }

 protected:
  /// The same operation on other inputs, which are broadcast.
  virtual array apply(std::vector<array> inputs) const;

 private:
  ElementwiseOp op_;
};

/// A cast. Its derivative is a cast back, or nothing where fractions are lost.
class AsType : public Parametric<AsType, Elementwise> {
 public:
  AsType(Stream stream, Dtype dtype) : Parametric(stream, ElementwiseOp::Cast), dtype_(dtype) {}

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;

  Dtype dtype() const { return dtype_; }
  auto parameters() const { return std::tie(dtype_); }

 protected:
  array apply(std::vector<array> inputs) const override;

 private:
  Dtype dtype_;
};

/// The calling thread's primitive for an operation on a stream: it has no state, so all nodes share
/// it and making a node doesn't allocate one.
const std::shared_ptr<Primitive>& elementwise_primitive(ElementwiseOp op, const Stream& stream);

/// A node for operands of any shapes that fit each other; dtypes must be what the operation takes.
array elementwise_node(ElementwiseOp op, const array& a, const Stream& stream);
array elementwise_node(ElementwiseOp op, const array& a, const array& b, const Stream& stream);
array elementwise_node(ElementwiseOp op, const array& a, const array& b, const array& c,
                       const Stream& stream);

/// The dtype that comes out when the (last) operand's is this. Not for Cast.
Dtype elementwise_result_type(ElementwiseOp op, Dtype operand);

/// Whether there is such an operation on operands of this dtype: one that the CPU has a kernel for,
/// which has them all.
bool elementwise_supports(ElementwiseOp op, Dtype::Val in);

}  // namespace mlx::core

#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/device.h"
#include "mlx/stream.h"

namespace mlx::core {

enum class ElementwiseOp : uint8_t;

/// What a graph node computes. A kind overrides the evaluation for its backends, and beside it the
/// rules for differentiation (vjp, jvp) and vectorisation (vmap), written in operations. What it
/// doesn't override throws an EngineError that names the primitive.
class MLX_API Primitive {
 public:
  explicit Primitive(Stream stream) : stream_(stream) {}
  virtual ~Primitive() = default;
  Primitive(const Primitive&) = delete;
  Primitive(Primitive&&) = delete;
  Primitive& operator=(const Primitive&) = delete;
  Primitive& operator=(Primitive&&) = delete;

  const Device& device() { return stream_.device; }
  const Stream& stream() const { return stream_; }

  /// Computes the outputs: allocates each (`set_data`) or shares an input's buffer. Inputs are
  /// available. Runs on the stream's thread or on the thread that waits for the result.
  virtual void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) = 0;
  virtual void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs);

  /// Tangents of the outputs; tangents are those of primals[argnums[i]].
  virtual std::vector<array> jvp(const std::vector<array>& primals,
                                 const std::vector<array>& tangents,
                                 const std::vector<int>& argnums);
  /// Gradients of primals[argnums[i]], given those of all outputs.
  virtual std::vector<array> vjp(const std::vector<array>& primals,
                                 const std::vector<array>& cotangents,
                                 const std::vector<int>& argnums,
                                 const std::vector<array>& outputs);
  /// The outputs over one more axis each; axes[i] is the mapped axis of inputs[i], -1 for none.
  virtual std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                               const std::vector<int>& axes);

  virtual const char* name() const = 0;

  /// What graphs and transformations treat in a way of its own.
  enum class Role : uint8_t {
    operation,
    /// Its output is its input.
    copy,
    /// The same, but derivatives end there.
    gradient_stop,
    /// Its outputs are its last inputs, with rules of their own for derivatives.
    custom_rules,
    /// Its output repeats its first input in no memory of its own; further inputs only decide about
    /// the shape.
    broadcast,
  };
  virtual Role role() const { return Role::operation; }
  /// Whether another primitive of the same type computes the same from the same inputs.
  virtual bool is_equivalent(const Primitive& other) const;
  /// Shapes of the outputs for other inputs; for shapeless compilation and export.
  virtual std::vector<Shape> output_shapes(const std::vector<array>& inputs);

  /// The opcode under which evaluation may fuse this node with its neighbours.
  virtual std::optional<ElementwiseOp> fused_op() const { return std::nullopt; }

 private:
  Stream stream_;
};

/// A primitive with one output.
class MLX_API UnaryPrimitive : public Primitive {
 public:
  using Primitive::Primitive;

  virtual void eval_cpu(const std::vector<array>& inputs, array& output) = 0;
  virtual void eval_gpu(const std::vector<array>& inputs, array& output);

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) final {
    eval_cpu(inputs, outputs[0]);
  }
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) final {
    eval_gpu(inputs, outputs[0]);
  }
};

namespace detail {

/// Floats by their bits: -0 is another factor than 0.
template <typename T>
bool is_same_parameter(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>)
    return std::memcmp(&a, &b, sizeof(T)) == 0;
  else
    return a == b;
}

template <typename... T>
bool are_same_parameters(const std::tuple<T...>& a, const std::tuple<T...>& b) {
  return [&]<size_t... i>(std::index_sequence<i...>) {
    return (is_same_parameter(std::get<i>(a), std::get<i>(b)) && ...);
  }(std::index_sequence_for<T...>());
}

}  // namespace detail

/// The base of kinds whose primitives differ by their parameters alone, which the kind tells as a
/// tuple, `parameters()`, in the order of its constructor.
template <typename Kind, typename Base = UnaryPrimitive>
class Parametric : public Base {
 public:
  using Base::Base;

  bool is_equivalent(const Primitive& other) const override {
    return detail::are_same_parameters(static_cast<const Kind&>(*this).parameters(),
                                       static_cast<const Kind&>(other).parameters());
  }
};

// ---- Kinds of nodes that programs name. All others are known by their name() alone.

/// The position of an extreme element along an axis, in uint32.
class MLX_API ArgReduce : public Parametric<ArgReduce> {
 public:
  enum ReduceType { ArgMin, ArgMax };

  ArgReduce(Stream stream, ReduceType type, int axis, bool keepdims = false)
      : Parametric(stream), type_(type), axis_(axis), keepdims_(keepdims) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return type_ == ArgMin ? "ArgMin" : "ArgMax"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(type_, axis_, keepdims_); }

 private:
  ReduceType type_;
  int axis_;
  bool keepdims_;
};

struct ReplayPlan;

/// A call of a compiled function: its arguments and constants in, its results out. It never stands
/// inside a trace, where calls become the nodes of the function; so it needs no rules.
class MLX_API Compiled : public Primitive {
 public:
  explicit Compiled(std::shared_ptr<const ReplayPlan> plan);

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    eval_cpu(inputs, outputs);
  }
  const char* name() const override { return "Compiled"; }
  const std::shared_ptr<const ReplayPlan>& plan() const { return plan_; }

 private:
  std::shared_ptr<const ReplayPlan> plan_;
};

}  // namespace mlx::core

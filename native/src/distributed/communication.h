#pragma once

#include "mlx/distributed/distributed.h"
#include "mlx/primitives.h"

namespace mlx::core::distributed {

/// A step in which the processes of a group exchange values.
class Communication : public UnaryPrimitive {
 public:
  Communication(Stream stream, Group group) : UnaryPrimitive(stream), group_(std::move(group)) {}

  bool is_equivalent(const Primitive&) const override { return false; }
  const Group& group() const { return group_; }

 protected:
  detail::GroupImpl& impl() const { return *group_.raw_group(); }

 private:
  Group group_;
};

/// The elements of all processes combined.
class AllReduce : public Communication {
 public:
  enum ReduceType { Sum, Max, Min };

  AllReduce(Stream stream, Group group, ReduceType type)
      : Communication(stream, std::move(group)), type_(type) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "AllReduce"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }

 private:
  array shares(const array& x, const array& extreme) const;

  ReduceType type_;
};

/// The arrays of all processes, one after another along the first axis.
class AllGather : public Communication {
 public:
  using Communication::Communication;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "AllGather"; }
};

/// This process's part of the sum of all, of the first axis.
class ReduceScatter : public Communication {
 public:
  using Communication::Communication;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ReduceScatter"; }
};

/// The array, once another process has it too.
class Send : public Communication {
 public:
  Send(Stream stream, Group group, int destination)
      : Communication(stream, std::move(group)), destination_(destination) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Send"; }

 private:
  int destination_;
};

/// What another process sends.
class Recv : public Communication {
 public:
  Recv(Stream stream, Group group, int source)
      : Communication(stream, std::move(group)), source_(source) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Recv"; }

 private:
  int source_;
};

}  // namespace mlx::core::distributed

#include "distributed/communication.h"

#include "mlx/distributed/distributed_impl.h"
#include "mlx/distributed/ops.h"
#include "mlx/ops.h"
#include "primitives/row_major_copy.h"

namespace mlx::core::distributed {

namespace {

/// Backends take dense memory, in row-major order.
array packed(const array& a) {
  if (a.flags().row_contiguous) return a;
  array dense(a.shape(), a.dtype(), nullptr, {});
  copy_row_major(Device::cpu, a, dense);
  dense.set_status(array::available);
  return dense;
}

void allocate(array& output) { output.set_data(allocator::malloc(output.nbytes())); }

}  // namespace

// ---- AllReduce

void AllReduce::eval_cpu(const std::vector<array>& inputs, array& output) {
  allocate(output);
  array input = packed(inputs[0]);
  switch (type_) {
    case Sum:
      return impl().all_sum(input, output, stream());
    case Max:
      return impl().all_max(input, output, stream());
    case Min:
      return impl().all_min(input, output, stream());
  }
}

std::vector<array> AllReduce::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents,
                                  const std::vector<int>& argnums) {
  if (type_ != Sum) return Primitive::jvp(primals, tangents, argnums);
  return {all_sum(tangents[0], group(), stream())};
}

std::vector<array> AllReduce::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents,
                                  const std::vector<int>& argnums,
                                  const std::vector<array>& outputs) {
  // Each process has its own loss, of which the sum is a part once.
  if (type_ != Sum) return Primitive::vjp(primals, cotangents, argnums, outputs);
  return cotangents;
}

std::pair<std::vector<array>, std::vector<int>> AllReduce::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  const array& x = inputs[0];
  auto primitive = std::make_shared<AllReduce>(stream(), group(), type_);
  return {{array(x.shape(), x.dtype(), std::move(primitive), {x})}, axes};
}

// ---- AllGather

void AllGather::eval_cpu(const std::vector<array>& inputs, array& output) {
  allocate(output);
  impl().all_gather(packed(inputs[0]), output, stream());
}

std::vector<array> AllGather::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                                  const std::vector<int>&) {
  return {all_gather(tangents[0], group(), stream())};
}

std::vector<array> AllGather::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents, const std::vector<int>&,
                                  const std::vector<array>&) {
  const Shape& shape = primals[0].shape();
  int rows = shape.empty() ? 1 : shape[0];
  Shape start(cotangents[0].ndim(), 0), stop = cotangents[0].shape();
  start[0] = group().rank() * rows;
  stop[0] = start[0] + rows;
  return {reshape(slice(cotangents[0], start, stop, stream()), shape, stream())};
}

// ---- The others

void ReduceScatter::eval_cpu(const std::vector<array>& inputs, array& output) {
  allocate(output);
  impl().sum_scatter(packed(inputs[0]), output, stream());
}

void Send::eval_cpu(const std::vector<array>& inputs, array& output) {
  impl().send(packed(inputs[0]), destination_, stream());
  output.copy_shared_buffer(inputs[0]);
}

void Recv::eval_cpu(const std::vector<array>&, array& output) {
  allocate(output);
  impl().recv(output, source_, stream());
}

}  // namespace mlx::core::distributed

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

/// A node of the same kind on arrays whose mapped axis stands behind the first, which the call
/// divides or joins.
template <typename Kind>
std::pair<std::vector<array>, std::vector<int>> map_behind_first(
    const Kind& kind, const std::vector<array>& inputs, const std::vector<int>& axes,
    array (*call)(const array&, std::optional<Group>, StreamOrDevice)) {
  const Stream& stream = kind.stream();
  const array x = inputs[0].ndim() == 1 ? expand_dims(inputs[0], 0, stream)
                                        : moveaxis(inputs[0], axes[0], 1, stream);
  return {{call(x, kind.group(), stream)}, {1}};
}

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

/// Of the largest and the smallest: which processes' elements they are, in equal parts.
array AllReduce::shares(const array& x, const array& extreme) const {
  array is_extreme = astype(equal(x, extreme, stream()), x.dtype(), stream());
  return divide(is_extreme, all_sum(is_extreme, group(), stream()), stream());
}

std::vector<array> AllReduce::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents, const std::vector<int>&) {
  const array& tangent = tangents[0];
  if (type_ == Sum) return {all_sum(tangent, group(), stream())};
  auto reduce = type_ == Max ? all_max : all_min;
  array share = shares(primals[0], reduce(primals[0], group(), stream()));
  return {all_sum(multiply(tangent, share, stream()), group(), stream())};
}

std::vector<array> AllReduce::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents, const std::vector<int>&,
                                  const std::vector<array>& outputs) {
  // Each process has its own loss, of which the sum is a part once.
  if (type_ == Sum) return cotangents;
  return {multiply(cotangents[0], shares(primals[0], outputs[0]), stream())};
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

std::pair<std::vector<array>, std::vector<int>> AllGather::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  return map_behind_first(*this, inputs, axes, all_gather);
}

// ---- ReduceScatter

void ReduceScatter::eval_cpu(const std::vector<array>& inputs, array& output) {
  allocate(output);
  impl().sum_scatter(packed(inputs[0]), output, stream());
}

std::vector<array> ReduceScatter::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                                      const std::vector<int>&) {
  return {sum_scatter(tangents[0], group(), stream())};
}

/// As if the sum were made by all_sum and a slice of it taken.
std::vector<array> ReduceScatter::vjp(const std::vector<array>&,
                                      const std::vector<array>& cotangents, const std::vector<int>&,
                                      const std::vector<array>&) {
  return {all_gather(cotangents[0], group(), stream())};
}

std::pair<std::vector<array>, std::vector<int>> ReduceScatter::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  return map_behind_first(*this, inputs, axes, sum_scatter);
}

// ---- Send and Recv

void Send::eval_cpu(const std::vector<array>& inputs, array& output) {
  impl().send(packed(inputs[0]), destination_, stream());
  output.copy_shared_buffer(inputs[0]);
}

std::vector<array> Send::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                             const std::vector<int>&) {
  return tangents;
}

std::vector<array> Send::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                             const std::vector<int>&, const std::vector<array>&) {
  return cotangents;
}

std::pair<std::vector<array>, std::vector<int>> Send::vmap(const std::vector<array>& inputs,
                                                           const std::vector<int>& axes) {
  return {{send(inputs[0], destination_, group(), stream())}, axes};
}

void Recv::eval_cpu(const std::vector<array>&, array& output) {
  allocate(output);
  impl().recv(output, source_, stream());
}

}  // namespace mlx::core::distributed

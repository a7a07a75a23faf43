#include "mlx/distributed/ops.h"

#include <string>

#include "distributed/communication.h"
#include "mlx/distributed/distributed_impl.h"
#include "mlx/utils.h"
#include "runtime/waiting_streams.h"

namespace mlx::core::distributed {

namespace {

Group group_or_default(const std::optional<Group>& group) { return group ? *group : init(); }

Stream communication_stream(const Group& group, StreamOrDevice s) {
  Stream stream = group.raw_group()->communication_stream(std::move(s));
  note_waiting_stream(stream);
  return stream;
}

array all_reduce(const array& x, const std::optional<Group>& given, AllReduce::ReduceType type,
                 StreamOrDevice s) {
  Group group = group_or_default(given);
  if (group.size() == 1) return x;
  Stream stream = communication_stream(group, std::move(s));
  return array(x.shape(), x.dtype(), std::make_shared<AllReduce>(stream, group, type), {x});
}

void check_other(const char* op, const Group& group, int other) {
  if (group.size() == 1)
    throw IndexError(concat_text("[", op, "] A group of one process has nobody to talk to."));
  if (other < 0 || other >= group.size())
    throw IndexError(concat_text("[", op, "] There is no process ", other, " in a group of ",
                                 group.size(), "."));
}

}  // namespace

array all_sum(const array& x, std::optional<Group> group, StreamOrDevice s) {
  return all_reduce(x, group, AllReduce::Sum, s);
}
array all_max(const array& x, std::optional<Group> group, StreamOrDevice s) {
  return all_reduce(x, group, AllReduce::Max, s);
}
array all_min(const array& x, std::optional<Group> group, StreamOrDevice s) {
  return all_reduce(x, group, AllReduce::Min, s);
}

array all_gather(const array& x, std::optional<Group> given, StreamOrDevice s) {
  Group group = group_or_default(given);
  if (group.size() == 1) return x;
  Shape shape = x.shape();
  if (shape.empty()) shape.push_back(1);
  shape[0] = checked_dimension(int64_t(shape[0]) * group.size(), "all_gather");
  Stream stream = communication_stream(group, s);
  return array(std::move(shape), x.dtype(), std::make_shared<AllGather>(stream, group), {x});
}

array sum_scatter(const array& x, std::optional<Group> given, StreamOrDevice s) {
  Group group = group_or_default(given);
  if (group.size() == 1) return x;
  if (x.ndim() == 0 || x.shape(0) % group.size() != 0)
    throw ShapeError(concat_text("[sum_scatter] The first axis of shape ", x.shape(),
                                 " can't be divided among ", group.size(), " processes."));
  Shape shape = x.shape();
  shape[0] /= group.size();
  Stream stream = communication_stream(group, s);
  return array(std::move(shape), x.dtype(), std::make_shared<ReduceScatter>(stream, group), {x});
}

array send(const array& x, int dst, std::optional<Group> given, StreamOrDevice s) {
  Group group = group_or_default(given);
  check_other("send", group, dst);
  Stream stream = communication_stream(group, s);
  return array(x.shape(), x.dtype(), std::make_shared<Send>(stream, group, dst), {x});
}

array recv(Shape shape, Dtype dtype, int src, std::optional<Group> given, StreamOrDevice s) {
  Group group = group_or_default(given);
  check_other("recv", group, src);
  Stream stream = communication_stream(group, s);
  return array(std::move(shape), dtype, std::make_shared<Recv>(stream, group, src),
               std::vector<array>{});
}

array recv_like(const array& x, int src, std::optional<Group> group, StreamOrDevice s) {
  return recv(x.shape(), x.dtype(), src, std::move(group), s);
}

}  // namespace mlx::core::distributed

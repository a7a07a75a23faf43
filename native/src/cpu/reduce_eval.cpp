#include "cpu/array_view.h"
#include "cpu/reduce/arg_reduce.h"
#include "cpu/reduce/reduce.h"
#include "primitives/reduce.h"

namespace mlx::core {
namespace {

cpu::ReduceOp kernel_op(Reduce::ReduceType type) {
  switch (type) {
    case Reduce::And:
      return cpu::ReduceOp::all;
    case Reduce::Or:
      return cpu::ReduceOp::any;
    case Reduce::Sum:
      return cpu::ReduceOp::sum;
    case Reduce::Prod:
      return cpu::ReduceOp::prod;
    case Reduce::Min:
      return cpu::ReduceOp::min;
    default:
      return cpu::ReduceOp::max;
  }
}

}  // namespace

void Reduce::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::reduce(kernel_op(type_), cpu::input_view(inputs[0]), axes_, dtype_, output.data<void>());
}

void ArgReduce::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  auto op = type_ == ArgMin ? cpu::ArgReduceOp::argmin : cpu::ArgReduceOp::argmax;
  cpu::arg_reduce(op, cpu::input_view(inputs[0]), axis_, output.data<uint32_t>());
}

}  // namespace mlx::core

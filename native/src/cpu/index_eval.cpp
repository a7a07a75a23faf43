#include "cpu/array_view.h"
#include "cpu/index/gather.h"
#include "cpu/index/scatter.h"
#include "primitives/gather.h"
#include "primitives/scatter.h"

namespace mlx::core {
namespace {

std::vector<cpu::StridedInput> views(std::span<const array> arrays) {
  std::vector<cpu::StridedInput> result;
  result.reserve(arrays.size());
  for (auto& a : arrays) result.push_back(cpu::input_view(a));
  return result;
}

cpu::ScatterMode kernel_mode(ScatterReduction reduction) {
  switch (reduction) {
    case ScatterReduction::None:
      return cpu::ScatterMode::none;
    case ScatterReduction::Sum:
      return cpu::ScatterMode::sum;
    case ScatterReduction::Prod:
      return cpu::ScatterMode::prod;
    case ScatterReduction::Max:
      return cpu::ScatterMode::max;
    default:
      return cpu::ScatterMode::min;
  }
}

}  // namespace

void Gather::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  auto indices = views({inputs.begin() + 1, inputs.end()});
  cpu::gather(cpu::input_view(inputs[0]), indices, axes_,
              {slice_sizes_.data(), slice_sizes_.size()}, output.data<void>());
}

void GatherAxis::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::gather_axis(cpu::input_view(inputs[0]), cpu::input_view(inputs[1]), axis_,
                   output.data<void>());
}

void Scatter::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::copy_or_donate(inputs.front(), output);
  auto indices = views({inputs.begin() + 1, inputs.end() - 1});
  cpu::scatter(kernel_mode(reduction_), cpu::output_view(output), indices, axes_,
               cpu::input_view(inputs.back()));
}

void ScatterAxis::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::copy_or_donate(inputs[0], output);
  cpu::scatter_axis(kernel_mode(reduction_), cpu::output_view(output), cpu::input_view(inputs[1]),
                    axis_, cpu::input_view(inputs[2]));
}

}  // namespace mlx::core

#include "cpu/array_view.h"
#include "cpu/softmax/softmax.h"
#include "primitives/softmax.h"

namespace mlx::core {
namespace {

size_t rows(const array& a) { return a.size() / size_t(std::max(a.shape(-1), 1)); }

}  // namespace

void Softmax::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array& x = inputs[0];
  size_t columns = size_t(x.shape(-1));
  const void* source = x.data<void>();
  if (x.flags().row_contiguous && !x.is_donatable()) {
    cpu::allocate(output);
  } else {
    cpu::copy_or_donate(x, output);
    source = output.data<void>();
  }
  cpu::softmax(x.dtype(), source, rows(x), columns, output.data<void>());
}

void LogSumExp::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]);
  cpu::logsumexp(x.dtype(), x.data<void>(), output.size(), size_t(x.shape(-1)),
                 output.data<void>());
}

void LogSumExpParts::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]);
  cpu::logsumexp_parts(x.dtype(), x.data<void>(), outputs[0].size(), size_t(x.shape(-1)),
                       outputs[0].data<void>(), outputs[1].data<void>());
}

}  // namespace mlx::core

#include <vector>

#include "cpu/array_view.h"
#include "cpu/quantized/quantized_matmul.h"
#include "cpu/quantized/quantized_matrix.h"
#include "mlx/utils.h"
#include "primitives/quantized.h"
#include "primitives/quantized_matmul.h"

namespace mlx::core {
namespace {

int64_t rows(const array& a) { return a.shape(-1) == 0 ? 0 : int64_t(a.size()) / a.shape(-1); }

const float* global_scale(const std::vector<array>& inputs) {
  return inputs.size() > 1 ? inputs[1].data<float>() : nullptr;
}

/// Matrices one after another, of whose axes before the last two some may be repeated.
struct Matrices {
  array a;

  explicit Matrices(const array& source) : a(source) {
    const bool dense = a.ndim() >= 2 && (a.strides(-1) == 1 || a.shape(-1) == 1) &&
                       (a.strides(-2) == a.shape(-1) || a.shape(-2) == 1);
    if (!dense) a = cpu::row_contiguous(a);
  }

  int64_t count() const {
    int64_t count = 1;
    for (int axis = 0; axis + 2 < int(a.ndim()); ++axis) count *= a.shape(axis);
    return count;
  }

  const void* at(int64_t index) const {
    int64_t offset = 0;
    for (int axis = int(a.ndim()) - 3; axis >= 0; --axis) {
      offset += index % a.shape(axis) * a.strides(axis);
      index /= a.shape(axis);
    }
    return a.data<char>() + offset * int64_t(a.itemsize());
  }
};

/// The operands of products, of which each may be any matrix.
struct Operands {
  Quantization format;
  Matrices x, codes, scales, biases;

  Operands(const std::vector<array>& inputs, const Quantization& format)
      : format(format),
        x(inputs[0]),
        codes(inputs[1]),
        scales(inputs[2]),
        biases(inputs[format.is_affine() ? 3 : 2]) {}

  cpu::QuantizedProduct product(int64_t left, int64_t right, void* out) const {
    return {x.at(left),
            {.format = format,
             .parameter_dtype = scales.a.dtype(),
             .rows = scales.a.shape(-2),
             .columns = int64_t(scales.a.shape(-1)) * format.group_size,
             .codes = codes.at(right),
             .scales = scales.at(right),
             .biases = format.is_affine() ? biases.at(right) : nullptr},
            out};
  }
};

/// Where product i of an output goes.
void* place(array& output, int64_t i) {
  const int64_t elements = int64_t(output.shape(-1)) * output.shape(-2);
  return output.data<char>() + i * elements * int64_t(output.itemsize());
}

}  // namespace

void Quantize::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) cpu::allocate(output);
  array w = cpu::row_contiguous(inputs[0]);
  void* biases = format_.is_affine() ? outputs[2].data<void>() : nullptr;
  cpu::quantize(format_, w.dtype(), w.data<void>(), rows(w), w.shape(-1), global_scale(inputs),
                outputs[0].data<void>(), outputs[1].data<void>(), biases);
}

void Dequantize::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array codes = cpu::row_contiguous(inputs[0]), scales = cpu::row_contiguous(inputs[1]);
  array biases = cpu::row_contiguous(inputs[format_.is_affine() ? 2 : 1]);
  cpu::dequantize({.format = format_,
                   .parameter_dtype = scales.dtype(),
                   .rows = rows(output),
                   .columns = output.shape(-1),
                   .codes = codes.data<void>(),
                   .scales = scales.data<void>(),
                   .biases = biases.data<void>()},
                  output.dtype(), output.data<void>());
}

void QuantizedRounding::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]);
  cpu::round_to_quantized(format_, x.dtype(), x.data<void>(), rows(x), x.shape(-1),
                          global_scale(inputs), output.data<void>());
}

void ConvertFP8::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]);
  if (dtype_ == uint8)
    cpu::to_fp8(x.dtype(), x.data<void>(), int64_t(x.size()), output.data<uint8_t>());
  else
    cpu::from_fp8(x.data<uint8_t>(), int64_t(x.size()), dtype_, output.data<void>());
}

void QuantizedMatmul::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() == 0) return;
  const Operands operands(inputs, format_);
  std::vector<cpu::QuantizedProduct> products;
  for (int64_t i = 0; i < operands.x.count(); ++i)
    products.push_back(operands.product(i, i, place(output, i)));
  cpu::multiply_quantized(output.dtype(), output.shape(-2), transpose_, products);
}

void GatherQMM::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  if (output.size() == 0) return;
  const Operands operands(inputs, format_);
  array lhs = cpu::row_contiguous(inputs[inputs.size() - 2]);
  array rhs = cpu::row_contiguous(inputs.back());
  auto checked = [&](int64_t index, const Matrices& matrices) {
    const int64_t count = matrices.count(), wrapped = index < 0 ? index + count : index;
    if (wrapped < 0 || wrapped >= count)
      throw EngineError(concat_text("[gather_qmm] The index ", index, " is out of bounds for ",
                                    count, " matrices of shape ", matrices.a.shape(), "."));
    return wrapped;
  };
  std::vector<cpu::QuantizedProduct> products;
  for (size_t i = 0; i < lhs.size(); ++i)
    products.push_back(operands.product(checked(lhs.data<int32_t>()[i], operands.x),
                                        checked(rhs.data<int32_t>()[i], operands.codes),
                                        place(output, int64_t(i))));
  cpu::multiply_quantized(output.dtype(), output.shape(-2), transpose_, products);
}

}  // namespace mlx::core

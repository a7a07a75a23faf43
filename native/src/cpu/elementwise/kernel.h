#pragma once

#include <cstddef>

#include "mlx/dtype.h"
#include "primitives/elementwise_op.h"

namespace mlx::core::cpu {

/// Computes n contiguous results from contiguous operands; unused operands are never read. The
/// result may lie exactly on an operand of the same item size.
using ElementwiseKernel = void (*)(const void* a, const void* b, const void* c, void* out,
                                   size_t n);

/// A kernel for operands of one dtype; null when there is none. One table for each kind of dtype:
ElementwiseKernel find_float_kernel(ElementwiseOp op, Dtype::Val dtype);
/// The transcendental functions of float32 and others with a vector form of their own.
ElementwiseKernel find_float_function_kernel(ElementwiseOp op);
ElementwiseKernel find_integer_kernel(ElementwiseOp op, Dtype::Val dtype);
ElementwiseKernel find_complex_kernel(ElementwiseOp op);
ElementwiseKernel find_cast_kernel(Dtype::Val from, Dtype::Val to);

/// Selection moves bytes, so only the elements' width counts.
ElementwiseKernel find_select_kernel(size_t width);

/// Rounds float32 to the values that a half type has.
ElementwiseKernel find_rounding_kernel(Dtype::Val half);

/// outer(inner(a, b), c), or outer(c, inner(a, b)), in one pass and with both roundings. There are
/// such kernels for sums, differences and products of float32 and float64.
ElementwiseKernel find_paired_kernel(ElementwiseOp inner, ElementwiseOp outer, bool inner_is_first,
                                     Dtype::Val dtype);

/// Looks in the table that is in charge. Half types have casts and selection only: their other
/// operations are done in float32.
ElementwiseKernel find_kernel(ElementwiseOp op, Dtype::Val in, Dtype::Val out);

}  // namespace mlx::core::cpu

#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "mlx/dtype.h"

namespace mlx::core::gpu {

using Bytes = std::vector<char>;

inline constexpr Dtype::Val gpu_dtypes[] = {
    Dtype::Val::bool_,    Dtype::Val::uint8,   Dtype::Val::uint16,   Dtype::Val::uint32,
    Dtype::Val::uint64,   Dtype::Val::int8,    Dtype::Val::int16,    Dtype::Val::int32,
    Dtype::Val::int64,    Dtype::Val::float16, Dtype::Val::bfloat16, Dtype::Val::float32,
    Dtype::Val::complex64};

std::string name_of(Dtype::Val dtype);

/// Values where operations have their ends: zeros, ones, extremes, infinities, NaN.
Bytes special_values(Dtype::Val dtype);
/// Of all magnitudes, and ordinary ones of about 1.
Bytes random_values(Dtype::Val dtype, size_t count, std::mt19937_64& random);
/// About 1, so that sums of products neither overflow nor cancel badly.
Bytes moderate_values(Dtype::Val dtype, size_t count, std::mt19937_64& random);

/// How far two results are apart, in units of the last place; NaN equals NaN. Complex numbers are
/// measured by the larger part, in units of the result's magnitude.
double distance(Dtype::Val dtype, const char* a, const char* b);
/// An element in words, for messages.
std::string describe(Dtype::Val dtype, const char* element);
/// An element's value; the real part of a complex one.
double value_of(Dtype::Val dtype, const char* element);

}  // namespace mlx::core::gpu

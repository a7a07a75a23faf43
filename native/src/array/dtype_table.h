#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "mlx/dtype.h"

namespace mlx::core {

/// All that there is to say of a dtype but for its C++ type, which `dtype_dispatch.h` knows.
struct DtypeRow {
  Dtype dtype;
  const char* name;
  Dtype::Kind kind;
  Dtype::Category category;
  /// NumPy's code, as in npy files.
  const char* array_protocol;
  const char* safetensors;
  /// The numbers in gguf files, as a tensor's type and as that of metadata.
  std::optional<uint32_t> gguf_tensor, gguf_value;
  /// The element type in kernels for GPUs and in CUDA's own; null where no GPU has it.
  const char *kernel_type, *cuda_type;
};

namespace dtype_table {

using enum Dtype::Kind;
constexpr std::nullopt_t none = std::nullopt;

// clang-format off
// In the order of Dtype::Val. bool_ belongs to no category but generic, and NumPy, which has no
// bfloat16, writes void of two bytes for it.
inline constexpr DtypeRow rows[] = {
    {bool_, "bool", b, generic, "|b1", "BOOL", none, 7, "bool", "bool"},
    {uint8, "uint8", u, unsignedinteger, "|u1", "U8", none, 0, "uint8_t", "unsigned char"},
    {uint16, "uint16", u, unsignedinteger, "<u2", "U16", none, 2, "uint16_t", "unsigned short"},
    {uint32, "uint32", u, unsignedinteger, "<u4", "U32", none, 4, "uint32_t", "unsigned int"},
    {uint64, "uint64", u, unsignedinteger, "<u8", "U64", none, 10, "uint64_t", "unsigned long long"},
    {int8, "int8", i, signedinteger, "|i1", "I8", 24, 1, "int8_t", "signed char"},
    {int16, "int16", i, signedinteger, "<i2", "I16", 25, 3, "int16_t", "short"},
    {int32, "int32", i, signedinteger, "<i4", "I32", 26, 5, "int32_t", "int"},
    {int64, "int64", i, signedinteger, "<i8", "I64", 27, 11, "int64_t", "long long"},
    {float16, "float16", f, floating, "<f2", "F16", 1, none, "half", "__half"},
    {float32, "float32", f, floating, "<f4", "F32", 0, 6, "float", "float"},
    {float64, "float64", f, floating, "<f8", "F64", 28, 12, nullptr, nullptr},
    {bfloat16, "bfloat16", V, floating, "<V2", "BF16", 30, none, "bfloat", "__nv_bfloat16"},
    {complex64, "complex64", c, complexfloating, "<c8", "C64", none, none, "complex64", "float2"},
};
// clang-format on

constexpr bool are_in_order() {
  int number = 0;
  for (auto& row : rows)
    if (int(row.dtype.val()) != number++) return false;
  return number == int(Dtype::Val::complex64) + 1;
}
static_assert(are_in_order());

constexpr auto dtypes() {
  return []<size_t... n>(std::index_sequence<n...>) {
    return std::array{rows[n].dtype...};
  }(std::make_index_sequence<std::size(rows)>());
}

}  // namespace dtype_table

/// All dtypes in the order of their codes.
inline constexpr std::array all_dtypes = dtype_table::dtypes();
inline constexpr int dtype_count = int(all_dtypes.size());

constexpr const DtypeRow& row_of(Dtype::Val val) { return dtype_table::rows[int(val)]; }
constexpr Dtype dtype_of(Dtype::Val val) { return row_of(val).dtype; }

/// Of two bytes: computed with in float32.
constexpr bool is_half(Dtype::Val val) {
  return row_of(val).category == floating && dtype_of(val).size() == 2;
}

}  // namespace mlx::core

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpu/hal.h"
#include "primitives/custom_kernel.h"

namespace mlx::core::gpu {

/// An array that a caller's kernel gets.
struct CustomOperand {
  Dtype::Val dtype;
  std::span<const int32_t> shape;
  std::span<const int64_t> strides;
  /// Without axes: the kernel's name for it is the number itself.
  bool is_number() const { return shape.empty(); }
  /// A number that is an argument by value.
  bool by_value = false;
};

/// Writes a caller's kernel: its signature, its template arguments, names for what Metal calls
/// attributes, shapes and strides, and the caller's text in the device's language.
class CustomSource {
 public:
  CustomSource(Language language, const CustomKernelText& text, const CustomKernelCall& call,
               std::span<const CustomOperand> inputs, std::span<const Dtype::Val> outputs);

  /// Tells the kernel from all others.
  std::string key() const;
  KernelSource source() const;
  /// The last argument of a launch: where its groups begin, and shapes and strides.
  std::string arguments(const Size3& first_group) const;

 private:
  struct Fact {
    std::string name;
    std::span<const int32_t> integers;
    std::span<const int64_t> long_integers;
    int number;
  };

  std::string dtype_name(Dtype::Val dtype) const;
  std::string arguments_type() const;
  std::string names() const;
  std::string body() const;
  KernelSource portable_source() const;
  KernelSource cuda_source() const;

  Language language_;
  const CustomKernelText& text_;
  const CustomKernelCall& call_;
  std::span<const CustomOperand> inputs_;
  std::span<const Dtype::Val> outputs_;
  /// Those that the source mentions.
  std::vector<Fact> facts_;
};

}  // namespace mlx::core::gpu

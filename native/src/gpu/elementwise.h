#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "evaluation/elementwise_program.h"
#include "gpu/commands.h"

namespace mlx::core::gpu {

/// An input or output of an elementwise program. One of one element may be given by value.
struct ElementwiseOperand {
  Place place;
  std::span<const int64_t> strides;
  const void* value = nullptr;
};

/// Runs a program over a shape. An output may lie exactly on an input.
void run_elementwise(Commands& commands, const ElementwiseProgram& program,
                     std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
                     std::span<const ElementwiseOperand> outputs);

/// The same if the kernel is there. False when it is not: from the second such call on another
/// thread compiles it.
bool run_elementwise_if_compiled(Commands& commands, const ElementwiseProgram& program,
                                 std::span<const int32_t> shape,
                                 std::span<const ElementwiseOperand> inputs,
                                 std::span<const ElementwiseOperand> outputs);

/// The key of the kernel that such a run needs, and with what to compile it.
std::string elementwise_key(const ElementwiseProgram& program, std::span<const int32_t> shape,
                            std::span<const ElementwiseOperand> inputs,
                            std::span<const ElementwiseOperand> outputs);
KernelRequest request_elementwise(Language language, const ElementwiseProgram& program,
                                  std::span<const int32_t> shape,
                                  std::span<const ElementwiseOperand> inputs,
                                  std::span<const ElementwiseOperand> outputs);

}  // namespace mlx::core::gpu

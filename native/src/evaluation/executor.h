#pragma once

#include <span>
#include <vector>

#include "evaluation/fused_buffers.h"
#include "evaluation/fused_program.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// Runs a program over a shape in one pass, overwriting inputs that nobody else can see. Tells
/// which inputs' buffers went to outputs.
std::vector<bool> execute(const FusedProgram& program, const Device& device, const Shape& shape,
                          std::span<const FusedInput> inputs, std::span<const FusedOutput> outputs);

/// Runs a node's primitive on its device.
void execute(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs);

// What a backend defines, beside the kinds' eval_cpu and eval_gpu.
namespace cpu {
/// Every output has its buffer.
void run_fused(const FusedProgram& program, const Shape& shape, std::span<const FusedInput> inputs,
               std::span<const FusedOutput> outputs);
}  // namespace cpu
namespace gpu {
void run_fused(const FusedProgram& program, const Shape& shape, std::span<const FusedInput> inputs,
               std::span<const FusedOutput> outputs);
}  // namespace gpu

}  // namespace mlx::core

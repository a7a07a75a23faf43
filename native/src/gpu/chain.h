#pragma once

#include "gpu/elementwise.h"

namespace mlx::core::gpu {

/// Runs a chain of operations by a kernel of its own. Where compiling that would hold up the
/// program, the operations run one by one until the kernel is there, to the same bits.
void run_chain(Commands& commands, const ElementwiseProgram& program,
               std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
               std::span<const ElementwiseOperand> outputs);

/// The operations one by one, with values in between in scratch memory.
void run_one_by_one(Commands& commands, const ElementwiseProgram& program,
                    std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
                    std::span<const ElementwiseOperand> outputs);

}  // namespace mlx::core::gpu

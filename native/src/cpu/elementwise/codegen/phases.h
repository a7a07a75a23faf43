#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/program.h"

namespace mlx::core::cpu {

/// How a program alternates between generated loops and kernels. Functions such as tanh stay
/// kernels: over a block they keep their coefficients in registers, which single vectors in the
/// midst of other code can't. All that can be computed between them is one loop.
///
/// Halves are computed as float32, so that a function of them becomes one of float32 and a cast.
struct Phases {
  /// Where a value's block lies, or no place if it never leaves the registers. Places are the
  /// program's inputs, then its outputs, then blocks of scratch memory.
  using Place = std::optional<uint16_t>;

  struct Call {
    ElementwiseKernel kernel;
    uint16_t operands[3];
    uint16_t result;
  };
  struct Store {
    uint16_t value;
    uint16_t place;
  };
  /// A loop and then the kernels that take its results. Either may be empty.
  struct Phase {
    /// Positions in `instructions`.
    std::vector<uint16_t> loop;
    /// Values that are copied once the loop has computed all else.
    std::vector<Store> copies;
    std::vector<Call> calls;
  };

  std::vector<Instruction> instructions;
  /// By value number, as the program has them.
  std::vector<Place> places;
  /// What the places hold; in scratch memory halves are float32.
  std::vector<Dtype::Val> place_dtypes;
  /// The program's outputs, in the numbers of `instructions`.
  std::vector<uint16_t> outputs;
  std::vector<Phase> phases;
};

/// Splits a program; nothing if an instruction has neither code nor a kernel. `has_code` says what
/// a loop can compute.
std::optional<Phases> split_into_phases(const ElementwiseProgram& program,
                                        const std::function<bool(const Instruction&)>& has_code);

}  // namespace mlx::core::cpu

#pragma once

#include <cstdint>
#include <string>

#include "evaluation/elementwise_program.h"
#include "gpu/hal.h"
#include "mlx/small_vector.h"

namespace mlx::core::gpu {

/// How an operand's elements lie over a pack of neighbouring ones.
enum class Placement : char {
  /// In row-major order without gaps: no coordinates are needed.
  dense = 'd',
  /// Strided over the outer dimensions, and side by side along the last.
  rows = 'r',
  /// Strided over the outer dimensions, and the same along the last.
  repeated = 'e',
  /// Strided over all dimensions.
  strided = 's',
  /// One element for all.
  scalar = 'c',
  /// One element for all, in the launch's arguments.
  value = 'v',
};

/// What an elementwise kernel is specialised by, besides its program.
struct ElementwiseVariant {
  /// Dimensions that coordinates are needed for; 0 when all operands are dense or scalar.
  int dims = 0;
  /// Elements that a thread computes.
  int pack = 1;
  /// Whether positions need 64 bits.
  bool wide = false;
  /// Of the inputs, then of the outputs.
  SmallVector<Placement, 16> placements;

  std::string key() const;
};

/// Whether a GPU has the operation on operands of this dtype: all that the CPU has but float64.
bool elementwise_supports_gpu(ElementwiseOp op, Dtype::Val in);

/// A kernel that runs the program. Its arguments are the inputs, the outputs, and a struct of
/// numbers of 32 or, when wide, 64 bits: the elements' (without coordinates) or packs' number, then
/// the shape in packs, then for each strided operand its strides a pack, and for each `strided` one
/// its stride an element along the last dimension. Throws DtypeError naming operation and dtype
/// when there is no such kernel.
KernelSource elementwise_source(Language language, const ElementwiseProgram& program,
                                const ElementwiseVariant& variant);

/// Threads a group.
inline constexpr int elementwise_threads = 256;

/// Whether the placement needs coordinates.
constexpr bool is_strided(Placement placement) {
  return placement == Placement::rows || placement == Placement::repeated ||
         placement == Placement::strided;
}

}  // namespace mlx::core::gpu

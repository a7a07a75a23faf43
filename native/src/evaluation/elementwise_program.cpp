#include "evaluation/elementwise_program.h"

namespace mlx::core {

size_t ElementwiseProgramHash::operator()(const ElementwiseProgram& program) const {
  // FNV-1a over what the program consists of.
  uint64_t hash = 0xcbf29ce484222325u;
  auto mix = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001b3u; };
  for (auto dtype : program.inputs) mix(uint64_t(dtype));
  for (auto& i : program.instructions) {
    mix(uint64_t(i.op) | uint64_t(i.in) << 8 | uint64_t(i.out) << 16);
    mix(uint64_t(i.operands[0]) | uint64_t(i.operands[1]) << 16 | uint64_t(i.operands[2]) << 32);
  }
  for (auto output : program.outputs) mix(output);
  return hash ^ hash >> 32;
}

}  // namespace mlx::core

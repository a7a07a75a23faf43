#pragma once

#include <vector>

#include "cpu/elementwise/codegen/lane_emitter.h"
#include "cpu/elementwise/codegen/phases.h"

namespace mlx::core::cpu {

/// Makes the code of one phase's loop: it runs over all places in step, eight elements at a time.
class LoopEmitter {
 public:
  using Code = void (*)(char* const* places, size_t count);

  LoopEmitter(const Phases& phases, const Phases::Phase& phase) : phases_(phases), phase_(phase) {}

  /// Null if something went wrong, such as memory that may not be executed.
  Code emit(asmjit::JitRuntime& runtime);

  /// Whether loops can compute an instruction.
  static bool has_code(const Instruction& instruction);

 private:
  void emit_function(asmjit::x86::Compiler& compiler);
  void emit_body();
  LaneEmitter::Register value(size_t number);
  void store(size_t number, size_t place);
  std::vector<bool> used_places() const;
  size_t inputs() const { return phases_.places.size() - phases_.instructions.size(); }

  const Phases& phases_;
  const Phases::Phase& phase_;
  LaneEmitter* lanes_ = nullptr;
  std::vector<asmjit::x86::Gp> addresses_;
  asmjit::x86::Gp index_;
  /// By number; those not valid are yet to be loaded or made.
  std::vector<LaneEmitter::Register> values_;
};

}  // namespace mlx::core::cpu

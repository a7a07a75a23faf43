#include "cpu/elementwise/codegen/availability.h"

#if MLX_HAS_CODEGEN
#include "cpu/elementwise/codegen/loop_emitter.h"

namespace mlx::core::cpu {
namespace {

using namespace asmjit;

/// Notes that something went wrong; the compiler itself goes on.
struct FailureNote : ErrorHandler {
  bool failed = false;
  void handleError(Error, const char*, BaseEmitter*) override { failed = true; }
};

}  // namespace

bool LoopEmitter::has_code(const Instruction& instruction) {
  // Tried on code that is thrown away, so that what is known stands in one place.
  CodeHolder holder;
  if (holder.init(Environment::host()) != kErrorOk) return false;
  x86::Compiler compiler(&holder);
  LaneEmitter::Register operands[3];
  for (auto& operand : operands) operand = compiler.newYmmPs();
  return LaneEmitter(compiler)
      .apply(instruction.op, instruction.in, instruction.out, operands)
      .isValid();
}

LoopEmitter::Code LoopEmitter::emit(JitRuntime& runtime) {
  FailureNote note;
  CodeHolder holder;
  if (holder.init(runtime.environment()) != kErrorOk) return nullptr;
  holder.setErrorHandler(&note);
  x86::Compiler compiler(&holder);
  emit_function(compiler);
  Code code = nullptr;
  if (compiler.finalize() != kErrorOk || note.failed) return nullptr;
  return runtime.add(&code, &holder) == kErrorOk ? code : nullptr;
}

void LoopEmitter::emit_function(x86::Compiler& compiler) {
  auto* function = compiler.addFunc(FuncSignatureT<void, char* const*, size_t>(CallConvId::kHost));
  function->frame().setAvxEnabled();
  function->frame().setAvxCleanup();
  x86::Gp places = compiler.newUIntPtr(), count = compiler.newUIntPtr();
  function->setArg(0, places);
  function->setArg(1, count);
  auto used = used_places();
  addresses_.resize(used.size());
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    addresses_[i] = compiler.newUIntPtr();
    compiler.mov(addresses_[i], x86::ptr(places, int32_t(i * sizeof(char*))));
  }
  index_ = compiler.newUIntPtr();
  compiler.xor_(index_, index_);
  Label loop = compiler.newLabel();
  compiler.bind(loop);
  LaneEmitter lanes(compiler);
  lanes_ = &lanes;
  emit_body();
  compiler.add(index_, 8);
  compiler.cmp(index_, count);
  compiler.jb(loop);
  compiler.ret();
  compiler.endFunc();
}

void LoopEmitter::emit_body() {
  values_.resize(phases_.places.size());
  for (auto position : phase_.loop) {
    auto& instruction = phases_.instructions[position];
    size_t number = inputs() + position;
    LaneEmitter::Register operands[3];
    for (int i = 0; i < arity(instruction.op); ++i) operands[i] = value(instruction.operands[i]);
    values_[number] = lanes_->apply(instruction.op, instruction.in, instruction.out, operands);
    if (auto place = phases_.places[number]) store(number, *place);
  }
  for (auto& copy : phase_.copies) store(copy.value, copy.place);
}

LaneEmitter::Register LoopEmitter::value(size_t number) {
  if (!values_[number].isValid()) {
    auto place = *phases_.places[number];
    values_[number] = lanes_->load(phases_.place_dtypes[place], addresses_[place], index_);
  }
  return values_[number];
}

void LoopEmitter::store(size_t number, size_t place) {
  lanes_->store(phases_.place_dtypes[place], value(number), addresses_[place], index_);
}

std::vector<bool> LoopEmitter::used_places() const {
  std::vector<bool> used(phases_.place_dtypes.size(), false);
  auto use = [&](size_t number) {
    if (auto place = phases_.places[number]) used[*place] = true;
  };
  for (auto position : phase_.loop) {
    auto& instruction = phases_.instructions[position];
    for (int i = 0; i < arity(instruction.op); ++i) use(instruction.operands[i]);
    use(inputs() + position);
  }
  for (auto& copy : phase_.copies) {
    use(copy.value);
    used[copy.place] = true;
  }
  return used;
}

}  // namespace mlx::core::cpu
#endif

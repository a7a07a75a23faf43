#include "cpu/elementwise/codegen/generated_kernel.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "cpu/elementwise/codegen/availability.h"
#include "mlx/small_vector.h"

#if MLX_HAS_CODEGEN
#include <hwy/targets.h>

#include "cpu/elementwise/codegen/lane_emitter.h"
#endif

namespace mlx::core {
namespace {

std::atomic<bool>& enabled() {
  static std::atomic<bool> enabled = [] {
    const char* off = std::getenv("MLX_DISABLE_CODEGEN");
    return !(off && *off && *off != '0');
  }();
  return enabled;
}

std::atomic<size_t> live{0};

}  // namespace

bool codegen_enabled() { return enabled(); }
void set_codegen_enabled(bool on) { enabled() = on; }

size_t GeneratedKernel::live_count() { return live; }

#if MLX_HAS_CODEGEN
namespace {

using namespace asmjit;

/// Notes that something went wrong; without a handler the compiler would go on and say nothing.
struct FailureNote : ErrorHandler {
  bool failed = false;
  void handleError(Error, const char*, BaseEmitter*) override { failed = true; }
};

/// Who owns the memory that the code lies in. Leaked: threads may outlive static objects.
JitRuntime& runtime() {
  static auto* runtime = new JitRuntime;
  return *runtime;
}

/// Emits the loop over a program.
class ProgramEmitter {
 public:
  ProgramEmitter(x86::Compiler& compiler, const ElementwiseProgram& program)
      : cc_(compiler), lanes_(compiler), program_(program) {}

  /// False when some instruction has no code.
  bool emit() {
    auto* function = cc_.addFunc(FuncSignatureT<void, char* const*, size_t>(CallConvId::kHost));
    function->frame().setAvxEnabled();
    function->frame().setAvxCleanup();
    x86::Gp operands = cc_.newUIntPtr(), count = cc_.newUIntPtr();
    function->setArg(0, operands);
    function->setArg(1, count);
    size_t inputs = program_.inputs.size();
    for (size_t i = 0; i < inputs + program_.outputs.size(); ++i) {
      addresses_.push_back(cc_.newUIntPtr());
      cc_.mov(addresses_[i], x86::ptr(operands, int32_t(8 * i)));
    }
    index_ = cc_.newUIntPtr();
    cc_.xor_(index_, index_);
    Label loop = cc_.newLabel();
    cc_.bind(loop);
    if (!emit_body()) return false;
    cc_.add(index_, 8);
    cc_.cmp(index_, count);
    cc_.jb(loop);
    cc_.ret();
    cc_.endFunc();
    return true;
  }

 private:
  bool emit_body() {
    size_t inputs = program_.inputs.size();
    auto is_read = find_read_values();
    values_.resize(inputs + program_.instructions.size());
    for (size_t k = 0; k < program_.instructions.size(); ++k) {
      if (!is_read[inputs + k]) continue;
      auto& instruction = program_.instructions[k];
      LaneEmitter::Register x[3];
      for (int i = 0; i < arity(instruction.op); ++i) x[i] = value(instruction.operands[i]);
      auto result = lanes_.apply(instruction.op, instruction.in, instruction.out, x);
      if (!result.isValid()) return false;
      values_[inputs + k] = result;
      store_outputs(inputs + k);
      // A call leaves nothing in registers: reading inputs again is cheaper than keeping them.
      if (LaneEmitter::is_call(instruction.op, instruction.in))
        for (size_t i = 0; i < inputs; ++i) values_[i].reset();
    }
    for (size_t i = 0; i < inputs; ++i) store_outputs(i);
    return true;
  }

  std::vector<bool> find_read_values() const {
    size_t inputs = program_.inputs.size();
    std::vector<bool> is_read(inputs + program_.instructions.size(), false);
    for (auto output : program_.outputs) is_read[output] = true;
    for (size_t k = program_.instructions.size(); k-- > 0;) {
      auto& instruction = program_.instructions[k];
      if (!is_read[inputs + k]) continue;
      for (int i = 0; i < arity(instruction.op); ++i) is_read[instruction.operands[i]] = true;
    }
    return is_read;
  }

  LaneEmitter::Register value(size_t number) {
    if (!values_[number].isValid())
      values_[number] = lanes_.load(program_.inputs[number], addresses_[number], index_);
    return values_[number];
  }

  void store_outputs(size_t number) {
    for (size_t i = 0; i < program_.outputs.size(); ++i)
      if (program_.outputs[i] == number)
        lanes_.store(dtype_of(number), value(number), addresses_[program_.inputs.size() + i],
                     index_);
  }

  Dtype::Val dtype_of(size_t number) const {
    size_t inputs = program_.inputs.size();
    return number < inputs ? program_.inputs[number] : program_.instructions[number - inputs].out;
  }

  x86::Compiler& cc_;
  LaneEmitter lanes_;
  const ElementwiseProgram& program_;
  std::vector<x86::Gp> addresses_;
  x86::Gp index_;
  /// By number; those not valid are yet to be loaded or made.
  std::vector<LaneEmitter::Register> values_;
};

uint8_t item_size(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
      return 1;
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return 2;
    default:
      return 4;
  }
}

bool has_all_dtypes(const ElementwiseProgram& program) {
  for (auto dtype : program.inputs)
    if (!LaneEmitter::has_dtype(dtype)) return false;
  for (auto& instruction : program.instructions)
    if (!LaneEmitter::has_dtype(instruction.in) || !LaneEmitter::has_dtype(instruction.out))
      return false;
  return true;
}

}  // namespace

GeneratedKernel::GeneratedKernel(Code code, const ElementwiseProgram& program)
    : code_(code), inputs_(program.inputs.size()) {
  for (auto dtype : program.inputs) item_sizes_.push_back(item_size(dtype));
  for (auto output : program.outputs)
    item_sizes_.push_back(item_size(output < inputs_ ? program.inputs[output]
                                                     : program.instructions[output - inputs_].out));
  ++live;
}

std::unique_ptr<const GeneratedKernel> GeneratedKernel::generate(
    const ElementwiseProgram& program) {
  if (!(hwy::SupportedTargets() & HWY_AVX2) || !has_all_dtypes(program)) return nullptr;
  FailureNote note;
  CodeHolder holder;
  if (holder.init(runtime().environment()) != kErrorOk) return nullptr;
  holder.setErrorHandler(&note);
  x86::Compiler compiler(&holder);
  if (!ProgramEmitter(compiler, program).emit() || note.failed) return nullptr;
  Code code = nullptr;
  if (compiler.finalize() != kErrorOk || runtime().add(&code, &holder) != kErrorOk) return nullptr;
  return std::unique_ptr<const GeneratedKernel>(new GeneratedKernel(code, program));
}

GeneratedKernel::~GeneratedKernel() {
  runtime().release(code_);
  --live;
}
#else
std::unique_ptr<const GeneratedKernel> GeneratedKernel::generate(const ElementwiseProgram&) {
  return nullptr;
}

GeneratedKernel::~GeneratedKernel() = default;
#endif

void GeneratedKernel::run(char* const* operands, size_t count) const {
  size_t whole = count - count % lanes;
  if (whole > 0) code_(operands, whole);
  if (whole < count) run_tail(operands, whole, count - whole);
}

/// The last elements go through padded copies, and so through the same code.
void GeneratedKernel::run_tail(char* const* operands, size_t begin, size_t count) const {
  struct Lanes {
    char bytes[4 * lanes];
  };
  SmallVector<Lanes, 24> padded(item_sizes_.size(), Lanes{});
  SmallVector<char*, 24> addresses;
  for (size_t i = 0; i < item_sizes_.size(); ++i) {
    size_t size = item_sizes_[i];
    if (i < inputs_) std::memcpy(padded[i].bytes, operands[i] + begin * size, count * size);
    addresses.push_back(padded[i].bytes);
  }
  code_(addresses.data(), lanes);
  for (size_t i = inputs_; i < item_sizes_.size(); ++i)
    std::memcpy(operands[i] + begin * item_sizes_[i], padded[i].bytes, count * item_sizes_[i]);
}

}  // namespace mlx::core

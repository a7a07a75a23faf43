#include "cpu/elementwise/codegen/generated_kernel.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "cpu/elementwise/codegen/availability.h"
#include "mlx/small_vector.h"

#if MLX_HAS_CODEGEN
#include "hwy/targets.h"

#include "cpu/elementwise/codegen/loop_emitter.h"
#endif

namespace mlx::core::cpu {
namespace {

std::atomic<bool>& enabled() {
  static std::atomic<bool> enabled = [] {
    const char* off = std::getenv("MLX_DISABLE_CODEGEN");
    return !(off && *off && *off != '0');
  }();
  return enabled;
}

/// Memory of the calling thread for what phases hand on, kept for the next run.
float* scratch(size_t elements) {
  thread_local std::vector<float> memory;
  if (memory.size() < elements) memory.resize(elements);
  return memory.data();
}

}  // namespace

std::atomic<size_t> GeneratedKernel::live_{0};

bool codegen_enabled() { return enabled(); }
void set_codegen_enabled(bool on) { enabled() = on; }

size_t GeneratedKernel::live_count() { return live_; }

#if MLX_HAS_CODEGEN
namespace {

/// Who owns the memory that the code lies in. Leaked: threads may outlive static objects.
asmjit::JitRuntime& runtime() {
  static auto* runtime = new asmjit::JitRuntime;
  return *runtime;
}

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

size_t count_functions(const ElementwiseProgram& program) {
  return size_t(std::count_if(
      program.instructions.begin(), program.instructions.end(),
      [](const Instruction& instruction) { return find_float_function_kernel(instruction.op); }));
}

}  // namespace

std::unique_ptr<const GeneratedKernel> GeneratedKernel::generate(
    const ElementwiseProgram& program) {
  if (!(hwy::SupportedTargets() & HWY_AVX2)) return nullptr;
  if (program.outputs.empty() || !has_all_dtypes(program)) return nullptr;
  // One function hides behind what memory takes. More of them are faster one by one, with the
  // coefficients in registers.
  bool inlines = count_functions(program) == 1;
  auto phases = split_into_phases(program, [&](const Instruction& instruction) {
    return (inlines || !LaneEmitter::is_function(instruction.op)) &&
           LoopEmitter::has_code(instruction);
  });
  if (!phases) return nullptr;
  std::unique_ptr<GeneratedKernel> kernel(new GeneratedKernel);
  kernel->inputs_ = program.inputs.size();
  size_t operands = program.inputs.size() + program.outputs.size();
  for (size_t i = 0; i < operands; ++i)
    kernel->item_sizes_.push_back(item_size(phases->place_dtypes[i]));
  kernel->scratch_blocks_ = phases->place_dtypes.size() - operands;
  for (auto& phase : phases->phases) {
    Code loop = nullptr;
    if (!phase.loop.empty() || !phase.copies.empty()) {
      loop = LoopEmitter(*phases, phase).emit(runtime());
      if (!loop) return nullptr;
    }
    kernel->phases_.push_back({loop, phase.calls});
  }
  return kernel;
}

GeneratedKernel::~GeneratedKernel() {
  for (auto& phase : phases_)
    if (phase.loop) runtime().release(phase.loop);
  --live_;
}
#else
std::unique_ptr<const GeneratedKernel> GeneratedKernel::generate(const ElementwiseProgram&) {
  return nullptr;
}

GeneratedKernel::~GeneratedKernel() { --live_; }
#endif

void GeneratedKernel::run(char* const* operands, size_t count) const {
  size_t whole = count - count % lanes;
  if (whole > 0) run_blocks(operands, whole);
  if (whole < count) run_tail(operands, whole, count - whole);
}

void GeneratedKernel::run_blocks(char* const* operands, size_t count) const {
  if (phases_.size() == 1) {
    phases_[0].loop(operands, count);
    return;
  }
  SmallVector<char*, 40> places(item_sizes_.size() + scratch_blocks_, nullptr);
  float* memory = scratch(scratch_blocks_ * block);
  for (size_t i = 0; i < scratch_blocks_; ++i)
    places[item_sizes_.size() + i] = reinterpret_cast<char*>(memory + i * block);
  for (size_t begin = 0; begin < count; begin += block) {
    size_t size = std::min(block, count - begin);
    for (size_t i = 0; i < item_sizes_.size(); ++i)
      places[i] = operands[i] + begin * item_sizes_[i];
    for (auto& phase : phases_) {
      if (phase.loop) phase.loop(places.data(), size);
      for (auto& call : phase.calls)
        call.kernel(places[call.operands[0]], places[call.operands[1]], places[call.operands[2]],
                    places[call.result], size);
    }
  }
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
  run_blocks(addresses.data(), lanes);
  for (size_t i = inputs_; i < item_sizes_.size(); ++i)
    std::memcpy(operands[i] + begin * item_sizes_[i], padded[i].bytes, count * item_sizes_[i]);
}

}  // namespace mlx::core::cpu

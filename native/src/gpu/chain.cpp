#include "gpu/chain.h"

#include <algorithm>
#include <vector>

#include "gpu/generate/type_name.h"
#include "mlx/small_vector.h"

namespace mlx::core::gpu {
namespace {

/// One operation of a chain as a program of its own.
struct Operation {
  ElementwiseProgram program;
  SmallVector<ElementwiseOperand, 3> inputs;
  ElementwiseOperand output;
};

/// Takes a chain apart. A value in between takes over the memory of one that nobody reads any more.
class Operations {
 public:
  Operations(Commands& commands, const ElementwiseProgram& program, std::span<const int32_t> shape,
             std::span<const ElementwiseOperand> inputs,
             std::span<const ElementwiseOperand> outputs)
      : commands_(commands), program_(program), outputs_(outputs) {
    for (auto n : shape) elements_ *= size_t(n);
    values_.assign(inputs.begin(), inputs.end());
    last_reads_.assign(program.inputs.size() + program.instructions.size(), 0);
    for (size_t k = 0; k < program.instructions.size(); ++k)
      for (int i = 0; i < arity(program.instructions[k].op); ++i)
        last_reads_[program.instructions[k].operands[i]] = k;
    for (size_t k = 0; k < program.instructions.size(); ++k) add(k);
  }

  std::vector<Operation> list;

 private:
  struct Temporary {
    size_t value;
    Memory memory;
  };

  Dtype::Val dtype(size_t value) const {
    size_t inputs = program_.inputs.size();
    return value < inputs ? program_.inputs[value] : program_.instructions[value - inputs].out;
  }

  void add(size_t k) {
    const Instruction& whole = program_.instructions[k];
    Operation operation;
    Instruction single{whole.op, whole.in, whole.out, {0, 0, 0}};
    for (int i = 0; i < arity(whole.op); ++i) {
      single.operands[i] = uint16_t(i);
      operation.program.inputs.push_back(dtype(whole.operands[i]));
      operation.inputs.push_back(values_[whole.operands[i]]);
    }
    operation.program.outputs.push_back(uint16_t(operation.program.inputs.size()));
    operation.program.instructions.push_back(single);
    operation.output = target(k);
    values_.push_back(operation.output);
    list.push_back(std::move(operation));
  }

  ElementwiseOperand target(size_t k) {
    size_t value = program_.inputs.size() + k;
    auto stored = std::find(program_.outputs.begin(), program_.outputs.end(), value);
    if (stored != program_.outputs.end()) return outputs_[stored - program_.outputs.begin()];
    size_t bytes = elements_ * size_t(item_size(program_.instructions[k].out));
    // All that is stored lies alike, so what is not may lie like that too.
    return {Place{memory(value, k, bytes)}, outputs_[0].strides, nullptr};
  }

  Memory memory(size_t value, size_t k, size_t bytes) {
    auto free = std::find_if(temporaries_.begin(), temporaries_.end(), [&](const Temporary& t) {
      return last_reads_[t.value] < k && t.memory.size >= bytes;
    });
    if (free == temporaries_.end())
      free = temporaries_.insert(free, {value, commands_.scratch(bytes)});
    free->value = value;
    return free->memory;
  }

  Commands& commands_;
  const ElementwiseProgram& program_;
  std::span<const ElementwiseOperand> outputs_;
  size_t elements_ = 1;
  /// By value number: where each lies, and the last instruction that reads it.
  std::vector<ElementwiseOperand> values_;
  std::vector<size_t> last_reads_;
  std::vector<Temporary> temporaries_;
};

}  // namespace

void run_one_by_one(Commands& commands, const ElementwiseProgram& program,
                    std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
                    std::span<const ElementwiseOperand> outputs) {
  Operations operations(commands, program, shape, inputs, outputs);
  std::vector<KernelRequest> missing;
  for (auto& [single, sources, target] : operations.list) {
    std::span<const ElementwiseOperand> read(sources.data(), sources.size());
    if (commands.kernels().contains(elementwise_key(single, shape, read, {&target, 1}))) continue;
    auto language = commands.device().limits().language;
    missing.push_back(request_elementwise(language, single, shape, read, {&target, 1}));
  }
  commands.kernels().prepare(missing);
  for (auto& [single, sources, target] : operations.list)
    run_elementwise(commands, single, shape, {sources.data(), sources.size()}, {&target, 1});
}

void run_chain(Commands& commands, const ElementwiseProgram& program,
               std::span<const int32_t> shape, std::span<const ElementwiseOperand> inputs,
               std::span<const ElementwiseOperand> outputs) {
  bool may_wait = program.instructions.size() == 1 || !commands.device().limits().compiles_slowly;
  if (may_wait) return run_elementwise(commands, program, shape, inputs, outputs);
  if (!run_elementwise_if_compiled(commands, program, shape, inputs, outputs))
    run_one_by_one(commands, program, shape, inputs, outputs);
}

}  // namespace mlx::core::gpu

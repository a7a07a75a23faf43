#include "primitives/elementwise.h"

#include "cpu/elementwise/compiled_elementwise.h"
#include "evaluation/executor.h"

namespace mlx::core {
namespace {

template <typename T>
class Operands {
 public:
  explicit Operands(size_t count) { operands_.reserve(count); }
  template <typename Pointer>
  void add(Pointer data, const Strides& strides) {
    operands_.push_back({data, {strides.data(), strides.size()}});
  }
  std::span<const T> view() const { return {operands_.data(), operands_.size()}; }

 private:
  SmallVector<T, 4> operands_;
};

void run(const cpu::CompiledElementwise& program, const Shape& shape,
         std::span<const FusedInput> inputs, std::span<const FusedOutput> outputs) {
  Operands<cpu::ConstOperand> sources(inputs.size());
  for (auto& input : inputs) sources.add(input.source->data<void>(), input.source->strides());
  Operands<cpu::MutableOperand> results(outputs.size());
  for (auto& output : outputs) results.add(output.target->data<void>(), output.target->strides());
  cpu::run_elementwise(program, {shape.data(), shape.size()}, sources.view(), results.view());
}

}  // namespace

void cpu::run_fused(const FusedProgram& program, const Shape& shape,
                    std::span<const FusedInput> inputs, std::span<const FusedOutput> outputs) {
  run(program.compiled_for<cpu::CompiledElementwise>(Device::cpu, cpu::compile_elementwise), shape,
      inputs, outputs);
}

void Elementwise::eval_cpu(const std::vector<array>& inputs, array& output) {
  SinglePass pass(op_, inputs, output);
  run(*cpu::compile_elementwise(pass.program), output.shape(), pass.inputs, {&pass.output, 1});
}

}  // namespace mlx::core

#include "cpu/elementwise/codegen/phases.h"

#include <algorithm>

#include "array/dtype_table.h"

namespace mlx::core::cpu {
namespace {

Dtype::Val computed(Dtype::Val dtype) { return is_half(dtype) ? Dtype::Val::float32 : dtype; }

class Splitter {
 public:
  Splitter(const ElementwiseProgram& program,
           const std::function<bool(const Instruction&)>& has_code)
      : program_(program), has_code_(has_code), inputs_(program.inputs.size()) {}

  std::optional<Phases> split() {
    if (!rewrite()) return std::nullopt;
    find_read_values();
    find_levels();
    find_places();
    fill();
    return std::move(result_);
  }

 private:
  /// Copies the instructions, with each function of halves as two.
  bool rewrite() {
    std::vector<uint16_t> number(inputs_);
    for (size_t i = 0; i < inputs_; ++i) number[i] = uint16_t(i);
    for (auto instruction : program_.instructions) {
      for (int i = 0; i < arity(instruction.op); ++i)
        instruction.operands[i] = number[instruction.operands[i]];
      if (has_code_(instruction)) {
        push(instruction, nullptr);
      } else {
        auto in = computed(instruction.in), out = computed(instruction.out);
        bool moves = instruction.op == ElementwiseOp::Cast;
        auto* kernel = moves ? nullptr : find_kernel(instruction.op, in, out);
        if (!kernel) return false;
        Instruction call{instruction.op, in, out, {}};
        std::copy_n(instruction.operands, 3, call.operands);
        push(call, kernel);
        if (is_half(instruction.out)) {
          Instruction round{ElementwiseOp::Cast, out, instruction.out, {}};
          round.operands[0] = uint16_t(values() - 1);
          push(round, nullptr);
        }
      }
      number.push_back(uint16_t(values() - 1));
    }
    for (auto output : program_.outputs) result_.outputs.push_back(number[output]);
    return true;
  }

  void push(const Instruction& instruction, ElementwiseKernel kernel) {
    result_.instructions.push_back(instruction);
    kernels_.push_back(kernel);
  }

  size_t values() const { return inputs_ + result_.instructions.size(); }
  const Instruction& maker(size_t value) const { return result_.instructions[value - inputs_]; }
  bool is_call(size_t value) const { return value >= inputs_ && kernels_[value - inputs_]; }
  Dtype::Val dtype_of(size_t value) const {
    return value < inputs_ ? program_.inputs[value] : maker(value).out;
  }
  bool is_output(size_t value) const {
    auto& outputs = result_.outputs;
    return std::find(outputs.begin(), outputs.end(), value) != outputs.end();
  }

  void find_read_values() {
    is_read_.assign(values(), false);
    for (auto output : result_.outputs) is_read_[output] = true;
    for (size_t value = values(); value-- > inputs_;)
      if (is_read_[value])
        for (int i = 0; i < arity(maker(value).op); ++i) is_read_[maker(value).operands[i]] = true;
  }

  /// Each instruction goes to the first phase that has its operands. An output may lie on an input
  /// that the instructions before it read, so it waits for them.
  void find_levels() {
    level_.assign(values(), 0);
    size_t loops = 0, calls = 0, phases = 1;
    for (size_t value = inputs_; value < values(); ++value) {
      if (!is_read_[value]) continue;
      size_t level = 0;
      for (int i = 0; i < arity(maker(value).op); ++i) {
        size_t operand = maker(value).operands[i];
        level = std::max(level, level_[operand] + is_call(operand));
      }
      if (is_output(value))
        level = std::max({level, loops, is_call(value) ? calls - !!calls : calls});
      level_[value] = level;
      // `calls` is the first phase that comes after all calls.
      if (is_call(value))
        calls = std::max(calls, level + 1);
      else
        loops = std::max(loops, level);
      phases = std::max(phases, level + 1 + is_call(value));
    }
    result_.phases.resize(phases);
  }

  uint16_t add_place(Dtype::Val dtype) {
    result_.place_dtypes.push_back(dtype);
    return uint16_t(result_.place_dtypes.size() - 1);
  }

  void find_places() {
    result_.places.resize(values());
    for (size_t i = 0; i < inputs_; ++i) result_.places[i] = add_place(program_.inputs[i]);
    for (auto output : result_.outputs) {
      auto place = add_place(dtype_of(output));
      if (!result_.places[output]) result_.places[output] = place;
    }
    blocks_.resize(values());
    for (size_t value = inputs_; value < values(); ++value) {
      if (!is_read_[value]) continue;
      if (is_call(value) && !result_.places[value])
        result_.places[value] = add_place(dtype_of(value));
      for (int i = 0; i < arity(maker(value).op); ++i) {
        size_t operand = maker(value).operands[i];
        bool later = level_[operand] < level_[value] || is_call(value);
        if (later && !result_.places[operand])
          result_.places[operand] = add_place(computed(dtype_of(operand)));
        if (is_call(value)) give_block(operand, level_[value]);
      }
    }
  }

  /// Kernels take no halves, so those get a copy in float32 besides.
  void give_block(size_t operand, size_t level) {
    if (blocks_[operand]) return;
    auto place = *result_.places[operand];
    if (is_half(result_.place_dtypes[place])) {
      place = add_place(Dtype::Val::float32);
      level = operand < inputs_ ? first_call_of(operand) : level_[operand];
      result_.phases[level].copies.push_back({uint16_t(operand), place});
    }
    blocks_[operand] = place;
  }

  /// The first phase in which a kernel takes a value.
  size_t first_call_of(size_t operand) const {
    size_t first = SIZE_MAX;
    for (size_t value = inputs_; value < values(); ++value)
      for (int i = 0; is_call(value) && is_read_[value] && i < arity(maker(value).op); ++i)
        if (maker(value).operands[i] == operand) first = std::min(first, level_[value]);
    return first;
  }

  void fill() {
    for (size_t value = inputs_; value < values(); ++value) {
      if (!is_read_[value]) continue;
      auto& phase = result_.phases[level_[value]];
      if (!is_call(value)) {
        phase.loop.push_back(uint16_t(value - inputs_));
        continue;
      }
      Phases::Call call{kernels_[value - inputs_], {}, *result_.places[value]};
      int count = arity(maker(value).op);
      for (int i = 0; i < 3; ++i)
        call.operands[i] = *blocks_[maker(value).operands[i < count ? i : 0]];
      phase.calls.push_back(call);
    }
    for (size_t k = 0; k < result_.outputs.size(); ++k) {
      auto value = result_.outputs[k];
      auto place = uint16_t(inputs_ + k);
      if (result_.places[value] == place) continue;
      result_.phases.back().copies.push_back({value, place});
    }
  }

  const ElementwiseProgram& program_;
  const std::function<bool(const Instruction&)>& has_code_;
  const size_t inputs_;
  Phases result_;
  /// Of each instruction; null for those that have code.
  std::vector<ElementwiseKernel> kernels_;
  std::vector<bool> is_read_;
  /// The phase in which each value is made.
  std::vector<size_t> level_;
  /// Where kernels find each value that they take.
  std::vector<Phases::Place> blocks_;
};

}  // namespace

std::optional<Phases> split_into_phases(const ElementwiseProgram& program,
                                        const std::function<bool(const Instruction&)>& has_code) {
  return Splitter(program, has_code).split();
}

}  // namespace mlx::core::cpu

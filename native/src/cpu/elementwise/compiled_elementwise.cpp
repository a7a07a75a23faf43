#include "cpu/elementwise/compiled_elementwise.h"

#include <algorithm>
#include <map>
#include <string>

#include "array/dtype_table.h"
#include "cpu/elementwise/cost.h"
#include "mlx/errors.h"
#include "primitives/elementwise.h"

namespace mlx::core::cpu {
namespace {

// Of the 32 KB that processors have at the least. More leaves too little for what streams through:
// with 20 KB a chain of seven operations took a fifth longer.
constexpr size_t cache_for_places = 8 * 1024;
constexpr size_t smallest_block = 256, largest_block = 1024;
// Generating code takes about as long as the interpreter for this many elements.
constexpr size_t elements_worth_code = 128 * 1024;

/// Whether an operation only moves bytes, so that halves need no detour through float32.
bool moves_bytes(ElementwiseOp op) {
  return op == ElementwiseOp::Cast || op == ElementwiseOp::Select;
}

/// Turns a program into steps over values, then places the values.
class Compiler {
 public:
  Compiler(const ElementwiseProgram& program, CompiledElementwise& target)
      : program_(program), target_(target) {
    for (auto dtype : program.inputs) value_of_.push_back(add_value(dtype));
    for (auto& instruction : program.instructions) add(instruction);
    add_outputs();
    drop_unread_steps();
    pair_steps();
    place();
    choose_sizes();
  }

 private:
  static constexpr uint16_t nowhere = UINT16_MAX;

  struct Step {
    ElementwiseKernel kernel;
    /// Values; unused ones repeat the first.
    uint16_t operands[3];
    uint16_t result;
    /// What the kernel computes, for steps that may be paired.
    ElementwiseOp op;
    bool may_be_paired;
  };

  uint16_t add_value(Dtype::Val dtype) {
    dtypes_.push_back(dtype);
    return uint16_t(dtypes_.size() - 1);
  }

  uint16_t emit(ElementwiseKernel kernel, const uint16_t* operands, int count, Dtype::Val result) {
    Step step{kernel, {}, add_value(result), ElementwiseOp::Cast, false};
    for (int i = 0; i < 3; ++i) step.operands[i] = operands[i < count ? i : 0];
    steps_.push_back(step);
    return step.result;
  }

  uint16_t cast(uint16_t value, Dtype::Val to) {
    return emit(find_cast_kernel(dtypes_[value], to), &value, 1, to);
  }

  /// The value in float32, converted once however often it is used.
  uint16_t widened(uint16_t value) {
    auto [entry, is_new] = widened_.try_emplace(value, nowhere);
    if (is_new) entry->second = cast(value, Dtype::Val::float32);
    return entry->second;
  }

  void add(const Instruction& instruction) {
    auto op = instruction.op;
    auto in = instruction.in, out = instruction.out;
    cost_ += elementwise_cost(op, in);
    uint16_t operands[3];
    int count = arity(op);
    for (int i = 0; i < count; ++i) operands[i] = value_of_[instruction.operands[i]];
    bool detour = is_half(in) && !moves_bytes(op);
    auto compute = detour ? Dtype::Val::float32 : in;
    auto* kernel = find_kernel(op, compute, out);
    if (!kernel)
      throw DtypeError(std::string("[") + elementwise_op_name(op) +
                       "] There is no such operation on " + dtype_to_string(dtype_of(in)) + ".");
    if (!detour) {
      value_of_.push_back(emit(kernel, operands, count, out));
      steps_.back().op = op;
      steps_.back().may_be_paired = in == out;
      return;
    }
    for (int i = 0; i < count; ++i) operands[i] = widened(operands[i]);
    if (!is_half(out)) {
      value_of_.push_back(emit(kernel, operands, count, out));
      return;
    }
    // Every operation rounds to its own dtype, so that fused and unfused agree. Whoever goes on in
    // float32 takes the rounded value from here; the half itself may turn out not to be needed.
    uint16_t exact = emit(kernel, operands, count, Dtype::Val::float32);
    uint16_t half = cast(exact, out);
    widened_[half] = emit(find_rounding_kernel(out), &exact, 1, Dtype::Val::float32);
    value_of_.push_back(half);
  }

  /// Each output is a value of its own: inputs and repeated values are copied.
  void add_outputs() {
    for (auto number : program_.outputs) {
      uint16_t value = value_of_[number];
      bool taken = std::find(outputs_.begin(), outputs_.end(), value) != outputs_.end();
      if (number < program_.inputs.size() || taken) value = cast(value, dtypes_[value]);
      outputs_.push_back(value);
    }
  }

  void drop_unread_steps() {
    std::vector<bool> is_read(dtypes_.size(), false);
    for (auto value : outputs_) is_read[value] = true;
    std::vector<Step> kept;
    for (size_t k = steps_.size(); k-- > 0;) {
      if (!is_read[steps_[k].result]) continue;
      for (auto value : steps_[k].operands) is_read[value] = true;
      kept.push_back(steps_[k]);
    }
    steps_.assign(kept.rbegin(), kept.rend());
  }

  bool is_output(uint16_t value) const {
    return std::find(outputs_.begin(), outputs_.end(), value) != outputs_.end();
  }

  /// Joins a step with the only reader of its result where there is a kernel for both.
  void pair_steps() {
    std::vector<size_t> maker(dtypes_.size(), SIZE_MAX), reads(dtypes_.size(), 0);
    for (size_t k = 0; k < steps_.size(); ++k) {
      maker[steps_[k].result] = k;
      if (!steps_[k].may_be_paired) continue;
      for (int i = 0; i < arity(steps_[k].op); ++i) ++reads[steps_[k].operands[i]];
    }
    // Reads by steps that can't be paired rule a value out.
    for (auto& step : steps_)
      for (auto value : step.operands)
        if (!step.may_be_paired) reads[value] += 2;
    std::vector<bool> joined(steps_.size(), false);
    for (size_t k = 0; k < steps_.size(); ++k) {
      Step& outer = steps_[k];
      if (!outer.may_be_paired || arity(outer.op) != 2) continue;
      for (int i = 0; i < 2; ++i) {
        uint16_t value = outer.operands[i];
        size_t j = maker[value];
        if (j == SIZE_MAX || reads[value] != 1 || is_output(value)) continue;
        Step& inner = steps_[j];
        if (!inner.may_be_paired || arity(inner.op) != 2 || stores_between(j, k)) continue;
        auto* kernel = find_paired_kernel(inner.op, outer.op, i == 0, dtypes_[value]);
        if (!kernel) continue;
        uint16_t other = outer.operands[1 - i];
        outer = {kernel, {inner.operands[0], inner.operands[1], other}, outer.result, {}, false};
        joined[j] = true;
        break;
      }
    }
    size_t kept = 0;
    for (size_t k = 0; k < steps_.size(); ++k)
      if (!joined[k]) steps_[kept++] = steps_[k];
    steps_.resize(kept);
  }

  /// Whether an output is written between two steps. It may lie on an input that the first of them
  /// still has to read, so that one can't move down.
  bool stores_between(size_t first, size_t second) const {
    for (size_t k = first + 1; k < second; ++k)
      if (is_output(steps_[k].result)) return true;
    return false;
  }

  void place() {
    size_t inputs = program_.inputs.size();
    auto first_register = uint16_t(inputs + outputs_.size());
    std::vector<uint16_t> place(dtypes_.size(), nowhere);
    std::vector<size_t> last_read(dtypes_.size(), 0);
    for (size_t i = 0; i < inputs; ++i) place[i] = uint16_t(i);
    for (size_t i = 0; i < outputs_.size(); ++i) place[outputs_[i]] = uint16_t(inputs + i);
    for (size_t k = 0; k < steps_.size(); ++k)
      for (auto value : steps_[k].operands) last_read[value] = k;

    // A register is free again after the last step that reads it.
    std::vector<uint16_t> free;
    auto& widths = target_.register_widths;
    for (size_t k = 0; k < steps_.size(); ++k) {
      const Step& step = steps_[k];
      size_t width = dtype_of(dtypes_[step.result]).size();
      for (int i = 0; i < 3; ++i) {
        auto value = step.operands[i];
        bool repeated = std::find(step.operands, step.operands + i, value) != step.operands + i;
        if (!repeated && place[value] >= first_register && last_read[value] == k)
          free.push_back(place[value]);
      }
      if (place[step.result] == nowhere) {
        // Kernels may write where they read only with elements of one size.
        auto fits = std::find_if(free.rbegin(), free.rend(), [&](uint16_t r) {
          return std::none_of(step.operands, step.operands + 3, [&](uint16_t value) {
            return place[value] == r && dtype_of(dtypes_[value]).size() != width;
          });
        });
        if (fits == free.rend()) {
          place[step.result] = uint16_t(first_register + widths.size());
          widths.push_back(uint8_t(width));
        } else {
          place[step.result] = *fits;
          auto& widest = widths[*fits - first_register];
          widest = std::max(widest, uint8_t(width));
          free.erase(std::next(fits).base());
        }
      }
      CompiledElementwise::Step placed{step.kernel, {}, place[step.result]};
      for (int i = 0; i < 3; ++i) placed.operands[i] = place[step.operands[i]];
      target_.steps.push_back(placed);
    }
    for (auto dtype : program_.inputs)
      target_.item_sizes.push_back(uint8_t(dtype_of(dtype).size()));
    for (auto value : outputs_)
      target_.item_sizes.push_back(uint8_t(dtype_of(dtypes_[value]).size()));
    target_.inputs = uint16_t(inputs);
    target_.outputs = uint16_t(outputs_.size());
  }

  void choose_sizes() {
    size_t width = 0;
    for (auto bytes : target_.item_sizes) width += bytes;
    for (auto bytes : target_.register_widths) width += bytes;
    target_.block = largest_block;
    while (target_.block > smallest_block && target_.block * width > cache_for_places)
      target_.block /= 2;
    target_.grain = elementwise_grain(cost_);
  }

  const ElementwiseProgram& program_;
  CompiledElementwise& target_;
  std::vector<Step> steps_;
  std::vector<Dtype::Val> dtypes_;
  /// From a program's value numbers to those of the steps.
  std::vector<uint16_t> value_of_;
  std::vector<uint16_t> outputs_;
  std::map<uint16_t, uint16_t> widened_;
  size_t cost_ = 0;
};

}  // namespace

CompiledElementwise::CompiledElementwise(const ElementwiseProgram& program) : source(program) {
  Compiler(program, *this);
}

const GeneratedKernel* CompiledElementwise::generated(size_t elements) const {
  // A single kernel keeps all in registers as it is.
  if (steps.size() < 2 || !codegen_enabled()) return nullptr;
  if (seen_.load(std::memory_order_relaxed) < elements_worth_code &&
      seen_.fetch_add(elements, std::memory_order_relaxed) + elements < elements_worth_code)
    return nullptr;
  std::call_once(once_, [&] {
    owned_ = GeneratedKernel::generate(source);
    made_ = owned_.get();
  });
  return owned_.get();
}

std::shared_ptr<const CompiledElementwise> compile_elementwise(const ElementwiseProgram& program) {
  return std::make_shared<const CompiledElementwise>(program);
}

ElementwiseKernel find_kernel(ElementwiseOp op, Dtype::Val in, Dtype::Val out) {
  if (op == ElementwiseOp::Cast) return find_cast_kernel(in, out);
  if (op == ElementwiseOp::Select) return find_select_kernel(dtype_of(in).size());
  switch (in) {
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return nullptr;
    case Dtype::Val::float32:
      if (auto* kernel = find_float_function_kernel(op)) return kernel;
      [[fallthrough]];
    case Dtype::Val::float64:
      return find_float_kernel(op, in);
    case Dtype::Val::complex64:
      return find_complex_kernel(op);
    default:
      return find_integer_kernel(op, in);
  }
}

}  // namespace mlx::core::cpu

bool mlx::core::elementwise_supports(ElementwiseOp op, Dtype::Val in) {
  auto compute = is_half(in) && !cpu::moves_bytes(op) ? Dtype::Val::float32 : in;
  return cpu::find_kernel(op, compute, compute) != nullptr;
}

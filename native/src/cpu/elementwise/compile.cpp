#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "cpu/elementwise/compiled_elementwise.h"
#include "mlx/errors.h"

namespace mlx::core {
namespace {

bool is_half(Dtype::Val dtype) {
  return dtype == Dtype::Val::float16 || dtype == Dtype::Val::bfloat16;
}

size_t size_of(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
    case Dtype::Val::uint8:
    case Dtype::Val::int8:
      return 1;
    case Dtype::Val::uint16:
    case Dtype::Val::int16:
    case Dtype::Val::float16:
    case Dtype::Val::bfloat16:
      return 2;
    case Dtype::Val::uint32:
    case Dtype::Val::int32:
    case Dtype::Val::float32:
      return 4;
    default:
      return 8;
  }
}

/// Whether an operation only moves bytes, so that halves need no detour through float32.
bool moves_bytes(ElementwiseOp op) {
  return op == ElementwiseOp::Cast || op == ElementwiseOp::Select;
}

/// Nanoseconds an element on one core, in eighths, about.
size_t weight_of(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Exp:
    case Log:
    case Sigmoid:
    case Tanh:
    case Sin:
    case Cos:
    case Expm1:
    case Log1p:
    case Log2:
    case Log10:
      return 8;
    case Power:
    case ArcTan2:
    case Tan:
    case Erf:
    case ErfInv:
    case ArcCos:
    case ArcCosh:
    case ArcSin:
    case ArcSinh:
    case ArcTan:
    case ArcTanh:
    case Cosh:
    case Sinh:
    case LogAddExp:
    case FloorDivide:
    case Remainder:
      return 64;
    default:
      return 1;
  }
}

/// Turns a program into steps over values, then places the values.
class Compiler {
 public:
  Compiler(const ElementwiseProgram& program, CompiledElementwise& target)
      : program_(program), target_(target) {
    for (auto dtype : program.inputs) add_value(dtype);
    for (size_t i = 0; i < program.inputs.size(); ++i) value_of_.push_back(uint16_t(i));
    for (auto& instruction : program.instructions) add(instruction);
    place();
    target.grain = std::clamp<size_t>(
        (size_t(1) << 20) / std::max<size_t>(weight_, 1) / 1024 * 1024, 4096, 131072);
  }

 private:
  using Step = CompiledElementwise::Step;

  uint16_t add_value(Dtype::Val dtype) {
    dtypes_.push_back(dtype);
    return uint16_t(dtypes_.size() - 1);
  }

  uint16_t emit(ElementwiseKernel kernel, std::initializer_list<uint16_t> operands,
                Dtype::Val result) {
    Step step{kernel, {}, add_value(result)};
    for (size_t i = 0; i < 3; ++i)
      step.operands[i] = i < operands.size() ? operands.begin()[i] : *operands.begin();
    target_.steps.push_back(step);
    return step.result;
  }

  /// The value in float32, converted once however often it is used.
  uint16_t widened(uint16_t value) {
    auto [entry, is_new] = widened_.try_emplace(value, 0);
    if (is_new)
      entry->second =
          emit(find_cast_kernel(dtypes_[value], Dtype::Val::float32), {value}, Dtype::Val::float32);
    return entry->second;
  }

  void add(const Instruction& instruction) {
    weight_ += weight_of(instruction.op);
    auto in = instruction.in, out = instruction.out;
    uint16_t operands[3];
    int count = arity(instruction.op);
    for (int i = 0; i < count; ++i) operands[i] = value_of_[instruction.operands[i]];
    bool detour = is_half(in) && !moves_bytes(instruction.op);
    auto compute = detour ? Dtype::Val::float32 : in;
    auto* kernel = find_kernel(instruction.op, compute, out);
    if (!kernel)
      throw DtypeError(std::string("[") + elementwise_op_name(instruction.op) +
                       "] There is no such operation on " +
                       dtype_to_string(Dtype(in, uint8_t(size_of(in)))) + ".");
    for (int i = 0; detour && i < count; ++i) operands[i] = widened(operands[i]);
    auto result_dtype = detour && is_half(out) ? Dtype::Val::float32 : out;
    uint16_t result = count == 1 ? emit(kernel, {operands[0]}, result_dtype)
                      : count == 2
                          ? emit(kernel, {operands[0], operands[1]}, result_dtype)
                          : emit(kernel, {operands[0], operands[1], operands[2]}, result_dtype);
    // Every operation rounds to its own dtype, so that fused and unfused agree.
    if (result_dtype != out) result = emit(find_cast_kernel(result_dtype, out), {result}, out);
    value_of_.push_back(result);
  }

  void place() {
    size_t inputs = program_.inputs.size(), outputs = program_.outputs.size();
    constexpr uint16_t unplaced = UINT16_MAX;
    std::vector<uint16_t> place(dtypes_.size(), unplaced);
    std::vector<size_t> last_read(dtypes_.size(), 0);
    for (size_t i = 0; i < inputs; ++i) place[i] = uint16_t(i);
    for (size_t i = 0; i < outputs; ++i)
      place[value_of_[program_.outputs[i]]] = uint16_t(inputs + i);
    for (size_t k = 0; k < target_.steps.size(); ++k)
      for (auto value : target_.steps[k].operands) last_read[value] = k;

    // A register is free again after the last step that reads it.
    uint16_t first_register = uint16_t(inputs + outputs), registers = 0;
    std::vector<uint16_t> free;
    for (size_t k = 0; k < target_.steps.size(); ++k) {
      Step& step = target_.steps[k];
      uint16_t operands[3];
      std::copy(step.operands, step.operands + 3, operands);
      for (auto& operand : step.operands) operand = place[operand];
      for (int i = 0; i < 3; ++i) {
        auto value = operands[i];
        bool repeated = std::find(operands, operands + i, value) != operands + i;
        if (!repeated && place[value] >= first_register && last_read[value] == k)
          free.push_back(place[value]);
      }
      auto result = step.result;
      if (place[result] == unplaced) {
        // Kernels may write where they read only with elements of one size.
        auto fits = std::find_if(free.begin(), free.end(), [&](uint16_t r) {
          for (int i = 0; i < 3; ++i)
            if (place[operands[i]] == r &&
                size_of(dtypes_[operands[i]]) != size_of(dtypes_[result]))
              return false;
          return true;
        });
        if (fits == free.end()) {
          place[result] = uint16_t(first_register + registers++);
        } else {
          place[result] = *fits;
          free.erase(fits);
        }
      }
      step.result = place[result];
    }
    for (auto dtype : program_.inputs) target_.item_sizes.push_back(uint8_t(size_of(dtype)));
    for (auto output : program_.outputs)
      target_.item_sizes.push_back(uint8_t(size_of(dtypes_[value_of_[output]])));
    target_.inputs = uint16_t(inputs);
    target_.outputs = uint16_t(outputs);
    target_.registers = registers;
  }

  const ElementwiseProgram& program_;
  CompiledElementwise& target_;
  std::vector<Dtype::Val> dtypes_;
  /// From a program's value numbers to those of the steps.
  std::vector<uint16_t> value_of_;
  std::map<uint16_t, uint16_t> widened_;
  size_t weight_ = 0;
};

}  // namespace

CompiledElementwise::CompiledElementwise(const ElementwiseProgram& program) {
  Compiler(program, *this);
}

std::shared_ptr<const CompiledElementwise> compile_elementwise(const ElementwiseProgram& program) {
  return std::make_shared<const CompiledElementwise>(program);
}

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

ElementwiseKernel find_kernel(ElementwiseOp op, Dtype::Val in, Dtype::Val out) {
  if (op == ElementwiseOp::Cast) return find_cast_kernel(in, out);
  if (op == ElementwiseOp::Select) return find_select_kernel(size_of(in));
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

bool elementwise_supports(ElementwiseOp op, Dtype::Val in) {
  auto compute = is_half(in) && !moves_bytes(op) ? Dtype::Val::float32 : in;
  return find_kernel(op, compute, compute) != nullptr;
}

}  // namespace mlx::core

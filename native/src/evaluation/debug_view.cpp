#include "evaluation/debug_view.h"

#include <cstdio>
#include <cstdlib>
#include <iomanip>
#include <sstream>

#include "array/dtype_table.h"
#include "mlx/utils.h"
#include "runtime/device_queue.h"

namespace mlx::core {
namespace {

/// As `float32[2,3]`.
void print_type(std::ostream& os, Dtype dtype, const Shape& shape) {
  os << dtype << "[";
  for (size_t i = 0; i < shape.size(); ++i) os << (i ? "," : "") << shape[i];
  os << "]";
}

void print_types(std::ostream& os, const std::vector<const array*>& arrays) {
  for (size_t i = 0; i < arrays.size(); ++i) {
    os << (i ? ", " : " ");
    print_type(os, arrays[i]->dtype(), arrays[i]->shape());
  }
}

size_t bytes_of(const std::vector<const array*>& arrays) {
  size_t bytes = 0;
  for (auto* a : arrays) bytes += std::min(a->size(), a->data_size()) * a->itemsize();
  return bytes;
}

std::string line_about(const std::string& name, const std::vector<const array*>& inputs,
                       const std::vector<const array*>& outputs, double milliseconds) {
  std::ostringstream os;
  os << "[mlx] " << name << ":";
  print_types(os, inputs);
  os << " ->";
  print_types(os, outputs);
  os << std::fixed << std::setprecision(3) << " | " << milliseconds << " ms | "
     << bytes_of(inputs) + bytes_of(outputs) << " bytes\n";
  return os.str();
}

std::string name_of(const ElementwiseProgram& program) {
  if (program.instructions.size() == 1) return elementwise_op_name(program.instructions[0].op);
  return concat_text("Fused of ", program.instructions.size());
}

/// One instruction a line, as `  v2 = Multiply(v0, v1) float32`; stored values have a star.
std::string listing_of(const ElementwiseProgram& program) {
  std::ostringstream os;
  size_t inputs = program.inputs.size();
  for (size_t i = 0; i < inputs; ++i)
    os << "[mlx]   v" << i << " = input " << dtype_of(program.inputs[i]) << "\n";
  for (size_t k = 0; k < program.instructions.size(); ++k) {
    auto& instruction = program.instructions[k];
    size_t value = inputs + k;
    os << "[mlx]   v" << value << " = " << elementwise_op_name(instruction.op) << "(";
    for (int i = 0; i < arity(instruction.op); ++i)
      os << (i ? ", v" : "v") << instruction.operands[i];
    os << ") " << dtype_of(instruction.out);
    for (uint16_t output : program.outputs)
      if (output == value) os << " *";
    os << "\n";
  }
  return os.str();
}

void finish_put_work() {
  if (DeviceQueue* queue = DeviceQueue::current()) queue->block(queue->commit());
}

}  // namespace

void print_debug(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

int debug_level() {
  static const int level = [] {
    const char* text = std::getenv("MLX_DEBUG");
    return text ? std::atoi(text) : 0;
  }();
  return level;
}

void DebugTimer::begin() {
  finish_put_work();
  begin_ = std::chrono::steady_clock::now();
}

double DebugTimer::milliseconds() const {
  finish_put_work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin_)
      .count();
}

void DebugTimer::report(Primitive& primitive, const std::vector<array>& inputs,
                        const std::vector<array>& outputs) const {
  double time = milliseconds();
  std::vector<const array*> from, to;
  for (auto& input : inputs) from.push_back(&input);
  for (auto& output : outputs) to.push_back(&output);
  print_debug(line_about(primitive.name(), from, to, time));
}

void DebugTimer::report(const FusedProgram& program, const Device& device,
                        std::span<const FusedInput> inputs,
                        std::span<const FusedOutput> outputs) const {
  double time = milliseconds();
  std::vector<const array*> from, to;
  for (auto& input : inputs) from.push_back(input.source);
  for (auto& output : outputs) to.push_back(output.target);
  std::string name = name_of(program.source) + program.remark(device);
  std::string text = line_about(name, from, to, time);
  if (debug_level() > 1) text += listing_of(program.source);
  print_debug(text);
}

}  // namespace mlx::core

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "cpu/elementwise/program.h"
#include "gpu/chain.h"
#include "gpu/generate/elementwise_source.h"
#include "gpu/generate/type_name.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"
#include "mlx/dtype.h"
#include "primitives/elementwise.h"

// Every kernel on the test device against the CPU's kernel, element by element.
namespace mlx::core::gpu {
namespace {

using Op = ElementwiseOp;

Dtype as_dtype(Dtype::Val val) { return Dtype(val, uint8_t(item_size(val))); }

ElementwiseProgram single(Op op, Dtype::Val in, Dtype::Val out) {
  ElementwiseProgram program;
  Instruction instruction{op, in, out, {0, 0, 0}};
  for (int i = 0; i < arity(op); ++i) {
    program.inputs.push_back(op == Op::Select && i == 0 ? Dtype::Val::bool_ : in);
    instruction.operands[i] = uint16_t(i);
  }
  program.instructions.push_back(instruction);
  program.outputs.push_back(uint16_t(arity(op)));
  return program;
}

Dtype::Val output_dtype(const ElementwiseProgram& program, size_t i) {
  auto value = program.outputs[i];
  return value < program.inputs.size() ? program.inputs[value]
                                       : program.instructions[value - program.inputs.size()].out;
}

/// Units of the last place that the device's result may be off from the CPU's. Both round every
/// operation built of + - * / and fma alike; where the CPU has float64 inside, the device's formula
/// is another.
double allowed(const ElementwiseProgram& program) {
  double most = 0;
  for (auto& i : program.instructions) {
    bool is_complex = i.in == Dtype::Val::complex64;
    switch (i.op) {
      case Op::Cos:
      case Op::Power:
      case Op::Sin:
      case Op::Tan:
        if (is_complex || i.in == Dtype::Val::float32) most = std::max(most, 2.0);
        if (is_half(i.in)) most = std::max(most, 1.0);
        break;
      default:
        break;
    }
  }
  return most;
}

/// What complex functions may be off by, in units of the result's magnitude.
double allowed_complex(Op op) {
  switch (op) {
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Negative:
    case Op::Conjugate:
    case Op::Square:
    case Op::Round:
    case Op::Real:
    case Op::Imag:
    case Op::Cast:
    case Op::Select:
    case Op::Maximum:
    case Op::Minimum:
      return 0;
    case Op::Power:
      // The rounding of the exponent, which is as large as a logarithm times the power.
      return 400;
    case Op::LogAddExp:
      // The difference of the operands is rounded, and then the sum may cancel.
      return 64;
    default:
      return 16;
  }
}

std::vector<int64_t> row_major(const std::vector<int32_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) strides[d] = stride;
  return strides;
}

struct Case {
  ElementwiseProgram program;
  std::vector<int32_t> shape;
  std::vector<std::vector<int64_t>> input_strides;
  std::vector<Bytes> inputs;
};

/// One dimension; inputs hold all pairs of special values and random ones.
Case flat_case(const ElementwiseProgram& program, std::mt19937_64& random) {
  Case made{program, {0}, {}, {}};
  std::vector<Bytes> specials;
  size_t combinations = 1;
  for (auto dtype : program.inputs) {
    specials.push_back(special_values(dtype));
    combinations *= specials.back().size() / size_t(item_size(dtype));
  }
  size_t repeat = 1;
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    auto width = size_t(item_size(program.inputs[i])), count = specials[i].size() / width;
    Bytes bytes;
    for (size_t k = 0; k < combinations; ++k) {
      auto* from = specials[i].data() + k / repeat % count * width;
      bytes.insert(bytes.end(), from, from + width);
    }
    repeat *= count;
    auto more = random_values(program.inputs[i], 1021, random);
    bytes.insert(bytes.end(), more.begin(), more.end());
    made.inputs.push_back(std::move(bytes));
    made.input_strides.push_back({1});
  }
  made.shape = {int32_t(combinations + 1021)};
  return made;
}

/// A case in the device's memory.
class DeviceCase {
 public:
  explicit DeviceCase(const Case& from) : case_(from), strides_(row_major(from.shape)) {
    size_t count = 1;
    for (auto n : from.shape) count *= size_t(n);
    count_ = count;
    for (size_t i = 0; i < from.inputs.size(); ++i) {
      memory_.push_back(std::make_unique<TestMemory>(from.inputs[i]));
      inputs_.push_back({memory_.back()->at(), from.input_strides[i]});
    }
    for (size_t i = 0; i < from.program.outputs.size(); ++i) {
      auto width = size_t(item_size(output_dtype(from.program, i)));
      memory_.push_back(std::make_unique<TestMemory>(count * width));
      outputs_.push_back({memory_.back()->at(), strides_});
    }
  }

  KernelRequest request() const {
    return request_elementwise(test_device()->limits().language, case_.program, case_.shape,
                               inputs_, outputs_);
  }
  void run(TestCommands& commands) const {
    run_elementwise(commands, case_.program, case_.shape, inputs_, outputs_);
  }
  void run_one_by_one(TestCommands& commands) const {
    gpu::run_one_by_one(commands, case_.program, case_.shape, inputs_, outputs_);
  }
  Bytes output(size_t i) const {
    Bytes bytes(count_ * size_t(item_size(output_dtype(case_.program, i))));
    memory_[inputs_.size() + i]->read(bytes.data(), bytes.size());
    return bytes;
  }
  /// The CPU's results.
  std::vector<Bytes> expected() const {
    std::vector<Bytes> results;
    std::vector<cpu::ConstOperand> inputs;
    std::vector<cpu::MutableOperand> outputs;
    for (size_t i = 0; i < case_.inputs.size(); ++i)
      inputs.push_back({case_.inputs[i].data(), case_.input_strides[i]});
    for (size_t i = 0; i < case_.program.outputs.size(); ++i)
      results.emplace_back(count_ * size_t(item_size(output_dtype(case_.program, i))));
    for (auto& result : results) outputs.push_back({result.data(), strides_});
    cpu::run_elementwise(*cpu::compile_elementwise(case_.program), case_.shape, inputs, outputs);
    return results;
  }

 private:
  const Case& case_;
  std::vector<int64_t> strides_;
  size_t count_;
  std::vector<std::unique_ptr<TestMemory>> memory_;
  std::vector<ElementwiseOperand> inputs_, outputs_;
};

std::string words(const Case& tested, size_t element) {
  std::string text;
  for (size_t i = 0; i < tested.inputs.size(); ++i) {
    if (tested.shape.size() != 1 || tested.input_strides[i] != std::vector<int64_t>{1}) continue;
    auto dtype = tested.program.inputs[i];
    text += " " + describe(dtype, tested.inputs[i].data() + element * size_t(item_size(dtype)));
  }
  return text;
}

enum class Way { fused, one_by_one };

/// Runs cases, whose kernels are compiled at once, and compares each with the CPU.
void check(const std::vector<Case>& cases, Way way = Way::fused) {
  TestCommands commands;
  std::vector<std::unique_ptr<DeviceCase>> on_device;
  std::vector<KernelRequest> requests;
  for (auto& each : cases) {
    on_device.push_back(std::make_unique<DeviceCase>(each));
    requests.push_back(on_device.back()->request());
  }
  if (way == Way::fused) commands.kernels().prepare(requests);
  for (auto& each : on_device)
    if (way == Way::fused)
      each->run(commands);
    else
      each->run_one_by_one(commands);
  if (!commands.finish()) return;
  for (size_t c = 0; c < cases.size(); ++c) {
    auto& program = cases[c].program;
    auto expected = on_device[c]->expected();
    for (size_t i = 0; i < expected.size(); ++i) {
      auto dtype = output_dtype(program, i);
      auto in = program.instructions.empty() ? dtype : program.instructions[0].in;
      auto op = program.instructions.empty() ? Op::Cast : program.instructions[0].op;
      double limit = in == Dtype::Val::complex64 ? allowed_complex(op) : allowed(program);
      auto got = on_device[c]->output(i);
      auto width = size_t(item_size(dtype));
      double worst = 0;
      size_t at = 0;
      for (size_t k = 0; k * width < got.size(); ++k) {
        double off = distance(dtype, expected[i].data() + k * width, got.data() + k * width);
        if (off > worst) {
          worst = off;
          at = k;
        }
      }
      INFO(std::string(elementwise_op_name(op)), " of ", name_of(in), ":", words(cases[c], at),
           " gives ", describe(dtype, got.data() + at * width), ", expected ",
           describe(dtype, expected[i].data() + at * width), ", off by ", worst);
      CHECK(worst <= limit);
    }
  }
}

bool has_device() {
  if (!test_device()) MESSAGE("no compiler for the emulator: skipped");
  return test_device() != nullptr;
}

}  // namespace

TEST_CASE("gpu elementwise: every operation on every dtype") {
  if (!has_device() || !tests_are_thorough()) return;
  std::mt19937_64 random(1);
  std::vector<Case> cases;
  for (int k = 0; k < elementwise_op_count; ++k) {
    auto op = Op(k);
    if (op == Op::Cast) continue;
    for (auto dtype : gpu_dtypes)
      if (elementwise_supports_gpu(op, dtype))
        cases.push_back(flat_case(
            single(op, dtype, elementwise_result_type(op, as_dtype(dtype)).val()), random));
  }
  CHECK(cases.size() + std::size(gpu_dtypes) == 557);
  check(cases);
}

TEST_CASE("gpu elementwise: layouts of operands") {
  if (!has_device()) return;
  std::mt19937_64 random(3);
  auto f32 = Dtype::Val::float32, f16 = Dtype::Val::float16, u8 = Dtype::Val::uint8;
  auto values = [&](Dtype::Val dtype, size_t count) {
    return moderate_values(dtype, count, random);
  };
  auto add = single(Op::Add, f32, f32), select = single(Op::Select, f16, f16);
  std::vector<Case> cases;
  // A row added to a matrix, a column, a scalar; a transposed matrix; backwards; a step of 2.
  cases.push_back({add, {7, 64}, {{64, 1}, {0, 1}}, {values(f32, 448), values(f32, 64)}});
  cases.push_back({add, {7, 64}, {{1, 0}, {64, 1}}, {values(f32, 7), values(f32, 448)}});
  cases.push_back({add, {7, 64}, {{0, 0}, {64, 1}}, {values(f32, 1), values(f32, 448)}});
  cases.push_back({add, {33, 47}, {{1, 33}, {47, 1}}, {values(f32, 1551), values(f32, 1551)}});
  cases.push_back({add, {5, 6, 7}, {{42, 1, 6}, {0, 14, 2}}, {values(f32, 210), values(f32, 84)}});
  cases.push_back({select,
                   {3, 5, 8},
                   {{8, 0, 1}, {40, 8, 1}, {0, 0, 0}},
                   {values(Dtype::Val::bool_, 24), values(f16, 120), values(f16, 1)}});
  cases.push_back({single(Op::Cast, u8, f16), {9, 31}, {{64, 2}}, {values(u8, 576)}});
  cases.push_back({single(Op::Cast, f32, f32), {1}, {{1}}, {values(f32, 1)}});
  check(cases);
}

TEST_CASE("gpu elementwise: chains, with several outputs, round as operations one by one do") {
  if (!has_device()) return;
  std::mt19937_64 random(4);
  std::vector<Case> cases;
  for (auto dtype : {Dtype::Val::float32, Dtype::Val::float16, Dtype::Val::bfloat16}) {
    // z = tanh(x * y + x), w = z > y; both are stored, and z once more.
    ElementwiseProgram chain{{dtype, dtype},
                             {{Op::Multiply, dtype, dtype, {0, 1, 0}},
                              {Op::Add, dtype, dtype, {2, 0, 0}},
                              {Op::Tanh, dtype, dtype, {3, 0, 0}},
                              {Op::Greater, dtype, Dtype::Val::bool_, {4, 1, 0}},
                              {Op::Select, dtype, dtype, {5, 4, 0}}},
                             {4, 5, 6}};
    cases.push_back({chain,
                     {4099},
                     {{1}, {1}},
                     {moderate_values(dtype, 4099, random), moderate_values(dtype, 4099, random)}});
    cases.push_back({chain,
                     {16, 24},
                     {{24, 1}, {0, 1}},
                     {moderate_values(dtype, 384, random), moderate_values(dtype, 24, random)}});
  }
  check(cases);
  check(cases, Way::one_by_one);
}

TEST_CASE("gpu elementwise: casts between all dtypes") {
  if (!has_device() || !tests_are_thorough()) return;
  std::mt19937_64 random(2);
  std::vector<Case> cases;
  for (auto from : gpu_dtypes)
    for (auto to : gpu_dtypes) cases.push_back(flat_case(single(Op::Cast, from, to), random));
  check(cases);
}

}  // namespace mlx::core::gpu

#include <doctest/doctest.h>

#include "array/dtype_dispatch.h"
#include "array/dtype_table.h"
#include "elementwise_kernel_data.h"
#include "primitives/elementwise.h"
#include "runtime/thread_pool.h"

// Programs of many instructions: fused, one by one, in place, on any number of threads.
namespace elementwise_test {
namespace {

using Random = std::mt19937_64;

size_t pick(Random& random, size_t count) { return size_t(random() % count); }

size_t width_of(Dtype::Val dtype) {
  return dispatch_dtype(dtype, [](auto tag) { return sizeof(typename decltype(tag)::type); });
}

bool makes_bool(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Equal:
    case NaNEqual:
    case NotEqual:
    case Less:
    case LessEqual:
    case Greater:
    case GreaterEqual:
    case LogicalAnd:
    case LogicalOr:
    case LogicalNot:
      return true;
    default:
      return false;
  }
}

Dtype::Val result_dtype(ElementwiseOp op, Dtype::Val in) {
  using enum ElementwiseOp;
  if (makes_bool(op)) return Dtype::Val::bool_;
  if (in == Dtype::Val::complex64 && (op == Abs || op == Real || op == Imag))
    return Dtype::Val::float32;
  return in;
}

using Bytes = std::vector<unsigned char>;

Bytes random_bytes(Random& random, Dtype::Val dtype, size_t size) {
  Bytes bytes(size * width_of(dtype));
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto* values = reinterpret_cast<T*>(bytes.data());
    std::normal_distribution<float> normal(0, 3);
    for (size_t i = 0; i < size; ++i) {
      if constexpr (std::is_same_v<T, bool>)
        values[i] = random() & 1;
      else if constexpr (std::is_integral_v<T>)
        values[i] = random() % 8 ? T(random() % 20) : T(random());
      else if constexpr (is_complex_v<T>)
        values[i] = T(normal(random), normal(random));
      else
        values[i] = random() % 16 ? T(normal(random)) : random() % 2 ? T(INFINITY) : T(0.0f);
    }
  });
  return bytes;
}

bool same_values(Dtype::Val dtype, const Bytes& a, const Bytes& b) {
  return dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto* x = reinterpret_cast<const T*>(a.data());
    auto* y = reinterpret_cast<const T*>(b.data());
    for (size_t i = 0; i < a.size() / sizeof(T); ++i)
      if (!same(x[i], y[i])) return false;
    return a.size() == b.size();
  });
}

/// A program over a few dtypes, with casts between them, and one or more outputs.
struct RandomProgram {
  ElementwiseProgram program;
  std::vector<Dtype::Val> dtypes;

  explicit RandomProgram(Random& random) {
    std::vector<Dtype::Val> used;
    for (int i = 0; i < 3; ++i) used.push_back(all_dtypes[pick(random, std::size(all_dtypes))]);
    used.push_back(Dtype::Val::float32);
    size_t inputs = 1 + pick(random, 5);
    for (size_t i = 0; i < inputs; ++i) dtypes.push_back(used[pick(random, used.size())]);
    program.inputs = dtypes;
    size_t length = 1 + pick(random, 24);
    while (program.instructions.size() < length) add(random, used);
    std::vector<bool> is_output(dtypes.size(), false);
    is_output.back() = true;
    for (size_t i = pick(random, 4); i > 0; --i)
      is_output[inputs + pick(random, dtypes.size() - inputs)] = true;
    for (size_t i = 0; i < dtypes.size(); ++i)
      if (is_output[i]) program.outputs.push_back(uint16_t(i));
  }

  void add(Random& random, const std::vector<Dtype::Val>& used) {
    // Sums and products more often than the rest, so that some are paired.
    using enum ElementwiseOp;
    auto op = random() % 3 ? ElementwiseOp(pick(random, size_t(elementwise_op_count)))
                           : std::initializer_list<ElementwiseOp>{Add, Subtract, Multiply}
                                 .begin()[pick(random, 3)];
    auto first = uint16_t(pick(random, dtypes.size()));
    auto in = dtypes[first];
    if (op == Cast) return push({op, in, used[pick(random, used.size())], {first, 0, 0}});
    if (!elementwise_supports(op, in)) return;
    Instruction instruction{op, in, result_dtype(op, in), {first, 0, 0}};
    for (int i = 1; i < arity(op); ++i) instruction.operands[i] = like(random, in, first);
    if (op == Select) {
      instruction.operands[2] = first;
      auto condition = find(random, Dtype::Val::bool_);
      if (condition == UINT16_MAX) return;
      instruction.operands[0] = condition;
    }
    push(instruction);
  }

  void push(const Instruction& instruction) {
    program.instructions.push_back(instruction);
    dtypes.push_back(instruction.out);
  }

  uint16_t find(Random& random, Dtype::Val dtype) {
    size_t start = pick(random, dtypes.size());
    for (size_t i = 0; i < dtypes.size(); ++i)
      if (auto k = (start + i) % dtypes.size(); dtypes[k] == dtype) return uint16_t(k);
    return UINT16_MAX;
  }
  uint16_t like(Random& random, Dtype::Val dtype, uint16_t fallback) {
    auto found = find(random, dtype);
    return found == UINT16_MAX ? fallback : found;
  }
};

/// Every value of the program, each instruction by itself.
std::vector<Bytes> run_one_by_one(const ElementwiseProgram& program, std::vector<Bytes> values,
                                  size_t size) {
  for (auto& instruction : program.instructions) {
    Bytes result(size * width_of(instruction.out));
    std::vector<const void*> operands;
    for (int i = 0; i < arity(instruction.op); ++i)
      operands.push_back(values[instruction.operands[i]].data());
    run_contiguous(single(instruction.op, instruction.in, instruction.out), size, operands,
                   {result.data()});
    values.push_back(std::move(result));
  }
  return values;
}

TEST_CASE("elementwise programs: fused equals one by one") {
  Random random(1);
  const size_t sizes[] = {1, 3, 17, 255, 256, 257, 700, 1024, 1500, 5000};
  for (int round = 0; round < 1500; ++round) {
    RandomProgram made(random);
    auto& program = made.program;
    size_t size = sizes[pick(random, std::size(sizes))];
    std::vector<Bytes> inputs;
    for (auto dtype : program.inputs) inputs.push_back(random_bytes(random, dtype, size));
    auto expected = run_one_by_one(program, inputs, size);

    std::vector<const void*> from;
    for (auto& input : inputs) from.push_back(input.data());
    std::vector<Bytes> outputs;
    std::vector<void*> to;
    for (auto number : program.outputs) outputs.push_back(Bytes(expected[number].size()));
    for (auto& output : outputs) to.push_back(output.data());
    run_contiguous(program, size, from, to);
    for (size_t k = 0; k < outputs.size(); ++k) {
      auto number = program.outputs[k];
      INFO("round ", round, ", value ", number, " of dtype ", int(made.dtypes[number]), ", size ",
           size);
      CHECK(same_values(made.dtypes[number], outputs[k], expected[number]));
    }
  }
}

TEST_CASE("elementwise programs: outputs take over inputs that are read no more") {
  Random random(2);
  size_t taken_over = 0;
  for (int round = 0; round < 1500; ++round) {
    RandomProgram made(random);
    auto& program = made.program;
    size_t size = 1 + pick(random, 3000), count = program.inputs.size();
    std::vector<Bytes> inputs;
    for (auto dtype : program.inputs) inputs.push_back(random_bytes(random, dtype, size));
    auto expected = run_one_by_one(program, inputs, size);

    std::vector<size_t> last_read(count, 0);
    for (size_t k = 0; k < program.instructions.size(); ++k)
      for (int i = 0; i < arity(program.instructions[k].op); ++i)
        if (auto operand = program.instructions[k].operands[i]; operand < count)
          last_read[operand] = k;
    std::vector<bool> is_taken(count, false);
    std::vector<Bytes> fresh(program.outputs.size());
    std::vector<void*> to;
    for (size_t k = 0; k < program.outputs.size(); ++k) {
      auto number = program.outputs[k];
      void* place = nullptr;
      for (size_t i = 0; i < count && !place; ++i) {
        if (is_taken[i] || last_read[i] > number - count) continue;
        if (inputs[i].size() != expected[number].size()) continue;
        is_taken[i] = true;
        ++taken_over;
        place = inputs[i].data();
      }
      fresh[k].resize(expected[number].size());
      to.push_back(place ? place : fresh[k].data());
    }
    std::vector<const void*> from;
    for (auto& input : inputs) from.push_back(input.data());
    run_contiguous(program, size, from, to);
    for (size_t k = 0; k < to.size(); ++k) {
      auto number = program.outputs[k];
      auto* bytes = static_cast<unsigned char*>(to[k]);
      INFO("round ", round, ", value ", number);
      CHECK(same_values(made.dtypes[number], Bytes(bytes, bytes + expected[number].size()),
                        expected[number]));
    }
  }
  CHECK(taken_over > 500);
}

TEST_CASE("elementwise programs: an output may be an input or named twice") {
  ElementwiseProgram program{
      {Dtype::Val::float32},
      {{ElementwiseOp::Exp, Dtype::Val::float32, Dtype::Val::float32, {0, 0, 0}}},
      {1, 0, 1}};
  Values<float> x{0.0f, 1.0f, -2.0f}, first(3), second(3), third(3);
  run_contiguous(program, 3, {x.data()}, {first.data(), second.data(), third.data()});
  for (size_t i = 0; i < 3; ++i) {
    CHECK(second[i] == x[i]);
    CHECK(first[i] == third[i]);
    CHECK(ulps_off(first[i], std::exp(Wide(x[i]))) < 1.5);
  }
}

TEST_CASE("elementwise programs: the same on any number of threads") {
  Random random(3);
  int threads = num_threads();
  for (int round = 0; round < 6; ++round) {
    RandomProgram made(random);
    auto& program = made.program;
    size_t size = 200000 + pick(random, 100000);
    std::vector<Bytes> inputs;
    std::vector<const void*> from;
    for (auto dtype : program.inputs) inputs.push_back(random_bytes(random, dtype, size));
    for (auto& input : inputs) from.push_back(input.data());
    std::vector<std::vector<Bytes>> results;
    for (int count : {1, 2, 7}) {
      set_num_threads(count);
      std::vector<Bytes> outputs;
      std::vector<void*> to;
      for (auto number : program.outputs)
        outputs.push_back(Bytes(size * width_of(made.dtypes[number])));
      for (auto& output : outputs) to.push_back(output.data());
      run_contiguous(program, size, from, to);
      results.push_back(std::move(outputs));
    }
    CHECK(results[0] == results[1]);
    CHECK(results[0] == results[2]);
  }
  set_num_threads(threads);
}

TEST_CASE("elementwise programs: many registers and operands") {
  // All inputs are needed again at the end, in half precision with its detours.
  Random random(4);
  ElementwiseProgram program;
  constexpr uint16_t count = 60;
  for (uint16_t i = 0; i < count; ++i) program.inputs.push_back(Dtype::Val::float16);
  auto push = [&](ElementwiseOp op, uint16_t a, uint16_t b) {
    program.instructions.push_back({op, Dtype::Val::float16, Dtype::Val::float16, {a, b, 0}});
    return uint16_t(count + program.instructions.size() - 1);
  };
  std::vector<uint16_t> made;
  for (uint16_t i = 0; i < count; ++i) made.push_back(push(ElementwiseOp::Sin, i, 0));
  uint16_t sum = made[0];
  for (uint16_t i = 1; i < count; ++i) sum = push(ElementwiseOp::Add, sum, made[i]);
  for (uint16_t i = 0; i < count; ++i) sum = push(ElementwiseOp::Multiply, sum, made[i]);
  for (uint16_t i = 0; i < count; ++i) program.outputs.push_back(made[i]);
  program.outputs.push_back(sum);

  std::vector<Bytes> inputs, outputs;
  std::vector<const void*> from;
  std::vector<void*> to;
  for (auto dtype : program.inputs) inputs.push_back(random_bytes(random, dtype, 777));
  for (auto& input : inputs) from.push_back(input.data());
  auto expected = run_one_by_one(program, inputs, 777);
  for (size_t k = 0; k < program.outputs.size(); ++k) outputs.push_back(Bytes(777 * 2));
  for (auto& output : outputs) to.push_back(output.data());
  run_contiguous(program, 777, from, to);
  for (size_t k = 0; k < outputs.size(); ++k)
    CHECK(same_values(Dtype::Val::float16, outputs[k], expected[program.outputs[k]]));
}

TEST_CASE("elementwise programs: equal programs have equal hashes") {
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    RandomProgram made(random), other(random);
    auto copy = made.program;
    CHECK(copy == made.program);
    CHECK(ElementwiseProgramHash()(copy) == ElementwiseProgramHash()(made.program));
    if (!(other.program == made.program))
      CHECK(ElementwiseProgramHash()(other.program) != ElementwiseProgramHash()(made.program));
  }
}

TEST_CASE("elementwise programs: an operation without a kernel is named") {
  auto message = [](ElementwiseOp op, Dtype::Val dtype) {
    try {
      compile_elementwise(single(op, dtype, dtype));
      return std::string();
    } catch (const DtypeError& error) {
      return std::string(error.what());
    }
  };
  CHECK(message(ElementwiseOp::Divide, Dtype::Val::int32).find("[Divide]") == 0);
  CHECK(message(ElementwiseOp::Divide, Dtype::Val::int32).find("int32") != std::string::npos);
  CHECK(message(ElementwiseOp::BitwiseAnd, Dtype::Val::float16).find("float16") !=
        std::string::npos);
  CHECK(message(ElementwiseOp::Floor, Dtype::Val::complex64).find("[Floor]") == 0);
  CHECK_FALSE(elementwise_supports(ElementwiseOp::Divide, Dtype::Val::int32));
  CHECK(elementwise_supports(ElementwiseOp::Divide, Dtype::Val::bfloat16));
}

}  // namespace
}  // namespace elementwise_test

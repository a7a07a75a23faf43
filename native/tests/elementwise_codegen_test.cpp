#include <doctest/doctest.h>

#include <thread>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/codegen/generated_kernel.h"
#include "cpu/elementwise/compiled_elementwise.h"
#include "elementwise_kernel_data.h"
#include "mlx/mlx.h"
#include "primitives/elementwise.h"
#include "runtime/thread_pool.h"

// Generated code against the interpreter, to the bit. Where the machine has none, both are the
// interpreter, except for the cases that say so.
namespace elementwise_test {
namespace {

using Random = std::mt19937_64;
using Bytes = std::vector<unsigned char>;

constexpr Dtype::Val known_dtypes[] = {Dtype::Val::bool_, Dtype::Val::int32, Dtype::Val::float16,
                                       Dtype::Val::bfloat16, Dtype::Val::float32};

/// Turns the generator off, or on again, for a while.
struct WithCodegen {
  explicit WithCodegen(bool on) : before(codegen_enabled()) { set_codegen_enabled(on); }
  ~WithCodegen() { set_codegen_enabled(before); }
  bool before;
};

bool machine_has_codegen() {
  static const bool has = GeneratedKernel::generate(single(ElementwiseOp::Add, Dtype::Val::float32,
                                                           Dtype::Val::float32)) != nullptr;
  return has;
}

size_t pick(Random& random, size_t count) { return size_t(random() % count); }

size_t width_of(Dtype::Val dtype) {
  return dispatch_dtype(dtype, [](auto tag) { return sizeof(typename decltype(tag)::type); });
}

Bytes samples(Random& random, Dtype::Val dtype, size_t size) {
  Bytes bytes(size * width_of(dtype));
  dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto* values = reinterpret_cast<T*>(bytes.data());
    if constexpr (std::is_same_v<T, bool>) {
      for (size_t i = 0; i < size; ++i) values[i] = random() & 1;
    } else if constexpr (std::is_integral_v<T>) {
      const T special[] = {0,
                           1,
                           2,
                           T(-1),
                           T(31),
                           T(32),
                           T(33),
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max()};
      for (size_t i = 0; i < size; ++i)
        values[i] = random() % 2 ? special[pick(random, std::size(special))] : T(random());
    } else if constexpr (!is_complex_v<T>) {
      static const auto all = floating_samples<T>(2000, 7);
      // The first ones are zeros, infinities, NaN, subnormal numbers and the like.
      for (size_t i = 0; i < size; ++i)
        values[i] = all[pick(random, random() % 3 ? all.size() : 36)];
    }
  });
  return bytes;
}

bool same_values(Dtype::Val dtype, const Bytes& a, const Bytes& b) {
  return dispatch_dtype(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (size_t i = 0; i < a.size() / sizeof(T); ++i)
      if (!same(reinterpret_cast<const T*>(a.data())[i], reinterpret_cast<const T*>(b.data())[i]))
        return false;
    return a.size() == b.size();
  });
}

Dtype::Val dtype_of_value(const ElementwiseProgram& program, size_t number) {
  size_t inputs = program.inputs.size();
  return number < inputs ? program.inputs[number] : program.instructions[number - inputs].out;
}

std::vector<Bytes> outputs_for(const ElementwiseProgram& program, size_t size) {
  std::vector<Bytes> outputs;
  for (auto number : program.outputs)
    outputs.push_back(Bytes(size * width_of(dtype_of_value(program, number)), 0xa5));
  return outputs;
}

std::vector<Bytes> interpret(const ElementwiseProgram& program, const std::vector<Bytes>& inputs,
                             size_t size) {
  WithCodegen off(false);
  std::vector<const void*> from;
  for (auto& input : inputs) from.push_back(input.data());
  auto outputs = outputs_for(program, size);
  std::vector<void*> to;
  for (auto& output : outputs) to.push_back(output.data());
  run_contiguous(program, size, from, to);
  return outputs;
}

/// Addresses are as odd as an element allows.
std::vector<Bytes> run_generated(const GeneratedKernel& kernel, const ElementwiseProgram& program,
                                 const std::vector<Bytes>& inputs, size_t size) {
  auto outputs = outputs_for(program, size);
  std::vector<char*> operands;
  for (auto& input : inputs)
    operands.push_back(reinterpret_cast<char*>(const_cast<unsigned char*>(input.data())));
  for (auto& output : outputs) operands.push_back(reinterpret_cast<char*>(output.data()));
  kernel.run(operands.data(), size);
  return outputs;
}

void check_equal(const ElementwiseProgram& program, const GeneratedKernel& kernel, Random& random,
                 size_t size) {
  std::vector<Bytes> inputs;
  for (auto dtype : program.inputs) inputs.push_back(samples(random, dtype, size));
  auto expected = interpret(program, inputs, size);
  auto got = run_generated(kernel, program, inputs, size);
  for (size_t k = 0; k < got.size(); ++k) {
    INFO("output ", k, ", ", size, " elements");
    CHECK(same_values(dtype_of_value(program, program.outputs[k]), got[k], expected[k]));
  }
}

bool makes_bool(ElementwiseOp op) {
  using enum ElementwiseOp;
  for (auto other : {Equal, NaNEqual, NotEqual, Less, LessEqual, Greater, GreaterEqual, LogicalAnd,
                     LogicalOr, LogicalNot})
    if (op == other) return true;
  return false;
}

TEST_CASE("generated code: every operation and dtype") {
  if (!machine_has_codegen()) return;
  Random random(1);
  size_t tried = 0;
  for (int number = 0; number < elementwise_op_count; ++number)
    for (auto in : known_dtypes) {
      auto op = ElementwiseOp(number);
      if (op == ElementwiseOp::Cast || !elementwise_supports(op, in)) continue;
      auto program = single(op, in, makes_bool(op) ? Dtype::Val::bool_ : in);
      auto kernel = GeneratedKernel::generate(program);
      INFO(name(op), " of dtype ", int(in));
      REQUIRE(kernel);
      ++tried;
      for (size_t size : {1, 7, 8, 9, 15, 16, 17, 100, 4001})
        check_equal(program, *kernel, random, size);
    }
  CHECK(tried > 150);
}

TEST_CASE("generated code: casts") {
  if (!machine_has_codegen()) return;
  Random random(2);
  for (auto from : known_dtypes)
    for (auto to : known_dtypes) {
      auto program = single(ElementwiseOp::Cast, from, to);
      auto kernel = GeneratedKernel::generate(program);
      INFO("from ", int(from), " to ", int(to));
      bool rounds_twice =
          from == Dtype::Val::int32 && (to == Dtype::Val::float16 || to == Dtype::Val::bfloat16);
      CHECK((kernel != nullptr) == !rounds_twice);
      for (size_t size : {5, 8, 3001})
        if (kernel) check_equal(program, *kernel, random, size);
    }
  // Other dtypes are the interpreter's.
  for (auto dtype :
       {Dtype::Val::float64, Dtype::Val::int64, Dtype::Val::uint8, Dtype::Val::complex64})
    CHECK(!GeneratedKernel::generate(single(ElementwiseOp::Add, dtype, dtype)));
}

/// Instructions over values of the known dtypes, with a few outputs.
ElementwiseProgram random_program(Random& random, size_t longest) {
  ElementwiseProgram program;
  std::vector<Dtype::Val> dtypes;
  for (size_t i = 1 + pick(random, 6); i > 0; --i)
    dtypes.push_back(known_dtypes[pick(random, std::size(known_dtypes))]);
  dtypes.push_back(Dtype::Val::float32);
  program.inputs = dtypes;
  auto any_of = [&](Dtype::Val dtype, uint16_t otherwise) {
    size_t start = pick(random, dtypes.size());
    for (size_t i = 0; i < dtypes.size(); ++i)
      if (auto k = (start + i) % dtypes.size(); dtypes[k] == dtype) return uint16_t(k);
    return otherwise;
  };
  size_t length = 1 + pick(random, longest);
  while (program.instructions.size() < length) {
    auto op = ElementwiseOp(pick(random, size_t(elementwise_op_count)));
    auto first = uint16_t(pick(random, dtypes.size()));
    auto in = dtypes[first], out = makes_bool(op) ? Dtype::Val::bool_ : in;
    if (op == ElementwiseOp::Cast) out = known_dtypes[pick(random, std::size(known_dtypes))];
    if (op != ElementwiseOp::Cast && !elementwise_supports(op, in)) continue;
    Instruction instruction{op, in, out, {first, 0, 0}};
    for (int i = 1; i < arity(op); ++i) instruction.operands[i] = any_of(in, first);
    if (op == ElementwiseOp::Select) {
      instruction.operands[0] = any_of(Dtype::Val::bool_, UINT16_MAX);
      if (instruction.operands[0] == UINT16_MAX) continue;
    }
    program.instructions.push_back(instruction);
    dtypes.push_back(out);
  }
  program.outputs.push_back(uint16_t(dtypes.size() - 1));
  for (size_t i = pick(random, 3); i > 0; --i)
    program.outputs.push_back(uint16_t(pick(random, dtypes.size())));
  return program;
}

TEST_CASE("generated code: random programs") {
  if (!machine_has_codegen()) return;
  Random random(3);
  size_t generated = 0;
  const size_t sizes[] = {1, 8, 13, 64, 255, 1000};
  for (int round = 0; round < 400; ++round) {
    auto program = random_program(random, round % 8 ? 20 : 64);
    auto kernel = GeneratedKernel::generate(program);
    if (!kernel) continue;
    ++generated;
    INFO("round ", round);
    check_equal(program, *kernel, random, sizes[pick(random, std::size(sizes))]);
  }
  CHECK(generated > 250);
}

/// tanh(a b + c) - |a|, c one value for all.
ElementwiseProgram chain() {
  auto f = Dtype::Val::float32;
  using enum ElementwiseOp;
  return {{f, f, f},
          {{Multiply, f, f, {0, 1, 0}},
           {Add, f, f, {3, 2, 0}},
           {Tanh, f, f, {4, 0, 0}},
           {Abs, f, f, {0, 0, 0}},
           {Subtract, f, f, {5, 6, 0}}},
          {7}};
}

TEST_CASE("generated code: operands of any layout, in place, on any number of threads") {
  constexpr int32_t rows = 700, columns = 301;
  constexpr size_t size = size_t(rows) * columns;
  Random random(4);
  auto a = samples(random, Dtype::Val::float32, size),
       b = samples(random, Dtype::Val::float32, size);
  const float c = 0.75f;
  const int32_t shape[] = {rows, columns};
  const int64_t plain[] = {columns, 1}, transposed[] = {1, rows}, constant[] = {0, 0};
  auto program = compile_elementwise(chain());

  auto run = [&](bool on, int threads, const int64_t* layout_of_b, bool in_place) {
    WithCodegen with(on);
    int before = num_threads();
    set_num_threads(threads);
    Bytes result = in_place ? a : Bytes(a.size());
    const ConstOperand inputs[] = {
        {in_place ? result.data() : a.data(), plain}, {b.data(), {layout_of_b, 2}}, {&c, constant}};
    const MutableOperand output{result.data(), plain};
    run_elementwise(*program, shape, inputs, {&output, 1});
    set_num_threads(before);
    return result;
  };
  for (auto* layout : {plain, transposed}) {
    auto expected = run(false, 1, layout, false);
    for (int threads : {1, 2, 5})
      for (bool in_place : {false, true})
        CHECK(same_values(Dtype::Val::float32, run(true, threads, layout, in_place), expected));
  }
  WithCodegen on(true);
  CHECK(program->is_generated() == machine_has_codegen());
}

TEST_CASE("generated code: only for programs that see many elements, and not when switched off") {
  auto program = compile_elementwise(chain());
  {
    WithCodegen off(false);
    CHECK(program->generated(size_t(1) << 24) == nullptr);
  }
  WithCodegen on(true);
  CHECK(program->generated(10) == nullptr);
  CHECK(program->generated(1000) == nullptr);
  CHECK((program->generated(size_t(1) << 24) != nullptr) == machine_has_codegen());
  CHECK((program->generated(10) != nullptr) == machine_has_codegen());

  // One operation is a single loop already.
  auto one =
      compile_elementwise(single(ElementwiseOp::Add, Dtype::Val::float32, Dtype::Val::float32));
  CHECK(one->generated(size_t(1) << 24) == nullptr);
}

TEST_CASE("generated code: threads that ask for it at once share it") {
  WithCodegen on(true);
  size_t before = GeneratedKernel::live_count();
  auto program = compile_elementwise(chain());
  std::vector<const GeneratedKernel*> kernels(8, nullptr);
  std::vector<std::thread> threads;
  for (auto& kernel : kernels)
    threads.emplace_back([&] { kernel = program->generated(size_t(1) << 24); });
  for (auto& thread : threads) thread.join();
  for (auto* kernel : kernels) CHECK(kernel == kernels[0]);
  CHECK(GeneratedKernel::live_count() == before + (machine_has_codegen() ? 1 : 0));
  program.reset();
  CHECK(GeneratedKernel::live_count() == before);
}

TEST_CASE("generated code: goes with the programs that the cache drops") {
  WithCodegen on(true);
  array x = full({1 << 17}, 0.5f);
  eval(x);
  // Each number is a chain of its own: a sum or a product for every binary digit.
  size_t most = 0;
  for (int number = 0; number < 1200; ++number) {
    array y = x;
    for (int digit = 0; digit < 11; ++digit) y = number >> digit & 1 ? y + x : y * x;
    eval(y);
    most = std::max(most, GeneratedKernel::live_count());
  }
  CHECK(most <= 1024 + 8);
  CHECK((most > 1000) == machine_has_codegen());
}

}  // namespace
}  // namespace elementwise_test

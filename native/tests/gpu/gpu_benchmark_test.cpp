#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <numeric>

#include "gpu/conv.h"
#include "gpu/copy.h"
#include "gpu/elementwise.h"
#include "gpu/generate/type_name.h"
#include "gpu/indexing.h"
#include "gpu/matmul.h"
#include "gpu/random.h"
#include "gpu/reduce.h"
#include "gpu/softmax.h"
#include "gpu_benchmark.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"
#include "mlx/utils.h"

// Times of kernels on the card, a line each: name, milliseconds. tests/gpu/on_card.sh prints them
// beside PyTorch's. Not part of the tests: --no-skip --test-case='gpu benchmark*'.
namespace mlx::core::gpu {
namespace {

using Op = ElementwiseOp;
constexpr auto f32 = Dtype::Val::float32;
constexpr auto bf16 = Dtype::Val::bfloat16;

ElementwiseProgram program(Op op, Dtype::Val in, Dtype::Val out) {
  ElementwiseProgram made{{}, {{op, in, out, {0, 1, 2}}}, {uint16_t(arity(op))}};
  made.inputs.assign(size_t(arity(op)), in);
  return made;
}

}  // namespace

TEST_CASE("gpu benchmark: elementwise, copies, reductions, softmax" * doctest::skip()) {
  if (!test_device()) return;
  constexpr int32_t n = 1 << 24, side = 4096;
  auto a = random_memory(f32, n), b = random_memory(f32, n);
  TestMemory y(size_t(n) * 4);
  std::vector<int32_t> flat = {n}, square = {side, side};
  std::vector<int64_t> one = {1}, rows = {side, 1}, columns = {1, side}, bias = {0, 1};
  auto elementwise = [&](const ElementwiseProgram& chain, std::span<const int32_t> shape,
                         std::span<const ElementwiseOperand> inputs,
                         std::span<const int64_t> output_strides) {
    return [&, chain, shape, output_strides,
            operands = std::vector<ElementwiseOperand>(inputs.begin(), inputs.end())](
               TestCommands& commands) {
      ElementwiseOperand output{y.at(), output_strides};
      run_elementwise(commands, chain, shape, operands, {&output, 1});
    };
  };
  ElementwiseOperand flat_inputs[] = {{a->at(), one}, {b->at(), one}};
  time("add 16M f32", elementwise(program(Op::Add, f32, f32), flat, flat_inputs, one));
  time("exp 16M f32", elementwise(program(Op::Exp, f32, f32), flat, {flat_inputs, 1}, one));
  time("sin 16M f32", elementwise(program(Op::Sin, f32, f32), flat, {flat_inputs, 1}, one));
  time("cast 16M f32 to bf16",
       elementwise(program(Op::Cast, f32, bf16), flat, {flat_inputs, 1}, one));
  time("add 16M bf16", elementwise(program(Op::Add, bf16, bf16), flat, flat_inputs, one));
  // tanh((x * y + x) * y - x) * y, twice a constant: seven operations, two inputs.
  ElementwiseProgram chain{{f32, f32},
                           {{Op::Multiply, f32, f32, {0, 1, 0}},
                            {Op::Add, f32, f32, {2, 0, 0}},
                            {Op::Multiply, f32, f32, {3, 1, 0}},
                            {Op::Subtract, f32, f32, {4, 0, 0}},
                            {Op::Tanh, f32, f32, {5, 0, 0}},
                            {Op::Multiply, f32, f32, {6, 1, 0}},
                            {Op::Add, f32, f32, {7, 0, 0}}},
                           {8}};
  time("chain of 7 over 16M f32", elementwise(chain, flat, flat_inputs, one));
  ElementwiseOperand biased[] = {{a->at(), rows}, {b->at(), bias}};
  time("bias add 4096^2 f32", elementwise(program(Op::Add, f32, f32), square, biased, rows));
  ElementwiseOperand turned[] = {{a->at(), columns}};
  time("exp of a transposed 4096^2 f32",
       elementwise(program(Op::Exp, f32, f32), square, turned, rows));
  time("transpose copy 4096^2 f32", [&](TestCommands& commands) {
    copy(commands, {a->at(), f32, square, columns}, f32, y.at(), rows);
  });
  time("copy 16M f32", [&](TestCommands& commands) {
    copy(commands, {a->at(), f32, flat, one}, f32, y.at(), one);
  });

  auto reduction = [&](ReduceOp op, std::vector<int32_t> shape, std::vector<int64_t> strides,
                       std::vector<int> axes, Dtype::Val dtype) {
    return [&, op, shape, strides, axes, dtype](TestCommands& commands) {
      auto out = op == ReduceOp::argmax ? Dtype::Val::uint32 : dtype;
      reduce(commands, op, {a->at(), dtype, shape, strides}, axes, out, y.at());
    };
  };
  time("sum 16M f32", reduction(ReduceOp::sum, flat, one, {0}, f32));
  time("sum over axis 0 of 4096^2 f32", reduction(ReduceOp::sum, square, rows, {0}, f32));
  time("sum over axis 1 of 4096^2 f32", reduction(ReduceOp::sum, square, rows, {1}, f32));
  time("max 16M f32", reduction(ReduceOp::max, flat, one, {0}, f32));
  time("argmax over axis 1 of 4096^2 f32", reduction(ReduceOp::argmax, square, rows, {1}, f32));
  time("softmax 4096^2 f32",
       [&](TestCommands& commands) { softmax(commands, f32, a->at(), side, side, y.at()); });
  time("logsumexp 4096^2 f32",
       [&](TestCommands& commands) { logsumexp(commands, f32, a->at(), side, side, y.at()); });
}

TEST_CASE("gpu benchmark: products, indices, convolution, random bits" * doctest::skip()) {
  if (!test_device()) return;
  for (auto dtype : {f32, bf16}) {
    for (int64_t side : {512, 1024, 2048, 4096, 8192}) {
      auto count = size_t(side * side);
      auto a = random_memory(dtype, count), b = random_memory(dtype, count);
      TestMemory d(count * size_t(item_size(dtype)));
      MatmulArgs args{};
      args.dtype = dtype;
      args.m = args.n = args.k = side;
      args.a = {a->at(), side, 1, {}};
      args.b = {b->at(), side, 1, {}};
      args.d = d.at();
      auto name = concat_text("matmul ", side, " ", dtype == f32 ? "f32" : "bf16");
      int runs = side > 4096 ? 4 : 20;
      time(name.c_str(), [&](TestCommands& commands) { matmul(commands, args); }, runs);
      if (side < 8192)
        time((name + ", own tiles").c_str(),
             [&](TestCommands& commands) { matmul_by_tiles(commands, args); }, runs);
    }
  }
  {
    auto a = random_memory(f32, 64 * 64 * 64), b = random_memory(f32, 64 * 64 * 64);
    TestMemory d(64 * 64 * 64 * 4);
    std::vector<int32_t> batch = {64};
    std::vector<int64_t> step = {4096};
    MatmulArgs args{};
    args.dtype = f32;
    args.m = args.n = args.k = 64;
    args.batch_shape = batch;
    args.a = {a->at(), 64, 1, step};
    args.b = {b->at(), 64, 1, step};
    args.d = d.at();
    time("matmul 64 of 64^3 f32", [&](TestCommands& commands) { matmul(commands, args); });
    time("matmul 64 of 64^3 f32, own tiles",
         [&](TestCommands& commands) { matmul_by_tiles(commands, args); });
  }
  {
    auto a = random_memory(f32, 4096 * 4096), x = random_memory(f32, 4096);
    TestMemory d(4096 * 4);
    MatmulArgs args{};
    args.dtype = f32;
    args.m = args.k = 4096;
    args.n = 1;
    args.a = {a->at(), 4096, 1, {}};
    args.b = {x->at(), 1, 1, {}};
    args.d = d.at();
    time("matrix x vector 4096 f32", [&](TestCommands& commands) { matmul(commands, args); });
  }
  {
    constexpr int32_t rows = 8192, columns = 256;
    std::vector<int32_t> numbers(rows);
    std::mt19937_64 random(1);
    for (auto& number : numbers) number = int32_t(random() % 65536);
    auto table = random_memory(f32, 65536 * columns), updates = random_memory(f32, rows * columns);
    TestMemory index(numbers), out(rows * columns * 4);
    std::vector<int32_t> shape = {65536, columns}, slices = {1, columns}, index_shape = {rows};
    std::vector<int32_t> update_shape = {rows, 1, columns};
    std::vector<int64_t> strides = {columns, 1}, one = {1}, update_strides = {columns, columns, 1};
    StridedPlace index_place{index.at(), Dtype::Val::int32, index_shape, one};
    int axis = 0;
    time("gather 8192x256 f32", [&](TestCommands& commands) {
      gather(commands, {table->at(), f32, shape, strides}, {&index_place, 1}, {&axis, 1}, slices,
             out.at());
    });
    time("scatter-add 8192x256 f32", [&](TestCommands& commands) {
      scatter(commands, ScatterMode::sum, {table->at(), f32, shape, strides}, {&index_place, 1},
              {&axis, 1}, {updates->at(), f32, update_shape, update_strides}, OutOfRange::dropped);
    });
  }
  for (auto dtype : {f32, bf16}) {
    std::vector<int32_t> in = {8, 56, 56, 64}, kernel = {64, 3, 3, 64}, out = in;
    std::vector<int64_t> in_strides = {56 * 56 * 64, 56 * 64, 64, 1},
                         kernel_strides = {576, 192, 64, 1};
    auto x = random_memory(dtype, 8 * 56 * 56 * 64), w = random_memory(dtype, 64 * 576);
    TestMemory y(8 * 56 * 56 * 64 * 4);
    std::vector<int> ones = {1, 1};
    ConvGeometry geometry{ones, ones, ones, ones};
    time(dtype == f32 ? "conv2d 8x56x56 64 to 64, 3x3 f32" : "conv2d 8x56x56 64 to 64, 3x3 bf16",
         [&](TestCommands& commands) {
           conv_forward(commands, {x->at(), dtype, in, in_strides},
                        {w->at(), dtype, kernel, kernel_strides}, geometry, out, y.at());
         });
  }
  auto key = random_memory(Dtype::Val::uint32, 2);
  TestMemory bits(size_t(1) << 26);
  time("random bits 16M u32",
       [&](TestCommands& commands) { random_bits(commands, {key->at()}, 1 << 26, bits.at()); });
}

TEST_CASE("gpu benchmark: launches, copies to and from the host" * doctest::skip()) {
  if (!test_device()) return;
  auto a = random_memory(f32, 100);
  TestMemory y(400);
  std::vector<int32_t> shape = {100};
  std::vector<int64_t> one = {1};
  auto add = program(Op::Add, f32, f32);
  time(
      "tiny add",
      [&](TestCommands& commands) {
        ElementwiseOperand inputs[] = {{a->at(), one}, {a->at(), one}}, output{y.at(), one};
        run_elementwise(commands, add, shape, inputs, {&output, 1});
      },
      1000);
  time(
      "tiny add and commit",
      [&](TestCommands& commands) {
        ElementwiseOperand inputs[] = {{a->at(), one}, {a->at(), one}}, output{y.at(), one};
        run_elementwise(commands, add, shape, inputs, {&output, 1});
        commands.queue().commit();
      },
      1000);
  Bytes host(64 << 20, 1);
  TestMemory device(host.size());
  time(
      "64 MB host to device",
      [&](TestCommands& commands) {
        commands.queue().copy_in(host.data(), device.at().memory, 0, host.size());
      },
      5);
  time(
      "64 MB device to host",
      [&](TestCommands& commands) {
        commands.queue().copy_out(device.at().memory, 0, host.data(), host.size());
      },
      5);
}

}  // namespace mlx::core::gpu

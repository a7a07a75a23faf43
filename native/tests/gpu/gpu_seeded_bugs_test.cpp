#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "emulator/address_spaces.h"
#include "emulator/emulator_device.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/hal.h"
#include "mlx/errors.h"

// Bugs that are planted, and found by the emulator with a message that says where. MLX_PRINT_BUGS=1
// prints the messages.
namespace mlx::core::gpu {
namespace {

constexpr uint64_t threads = 64;
constexpr size_t bytes = threads * sizeof(float);

/// Buffers of a float for each thread of a group, the first one filled.
class Bench {
 public:
  Bench()
      : x_(device().allocate(bytes)), y_(device().allocate(bytes)), z_(device().allocate(bytes)) {
    std::vector<float> numbers(threads);
    for (size_t i = 0; i < threads; ++i) numbers[i] = float(i);
    queue_.copy_in(numbers.data(), x_, 0, bytes);
  }
  ~Bench() {
    queue_.block(queue_.commit().number);
    for (auto memory : {x_, y_, z_}) device().free(memory);
  }

  static Device& device() {
    static auto& device = *emulator::make_device().release();
    return device;
  }
  Queue& queue() { return queue_; }
  Memory x() const { return x_; }
  Memory y() const { return y_; }
  Memory z() const { return z_; }

  /// A kernel with x, which it reads, y, which it writes, and threadgroup memory.
  static std::shared_ptr<const Kernel> kernel(const std::string& name, const std::string& body,
                                              int shared = int(threads)) {
    Entry entry(name, int(threads));
    entry.input("float", "x").output("float", "y").shared("float", "part", shared);
    entry.body("  const uint i = g.tid.x;\n" + body);
    return device().compile(
        entry.source(Language::emulator, kernel_bodies(Language::emulator, {"simd"})));
  }

  void launch(const Kernel& kernel, Queue& queue, Size3 groups = {}, Size3 group = {threads}) {
    const Argument arguments[] = {{x_, 0, Access::read}, {y_, 0, Access::write}};
    queue.launch(kernel, groups, group, 0, arguments);
  }

 private:
  Queue& queue_ = device().new_queue();
  Memory x_, y_, z_;
};

/// What the emulator says of it; empty where it finds nothing.
std::string said_of(const char* bug, const std::function<void()>& run) {
  try {
    run();
  } catch (const EngineError& error) {
    if (*bug && std::getenv("MLX_PRINT_BUGS")) std::cout << bug << ":\n  " << error.what() << "\n";
    return error.what();
  }
  return "";
}

std::string said_of_body(const char* bug, const std::string& name, const std::string& body,
                         Size3 groups = {}) {
  Bench bench;
  auto kernel = Bench::kernel(name, body);
  std::string first;
  // Threads come in other orders from launch to launch: each finds it.
  for (int order = 0; order < 6; ++order) {
    auto said =
        said_of(order == 0 ? bug : "", [&] { bench.launch(*kernel, bench.queue(), groups); });
    if (order == 0) first = said;
    CHECK(said.empty() == first.empty());
  }
  return first;
}

void check_says(const std::string& said, std::initializer_list<const char*> words) {
  for (auto* word : words) {
    CAPTURE(said);
    CHECK(said.find(word) != said.npos);
  }
}

bool runs_here() { return emulator::is_available(); }

constexpr auto reversed = R"(
  part[i] = x[i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[i] = part[63 - i];
)";

}  // namespace

TEST_CASE("gpu seeded bug: a kernel without one runs") {
  if (!runs_here()) return;
  CHECK(said_of_body("none", "correct", reversed) == "");
  Bench bench;
  bench.launch(*Bench::kernel("correct", reversed), bench.queue());
  std::vector<float> results(threads);
  bench.queue().copy_out(bench.y(), 0, results.data(), bytes);
  for (size_t i = 0; i < threads; ++i) CHECK(results[i] == float(63 - i));
}

TEST_CASE("gpu seeded bug: a missing barrier") {
  if (!runs_here()) return;
  check_says(said_of_body("a missing barrier", "no_barrier", R"(
  part[i] = x[i];
  y[i] = part[63 - i];
)"),
             {"no_barrier", "without a barrier between: a race", "in threadgroup memory", "part["});
}

TEST_CASE("gpu seeded bug: a race in a buffer, within a group and between groups") {
  if (!runs_here()) return;
  check_says(said_of_body("a race", "race", "  y[i / 2] = x[i];\n"),
             {"race", "writes what thread", "argument 1", "y[i / 2] = x[i]"});
  check_says(said_of_body("a race between groups", "group_race", "  y[i] = x[i];\n", {2}),
             {"group_race", "a thread of another group wrote", "y[i] = x[i]"});
  // A simdgroup's own barrier orders its lanes and no others.
  constexpr auto neighbours = R"(
  part[i] = x[i];
  lane_barrier();
  y[i] = part[i ^ %];
)";
  auto with = [&](const char* mask) {
    std::string body = neighbours;
    return body.replace(body.find('%'), 1, mask);
  };
  CHECK(said_of_body("none", "same_simd", with("1")) == "");
  check_says(said_of_body("a race of simdgroups", "other_simd", with("32")),
             {"other_simd", "a race"});
}

TEST_CASE("gpu seeded bug: neighbouring bytes are places of their own") {
  if (!runs_here()) return;
  auto narrow = [](const char* from) {
    return std::string(R"(
  part[i] = x[i];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  threadgroup uchar* bytes = (threadgroup uchar*)part;
  bytes[i] = uchar(bytes[)") +
           from + R"(] + 1);
  y[i] = float(bytes[i]);
)";
  };
  CHECK(said_of_body("none", "own_byte", narrow("i")) == "");
  check_says(said_of_body("a race of bytes", "other_byte", narrow("i ^ 1")),
             {"other_byte", "a race", "in threadgroup memory"});
}

TEST_CASE("gpu seeded bug: barriers and exchanges that not all reach") {
  if (!runs_here()) return;
  check_says(said_of_body("a divergent barrier", "divergent", R"(
  if (i < 32) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  y[i] = x[i];
)"),
             {"divergent", "32 at a barrier", "threadgroup_barrier", "32 of 64 have ended"});
  check_says(said_of_body("barriers in two branches", "two_barriers", R"(
  if (x[i] < 3) {
    y[i] = 1;
    threadgroup_barrier(mem_flags::mem_threadgroup);
  } else {
    threadgroup_barrier(mem_flags::mem_device);
    y[i] = 2;
  }
)"),
             {"two_barriers", "waits at another one", "mem_device", "mem_threadgroup"});
  check_says(said_of_body("a divergent exchange", "exchange", R"(
  float value = x[i];
  if (i % 2 == 0) value = simd_shuffle_xor(value, 2);
  y[i] = value;
)"),
             {"exchange", "16 of a simdgroup", "simd_shuffle_xor"});
}

TEST_CASE("gpu seeded bug: more threadgroup memory, threads or arguments than Metal has") {
  if (!runs_here()) return;
  Bench bench;
  auto large = Bench::kernel("large", reversed, 8193);
  check_says(said_of("too much threadgroup memory", [&] { bench.launch(*large, bench.queue()); }),
             {"large", "too much threadgroup memory", "32772"});
  auto whole = Bench::kernel("whole", reversed, 8192);
  CHECK(said_of("none", [&] { bench.launch(*whole, bench.queue()); }) == "");
  auto plain = Bench::kernel("plain", "  if (i == 0) y[0] = x[0];\n");
  check_says(said_of("too many threads", [&] { bench.launch(*plain, bench.queue(), {}, {1025}); }),
             {"plain", "1025 threads", "1024"});
  check_says(said_of("too many arguments",
                     [&] {
                       std::vector<Argument> many(32, Argument(bench.x(), 0, Access::read));
                       bench.queue().launch(*plain, {}, {}, 0, many);
                     }),
             {"32 arguments", "31"});
}

TEST_CASE("gpu seeded bug: accesses out of bounds") {
  if (!runs_here()) return;
  check_says(said_of_body("an out-of-bounds read", "past_end", "  y[i] = x[i + 1];\n"),
             {"past_end", "reads 4 bytes out of bounds", "0 bytes past the end of argument 0",
              "which has 256", "x[i + 1]"});
  check_says(said_of_body("an out-of-bounds write", "before", "  y[int(i) - 1] = x[i];\n"),
             {"before", "writes 4 bytes out of bounds", "4 bytes before argument 1"});
  check_says(
      said_of_body("a place that is no argument's", "nowhere", "  y[i] = *(const float*)0x1234;\n"),
      {"nowhere", "of no argument"});
  check_says(
      said_of_body("out of bounds in threadgroup memory", "shared", "  part[i + 1] = x[i];\n"),
      {"shared", "threadgroup memory out of bounds"});
}

TEST_CASE("gpu seeded bug: threadgroup memory that nobody wrote is rubbish") {
  if (!runs_here()) return;
  Bench bench;
  bench.launch(*Bench::kernel("unwritten", "  y[i] = part[i];\n"), bench.queue());
  std::vector<float> results(threads);
  bench.queue().copy_out(bench.y(), 0, results.data(), bytes);
  for (float result : results) CHECK(result != result);
}

TEST_CASE("gpu seeded bug: accesses that were not declared") {
  if (!runs_here()) return;
  check_says(
      said_of_body("a write through what is only read", "read_only", "  ((float*)x)[i] = 1;\n"),
      {"read_only", "writes argument 0, which is declared as only read"});
  check_says(said_of_body("a read of what is only written", "write_only", "  y[i] = y[i] + 1;\n"),
             {"write_only", "reads argument 1", "declared as only written"});
  CHECK(said_of_body("none", "own", "  y[i] = 1;\n  y[i] = y[i] + x[i];\n") == "");
}

TEST_CASE("gpu seeded bug: a missing dependency between dispatches") {
  if (!runs_here()) return;
  Bench bench;
  Queue &first = bench.queue(), &second = Bench::device().new_queue();
  auto kernel = Bench::kernel("writer", reversed);
  // What was written before is waited for.
  first.block(first.commit().number);
  bench.launch(*kernel, first);
  auto copied = Bench::kernel("reader", "  if (i == 0) y[0] = x[0];\n");
  auto read_y = [&](Queue& queue) {
    const Argument arguments[] = {{bench.y(), 0, Access::read}, {bench.z(), 0, Access::write}};
    queue.launch(*copied, {}, {threads}, 0, arguments);
  };
  check_says(said_of("a missing dependency", [&] { read_y(second); }),
             {"reader", "reads memory that the kernel writer wrote on another queue",
              "a missing dependency"});
  auto ticket = first.commit();
  check_says(said_of("a ticket that nobody waits for", [&] { read_y(second); }),
             {"a missing dependency"});
  second.wait(ticket);
  CHECK(said_of("none", [&] { read_y(second); }) == "");
  // The other way round: what is still read must not be written.
  check_says(said_of("a write of what is still read", [&] { bench.launch(*kernel, first); }),
             {"writer", "writes memory that the kernel reader read on another queue"});
  first.wait(second.commit());
  CHECK(said_of("none", [&] { bench.launch(*kernel, first); }) == "");
  second.block(second.commit().number);
}

TEST_CASE("gpu seeded bug: a wrong address space, where there is a clang to find it") {
  if (!emulator::can_check_address_spaces()) return;
  auto said = [](const char* bug, const std::string& body, const char* file = "softmax") {
    Entry entry("spaces", int(threads));
    entry.input("float", "x").output("float", "y").value("uint3", "p").shared("float", "part", 64);
    entry.body("  const uint i = g.tid.x;\n" + body);
    auto words = emulator::check_address_spaces(
        entry.source(Language::emulator, kernel_bodies(Language::emulator, {file, "index"})));
    if (!words.empty() && std::getenv("MLX_PRINT_BUGS")) std::cout << bug << ":\n  " << words;
    return words;
  };
  CHECK(said("none", reversed) == "");
  CHECK(said("none", reversed, "matmul") == "");
  CHECK(said("none",
             "  softmax_rows<float, 32, 1, 4, RowResult::softmax>(x, y, y, "
             "*(constant RowArguments*)&p, part, g);\n") == "");
  for (auto* wrong : {"  threadgroup float* q = y;\n  q[i] = x[i];\n",
                      "  device float* q = part;\n  q[i] = x[i];\n",
                      "  thread float* q = part + i;\n  *q = x[i];\n",
                      "  softmax_rows<float, 32, 1, 4, RowResult::softmax>(x, y, y, "
                      "*(constant RowArguments*)&p, y, g);\n",
                      "  combine_group<PlainSum>(x[i], y, g);\n"})
    CHECK(said("a wrong address space", wrong) != "");
}

TEST_CASE("gpu seeded bug: memory that was freed") {
  if (!runs_here()) return;
  Bench bench;
  Memory memory = Bench::device().allocate(bytes);
  Bench::device().free(memory);
  check_says(said_of("freed memory", [&] { bench.queue().fill(memory, 0, 0, 4, bytes); }),
             {"a fill uses memory that was freed"});
}

TEST_CASE("gpu seeded bug: a queue tells late that it is done") {
  if (!runs_here()) return;
  Queue& queue = Bench::device().new_queue();
  auto ticket = queue.commit();
  CHECK(!queue.reached(ticket.number));
  queue.block(ticket.number);
  CHECK(queue.reached(ticket.number));
}

}  // namespace mlx::core::gpu

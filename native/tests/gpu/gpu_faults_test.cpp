#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "cpu/reduce/reduce.h"
#include "cuda/cuda_device.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu_test_device.h"
#include "mlx/errors.h"

// What goes wrong on a card. Each loses the device, so each is a process of its own:
// tests/gpu/on_card.sh runs them one by one.
namespace mlx::core::gpu {
namespace {

bool on_card() {
  const char* name = std::getenv("MLX_TEST_GPU");
  return name && std::string(name) == "cuda" && test_device();
}

std::shared_ptr<const Kernel> compile(const std::string& body) {
  auto language = test_device()->limits().language;
  return test_device()->compile(Entry("test_kernel", 32)
                                    .output("uint32_t", "y")
                                    .body(body)
                                    .source(language, kernel_bodies(language, {})));
}

}  // namespace

TEST_CASE("gpu fault: an illegal address is an error, and the CPU lives" * doctest::skip()) {
  if (!on_card()) return;
  auto kernel = compile("  *(uint32_t*)(uint64_t(g.tid.x) * 4 + 4096) = 1;\n");
  TestCommands commands;
  Memory memory = test_device()->allocate(64);
  Argument arguments[] = {Argument(memory, 0, Access::write)};
  commands.launch(*kernel, {1}, {32}, arguments);
  auto ticket = commands.queue().commit();
  commands.queue().block(ticket.number);
  REQUIRE(commands.queue().error().has_value());
  MESSAGE(*commands.queue().error());
  CHECK_THROWS_AS(test_device()->allocate(64), EngineError);
  CHECK_THROWS_AS(commands.queue().commit(), EngineError);
  test_device()->free(memory);
  const float ones[] = {1, 1, 1};
  std::vector<int32_t> shape = {3};
  std::vector<int64_t> strides = {1};
  int axis = 0;
  float sum = 0;
  cpu::reduce(cpu::ReduceOp::sum, {ones, float32, shape, strides}, {&axis, 1}, float32, &sum);
  CHECK(sum == 3.0f);
}

TEST_CASE("gpu fault: a kernel that does not compile names itself" * doctest::skip()) {
  if (!on_card()) return;
  CHECK_THROWS_WITH_AS(compile("  this is no C;\n"), doctest::Contains("test_kernel"), EngineError);
}

TEST_CASE("gpu fault: more memory than there is" * doctest::skip()) {
  if (!on_card()) return;
  CHECK_THROWS_WITH_AS(test_device()->allocate(size_t(1) << 42), doctest::Contains("out of memory"),
                       EngineError);
  Memory memory = test_device()->allocate(1 << 20);
  CHECK(memory);
  test_device()->free(memory);
}

TEST_CASE("gpu fault: a forked child refuses the GPU" * doctest::skip()) {
  if (!on_card()) return;
  pid_t child = fork();
  if (child == 0) {
    bool refused = false;
    try {
      test_device()->allocate(64);
    } catch (const EngineError& error) {
      refused = std::string(error.what()).find("forked") != std::string::npos;
    }
    _exit(refused && cuda::device_count() == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("gpu: without a driver it says so") {
  if (cuda::device_count() > 0) return;
  CHECK(!cuda::why_unavailable().empty());
  CHECK_THROWS_AS(cuda::device(0), EngineError);
}

}  // namespace mlx::core::gpu

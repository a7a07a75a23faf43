#include "gpu_benchmark.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "gpu/generate/type_name.h"
#include "gpu_test_values.h"

namespace mlx::core::gpu {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

}  // namespace

void time(const char* name, const std::function<void(TestCommands&)>& run, int runs) {
  TestCommands commands;
  std::vector<double> times;
  for (int round = 0; round < 8; ++round) {
    auto start = Clock::now();
    for (int i = 0; i < runs; ++i) run(commands);
    commands.finish();
    if (round > 0) times.push_back(milliseconds_since(start) / runs);
  }
  std::sort(times.begin(), times.end());
  std::printf("TIME %s\t%.5f\n", name, times[times.size() / 2]);
  std::fflush(stdout);
}

std::unique_ptr<TestMemory> random_memory(Dtype::Val dtype, size_t count) {
  std::mt19937_64 random(count);
  // A million different values, repeated.
  auto some = moderate_values(dtype, std::min<size_t>(count, 1 << 20), random);
  Bytes all(count * size_t(item_size(dtype)));
  for (size_t at = 0; at < all.size(); at += some.size())
    std::memcpy(all.data() + at, some.data(), std::min(some.size(), all.size() - at));
  return std::make_unique<TestMemory>(all);
}

}  // namespace mlx::core::gpu

#include "exit_scenarios.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "mlx/allocator.h"
#include "mlx/event.h"
#include "mlx/linalg.h"
#include "mlx/ops.h"
#include "mlx/random.h"
#include "mlx/scheduler.h"
#include "mlx/stream.h"
#include "mlx/transforms.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;

namespace {

void sum_in_parallel() {
  set_num_threads(4);
  for (int i = 0; i < 100; ++i)
    parallel_for(64, 1, [](size_t begin, size_t) {
      volatile size_t value = begin;
      (void)value;
    });
}

void keep_streams_busy() {
  for (int i = 0; i < 3; ++i) {
    Stream stream = new_stream(Device::cpu);
    for (int j = 0; j < 1000; ++j) {
      scheduler::enqueue(stream, [] {
        auto buffer = allocator::malloc(100);
        sum_in_parallel();
        allocator::free(buffer);
      });
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

/// Work inside of BLAS and LAPACK, which are taken down when the process ends: on streams, and on a
/// thread of the program's own.
void keep_blas_busy() {
  auto product = [](Stream stream) {
    array a = random::normal({600, 600}, float32, 0, 1, std::nullopt, stream);
    return matmul(a, a, stream);
  };
  for (int i = 0; i < 2; ++i) {
    Stream stream = new_stream(Device::cpu);
    for (int j = 0; j < 5; ++j) async_eval(product(stream));
  }
  Stream stream = new_stream(Device::cpu);
  async_eval(linalg::eigh(product(stream), "L", stream).first);
  std::thread([product] {
    for (;;) eval(product(default_stream(Device::cpu)));
  }).detach();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

void leave_a_waiter() {
  Event never(default_stream(Device::cpu));
  never.wait(default_stream(Device::cpu));
}

/// Uses the runtime after the thread's own clean-up has run.
struct LateUser {
  ~LateUser() {
    allocator::free(allocator::malloc(10));
    default_stream(Device::cpu);
    synchronize();
    sum_in_parallel();
  }
};

void use_in_destructors() {
  static LateUser when_the_process_ends;
  thread_local LateUser when_the_thread_ends;
  (void)when_the_process_ends;
  (void)when_the_thread_ends;
  allocator::free(allocator::malloc(10));
  default_stream(Device::cpu);
  std::thread([] {
    thread_local LateUser when_this_thread_ends;
    (void)when_this_thread_ends;
    allocator::free(allocator::malloc(10));
    default_stream(Device::cpu);
  }).join();
}

}  // namespace

void start_exit_scenario(const std::string& name) {
  if (name == "busy streams") return keep_streams_busy();
  if (name == "busy BLAS") return keep_blas_busy();
  if (name == "idle pool") return sum_in_parallel();
  if (name == "waiting task") return leave_a_waiter();
  if (name == "late destructors") return use_in_destructors();
  throw std::invalid_argument("no such scenario: " + name);
}

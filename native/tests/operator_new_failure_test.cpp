#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "mlx/compile.h"
#include "training_step.h"

using namespace mlx::core;
using namespace training_step;

namespace {

/// How many allocations are left until one fails, of whatever thread; 0 or less: none will.
std::atomic<int64_t> until_failure{0};

bool fails() {
  return until_failure.load(std::memory_order_relaxed) > 0 && until_failure.fetch_sub(1) == 1;
}

void* allocate(std::size_t size) noexcept { return fails() ? nullptr : std::malloc(size + !size); }

void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  const std::size_t step = std::size_t(alignment);
  return fails() ? nullptr : std::aligned_alloc(step, (size + step) / step * step);
}

void* checked(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The program's own, which containers of the standard library use too.
void* operator new(std::size_t size) { return checked(allocate(size)); }
void* operator new[](std::size_t size) { return checked(allocate(size)); }
void* operator new(std::size_t size, std::align_val_t step) {
  return checked(allocate(size, step));
}
void* operator new[](std::size_t size, std::align_val_t step) {
  return checked(allocate(size, step));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

Training compiled_loss() {
  Training plain = mlp();
  return {plain.parameters, [loss = plain.loss](const Arrays& parameters) {
            auto run = [loss](const Arrays& inputs) { return Arrays{loss(inputs)}; };
            return compile(run)(parameters)[0];
          }};
}

/// Fails each allocation in turn, until a run needs fewer. Some may be done without.
void fail_every_operator_new(const Training& training,
                             void (*evaluate)(const Arrays&) = training_step::evaluate) {
  const Arrays expected = training.run(evaluate);
  int64_t failures = 0;
  for (int64_t number = 1;; ++number) {
    CAPTURE(number);
    Arrays got;
    until_failure = number;
    try {
      got = training.run(evaluate);
    } catch (const std::bad_alloc&) {
      ++failures;
    }
    const bool was_reached = until_failure.exchange(0) <= 0;
    if (!got.empty()) check_equal(got, expected);
    if (!was_reached) break;
    check_equal(training.run(evaluate), expected);
  }
  CHECK(failures > 100);
}

}  // namespace

TEST_CASE("each operator new of a training step may fail: an error, and right results after it") {
  SUBCASE("dense layers") { fail_every_operator_new(mlp()); }
  SUBCASE("convolution and normalisation") { fail_every_operator_new(convolution_and_norm()); }
  SUBCASE("primitives of several outputs") { fail_every_operator_new(split_layer_norm()); }
  SUBCASE("a compiled loss") { fail_every_operator_new(compiled_loss()); }
  SUBCASE("asynchronous") {
    fail_every_operator_new(mlp(), evaluate_asynchronously);
    fail_every_operator_new(split_layer_norm(), evaluate_asynchronously);
    fail_every_operator_new(compiled_loss(), evaluate_asynchronously);
  }
}

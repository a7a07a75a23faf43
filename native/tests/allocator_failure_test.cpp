#include <doctest/doctest.h>

#include <string>

#include "mlx/errors.h"
#include "runtime/caching_allocator.h"
#include "training_step.h"

using namespace mlx::core;
using namespace training_step;
using allocator::caching_allocator;

namespace {

/// Fails each allocation in turn, until a run needs fewer.
void fail_every_allocation(const Training& training) {
  const Arrays expected = training.run();
  for (int64_t number = 1;; ++number) {
    CAPTURE(number);
    caching_allocator().fail_allocation(number);
    bool failed = false;
    try {
      check_equal(training.run(), expected);
    } catch (const EngineError& error) {
      failed = true;
      const std::string message = error.what();
      CHECK(message.find("Out of memory") != std::string::npos);
      CHECK(message.find("setMemoryLimit") != std::string::npos);
    }
    const bool was_reached = caching_allocator().allocations_until_failure() <= 0;
    caching_allocator().fail_allocation(0);
    REQUIRE(failed == was_reached);
    if (!was_reached) {
      CHECK(number > 20);
      return;
    }
    check_equal(training.run(), expected);
  }
}

}  // namespace

TEST_CASE("each allocation of a training step may fail: an error, and right results after it") {
  SUBCASE("dense layers") { fail_every_allocation(mlp()); }
  SUBCASE("convolution and normalisation") { fail_every_allocation(convolution_and_norm()); }
}

TEST_CASE("an allocation that fails leaves nothing in use behind") {
  const Training training = mlp();
  training.run();
  const size_t before = caching_allocator().active_memory();
  for (int64_t number = 1; number < 30; ++number) {
    caching_allocator().fail_allocation(number);
    CHECK_THROWS_AS(training.run(), EngineError);
  }
  caching_allocator().fail_allocation(0);
  CHECK(caching_allocator().active_memory() <= before + (1 << 16));
}

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "fake_metal/fake_dispatch.h"
#include "fake_metal/metal_on_fake.h"
#include "metal/pressure_signal.h"
#include "mlx/allocator.h"
#include "runtime/caching_allocator.h"
#include "runtime/memory_pressure.h"

// What comes of it when macOS says that the machine's memory runs short.
namespace mlx::core::metal {
namespace {

constexpr uintptr_t normal = 1;

size_t cached() { return allocator::caching_allocator().cache_memory(); }

void fill_cache() { allocator::free(allocator::malloc(size_t(4) << 20)); }

/// A thread with arrays that only it can collect, such as JavaScript's.
class Collector {
 public:
  Collector()
      : thread_([this] {
          int id = add_pressure_handler([this](size_t) {
            ++asked_;
            fill_cache();
            return true;
          });
          is_ready_ = true;
          while (!stops_) {
            answer_relief_requests();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
          remove_pressure_handler(id);
        }) {
    while (!is_ready_) std::this_thread::yield();
  }
  ~Collector() {
    stops_ = true;
    thread_.join();
  }
  int asked() const { return asked_; }

 private:
  std::atomic<bool> is_ready_{false}, stops_{false};
  std::atomic<int> asked_{0};
  std::thread thread_;
};

}  // namespace

TEST_CASE("metal pressure: a signal is heard as long as someone listens") {
  fake_metal::reset();
  auto objc = fake_metal::load();
  int before = fake_dispatch::live_sources();
  std::vector<bool> heard;
  {
    PressureSignal signal(*objc, [&](bool is_critical) { heard.push_back(is_critical); });
    CHECK(fake_dispatch::live_sources() == before + 1);
    fake_dispatch::tell(normal);
    CHECK(heard.empty());
    fake_dispatch::tell(value::pressure_warning);
    fake_dispatch::tell(value::pressure_critical);
    // Events that come at once are one call.
    fake_dispatch::tell(value::pressure_warning | value::pressure_critical);
    CHECK(heard == std::vector<bool>{false, true, true});
  }
  CHECK(fake_dispatch::live_sources() == before);
  fake_dispatch::tell(value::pressure_critical);
  CHECK(heard.size() == 3);
}

TEST_CASE("metal pressure: a system without the signal is as good") {
  fake_metal::reset();
  fake_dispatch::set_presence(false);
  auto objc = fake_metal::load();
  fake_dispatch::set_presence(true);
  CHECK(!objc->can_dispatch());
  int before = fake_dispatch::live_sources();
  PressureSignal signal(*objc, [](bool) {});
  CHECK(fake_dispatch::live_sources() == before);
}

TEST_CASE("metal pressure: what is kept for reuse goes back, and dead arrays when it is critical") {
  fake_metal::reset();
  auto objc = fake_metal::load();
  Machine machine(objc.get(), "");
  REQUIRE(machine.memory_source());
  Collector collector;
  fill_cache();
  REQUIRE(cached() > 0);
  fake_dispatch::tell(value::pressure_warning);
  CHECK(cached() == 0);
  CHECK(collector.asked() == 0);
  fill_cache();
  fake_dispatch::tell(value::pressure_critical);
  // What the collector freed went through the cache.
  CHECK(collector.asked() == 1);
  CHECK(cached() == 0);
}

}  // namespace mlx::core::metal

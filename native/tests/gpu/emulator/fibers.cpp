#ifdef __APPLE__
// Its functions for contexts are hidden otherwise.
#define _XOPEN_SOURCE 600
#define _DARWIN_C_SOURCE
#endif

#include "fibers.h"

#include <ucontext.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "mlx/errors.h"

namespace mlx::core::gpu::emulator {
namespace {

constexpr size_t stack_bytes = 64 * 1024;
constexpr uint32_t simd_width = 32;

enum class State { ready, at_barrier, in_exchange };

/// Runs threads of a group one after another until one waits; then another fiber goes on with the
/// threads that have not begun.
struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack = std::make_unique<char[]>(stack_bytes);
  State state = State::ready;
  /// Of the thread that it runs.
  Group group;
  const void* value;
  void* result;
  size_t bytes;
  uint32_t from_lane;
};

class GroupRun {
 public:
  void run(EntryPoint entry, void* const* arguments, const uint32_t (&tgid)[3], Size3 size);

  void group_barrier() { suspend(State::at_barrier); }
  void exchange(const void* value, void* result, size_t bytes, uint32_t from_lane) {
    current_->value = value;
    current_->result = result;
    current_->bytes = bytes;
    current_->from_lane = from_lane;
    suspend(State::in_exchange);
  }
  uint32_t lane() const { return current_->group.lane; }

 private:
  void suspend(State state) {
    Fiber* fiber = current_;
    fiber->state = state;
    swapcontext(&fiber->context, &scheduler_);
  }
  void resume(Fiber* fiber) {
    current_ = fiber;
    fiber->state = State::ready;
    swapcontext(&scheduler_, &fiber->context);
  }
  static void start(unsigned high, unsigned low);
  void run_threads(Fiber* fiber);
  Fiber* new_fiber();
  void release();
  bool release_barrier();
  bool release_exchanges();

  ucontext_t scheduler_;
  std::vector<std::unique_ptr<Fiber>> idle_;
  std::vector<std::unique_ptr<Fiber>> waiting_;
  Fiber* current_ = nullptr;
  bool finished_ = false;
  EntryPoint entry_;
  void* const* arguments_;
  Group first_;
  uint32_t next_ = 0, count_ = 0, done_ = 0;
};

void GroupRun::start(unsigned high, unsigned low) {
  auto* run = reinterpret_cast<GroupRun*>(uintptr_t(high) << 32 | low);
  // A fiber is never left: it is resumed with new threads to run.
  for (;;) {
    Fiber* fiber = run->current_;
    run->run_threads(fiber);
    run->finished_ = true;
    swapcontext(&fiber->context, &run->scheduler_);
  }
}

void GroupRun::run_threads(Fiber* fiber) {
  while (next_ < count_) {
    uint32_t thread = next_++;
    fiber->group = first_;
    fiber->group.tid[0] = thread % first_.size[0];
    fiber->group.tid[1] = thread / first_.size[0] % first_.size[1];
    fiber->group.tid[2] = thread / first_.size[0] / first_.size[1];
    fiber->group.lane = thread % simd_width;
    fiber->group.simd = thread / simd_width;
    entry_(arguments_, fiber->group);
    ++done_;
  }
}

Fiber* GroupRun::new_fiber() {
  if (idle_.empty()) {
    auto fiber = std::make_unique<Fiber>();
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack.get();
    fiber->context.uc_stack.ss_size = stack_bytes;
    fiber->context.uc_link = nullptr;
    auto self = reinterpret_cast<uintptr_t>(this);
    makecontext(&fiber->context, reinterpret_cast<void (*)()>(start), 2, unsigned(self >> 32),
                unsigned(self));
    idle_.push_back(std::move(fiber));
  }
  waiting_.push_back(std::move(idle_.back()));
  idle_.pop_back();
  return waiting_.back().get();
}

bool GroupRun::release_barrier() {
  for (auto& fiber : waiting_)
    if (fiber->state != State::at_barrier) return false;
  return true;
}

/// Carries out the exchange of every simdgroup whose lanes are all there.
bool GroupRun::release_exchanges() {
  bool any = false;
  for (uint32_t first = 0; first < count_; first += simd_width) {
    uint32_t lanes = std::min(simd_width, count_ - first);
    std::vector<Fiber*> members(simd_width, nullptr);
    uint32_t present = 0;
    for (auto& fiber : waiting_)
      if (fiber->group.simd == first / simd_width && fiber->state == State::in_exchange) {
        members[fiber->group.lane] = fiber.get();
        ++present;
      }
    if (present != lanes) continue;
    for (auto* fiber : members) {
      if (!fiber) continue;
      auto* from = fiber->from_lane < lanes ? members[fiber->from_lane] : fiber;
      if (from->bytes != fiber->bytes)
        throw EngineError("[emulator] Lanes of a simdgroup exchange different types.");
      std::memcpy(fiber->result, from->value, fiber->bytes);
    }
    for (auto* fiber : members)
      if (fiber) fiber->state = State::ready;
    any = true;
  }
  return any;
}

void GroupRun::release() {
  if (done_ == 0 && release_barrier()) {
    for (auto& fiber : waiting_) fiber->state = State::ready;
    return;
  }
  if (release_exchanges()) return;
  throw EngineError(
      "[emulator] Threads of a group wait for each other at different places: a barrier or an "
      "exchange in a simdgroup is not reached by all.");
}

void GroupRun::run(EntryPoint entry, void* const* arguments, const uint32_t (&tgid)[3],
                   Size3 size) {
  entry_ = entry;
  arguments_ = arguments;
  std::copy(tgid, tgid + 3, first_.tgid);
  first_.size[0] = uint32_t(size.x);
  first_.size[1] = uint32_t(size.y);
  first_.size[2] = uint32_t(size.z);
  next_ = done_ = 0;
  count_ = uint32_t(size.x * size.y * size.z);
  // Fibers of a run that failed are in the midst of it.
  waiting_.clear();
  while (next_ < count_) {
    finished_ = false;
    resume(new_fiber());
    if (finished_) {
      idle_.push_back(std::move(waiting_.back()));
      waiting_.pop_back();
    }
  }
  while (!waiting_.empty()) {
    release();
    for (size_t i = 0; i < waiting_.size();) {
      if (waiting_[i]->state != State::ready) {
        ++i;
        continue;
      }
      finished_ = false;
      resume(waiting_[i].get());
      if (!finished_) {
        ++i;
        continue;
      }
      idle_.push_back(std::move(waiting_[i]));
      waiting_.erase(waiting_.begin() + int64_t(i));
    }
  }
}

GroupRun& this_run() {
  thread_local GroupRun run;
  return run;
}

}  // namespace

const Services& services() {
  static constexpr Services all = {
      [] { this_run().group_barrier(); },
      [](const void* value, void* result, size_t bytes, uint32_t from_lane) {
        this_run().exchange(value, result, bytes, from_lane);
      },
      [] { return this_run().lane(); }};
  return all;
}

void run_groups(EntryPoint entry, void* const* arguments, Size3 groups, Size3 threads) {
  if (threads.x * threads.y * threads.z > 1024)
    throw EngineError("[emulator] A group has at most 1024 threads.");
  for (uint64_t z = 0; z < groups.z; ++z)
    for (uint64_t y = 0; y < groups.y; ++y)
      for (uint64_t x = 0; x < groups.x; ++x)
        this_run().run(entry, arguments, {uint32_t(x), uint32_t(y), uint32_t(z)}, threads);
}

}  // namespace mlx::core::gpu::emulator

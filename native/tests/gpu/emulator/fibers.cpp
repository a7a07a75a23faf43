#include "fibers.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <sstream>
#include <vector>

#include "code_place.h"
#include "context_switch.h"
#include "mlx/errors.h"

namespace mlx::core::gpu::emulator {
namespace {

constexpr uint32_t simd_width = 32, most_threads = 1024;
// Coprime to all numbers of threads, so that its multiples are an order of them.
constexpr uint64_t stride = 7919;

template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream os;
  (os << ... << parts);
  return os.str();
}

/// The i-th of `count` in an order by its number.
uint64_t in_order(uint64_t i, uint64_t count, unsigned order) {
  if (order % 3 == 1) return count - 1 - i;
  if (order % 3 == 2 && count % stride != 0) return i * stride % count;
  return i;
}

/// Runs threads of a group one after another until one waits; then another fiber goes on with the
/// threads that have not begun.
struct Fiber {
  explicit Fiber(void (*start)()) : context(start) {}

  Context context;
  /// Of the thread that it runs.
  Group group;
  uint32_t thread;
  /// Where it waits.
  const void* code;
  /// What it gives and gets in an exchange.
  const void* value;
  void* result;
  size_t bytes;
  uint32_t from_lane;
};

class GroupRun {
 public:
  void run(const Launch& launch);

  void group_barrier(const void* code);
  void exchange(const void* value, void* result, size_t bytes, uint32_t from_lane,
                const void* code);
  void simd_barrier(const void* code);
  uint32_t lane() const { return current_->group.lane; }
  uint32_t lanes() const { return lanes_of(current_->group.simd); }
  void* threadgroup_memory(const void* declaration, size_t bytes, size_t alignment,
                           const void* code);
  void access(const void* place, size_t bytes, AccessChecker::Kind kind, const void* code) {
    if (current_->context.is_on_stack(place)) return;
    if (auto problem = checker_.check(place, bytes, kind, {current_->thread, current_->group.simd}))
      fail(*problem, code);
  }

 private:
  /// The lanes of a simdgroup that are in an exchange.
  struct Simdgroup {
    uint32_t arrived = 0;
    Fiber* first = nullptr;
    Fiber* members[simd_width];
  };

  static void start();
  void run_group();
  void run_threads(Fiber* fiber);
  Fiber* begin_fiber();
  void resume(Fiber* fiber);
  void suspend(const void* code);
  /// Ends the launch: the thread that did something wrong is left where it stands.
  [[noreturn]] void fail(const std::string& problem, const void* code);
  void meet(Simdgroup& simdgroup, const void* code);
  void complete(Simdgroup& simdgroup, uint32_t lanes);
  void release_barrier();
  std::string where(const void* code) const;
  std::string divergence() const;
  [[noreturn]] void stop();

  uint32_t lanes_of(uint32_t simd) const {
    return std::min(simd_width, count_ - simd * simd_width);
  }

  AccessChecker checker_;
  Context scheduler_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  std::deque<Fiber*> ready_;
  std::vector<Fiber*> at_barrier_;
  Simdgroup simdgroups_[most_threads / simd_width];
  Fiber* current_ = nullptr;
  const Launch* launch_ = nullptr;
  Group first_;
  uint32_t next_ = 0, count_ = 0, done_ = 0;
  std::string error_;
};

GroupRun& this_run() {
  thread_local GroupRun run;
  return run;
}

void GroupRun::start() {
  GroupRun& run = this_run();
  Fiber* fiber = run.current_;
  Context::arrive(fiber->context, run.scheduler_);
  // A fiber is never left: it is resumed with new threads to run.
  for (;;) {
    run.run_threads(fiber);
    run.idle_.push_back(fiber);
    Context::switch_between(fiber->context, run.scheduler_);
  }
}

void GroupRun::run_threads(Fiber* fiber) {
  while (next_ < count_) {
    auto thread = uint32_t(in_order(next_++, count_, launch_->order));
    fiber->group = first_;
    fiber->thread = thread;
    fiber->group.tid[0] = thread % first_.size[0];
    fiber->group.tid[1] = thread / first_.size[0] % first_.size[1];
    fiber->group.tid[2] = thread / first_.size[0] / first_.size[1];
    fiber->group.lane = thread % simd_width;
    fiber->group.simd = thread / simd_width;
    // On its own stack, where it may read it.
    const Group group = fiber->group;
    launch_->entry(launch_->arguments, group);
    ++done_;
  }
}

void GroupRun::resume(Fiber* fiber) {
  current_ = fiber;
  Context::switch_between(scheduler_, fiber->context);
}

void GroupRun::suspend(const void* code) {
  Fiber* fiber = current_;
  fiber->code = code;
  Context::switch_between(fiber->context, scheduler_);
}

Fiber* GroupRun::begin_fiber() {
  if (idle_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>(start));
    idle_.push_back(fibers_.back().get());
  }
  Fiber* fiber = idle_.back();
  idle_.pop_back();
  return fiber;
}

void GroupRun::fail(const std::string& problem, const void* code) {
  auto& group = current_->group;
  error_ =
      text("thread (", group.tid[0], ", ", group.tid[1], ", ", group.tid[2], ") of group (",
           group.tgid[0], ", ", group.tgid[1], ", ", group.tgid[2], ") ", problem, where(code));
  Context::switch_between(current_->context, scheduler_);
  std::abort();
}

std::string GroupRun::where(const void* code) const { return text(", at ", place_of(code)); }

void GroupRun::release_barrier() {
  checker_.pass_group_barrier();
  for (auto* fiber : at_barrier_) ready_.push_back(fiber);
  at_barrier_.clear();
}

void GroupRun::group_barrier(const void* code) {
  for (auto* fiber : at_barrier_)
    if (!are_one_place(fiber->code, code))
      fail(text("waits at a barrier while thread ", fiber->thread, " waits at another one",
                where(fiber->code), "; this one is"),
           code);
  if (at_barrier_.size() + 1 == count_) {
    release_barrier();
    return;
  }
  at_barrier_.push_back(current_);
  suspend(code);
}

void GroupRun::complete(Simdgroup& simdgroup, uint32_t lanes) {
  for (uint32_t i = 0; i < lanes; ++i) {
    Fiber* to = simdgroup.members[i];
    // There is nothing in lanes past the last one; GPUs give anything.
    Fiber* from = to->from_lane < lanes ? simdgroup.members[to->from_lane] : to;
    std::memcpy(to->result, from->value, to->bytes);
    if (to != current_) ready_.push_back(to);
  }
  simdgroup.arrived = 0;
}

void GroupRun::meet(Simdgroup& simdgroup, const void* code) {
  const uint32_t lanes = lanes_of(current_->group.simd);
  simdgroup.members[current_->group.lane] = current_;
  current_->code = code;
  if (++simdgroup.arrived == lanes)
    complete(simdgroup, lanes);
  else
    suspend(code);
}

void GroupRun::exchange(const void* value, void* result, size_t bytes, uint32_t from_lane,
                        const void* code) {
  auto& simdgroup = simdgroups_[current_->group.simd];
  current_->value = value;
  current_->result = result;
  current_->bytes = bytes;
  current_->from_lane = from_lane;
  if (simdgroup.arrived == 0) simdgroup.first = current_;
  Fiber* first = simdgroup.first;
  if (simdgroup.arrived > 0 && (first->bytes != bytes || !are_one_place(first->code, code)))
    fail(text("exchanges ", bytes, " bytes in its simdgroup while thread ", first->thread,
              " exchanges ", first->bytes, " elsewhere", where(first->code), "; this one is"),
         code);
  meet(simdgroup, code);
}

void GroupRun::simd_barrier(const void* code) {
  uint32_t value = 0, result;
  const uint32_t simd = current_->group.simd;
  const bool is_last = simdgroups_[simd].arrived + 1 == lanes_of(simd);
  if (is_last) checker_.pass_simd_barrier(simd);
  exchange(&value, &result, sizeof(value), current_->group.lane, code);
}

void* GroupRun::threadgroup_memory(const void* declaration, size_t bytes, size_t alignment,
                                   const void* code) {
  void* memory = checker_.threadgroup_memory(declaration, bytes, alignment);
  if (!memory)
    fail(text("needs too much threadgroup memory: ", checker_.threadgroup_bytes(),
              " bytes, and a group has 32768"),
         code);
  return memory;
}

std::string GroupRun::divergence() const {
  std::ostringstream os;
  os << "threads of group (" << first_.tgid[0] << ", " << first_.tgid[1] << ", " << first_.tgid[2]
     << ") wait for each other at different places, so none goes on: ";
  if (!at_barrier_.empty())
    os << at_barrier_.size() << " at a barrier" << where(at_barrier_[0]->code) << "; ";
  for (auto& simdgroup : simdgroups_)
    if (simdgroup.arrived > 0) {
      os << simdgroup.arrived << " of a simdgroup in an exchange" << where(simdgroup.first->code)
         << "; ";
      break;
    }
  os << done_ << " of " << count_ << " have ended";
  return os.str();
}

void GroupRun::stop() {
  for (auto& fiber : fibers_)
    if (std::ranges::find(idle_, fiber.get()) == idle_.end()) {
      fiber->context.restart();
      idle_.push_back(fiber.get());
    }
  ready_.clear();
  at_barrier_.clear();
  for (auto& simdgroup : simdgroups_) simdgroup = {};
  throw EngineError("[emulator] The kernel " +
                    name_of(reinterpret_cast<const void*>(launch_->entry)) + " fails: " + error_ +
                    ".");
}

void GroupRun::run_group() {
  next_ = done_ = 0;
  checker_.begin_group();
  // Those that can go on come first or last.
  const bool new_first = launch_->order / 3 % 2 == 0;
  for (;;) {
    Fiber* fiber = nullptr;
    if (next_ < count_ && (new_first || ready_.empty())) {
      fiber = begin_fiber();
    } else if (!ready_.empty()) {
      fiber = ready_.front();
      ready_.pop_front();
    } else {
      break;
    }
    resume(fiber);
    if (!error_.empty()) stop();
  }
  if (done_ == count_) return;
  error_ = divergence();
  stop();
}

void GroupRun::run(const Launch& launch) {
  const Size3& threads = launch.threads;
  launch_ = &launch;
  error_.clear();
  if (threads.x * threads.y * threads.z > most_threads) {
    error_ = text("it has groups of ", threads.x * threads.y * threads.z, " threads, and at most ",
                  most_threads, " are there");
    stop();
  }
  first_.size[0] = uint32_t(threads.x);
  first_.size[1] = uint32_t(threads.y);
  first_.size[2] = uint32_t(threads.z);
  count_ = uint32_t(threads.x * threads.y * threads.z);
  checker_.begin_launch(launch.regions, launch.arguments,
                        reinterpret_cast<const void*>(launch.entry));
  const auto& groups = launch.groups;
  const uint64_t total = groups.x * groups.y * groups.z;
  for (uint64_t i = 0; i < total; ++i) {
    uint64_t group = in_order(i, total, launch.order);
    first_.tgid[0] = uint32_t(group % groups.x);
    first_.tgid[1] = uint32_t(group / groups.x % groups.y);
    first_.tgid[2] = uint32_t(group / groups.x / groups.y);
    run_group();
  }
}

}  // namespace

const Services& services() {
  using Kind = AccessChecker::Kind;
  static constexpr Services all = {
      [] { this_run().group_barrier(__builtin_return_address(0)); },
      [] { this_run().simd_barrier(__builtin_return_address(0)); },
      [](const void* value, void* result, size_t bytes, uint32_t from_lane) {
        this_run().exchange(value, result, bytes, from_lane, __builtin_return_address(0));
      },
      [] { return this_run().lane(); },
      [] { return this_run().lanes(); },
      [](const void* declaration, size_t bytes, size_t alignment) {
        return this_run().threadgroup_memory(declaration, bytes, alignment,
                                             __builtin_return_address(0));
      },
      [](const void* place, size_t bytes, bool writes) {
        this_run().access(place, bytes, writes ? Kind::atomic_write : Kind::atomic_read,
                          __builtin_return_address(0));
      },
      [](const void* place, size_t bytes, bool writes, const void* code) {
        this_run().access(place, bytes, writes ? Kind::write : Kind::read, code);
      }};
  return all;
}

void run_launch(const Launch& launch) { this_run().run(launch); }

void run_groups(EntryPoint entry, void* const* arguments, Size3 groups, Size3 threads) {
  run_launch({entry, arguments, groups, threads, {}, 0});
}

}  // namespace mlx::core::gpu::emulator

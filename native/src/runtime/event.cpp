#include "mlx/event.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>

#include "mlx/scheduler.h"
#include "runtime/interruption.h"
#include "runtime/work_in_flight.h"

namespace mlx::core {

namespace {

/// Where threads wait that look up now and then: an atomic's own wait has no time limit.
struct InterruptibleWaiters {
  std::atomic<int> count{0};
  std::mutex mutex;
  std::condition_variable changed;

  template <typename F>
  void wait(F is_over) {
    struct Counted {
      std::atomic<int>& count;
      explicit Counted(std::atomic<int>& count) : count(count) { count.fetch_add(1); }
      ~Counted() { count.fetch_sub(1); }
    } counted(count);
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, interrupt_interval, is_over)) throw_if_interrupted();
  }
  void notify() {
    if (count.load() == 0) return;
    std::lock_guard lock(mutex);
    changed.notify_all();
  }
};

// Leaked: worker threads may still use it while the process exits.
InterruptibleWaiters& interruptible_waiters() {
  static InterruptibleWaiters& waiters = *new InterruptibleWaiters;
  return waiters;
}

}  // namespace

struct Event::State {
  enum Phase : uint32_t { pending, signaling, done, failed };

  explicit State(Stream stream) : stream(stream) {}

  bool is_signaled() const { return phase.load(std::memory_order_acquire) >= done; }

  void signal(Phase result, std::exception_ptr why) {
    uint32_t expected = pending;
    if (!phase.compare_exchange_strong(expected, signaling, std::memory_order_relaxed)) return;
    error = std::move(why);
    // Before the waiters are counted, as they count themselves before they look at the phase.
    phase.store(result, std::memory_order_seq_cst);
    phase.notify_all();
    interruptible_waiters().notify();
  }

  void block() const {
    if (is_signaled()) return;
    scheduler::WorkInFlight::BlockedScope blocked;
    if (is_interruptible())
      return interruptible_waiters().wait([this] { return phase.load() >= done; });
    for (uint32_t now; (now = phase.load(std::memory_order_acquire)) < done;)
      phase.wait(now, std::memory_order_acquire);
  }

  const Stream stream;
  std::atomic<uint32_t> phase{pending};
  /// Written before the phase becomes failed and never after.
  std::exception_ptr error;
};

Event::Event(Stream stream) : state_(std::make_shared<State>(stream)) {}

Event::State& Event::state() const {
  if (!state_) throw std::runtime_error("[Event] This is no event: it was made without a stream.");
  return *state_;
}

void Event::wait() const {
  State& s = state();
  s.block();
  if (s.error) std::rethrow_exception(s.error);
}

void Event::wait(Stream stream) const {
  if (state().is_signaled()) return;
  scheduler::enqueue(stream, [state = state_] { state->block(); });
}

void Event::signal() { state().signal(State::done, nullptr); }

void Event::signal(Stream stream) {
  state();
  scheduler::enqueue(stream, [event = *this]() mutable { event.signal(); });
}

void Event::set_error(std::exception_ptr error) { state().signal(State::failed, std::move(error)); }

bool Event::is_signaled() const { return state().is_signaled(); }

bool Event::has_error() const {
  return state().phase.load(std::memory_order_acquire) == State::failed;
}

const Stream& Event::stream() const { return state().stream; }

}  // namespace mlx::core

#include "mlx/event.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "mlx/scheduler.h"
#include "runtime/device_queue.h"
#include "runtime/gpu_memory.h"
#include "runtime/interruption.h"
#include "runtime/memory_pressure.h"
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
    while (!changed.wait_for(lock, interrupt_interval, is_over)) {
      lock.unlock();
      throw_if_interrupted();
      answer_relief_requests();
      lock.lock();
    }
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

struct Event::State : std::enable_shared_from_this<Event::State> {
  /// Submitted: a GPU's queue has the work, and its ticket tells when it is done.
  enum Phase : uint32_t { pending, submitted, signaling, done, failed };

  struct Callback {
    std::function<void()> function;
    Callback* next;
  };

  explicit State(Stream stream) : stream(stream) {}
  ~State() {
    // An event that nobody can signal any more calls nobody back.
    for (Callback* next = callbacks; next;) delete std::exchange(next, next->next);
  }

  bool is_signaled() {
    uint32_t now = phase.load(std::memory_order_acquire);
    if (now == submitted && queue->has_reached(ticket)) {
      settle();
      now = phase.load(std::memory_order_acquire);
    }
    return now >= done;
  }

  void submit(DeviceQueue& to, uint64_t number) {
    queue = &to;
    ticket = number;
    uint32_t expected = pending;
    if (!phase.compare_exchange_strong(expected, submitted)) return;
    phase.notify_all();
    interruptible_waiters().notify();
    if (callbacks.load() || needs_thread.load()) watch();
  }

  /// Has the queue's thread settle it: for who sleeps, or is called back. All others look at the
  /// ticket themselves, which saves a thread's wake-up for each evaluation.
  void watch() {
    if (is_watched.exchange(true)) return;
    try {
      queue->when_reached(ticket, [self = shared_from_this()] { self->settle(); });
    } catch (...) {
      // Without a thread or memory for that, this thread does it.
      queue->block_surely(ticket);
      settle();
    }
  }

  /// The ticket was reached.
  void settle() {
    auto why = queue->error(ticket);
    signal(why ? failed : done, why, 0);
  }

  void signal(Phase result, std::exception_ptr why, uint32_t parts) {
    uint32_t expected = phase.load(std::memory_order_acquire);
    do {
      if (expected >= signaling) return;
    } while (!phase.compare_exchange_weak(expected, signaling, std::memory_order_acq_rel));
    error = std::move(why);
    parts_done = parts;
    // Before the waiters are counted, as they count themselves before they look at the phase.
    phase.store(result, std::memory_order_seq_cst);
    phase.notify_all();
    interruptible_waiters().notify();
    if (callbacks.load(std::memory_order_seq_cst)) call_back();
  }

  void on_done(std::function<void()> function) {
    auto* callback = new Callback{std::move(function), callbacks.load(std::memory_order_relaxed)};
    while (!callbacks.compare_exchange_weak(callback->next, callback)) {
    }
    // Who signals looks at the list after the phase has changed, and this the other way round.
    uint32_t now = phase.load(std::memory_order_seq_cst);
    if (now == submitted) watch();
    if (now >= done) call_back();
  }

  void call_back() {
    Callback* next = callbacks.exchange(nullptr);
    while (next) {
      std::unique_ptr<Callback> callback(next);
      next = callback->next;
      callback->function();
    }
  }

  void block() {
    if (is_signaled()) return;
    scheduler::WorkInFlight::BlockedScope blocked;
    if (is_interruptible()) {
      needs_thread = true;
      if (phase.load() == submitted) watch();
      return interruptible_waiters().wait([this] { return phase.load() >= done; });
    }
    // Who puts it in a queue may need memory that only this thread can find.
    bool answers = has_pressure_handlers() && gpu_memory::known_limit() > 0;
    for (uint32_t now; (now = phase.load(std::memory_order_acquire)) < done;) {
      if (now == submitted) {
        queue->block(ticket);
        settle();
      } else if (answers) {
        interruptible_waiters().wait([this, now] { return phase.load() != now; });
      } else {
        phase.wait(now, std::memory_order_acquire);
      }
    }
  }

  /// Blocks until a GPU's queue has the work, or it is done.
  void block_until_submitted() {
    if (phase.load(std::memory_order_acquire) != pending) return;
    scheduler::WorkInFlight::BlockedScope blocked;
    while (phase.load(std::memory_order_acquire) == pending)
      phase.wait(pending, std::memory_order_acquire);
  }

  const Stream stream;
  std::atomic<uint32_t> phase{pending};
  /// Written before the phase becomes submitted and never after.
  DeviceQueue* queue = nullptr;
  uint64_t ticket = 0;
  /// Written before the phase becomes failed and never after.
  std::exception_ptr error;
  uint32_t parts_done = 0;
  std::atomic<Callback*> callbacks{nullptr};
  std::atomic<bool> needs_thread{false}, is_watched{false};
  std::atomic<uint64_t> value{0};
};

Event::Event(Stream stream) : state_(std::make_shared<State>(stream)) {}

Event::State& Event::state() const {
  if (!state_) throw std::runtime_error("[Event] This is no event: it was made without a stream.");
  return *state_;
}

/// Null unless this part was signaled with an error.
std::exception_ptr Event::error() const {
  State& s = state();
  if (s.phase.load(std::memory_order_acquire) != State::failed || part_ < s.parts_done)
    return nullptr;
  return s.error;
}

void Event::wait() const {
  state().block();
  if (auto why = error()) std::rethrow_exception(why);
}

void Event::wait(Stream stream) const {
  if (state().is_signaled()) return;
  scheduler::enqueue(stream, [event = *this, stream] {
    if (stream.device == Device::cpu)
      event.state().block();
    else
      event.wait(device_queue(stream));
  });
}

void Event::wait(DeviceQueue& queue) const {
  State& s = state();
  // What another thread is still to compute can't be left to the device.
  if (s.stream.device == Device::cpu) return s.block();
  s.block_until_submitted();
  if (s.phase.load(std::memory_order_acquire) == State::submitted)
    queue.wait_for(*s.queue, s.ticket);
}

// Who waits, or is called back, may end the last other event of this state at once: what signals
// keeps one until it is through.

void Event::signal() {
  const Event kept = *this;
  kept.state().signal(State::done, nullptr, 0);
}

void Event::signal(Stream stream) {
  state();
  scheduler::enqueue(stream, [event = *this, stream]() mutable {
    if (stream.device == Device::cpu) return event.signal();
    DeviceQueue& queue = device_queue(stream);
    event.submit(queue, queue.commit());
  });
}

void Event::set_error(std::exception_ptr error) { set_error(std::move(error), 0); }

void Event::set_error(std::exception_ptr error, uint32_t parts_done) {
  const Event kept = *this;
  kept.state().signal(State::failed, std::move(error), parts_done);
}

Event Event::part(uint32_t number) const {
  Event part = *this;
  part.part_ = number;
  return part;
}

void Event::submit(DeviceQueue& queue, uint64_t ticket) {
  const Event kept = *this;
  kept.state().submit(queue, ticket);
}

void Event::on_done(std::function<void()> callback) const {
  const Event kept = *this;
  kept.state().on_done(std::move(callback));
}

bool Event::is_signaled() const { return state().is_signaled(); }

bool Event::has_error() const {
  state().is_signaled();
  return error() != nullptr;
}

std::exception_ptr Event::load_error() const { return has_error() ? error() : nullptr; }

void Event::check_error() const {
  if (auto why = load_error()) std::rethrow_exception(why);
}

uint64_t Event::value() const { return state_ ? state_->value.load() : 0; }
void Event::set_value(uint64_t value) {
  if (state_) state_->value.store(value);
}

const Stream& Event::stream() const { return state().stream; }

}  // namespace mlx::core

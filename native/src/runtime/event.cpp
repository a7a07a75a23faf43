#include "mlx/event.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>

#include "mlx/scheduler.h"
#include "runtime/work_in_flight.h"

namespace mlx::core {

struct Event::State {
  enum Phase : uint32_t { pending, signaling, done, failed };

  explicit State(Stream stream) : stream(stream) {}

  bool is_signaled() const { return phase.load(std::memory_order_acquire) >= done; }

  void signal(Phase result, std::exception_ptr why) {
    uint32_t expected = pending;
    if (!phase.compare_exchange_strong(expected, signaling, std::memory_order_relaxed)) return;
    error = std::move(why);
    phase.store(result, std::memory_order_release);
    phase.notify_all();
  }

  void block() const {
    if (is_signaled()) return;
    scheduler::WorkInFlight::BlockedScope blocked;
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

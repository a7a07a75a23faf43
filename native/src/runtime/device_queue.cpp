#include "runtime/device_queue.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>
#include <unordered_map>
#include <utility>

#include "mlx/errors.h"
#include "runtime/background_thread.h"
#include "runtime/gpu_device.h"
#include "runtime/gpu_memory.h"
#include "runtime/memory_pressure.h"

namespace mlx::core {

namespace {

/// Evaluations in a queue. What they hold is bounded by itself, so that many small ones may be.
constexpr size_t most_in_flight = 128;
/// The part of the memory that may wait for them.
constexpr size_t most_pending_part = 8;

thread_local DeviceQueue* current_queue = nullptr;

/// The queues of GPU streams. Leaked with their queues: worker threads may still use them while the
/// process exits.
struct StreamQueues {
  std::mutex mutex;
  std::unordered_map<int, std::unique_ptr<DeviceQueue>> by_stream;
};

StreamQueues& stream_queues() {
  static auto& queues = *new StreamQueues;
  return queues;
}

/// A queue of its own for what comes to the host, which so needn't wait for what was put in since.
DeviceQueue& reader_of(gpu::Device& device) {
  // Leaked with their queues.
  static auto& mutex = *new std::mutex;
  static auto& readers = *new std::unordered_map<gpu::Device*, std::unique_ptr<DeviceQueue>>;
  std::lock_guard lock(mutex);
  auto& reader = readers[&device];
  if (!reader) reader = std::make_unique<DeviceQueue>(device);
  return *reader;
}

}  // namespace

DeviceQueue::DeviceQueue(gpu::Device& device) : device_(device), queue_(device.new_queue()) {}

DeviceQueue* DeviceQueue::current() { return current_queue; }

uint64_t DeviceQueue::put(const std::function<void(gpu::Queue&)>& put) {
  throw_if_lost();
  auto lock = lock_answering(mutex_);
  put(queue_);
  has_work_ = true;
  return committed_ + 1;
}

uint64_t DeviceQueue::next_ticket() {
  auto lock = lock_answering(mutex_);
  has_work_ = true;
  return committed_ + 1;
}

uint64_t DeviceQueue::commit() {
  auto lock = lock_answering(mutex_);
  if (has_work_) {
    committed_ = queue_.commit().number;
    has_work_ = false;
    while (!in_flight_.empty() && has_reached(in_flight_.front())) in_flight_.pop_front();
    in_flight_.push_back(committed_);
  }
  return committed_;
}

void DeviceQueue::limit_work_in_flight() {
  for (;;) {
    uint64_t oldest;
    {
      auto lock = lock_answering(mutex_);
      while (!in_flight_.empty() && has_reached(in_flight_.front())) in_flight_.pop_front();
      bool is_much = in_flight_.size() > most_in_flight ||
                     pending_device_memory() > gpu_memory::known_limit() / most_pending_part;
      if (in_flight_.empty() || !is_much) return;
      oldest = in_flight_.front();
    }
    block(oldest);
    collect_pending_frees();
  }
}

void DeviceQueue::commit_up_to(uint64_t ticket) {
  // Not by waiting for the lock: who holds it may be short of memory that the caller has, and
  // commits by itself what it put in before.
  while (ticket > committed_.load(std::memory_order_acquire)) {
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock) {
      commit();
      return;
    }
    answer_relief_requests();
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

void DeviceQueue::wait_for(DeviceQueue& other, uint64_t ticket) {
  if (&other == this || other.has_reached(ticket)) return;
  other.commit_up_to(ticket);
  put([&](gpu::Queue& queue) { queue.wait({&other.queue_, ticket}); });
}

void DeviceQueue::block(uint64_t ticket) {
  if (has_reached(ticket)) return;
  commit_up_to(ticket);
  queue_.block(ticket);
}

void DeviceQueue::block_surely(uint64_t ticket) {
  for (;;) {
    try {
      return block(ticket);
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

void DeviceQueue::read(uint64_t ticket, gpu::Memory memory, size_t offset, void* to, size_t bytes) {
  block(ticket);
  throw_if_lost();
  DeviceQueue& reader = reader_of(device_);
  {
    auto lock = lock_answering(reader.mutex_);
    reader.queue_.copy_out(memory, offset, to, bytes);
  }
  throw_if_lost();
}

std::exception_ptr DeviceQueue::error() const {
  auto reason = queue_.error();
  if (!reason) return nullptr;
  return std::make_exception_ptr(
      EngineError("[eval] The GPU is lost to this process: " + *reason +
                  ". Arrays that only the GPU had are gone; the CPU still works."));
}

void DeviceQueue::throw_if_lost() const {
  if (auto why = error()) std::rethrow_exception(why);
}

std::exception_ptr DeviceQueue::error(uint64_t ticket) const {
  if (auto lost = error()) return lost;
  if (!has_spoilt_.load(std::memory_order_acquire)) return nullptr;
  std::lock_guard lock(spoilt_mutex_);
  for (auto& spoilt : spoilt_)
    if (spoilt.from <= ticket && ticket <= spoilt.to) return spoilt.why;
  return nullptr;
}

/// Without the queue's lock: who holds it may wait for what is about to be released.
void DeviceQueue::begin_spoiling(const std::exception_ptr& why) {
  uint64_t done = 0;
  for (uint64_t end = committed_ + 1; done + 1 < end;) {
    const uint64_t middle = done + (end - done) / 2;
    (has_reached(middle) ? done : end) = middle;
  }
  std::lock_guard lock(spoilt_mutex_);
  spoilt_.push_back({done + 1, UINT64_MAX, why});
  has_spoilt_.store(true, std::memory_order_release);
}

void DeviceQueue::end_spoiling() {
  const uint64_t last = next_ticket();
  block_surely(last);
  std::lock_guard lock(spoilt_mutex_);
  spoilt_.back().to = std::max(last, committed_.load());
}

void DeviceQueue::spoil_work_in_flight(std::exception_ptr why,
                                       const std::function<void()>& release) {
  // One at a time, so that each ends the spoiling that it began.
  static auto& spoiling = *new std::mutex;
  std::lock_guard lock(spoiling);
  std::vector<DeviceQueue*> queues;
  {
    std::lock_guard lock_queues(stream_queues().mutex);
    for (auto& [stream, queue] : stream_queues().by_stream) queues.push_back(queue.get());
  }
  for (auto* queue : queues) queue->begin_spoiling(why);
  release();
  for (auto* queue : queues) queue->end_spoiling();
}

void DeviceQueue::when_reached(uint64_t ticket, std::function<void()> callback) {
  std::lock_guard lock(completions_mutex_);
  completions_.push_back({ticket, std::move(callback)});
  completions_changed_.notify_one();
  if (has_thread_) return;
  has_thread_ = start_background_thread("mlx-gpu-done", [this] { complete(); });
  if (has_thread_) return;
  completions_.pop_back();
  throw EngineError("[eval] The system allows no more threads, and a GPU's queue needs one.");
}

void DeviceQueue::complete() {
  std::unique_lock lock(completions_mutex_);
  for (;;) {
    completions_changed_.wait(lock, [&] { return !completions_.empty(); });
    Completion next = std::move(completions_.front());
    completions_.pop_front();
    lock.unlock();
    block_surely(next.ticket);
    next.callback();
    next.callback = nullptr;
    lock.lock();
  }
}

DeviceQueue& device_queue(const Stream& stream) {
  StreamQueues& queues = stream_queues();
  std::lock_guard lock(queues.mutex);
  auto& queue = queues.by_stream[stream.index];
  if (!queue) queue = std::make_unique<DeviceQueue>(gpu_device());
  return *queue;
}

PuttingScope::PuttingScope(DeviceQueue* queue) : previous_(std::exchange(current_queue, queue)) {}
PuttingScope::~PuttingScope() { current_queue = previous_; }

}  // namespace mlx::core

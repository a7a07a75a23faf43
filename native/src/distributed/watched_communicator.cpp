#include "distributed/watched_communicator.h"

#include <exception>
#include <thread>

#include "distributed/peer_call.h"
#include "distributed/time_limit.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "runtime/background_thread.h"

namespace mlx::core::distributed {

std::string late_text(CallKind kind) {
  return concat_text(
      in_brackets(kind), "Within ", timeout(),
      " s the GPUs of all processes did not come to an end of the call, to which all "
      "had come. A process has ended or hangs.");
}

void WatchedCommunicator::start_watch() {
  if (!start_background_thread("mlx-gpu-group", [self = shared_from_this()] { self->watch(); }))
    throw EngineError(
        "[distributed] The system allows no more threads, and a group of GPUs needs one.");
}

void WatchedCommunicator::put_in(CallKind kind, DeviceQueue& queue,
                                 const std::function<void(gpu::Communicator&)>& put) {
  const uint64_t ready = queue.next_ticket();
  queue.commit();
  {
    std::lock_guard lock(mutex_);
    in_library_since_ = Clock::now();
    in_library_ = kind;
  }
  uint64_t done = 0;
  std::string problem;
  try {
    put(*communicator_);
    done = queue.commit();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  {
    std::lock_guard lock(mutex_);
    in_library_since_.reset();
    if (problem.empty()) return calls_.push_back({kind, &queue, ready, done, {}});
    if (!reason_.empty()) problem = reason_;
  }
  end(problem);
  throw EngineError(problem);
}

void WatchedCommunicator::watch() {
  // Far below any time limit.
  constexpr auto pause = std::chrono::milliseconds(20);
  while (!is_over_) {
    std::this_thread::sleep_for(pause);
    if (auto problem = find_problem()) return end(*problem);
  }
}

std::optional<std::string> WatchedCommunicator::find_problem() {
  std::lock_guard lock(mutex_);
  while (!calls_.empty() && calls_.front().queue->has_reached(calls_.front().done))
    calls_.pop_front();
  const auto now = Clock::now();
  auto is_late = [&](Clock::time_point since) { return now - since > time_limit(); };
  if (in_library_since_ && is_late(*in_library_since_)) return late_text(in_library_);
  if (calls_.empty()) return std::nullopt;
  for (Call& call : calls_) {
    if (!call.began && call.queue->has_reached(call.ready)) call.began = now;
    if (call.began && is_late(*call.began)) return late_text(call.kind);
  }
  const std::string oldest = in_brackets(calls_.front().kind);
  if (auto problem = communicator_->error())
    return oldest + "The GPUs' exchange broke off: " + *problem + ".";
  if (auto lost = hosts_->lost_peers(); !lost.empty()) return oldest + incomplete_text(lost);
  return std::nullopt;
}

void WatchedCommunicator::end(const std::string& reason) {
  is_over_ = true;
  {
    std::lock_guard lock(mutex_);
    if (!reason_.empty()) return;
    reason_ = reason;
  }
  hosts_->give_up(reason);
  DeviceQueue::spoil_work_in_flight(std::make_exception_ptr(EngineError(reason)),
                                    [this] { communicator_->abort(); });
}

}  // namespace mlx::core::distributed

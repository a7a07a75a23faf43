#include "evaluation/compiled.h"
#include "evaluation/executor.h"
#include "evaluation/plan.h"
#include "mlx/scheduler.h"
#include "mlx/transforms.h"
#include "runtime/cancellation.h"
#include "runtime/device_queue.h"
#include "runtime/interruption.h"
#include "runtime/waiting_streams.h"
#include "runtime/work_in_flight.h"

namespace mlx::core {
namespace {

// Handing work to another thread and being woken costs about this long.
constexpr double inline_nanoseconds = 50'000;
/// A thread that may be told to end leaves longer work to others, so that it can look up.
constexpr double longest_uninterrupted = 10e6;
/// Asynchronous evaluations that a stream may have in flight: enough to keep it busy, few enough
/// that their results don't pile up.
constexpr int most_in_flight = 10;

void run_fused(Step& step) {
  execute_fused(
      step, [](const array& source) -> const array& { return source; },
      [&](uint16_t position) -> array& { return step.members[position]; });
}

void run_primitive(Step& step) {
  array& first = step.members[0];
  std::shared_ptr<Primitive> primitive = first.primitive_ptr();
  if (step.keep_graph) return execute(*primitive, first.inputs(), step.members);
  // The step owns the inputs now, so that a primitive can tell which it may overwrite.
  std::vector<array> inputs = std::move(first.inputs());
  try {
    execute(*primitive, inputs, step.members);
  } catch (...) {
    first.inputs() = std::move(inputs);
    throw;
  }
}

/// What is left of a call that overwrote its inputs; where there is no memory for its own error,
/// the plan has one.
std::shared_ptr<Primitive> failed_call(const ReplayPlan& plan, std::exception_ptr error) {
  try {
    return std::make_shared<FailedCall>(plan.stream, std::move(error));
  } catch (const std::bad_alloc&) {
    return plan.out_of_memory;
  }
}

void run_compiled(Step& step) {
  array& first = step.members[0];
  std::vector<array> leaves = step.keep_graph ? first.inputs() : std::move(first.inputs());
  try {
    run_replay(*step.replay, leaves, step.members);
  } catch (...) {
    if (leaves.empty() && step.replay->leaves > 0) {
      auto failed = failed_call(*step.replay, std::current_exception());
      for (auto& member : step.members) member.primitive_ptr() = failed;
    } else if (!step.keep_graph) {
      first.inputs() = std::move(leaves);
    }
    throw;
  }
}

/// Without a queue the values are there afterwards; with one they are once it has come so far.
void run_step(Step& step, const DeviceQueue* queue) {
  if (step.program) {
    run_fused(step);
  } else if (step.replay) {
    run_compiled(step);
  } else {
    run_primitive(step);
  }
  if (!step.keep_graph) {
    // Members of a fused step are nodes of their own; others are one node's outputs.
    size_t nodes = step.program ? step.members.size() : 1;
    for (size_t i = 0; i < nodes; ++i) step.members[i].detach();
  }
  // Buffers that nobody else holds go back before the next step asks for one, and before anybody
  // is told that the values are there.
  std::vector<array> members = std::move(step.members);
  step = {};
  if (!queue)
    for (auto& member : members) member.set_status(array::available);
}

/// Nothing later runs before the event; a GPU's queue waits by itself for what another one does.
void wait_for(const Event& event, DeviceQueue* queue) {
  if (queue) event.wait(*queue);
  if (!queue || event.has_error()) event.wait();
}

/// How many of the steps before the one that failed somebody may still wait for: those that a GPU
/// was given, once it is done with them. The CPU's are available already.
uint32_t finish_steps(DeviceQueue* queue, size_t steps) noexcept {
  if (!queue) return 0;
  try {
    const uint64_t ticket = queue->commit();
    queue->block(ticket);
    return queue->error(ticket) ? 0 : uint32_t(steps);
  } catch (...) {
    // The device is lost, and with it what it was given.
    return 0;
  }
}

/// Runs a segment whole, or gives it to the GPU's queue. After an error what is left of it can be
/// evaluated again.
void run_segment(Segment& segment) {
  size_t next = 0;
  DeviceQueue* queue = nullptr;
  try {
    if (!(segment.stream.device == Device::cpu)) queue = &device_queue(segment.stream);
    PuttingScope putting(queue);
    for (auto& event : segment.waits) wait_for(event, queue);
    for (; next < segment.steps.size(); ++next) {
      throw_if_cancelled();
      run_step(segment.steps[next], queue);
    }
    if (queue) return segment.done.submit(*queue, queue->commit());
  } catch (...) {
    unschedule(segment, next);
    segment.done.set_error(std::current_exception(), finish_steps(queue, next));
    throw;
  }
  segment.done.signal();
}

/// Takes the segment, unless that fails.
void enqueue_segment(Segment& segment) {
  const Stream stream = segment.stream;
  scheduler::notify_new_task(stream);
  std::shared_ptr<Segment> shared;
  try {
    shared = std::make_shared<Segment>(std::move(segment));
    scheduler::enqueue(stream, [shared] {
      try {
        run_segment(*shared);
      } catch (...) {
        // Kept in the event; who waits for the result gets it.
      }
      scheduler::notify_task_completion(shared->stream);
    });
  } catch (...) {
    scheduler::notify_task_completion(stream);
    if (shared) segment = std::move(*shared);
    throw;
  }
}

/// Runs a plan of one segment on this thread if the stream is idle.
bool run_inline(Plan& plan) {
  if (plan.segments.size() != 1) return false;
  if (plan.nanoseconds > longest_uninterrupted && is_interruptible()) return false;
  Segment& segment = plan.segments[0];
  return scheduler::try_run_inline(segment.stream, [&] { run_segment(segment); });
}

void enqueue_plan(Plan& plan) {
  size_t next = 0;
  try {
    for (; next < plan.segments.size(); ++next) enqueue_segment(plan.segments[next]);
  } catch (...) {
    for (; next < plan.segments.size(); ++next) {
      unschedule(plan.segments[next], 0);
      plan.segments[next].done.set_error(std::current_exception());
    }
    throw;
  }
}

/// Waits while the stream has more to do than keeps it busy, unless that would be for ever.
void wait_for_room(const Stream& stream) {
  // A task that waited for its own stream would do so for ever.
  if (scheduler::WorkInFlight::is_on_stream()) return;
  auto& work = scheduler::work_in_flight();
  for (;;) {
    uint64_t seen = work.tasks_done();
    if (scheduler::scheduler().n_active_tasks(stream) <= most_in_flight) break;
    if (!work.wait_for_a_task(seen)) break;
  }
  if (!(stream.device == Device::cpu)) device_queue(stream).limit_work_in_flight();
}

}  // namespace

void eval(std::vector<array> outputs) {
  Plan plan = make_plan(outputs);
  // Who waits anyway does the work itself and saves two changes of thread.
  if (!plan.segments.empty() && !run_inline(plan)) enqueue_plan(plan);
  for (auto& output : outputs) output.wait();
}

void async_eval(std::vector<array> outputs) {
  Plan plan = make_plan(outputs);
  if (plan.segments.empty()) return;
  if (plan.nanoseconds < inline_nanoseconds && !may_wait_for_others(plan.segments[0].stream)) {
    try {
      Stream stream = plan.segments[0].stream;
      if (run_inline(plan)) {
        if (!(stream.device == Device::cpu)) wait_for_room(stream);
        return;
      }
    } catch (...) {
      // Kept in the event, like the errors of another thread.
      return;
    }
  }
  enqueue_plan(plan);
  for (auto& segment : plan.segments) wait_for_room(segment.stream);
}

}  // namespace mlx::core

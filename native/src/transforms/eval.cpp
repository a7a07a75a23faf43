#include "cpu/elementwise_eval.h"
#include "mlx/scheduler.h"
#include "mlx/transforms.h"
#include "primitives/compiled.h"
#include "transforms/debug_view.h"
#include "transforms/eval_plan.h"

namespace mlx::core {
namespace {

// Handing work to another thread and being woken costs about this long.
constexpr double inline_nanoseconds = 50'000;

void run_primitive(Step& step) {
  array& first = step.members[0];
  std::shared_ptr<Primitive> primitive = first.primitive_ptr();
  if (step.keep_graph) {
    DebugTimer timer;
    primitive->eval_cpu(first.inputs(), step.members);
    if (timer.is_on()) timer.report(*primitive, first.inputs(), step.members);
    return;
  }
  // The step owns the inputs now, so that a primitive can tell which it may overwrite.
  std::vector<array> inputs = std::move(first.inputs());
  try {
    DebugTimer timer;
    primitive->eval_cpu(inputs, step.members);
    if (timer.is_on()) timer.report(*primitive, inputs, step.members);
  } catch (...) {
    first.inputs() = std::move(inputs);
    throw;
  }
}

void run_compiled(Step& step) {
  array& first = step.members[0];
  std::vector<array> leaves = step.keep_graph ? first.inputs() : std::move(first.inputs());
  try {
    run_replay(*step.replay, leaves, step.members);
  } catch (...) {
    if (leaves.empty() && step.replay->leaves > 0) {
      auto failed = std::make_shared<FailedCall>(step.replay->stream, std::current_exception());
      for (auto& member : step.members) member.primitive_ptr() = failed;
    } else if (!step.keep_graph) {
      first.inputs() = std::move(leaves);
    }
    throw;
  }
}

void run_step(Step& step) {
  if (step.program) {
    eval_elementwise(step);
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
  for (auto& member : step.members) member.set_status(array::available);
  // Buffers that nobody else holds go back before the next step asks for one.
  step = {};
}

/// Runs a segment whole. After an error what is left of it can be evaluated again.
void run_segment(Segment& segment) {
  size_t next = 0;
  try {
    for (auto& event : segment.waits) event.wait();
    for (; next < segment.steps.size(); ++next) run_step(segment.steps[next]);
  } catch (...) {
    unschedule(segment, next);
    segment.done.set_error(std::current_exception());
    throw;
  }
  segment.done.signal();
}

void enqueue_segment(Segment segment) {
  auto shared = std::make_shared<Segment>(std::move(segment));
  Stream stream = shared->stream;
  auto fail = [](Segment& unsent) {
    unschedule(unsent, 0);
    unsent.done.set_error(std::current_exception());
  };
  try {
    scheduler::enqueue(stream, [shared] {
      scheduler::notify_new_task(shared->stream);
      try {
        run_segment(*shared);
      } catch (...) {
        // Kept in the event; who waits for the result gets it.
      }
      scheduler::notify_task_completion(shared->stream);
    });
  } catch (...) {
    fail(*shared);
    throw;
  }
}

/// Runs a plan of one segment on this thread if the stream is idle.
bool run_inline(Plan& plan) {
  if (plan.segments.size() != 1) return false;
  Segment& segment = plan.segments[0];
  return scheduler::try_run_inline(segment.stream, [&] { run_segment(segment); });
}

void enqueue_plan(Plan& plan) {
  for (size_t i = 0; i < plan.segments.size(); ++i) {
    try {
      enqueue_segment(std::move(plan.segments[i]));
    } catch (...) {
      for (size_t k = i + 1; k < plan.segments.size(); ++k) {
        unschedule(plan.segments[k], 0);
        plan.segments[k].done.set_error(std::current_exception());
      }
      throw;
    }
  }
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
  if (plan.nanoseconds < inline_nanoseconds) {
    try {
      if (run_inline(plan)) return;
    } catch (...) {
      // Kept in the event, like the errors of another thread.
      return;
    }
  }
  enqueue_plan(plan);
}

}  // namespace mlx::core

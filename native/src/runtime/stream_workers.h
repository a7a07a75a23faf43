#pragma once

namespace mlx::core::scheduler {

class StreamQueue;

/// Has a thread of its own drain the queue: one that sleeps after other streams' work, or a new
/// one. There are as many threads as streams were ever busy at once, and few stay when idle, so
/// that a task may block without holding up other streams. False when no thread could be started.
bool drain_on_worker(StreamQueue& queue);

}  // namespace mlx::core::scheduler

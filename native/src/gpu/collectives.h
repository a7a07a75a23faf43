#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gpu/commands.h"

namespace mlx::core::gpu {

enum class Reduction : uint8_t { sum, max, min };

/// The GPUs of several processes, which exchange values without the hosts. All processes put in the
/// same work in the same order, through queues of one device; abort and error may be called by any
/// thread at any time. Functions throw EngineError.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// Whether elements of a dtype can be reduced with the results that the engine's own operations
  /// have.
  virtual bool can_reduce(Reduction reduction, Dtype::Val dtype) const = 0;
  virtual void all_reduce(Queue& queue, Reduction reduction, Dtype::Val dtype, Place from, Place to,
                          size_t count) = 0;
  /// `count` elements are one process's part of the result.
  virtual void reduce_scatter(Queue& queue, Reduction reduction, Dtype::Val dtype, Place from,
                              Place to, size_t count) = 0;
  /// `bytes` are those of one process.
  virtual void all_gather(Queue& queue, Place from, Place to, size_t bytes) = 0;
  virtual void send(Queue& queue, Place from, size_t bytes, int to) = 0;
  virtual void receive(Queue& queue, Place to, size_t bytes, int from) = 0;

  /// What went wrong while the GPUs worked, such as a connection that broke.
  virtual std::optional<std::string> error() = 0;
  /// Ends the work that is under way, with any values; nothing can be put in any more.
  virtual void abort() = 0;
};

/// By what a kind of GPU finds those of other processes.
class CollectiveLibrary {
 public:
  virtual ~CollectiveLibrary() = default;

  /// What one process makes for a new communicator and tells all others.
  virtual std::string new_id() = 0;
  /// For queues of the device that this one belongs to. Returns once all processes have come.
  virtual std::unique_ptr<Communicator> join(Queue& queue, const std::string& id, int rank,
                                             int size) = 0;
};

}  // namespace mlx::core::gpu

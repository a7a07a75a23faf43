#pragma once

#include <cstddef>
#include <cstdint>

#include "mlx/errors.h"

namespace mlx::core::distributed {

/// A message will never come, or be taken, since the other process is gone.
class LostPeer : public EngineError {
 public:
  using EngineError::EngineError;
};

/// Messages between the processes that were started together. Messages with one tag from one
/// process to another arrive in the order in which they were sent and are received in the order in
/// which that was asked for. No call blocks; any thread may call. Errors are EngineErrors.
class Transport {
 public:
  /// A message on its way.
  struct Transfer {
    void* handle = nullptr;
  };

  virtual ~Transport() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// The bytes must stay until the transfer is done.
  virtual Transfer send(int to, int tag, const void* bytes, size_t count) = 0;
  /// Takes a message of at most that many bytes.
  virtual Transfer receive(int from, int tag, void* bytes, size_t count) = 0;
  /// Whether the transfer is over; once it is, it may not be asked after again. Moves all transfers
  /// along. May throw LostPeer.
  virtual bool is_done(Transfer& transfer) = 0;
  /// Gives up a transfer. Its bytes may still be used for as long as the process lives.
  virtual void abandon(Transfer& transfer) = 0;
  /// Whether a process is known to be gone; where that can't be seen, it never is.
  virtual bool has_lost(int) { return false; }
  /// Whether no transfer was given up.
  virtual bool is_sound() const = 0;
  /// Ends the service for the process; every later call is an error. `in_order` means that all
  /// others end theirs in order, too.
  virtual void close(bool in_order) = 0;

  /// The most bytes that one message may have.
  static constexpr size_t largest_message = size_t(1) << 30;
};

}  // namespace mlx::core::distributed

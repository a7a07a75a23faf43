#pragma once

#include <memory>
#include <vector>

#include "distributed/time_limit.h"
#include "distributed/transport.h"

namespace mlx::core::distributed {

/// The messages that one call has under way, and the memory that they need.
class Exchange {
 public:
  explicit Exchange(Transport& transport) : transport_(transport) {}
  /// Messages that are still under way are abandoned, and their memory is never freed.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Keeps something for as long as messages may use it.
  void keep(std::shared_ptr<void> memory) { kept_.push_back(std::move(memory)); }
  /// Memory for messages.
  std::byte* allocate(size_t bytes);

  /// `peer` is the other's number in its group, for errors. Messages of any size, in parts of what
  /// the transport takes.
  void send(int peer, int to, int tag, const void* bytes, size_t count);
  void receive(int peer, int from, int tag, void* bytes, size_t count);

  /// How many messages were begun so far.
  size_t begun() const { return transfers_.size(); }
  /// Waits for the first `count` of them. Returns false when time runs out, with nothing having
  /// moved for as long as the limit allows.
  bool wait(size_t count);
  bool wait_for_all() { return wait(begun()); }
  /// Whose messages did not come, or were not taken, in order.
  std::vector<int> late_peers() const;

 private:
  struct Entry {
    Transport::Transfer transfer;
    int peer;
    bool is_done;
  };

  bool poll(size_t end);

  Transport& transport_;
  std::vector<Entry> transfers_;
  /// All before are done.
  size_t first_open_ = 0;
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace mlx::core::distributed

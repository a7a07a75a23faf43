#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "distributed/call_header.h"
#include "distributed/exchange.h"
#include "mlx/distributed/distributed_impl.h"
#include "mlx/errors.h"
#include "primitives/elementwise_op.h"

namespace mlx::core::distributed {

/// What is wrong with a call, as all its processes know, of whom none has moved on: they may make
/// others.
class RefusedCall : public EngineError {
 public:
  using EngineError::EngineError;
};

/// A group of processes that send each other messages. Every call begins with headers between all
/// of them, and small values travel in the same messages; so processes that don't make the same
/// call, that have ended or that hang are an error on all others. Sums are in the order of the
/// ranks, the same to the bit on all.
class PeerGroup : public detail::GroupImpl {
 public:
  /// The group of all processes.
  static std::shared_ptr<PeerGroup> world(Transport& transport);
  ~PeerGroup() override;

  Stream communication_stream(StreamOrDevice s) override;
  int rank() override { return rank_; }
  int size() override { return int(members_.size()); }
  std::shared_ptr<GroupImpl> split(int color, int key) override { return divide(color, key); }
  std::shared_ptr<PeerGroup> divide(int color, int key);

  void all_sum(const array& input, array& output, Stream stream) override;
  void all_max(const array& input, array& output, Stream stream) override;
  void all_min(const array& input, array& output, Stream stream) override;
  void all_gather(const array& input, array& output, Stream stream) override;
  void sum_scatter(const array& input, array& output, Stream stream) override;
  void send(const array& input, int to, Stream stream) override;
  void recv(array& output, int from, Stream stream) override;

  // For values that are on the GPUs: the processes meet, and see that they mean the same, before
  // `move_values` is called, whose errors give the group up.
  void meet_all(CallKind kind, const array& values, const std::function<void()>& move_values);
  void meet_receiver(const array& values, int to, const std::function<void()>& move_values);
  void meet_sender(const array& values, int from, const std::function<void()>& move_values);
  /// What each process says, by rank: texts of at most 1,000 bytes.
  std::vector<std::string> tell_all(const std::string& own);
  /// Lets all later calls fail, for this reason.
  void give_up(const std::string& reason);
  /// Of the others, who is known to be gone.
  std::vector<int> lost_peers() const;

  /// Tells all others that this process takes part no more, in any of its groups, and waits until
  /// they all have said so. Returns false, on all of them, when one has a call under way or given
  /// up; and when that can't be known, or the time limit, if there is one, is over.
  bool leave(bool without_limit);

 private:
  /// What the groups of one transport share.
  class Shared {
   public:
    explicit Shared(Transport& transport) : transport(transport) {}

    void add(const std::shared_ptr<PeerGroup>& group);
    std::vector<std::weak_ptr<PeerGroup>> groups();

    Transport& transport;
    std::atomic<int> next_context{1};
    /// Whether any of them failed in the middle of a call.
    std::atomic<bool> has_problem{false};

   private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<PeerGroup>> groups_;
  };

  // Messages of a group have tags of their own, by what they are about.
  enum class Topic { call, values, message, reply };

  PeerGroup(std::shared_ptr<Shared> shared, std::vector<int> members, int context);
  static std::shared_ptr<PeerGroup> make(std::shared_ptr<Shared> shared, std::vector<int> members,
                                         int context);

  template <typename Body>
  void call(CallKind kind, const array& a, Body&& body, bool on_gpu = false);
  void guarded(CallKind kind, const std::function<void()>& body);
  void throw_if_unusable(CallKind kind) const;

  std::vector<const void*> meet(Exchange& exchange, const CallHeader& header,
                                const std::vector<const void*>& values, size_t bytes);
  void check_headers(const CallHeader& own);
  void finish(Exchange& exchange, CallKind kind, size_t count);
  void offer(Exchange& exchange, const CallHeader& own, const array& input, int to);
  const std::byte* accept(Exchange& exchange, const CallHeader& own, int from);
  void reduce(CallKind kind, ElementwiseOp op, const array& input, array& output);
  void reduce_in_segments(Exchange& exchange, CallKind kind, ElementwiseOp op, const array& input,
                          array& output);
  void scatter_in_segments(Exchange& exchange, const array& input, array& output);

  template <typename Action>
  void for_each_peer(Action&& action) const;
  int tag(Topic topic) const { return context_ * 4 + int(topic); }
  std::byte* incoming(int rank) const;
  std::byte* outgoing(int rank) const;
  std::string what_else(int peer, Topic topic);

  const std::shared_ptr<Shared> shared_;
  /// Their numbers in the transport, by rank.
  const std::vector<int> members_;
  const int context_;
  int rank_ = 0;

  /// Held for a whole call: two at once would mix.
  std::mutex calling_;
  uint64_t calls_ = 0;
  /// For headers with small values, to and from each process.
  std::shared_ptr<std::byte[]> headers_;
  std::unique_ptr<std::mutex[]> sending_, receiving_;

  mutable std::mutex state_mutex_;
  /// Why the group can be used no more.
  std::string problem_;
  std::optional<Stream> stream_;
};

}  // namespace mlx::core::distributed

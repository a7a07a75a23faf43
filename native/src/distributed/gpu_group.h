#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "distributed/peer_group.h"
#include "distributed/watched_communicator.h"
#include "gpu/collectives.h"
#include "mlx/distributed/distributed_impl.h"
#include "runtime/device_queue.h"

namespace mlx::core::distributed {

/// A group of processes whose GPUs exchange values by themselves, in the order of a GPU's stream.
/// Their hosts meet before each call, by a group of their own, and each waits until its GPU is
/// done; so processes that don't make the same call, that end or hang are errors here too. Calls on
/// the CPU's streams are those of the hosts.
class GpuGroup : public detail::GroupImpl {
 public:
  /// All processes of the hosts' group make it at the same time.
  GpuGroup(std::shared_ptr<PeerGroup> hosts, gpu::CollectiveLibrary& library);
  ~GpuGroup() override;

  Stream communication_stream(StreamOrDevice s) override;
  int rank() override { return hosts_->rank(); }
  int size() override { return hosts_->size(); }
  std::shared_ptr<GroupImpl> split(int color, int key) override;

  void all_sum(const array& input, array& output, Stream stream) override;
  void all_max(const array& input, array& output, Stream stream) override;
  void all_min(const array& input, array& output, Stream stream) override;
  void all_gather(const array& input, array& output, Stream stream) override;
  void sum_scatter(const array& input, array& output, Stream stream) override;
  void send(const array& input, int to, Stream stream) override;
  void recv(array& output, int from, Stream stream) override;

 private:
  using Work =
      std::function<void(gpu::Commands&, gpu::Communicator&, gpu::Place from, gpu::Place to)>;

  void all_reduce(CallKind kind, gpu::Reduction reduction, const array& input, array& output);
  void call(CallKind kind, const array& input, array& output, const Work& work);
  void guarded(const std::function<void()>& meet);
  void put_in(CallKind kind, const array* input, array* output, const Work& work);
  WatchedCommunicator& communicator(CallKind kind, DeviceQueue& queue);

  const std::shared_ptr<PeerGroup> hosts_;
  gpu::CollectiveLibrary& library_;
  /// What they all join by, at the first call.
  std::string id_;

  std::mutex mutex_;
  std::shared_ptr<WatchedCommunicator> communicator_;
  std::optional<Stream> stream_;
};

}  // namespace mlx::core::distributed

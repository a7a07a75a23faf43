#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "distributed/gpu_group.h"
#include "distributed/mpi_library.h"
#include "distributed/mpi_transport.h"
#include "distributed/peer_group.h"
#include "distributed/tcp_transport.h"
#include "mlx/distributed/distributed_impl.h"
#include "mlx/errors.h"
#include "mlx/utils.h"
#include "runtime/gpu_device.h"

namespace mlx::core::distributed {

namespace {

/// This process alone.
class SoleGroup : public detail::GroupImpl {
 public:
  Stream communication_stream(StreamOrDevice s) override { return to_stream(s, Device::cpu); }
  int rank() override { return 0; }
  int size() override { return 1; }
  std::shared_ptr<GroupImpl> split(int, int) override {
    throw EngineError("[split] A group of one process can't be split.");
  }

  void all_sum(const array&, array&, Stream) override { has_no_others(); }
  void all_gather(const array&, array&, Stream) override { has_no_others(); }
  void send(const array&, int, Stream) override { has_no_others(); }
  void recv(array&, int, Stream) override { has_no_others(); }
  void all_max(const array&, array&, Stream) override { has_no_others(); }
  void all_min(const array&, array&, Stream) override { has_no_others(); }
  void sum_scatter(const array&, array&, Stream) override { has_no_others(); }

 private:
  [[noreturn]] void has_no_others() {
    throw EngineError("[distributed] A group of one process has nobody to talk to.");
  }
};

void check_backend_name(const std::string& name) {
  for (const char* known : {"any", "ring", "mpi", "nccl", "jaccl"})
    if (name == known) return;
  throw std::invalid_argument(
      "[distributed] The backend must be any, ring, mpi, nccl or jaccl, not \"" + name + "\".");
}

Group sole_group() {
  // Leaked: other threads may still ask while the process exits.
  static const Group& alone = *new Group(std::make_shared<SoleGroup>());
  return alone;
}

struct Backends {
  std::mutex mutex;
  std::optional<Group> mpi, nccl, tcp;
  /// The first that worked.
  std::optional<Group> first;
};

Backends& backends() {
  static Backends& backends = *new Backends;
  return backends;
}

/// Open MPI's launcher, told to go on when a process dies, tells its processes so.
bool survives_deaths() {
  const char* text = std::getenv("OMPI_MCA_orte_enable_recovery");
  return text && std::strcmp(text, "1") == 0;
}

void leave_at_exit(PeerGroup& world, Transport& transport, bool without_limit) {
  try {
    transport.close(world.leave(without_limit));
  } catch (const std::exception&) {
    // Nobody is there to be told.
  }
}

/// All processes that a launcher started, with their messages: what came of connecting them, which
/// can be tried once. Leaked: other threads may still use it while the process exits.
struct World {
  Transport* transport = nullptr;
  std::shared_ptr<PeerGroup> group;
  std::string reason;
  std::exception_ptr error;

  explicit World(Transport* (*start)(std::string* reason)) {
    try {
      transport = start(&reason);
      if (transport) group = PeerGroup::world(*transport);
    } catch (...) {
      error = std::current_exception();
    }
  }

  const std::shared_ptr<PeerGroup>& get(std::string& why) const {
    if (error) std::rethrow_exception(error);
    why = reason;
    return group;
  }
};

std::shared_ptr<PeerGroup> world_by_mpi(std::string& reason) {
  static const World& world = *new World(start_mpi);
  // Without recovery a process that doesn't wait would end the others, who may still work.
  if (world.group) [[maybe_unused]]
    static const int registered =
        std::atexit([] { leave_at_exit(*world.group, *world.transport, !survives_deaths()); });
  return world.get(reason);
}

std::shared_ptr<PeerGroup> world_by_tcp(std::string& reason) {
  static const World& world = *new World(start_tcp);
  if (world.group) [[maybe_unused]]
    static const int registered =
        std::atexit([] { leave_at_exit(*world.group, *world.transport, false); });
  return world.get(reason);
}

/// By MPI where it started this process.
std::shared_ptr<PeerGroup> world_of_hosts(std::string& reason) {
  return is_started_by_mpi() ? world_by_mpi(reason) : world_by_tcp(reason);
}

std::optional<Group> join_by(std::shared_ptr<PeerGroup> (*find)(std::string& reason),
                             std::string& reason) {
  auto world = find(reason);
  return world ? std::optional(Group(world)) : std::nullopt;
}

std::optional<Group> join_by_nccl(std::string& reason) {
  gpu::CollectiveLibrary* library = gpu_collectives(&reason);
  if (!library) return std::nullopt;
  auto hosts = world_of_hosts(reason);
  if (!hosts) return std::nullopt;
  if (hosts->size() == 1) return Group(hosts);
  return Group(std::make_shared<GpuGroup>(hosts->divide(0, -1), *library));
}

/// A backend's group, from before or made now.
std::optional<Group> join(Backends& known, const std::string& name, std::string& reason) {
  if (name == "nccl") {
    if (!known.nccl) known.nccl = join_by_nccl(reason);
    return known.nccl;
  }
  if (name == "mpi") {
    if (!known.mpi) known.mpi = join_by(world_by_mpi, reason);
    return known.mpi;
  }
  if (name != "any") {
    reason = "it is not part of this build";
    return std::nullopt;
  }
  if (known.first) return known.first;
  // Who computes on the CPU wants no copies to a GPU.
  if (default_device() == Device::gpu)
    if (auto group = join(known, "nccl", reason)) return group;
  if (is_started_by_mpi()) return join(known, "mpi", reason);
  if (!known.tcp) known.tcp = join_by(world_by_tcp, reason);
  return known.tcp;
}

}  // namespace

int Group::rank() const { return group_->rank(); }
int Group::size() const { return group_->size(); }
Group Group::split(int color, int key) const { return Group(group_->split(color, key)); }

bool is_available() { return is_available("any"); }

bool is_available(const std::string& bk) {
  check_backend_name(bk);
  const bool any = bk == "any";
  return ((any || bk == "mpi") && find_mpi()) || ((any || bk == "nccl") && gpu_collectives());
}

Group init(bool strict, const std::string& bk) {
  check_backend_name(bk);
  Backends& known = backends();
  std::lock_guard lock(known.mutex);
  std::string reason;
  if (auto group = join(known, bk, reason)) {
    if (!known.first) known.first = group;
    return *group;
  }
  if (strict)
    throw EngineError(concat_text("[distributed] There is no group of processes by the backend \"",
                                  bk, "\": ", reason, "."));
  return sole_group();
}

Group init(bool strict, const std::string& bk, AllGatherFactory) { return init(strict, bk); }

void clear_backends() {
  std::lock_guard lock(backends().mutex);
  Backends& known = backends();
  known.mpi = known.nccl = known.tcp = known.first = std::nullopt;
}

}  // namespace mlx::core::distributed

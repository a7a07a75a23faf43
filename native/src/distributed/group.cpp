#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "distributed/mpi_library.h"
#include "distributed/mpi_transport.h"
#include "distributed/peer_group.h"
#include "mlx/distributed/distributed_impl.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

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
  std::optional<Group> mpi;
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

/// What came of starting MPI, which can be tried once.
struct MpiStart {
  Transport* transport = nullptr;
  std::string reason;
  std::exception_ptr error;

  MpiStart() {
    try {
      transport = start_mpi(&reason);
    } catch (...) {
      error = std::current_exception();
    }
  }
};

void leave_at_exit(PeerGroup& world, Transport& transport) {
  try {
    // Without recovery a process that doesn't wait would end the others, who may still work.
    transport.close(world.leave(!survives_deaths()));
  } catch (const std::exception&) {
    // MPI is gone, and nobody is there to be told.
  }
}

std::optional<Group> join_by_mpi(std::string& reason) {
  static const MpiStart start;
  if (start.error) std::rethrow_exception(start.error);
  reason = start.reason;
  if (!start.transport) return std::nullopt;
  // Leaked, like the transport.
  static auto& world = *new std::shared_ptr<PeerGroup>(PeerGroup::world(*start.transport));
  [[maybe_unused]] static const int registered =
      std::atexit([] { leave_at_exit(*world, *start.transport); });
  return Group(world);
}

}  // namespace

int Group::rank() const { return group_->rank(); }
int Group::size() const { return group_->size(); }
Group Group::split(int color, int key) const { return Group(group_->split(color, key)); }

bool is_available() { return is_available("any"); }

bool is_available(const std::string& bk) {
  check_backend_name(bk);
  return (bk == "any" || bk == "mpi") && find_mpi();
}

Group init(bool strict, const std::string& bk) {
  check_backend_name(bk);
  Backends& known = backends();
  std::lock_guard lock(known.mutex);
  std::string reason = "it is not part of this build";
  if (bk == "any" && known.first) return *known.first;
  if (bk == "any" || bk == "mpi") {
    if (!known.mpi) known.mpi = join_by_mpi(reason);
    if (known.mpi) {
      if (!known.first) known.first = known.mpi;
      return *known.mpi;
    }
  }
  if (strict)
    throw EngineError(concat_text("[distributed] There is no group of processes by the backend \"",
                                  bk, "\": ", reason, "."));
  return sole_group();
}

Group init(bool strict, const std::string& bk, AllGatherFactory) { return init(strict, bk); }

void clear_backends() {
  std::lock_guard lock(backends().mutex);
  backends().mpi.reset();
  backends().first.reset();
}

}  // namespace mlx::core::distributed

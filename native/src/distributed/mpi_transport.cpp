#include "distributed/mpi_transport.h"

#include <cstdlib>
#include <memory>
#include <mutex>

#include "distributed/mpi_library.h"
#include "distributed/time_limit.h"
#include "mlx/distributed/distributed.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

namespace {

class MpiTransport : public Transport {
 public:
  MpiTransport(const MpiLibrary& library, mpi::Communicator communicator)
      : library_(library), communicator_(communicator) {
    check(library_.rank(communicator_, &rank_));
    check(library_.size(communicator_, &size_));
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  Transfer send(int to, int tag, const void* bytes, size_t count) override {
    mpi::Request request;
    std::lock_guard lock(mutex_);
    check_open();
    check(library_.send(bytes, int(count), library_.byte, to, tag, communicator_, &request));
    return {request};
  }

  Transfer receive(int from, int tag, void* bytes, size_t count) override {
    mpi::Request request;
    std::lock_guard lock(mutex_);
    check_open();
    check(library_.receive(bytes, int(count), library_.byte, from, tag, communicator_, &request));
    return {request};
  }

  bool is_done(Transfer& transfer) override {
    auto request = static_cast<mpi::Request>(transfer.handle);
    int flag = 0;
    mpi::Status status;
    std::lock_guard lock(mutex_);
    check_open();
    int result = library_.test(&request, &flag, &status);
    transfer.handle = request;
    check(result);
    return flag;
  }

  void abandon(Transfer& transfer) override {
    auto request = static_cast<mpi::Request>(transfer.handle);
    std::lock_guard lock(mutex_);
    is_broken_ = true;
    if (!is_closed_) library_.cancel(&request);
  }

  bool is_sound() const override {
    std::lock_guard lock(mutex_);
    return !is_broken_;
  }

  void close(bool in_order) override {
    {
      std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    // It waits until all others have come to it.
    if (in_order) run_in_time([this] { library_.finalize(); });
  }

 private:
  void check(int result) const {
    if (result != mpi::success)
      throw EngineError("[distributed] MPI failed: " + library_.describe(result) + ".");
  }
  void check_open() const {
    if (is_closed_) throw EngineError("[distributed] The process is about to end.");
  }

  const MpiLibrary& library_;
  mpi::Communicator communicator_;
  int rank_ = 0, size_ = 1;
  /// For versions of MPI that take calls by one thread at a time alone.
  mutable std::mutex mutex_;
  bool is_closed_ = false, is_broken_ = false;
};

struct Start {
  std::string problem;
  mpi::Communicator communicator = nullptr;
};

/// What this returns is why MPI is of no use.
std::string start(const MpiLibrary& library, mpi::Communicator& communicator) {
  int is_initialized = 0, provided = 0;
  library.is_initialized(&is_initialized);
  int result = is_initialized ? library.query_thread(&provided)
                              : library.init(nullptr, nullptr, mpi::thread_multiple, &provided);
  if (result == mpi::success && provided < mpi::thread_serialized)
    return "it was built or started without support for threads";
  // What goes wrong comes back as a result; by default it would end all processes.
  if (result == mpi::success)
    result = library.set_error_handler(library.world, library.errors_return);
  // Messages of other libraries shall not be taken for ours.
  if (result == mpi::success) result = library.duplicate(library.world, &communicator);
  return result == mpi::success ? "" : library.describe(result);
}

mpi::Communicator start_in_time(const MpiLibrary& library) {
  auto started = std::make_shared<Start>();
  // MPI waits for all processes.
  if (!run_in_time(
          [started, &library] { started->problem = start(library, started->communicator); }))
    throw EngineError(concat_text("[distributed] MPI did not start within ", timeout(),
                                  " s: another process has ended or did not call init."));
  if (!started->problem.empty())
    throw EngineError("[distributed] MPI can't be used: " + started->problem + ".");
  return started->communicator;
}

}  // namespace

bool is_started_by_mpi() {
  // Of Open MPI's own launchers and of those that speak PMIx, such as Slurm's.
  for (auto* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK"})
    if (std::getenv(name)) return true;
  return false;
}

Transport* start_mpi(std::string* reason) {
  const MpiLibrary* library = find_mpi(reason);
  if (!library) {
    // Each process would train by itself and overwrite what the others save.
    if (is_started_by_mpi())
      throw EngineError("[distributed] This process was started by mpirun, but " + *reason + ".");
    return nullptr;
  }
  if (!is_started_by_mpi()) {
    *reason = "this process was not started by mpirun or mlx-launch";
    return nullptr;
  }
  // Leaked: other threads may still use it while the process exits.
  return new MpiTransport(*library, start_in_time(*library));
}

}  // namespace mlx::core::distributed

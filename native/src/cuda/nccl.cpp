#include "cuda/nccl.h"

#include <dlfcn.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include "cuda/cuda_queue.h"
#include "mlx/errors.h"

namespace mlx::core::cuda {
namespace {

// Declarations of our own, so that no NCCL header is needed to build and nothing is linked: values
// and signatures of NVIDIA's "NCCL" user guide, 2.28, which are as they were in 2.10.
namespace nccl {

using Result = int;
using Handle = struct Object*;
struct UniqueId {
  char bytes[128];
};

constexpr Result success = 0, in_progress = 7;
constexpr int no_type = -1, int8 = 0, uint8 = 1, int32 = 2, uint32 = 3, int64 = 4, uint64 = 5,
              float16 = 6, float32 = 7, bfloat16 = 9;
constexpr int sum = 0, max = 2, min = 3;

}  // namespace nccl

#define MLX_NCCL_FUNCTIONS(X)                                                                 \
  X(unique_id, ncclGetUniqueId, (nccl::UniqueId * id))                                        \
  X(init, ncclCommInitRank, (nccl::Handle * made, int size, nccl::UniqueId id, int rank))     \
  X(abort, ncclCommAbort, (nccl::Handle handle))                                              \
  X(async_error, ncclCommGetAsyncError, (nccl::Handle handle, nccl::Result * error))          \
  X(all_reduce, ncclAllReduce,                                                                \
    (const void* from, void* to, size_t count, int type, int reduction, nccl::Handle handle,  \
     Stream stream))                                                                          \
  X(reduce_scatter, ncclReduceScatter,                                                        \
    (const void* from, void* to, size_t count, int type, int reduction, nccl::Handle handle,  \
     Stream stream))                                                                          \
  X(all_gather, ncclAllGather,                                                                \
    (const void* from, void* to, size_t count, int type, nccl::Handle handle, Stream stream)) \
  X(send, ncclSend,                                                                           \
    (const void* from, size_t count, int type, int peer, nccl::Handle handle, Stream stream)) \
  X(receive, ncclRecv,                                                                        \
    (void* to, size_t count, int type, int peer, nccl::Handle handle, Stream stream))

struct Library {
#define X(member, symbol, parameters) nccl::Result(*member) parameters = nullptr;
  MLX_NCCL_FUNCTIONS(X)
#undef X
  const char* (*error_text)(nccl::Result result) = nullptr;
  /// What the last call of this process's said; since 2.13.
  const char* (*last_error)(nccl::Handle handle) = nullptr;
  std::string problem;

  std::string describe(nccl::Result result) const {
    std::string text = error_text(result);
    const char* last = last_error ? last_error(nullptr) : nullptr;
    return last && *last ? text + " (" + last + ")" : text;
  }
  void check(nccl::Result result, const char* what) const {
    if (result != nccl::success)
      throw EngineError(std::string("[distributed] NCCL failed while ") + what + ": " +
                        describe(result) + ".");
  }
};

Library load() {
  Library library;
  const char* given = std::getenv("MLX_NCCL_LIBNAME");
  const std::string name = given && *given ? given : "libnccl.so.2";
  void* file = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!file) {
    library.problem = "there is no NCCL (" + name + ")";
    return library;
  }
  bool is_whole = true;
#define X(member, symbol, parameters)                                                          \
  library.member = reinterpret_cast<nccl::Result(*) parameters>(dlsym(file, #symbol));         \
  if (!library.member && is_whole) library.problem = name + " is too old: it has no " #symbol; \
  is_whole = is_whole && library.member;
  MLX_NCCL_FUNCTIONS(X)
#undef X
  library.error_text =
      reinterpret_cast<decltype(library.error_text)>(dlsym(file, "ncclGetErrorString"));
  library.last_error =
      reinterpret_cast<decltype(library.last_error)>(dlsym(file, "ncclGetLastError"));
  if (is_whole && !library.error_text) library.problem = name + " has no ncclGetErrorString";
  return library;
}

/// How NCCL sees values of a dtype, and how many of its own make one.
struct Type {
  int type;
  size_t parts = 1;
};

Type type_of(Dtype::Val dtype) {
  switch (dtype) {
    case Dtype::Val::bool_:
    case Dtype::Val::uint8:
      return {nccl::uint8};
    case Dtype::Val::int8:
      return {nccl::int8};
    case Dtype::Val::int32:
      return {nccl::int32};
    case Dtype::Val::uint32:
      return {nccl::uint32};
    case Dtype::Val::int64:
      return {nccl::int64};
    case Dtype::Val::uint64:
      return {nccl::uint64};
    case Dtype::Val::float16:
      return {nccl::float16};
    case Dtype::Val::bfloat16:
      return {nccl::bfloat16};
    case Dtype::Val::float32:
      return {nccl::float32};
    case Dtype::Val::complex64:
      return {nccl::float32, 2};
    default:
      return {nccl::no_type};
  }
}

int reduction_of(gpu::Reduction reduction, Dtype::Val dtype) {
  // Booleans are 0 or 1, and their sum is "or".
  if (reduction == gpu::Reduction::sum) return dtype == Dtype::Val::bool_ ? nccl::max : nccl::sum;
  return reduction == gpu::Reduction::max ? nccl::max : nccl::min;
}

bool is_floating(Dtype::Val dtype) {
  return dtype == Dtype::Val::float16 || dtype == Dtype::Val::bfloat16 ||
         dtype == Dtype::Val::float32 || dtype == Dtype::Val::complex64;
}

void* address(gpu::Place place) {
  return reinterpret_cast<void*>(place.memory.handle + place.byte_offset);
}

class NcclCommunicator final : public gpu::Communicator {
 public:
  NcclCommunicator(const Library& library, nccl::Handle handle)
      : library_(library), handle_(handle) {}

  bool can_reduce(gpu::Reduction reduction, Dtype::Val dtype) const override {
    // Of a number and NaN the library takes the number.
    if (reduction != gpu::Reduction::sum && is_floating(dtype)) return false;
    return type_of(dtype).type != nccl::no_type;
  }

  void all_reduce(gpu::Queue& queue, gpu::Reduction reduction, Dtype::Val dtype, gpu::Place from,
                  gpu::Place to, size_t count) override {
    Type type = type_of(dtype);
    put(queue, "adding up", [&](nccl::Handle handle, Stream stream) {
      return library_.all_reduce(address(from), address(to), count * type.parts, type.type,
                                 reduction_of(reduction, dtype), handle, stream);
    });
  }

  void reduce_scatter(gpu::Queue& queue, gpu::Reduction reduction, Dtype::Val dtype,
                      gpu::Place from, gpu::Place to, size_t count) override {
    Type type = type_of(dtype);
    put(queue, "adding up", [&](nccl::Handle handle, Stream stream) {
      return library_.reduce_scatter(address(from), address(to), count * type.parts, type.type,
                                     reduction_of(reduction, dtype), handle, stream);
    });
  }

  void all_gather(gpu::Queue& queue, gpu::Place from, gpu::Place to, size_t bytes) override {
    put(queue, "gathering", [&](nccl::Handle handle, Stream stream) {
      return library_.all_gather(address(from), address(to), bytes, nccl::uint8, handle, stream);
    });
  }

  void send(gpu::Queue& queue, gpu::Place from, size_t bytes, int to) override {
    put(queue, "sending", [&](nccl::Handle handle, Stream stream) {
      return library_.send(address(from), bytes, nccl::uint8, to, handle, stream);
    });
  }

  void receive(gpu::Queue& queue, gpu::Place to, size_t bytes, int from) override {
    put(queue, "receiving", [&](nccl::Handle handle, Stream stream) {
      return library_.receive(address(to), bytes, nccl::uint8, from, handle, stream);
    });
  }

  std::optional<std::string> error() override {
    nccl::Handle handle = handle_;
    nccl::Result error = nccl::success;
    if (!handle) return "it was ended";
    nccl::Result asked = library_.async_error(handle, &error);
    if (asked != nccl::success) error = asked;
    if (error == nccl::success || error == nccl::in_progress) return std::nullopt;
    return library_.describe(error);
  }

  void abort() override {
    // Not under the lock: it is what frees a call that waits for another process.
    if (nccl::Handle handle = handle_.exchange(nullptr)) library_.abort(handle);
  }

 private:
  template <typename Call>
  void put(gpu::Queue& queue, const char* what, Call&& call) {
    auto& own = static_cast<CudaQueue&>(queue);
    own.context().enter();
    // The library takes calls by one thread at a time.
    std::lock_guard lock(mutex_);
    nccl::Handle handle = handle_;
    if (!handle) throw EngineError("[distributed] NCCL's communicator was ended.");
    nccl::Result result = call(handle, own.stream());
    // Where the environment makes it return early, the stream has the work once it is done.
    while (result == nccl::in_progress && handle_) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      library_.check(library_.async_error(handle, &result), what);
    }
    library_.check(result, what);
  }

  const Library& library_;
  std::mutex mutex_;
  std::atomic<nccl::Handle> handle_;
};

class NcclLibrary final : public gpu::CollectiveLibrary {
 public:
  explicit NcclLibrary(const Library& library) : library_(library) {}

  std::string new_id() override {
    nccl::UniqueId id;
    library_.check(library_.unique_id(&id), "making an id");
    return std::string(id.bytes, sizeof id.bytes);
  }

  std::unique_ptr<gpu::Communicator> join(gpu::Queue& queue, const std::string& id, int rank,
                                          int size) override {
    nccl::UniqueId own;
    if (id.size() != sizeof own.bytes)
      throw EngineError("[distributed] What was told of a group is no id of NCCL's.");
    std::memcpy(own.bytes, id.data(), sizeof own.bytes);
    // The library takes the thread's card.
    static_cast<CudaQueue&>(queue).context().enter();
    nccl::Handle handle = nullptr;
    nccl::Result result = library_.init(&handle, size, own, rank);
    while (result == nccl::in_progress) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      library_.check(library_.async_error(handle, &result), "starting");
    }
    library_.check(result, "starting");
    return std::make_unique<NcclCommunicator>(library_, handle);
  }

 private:
  const Library& library_;
};

}  // namespace

gpu::CollectiveLibrary* find_nccl(std::string* reason) {
  // Leaked: threads may still use it while the process ends.
  static const Library& library = *new Library(load());
  static NcclLibrary& found = *new NcclLibrary(library);
  if (reason) *reason = library.problem;
  return library.problem.empty() ? &found : nullptr;
}

}  // namespace mlx::core::cuda

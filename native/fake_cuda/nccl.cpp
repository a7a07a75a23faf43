// NCCL's entry points that src/cuda/nccl.cpp asks for, with the signatures of NVIDIA's "NCCL" user
// guide, 2.28, between processes of one machine: values go through a file in shared memory. Work is
// done by the streams of the driver beside it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "settings.h"

using fake_cuda::setting;

namespace {

[[gnu::constructor]] void loaded() { fake_cuda::log("nccl"); }

constexpr int success = 0, system_error = 2, invalid_argument = 4, remote_error = 6;
constexpr int sum = 0, max = 2;
constexpr int most_processes = 8;
// Odd, so that parts of it are, too.
constexpr size_t slot_bytes = (64 << 10) + 16;

/// The same in all processes.
struct Shared {
  std::atomic<int> joined, arrived;
  std::atomic<uint64_t> generation;
  /// Messages between two processes: how many were put in and taken out.
  struct Box {
    std::atomic<uint64_t> put, taken;
    size_t bytes;
    char data[slot_bytes];
  };
  /// What each calls, so that a mistake of the engine's is seen.
  struct Call {
    int kind, type, reduction;
    size_t count;

    bool operator==(const Call&) const = default;
  };
  Call calls[most_processes];
  char slots[most_processes][slot_bytes];
  Box boxes[most_processes][most_processes];
};

struct Communicator {
  Shared* shared;
  int rank, size;
  std::atomic<bool> is_aborted{false};
  std::atomic<int> under_way{0};
  std::atomic<long long> calls{0};

  /// Sleeps until it is so; false when the communicator was aborted.
  template <typename Condition>
  bool wait_until(Condition&& condition) {
    for (int i = 0; !condition(); ++i) {
      if (is_aborted) return false;
      if (i < 100)
        std::this_thread::yield();
      else
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return true;
  }

  bool meet() {
    const uint64_t now = shared->generation;
    if (shared->arrived.fetch_add(1) + 1 == size) {
      shared->arrived = 0;
      ++shared->generation;
      return true;
    }
    return wait_until([&] { return shared->generation != now; });
  }
};

std::string path_of(const char* id) { return "/dev/shm/" + std::string(id); }

size_t bytes_of(int type) {
  constexpr size_t bytes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
  return bytes[type];
}

// Half types are added in float and rounded to the nearest, ties to even.
float from_bfloat16(uint16_t half) {
  uint32_t bits = uint32_t(half) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
uint16_t to_bfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <typename T>
void combine(int reduction, char* to, const char* from, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    T a, b;
    std::memcpy(&a, to + i * sizeof(T), sizeof(T));
    std::memcpy(&b, from + i * sizeof(T), sizeof(T));
    // Integers wrap.
    if constexpr (std::is_integral_v<T>)
      a = reduction == sum   ? T(std::make_unsigned_t<T>(a) + std::make_unsigned_t<T>(b))
          : reduction == max ? std::max(a, b)
                             : std::min(a, b);
    else
      a = reduction == sum ? T(a + b) : reduction == max ? std::max(a, b) : std::min(a, b);
    std::memcpy(to + i * sizeof(T), &a, sizeof(T));
  }
}

struct Bfloat16 {
  uint16_t bits;
  friend Bfloat16 operator+(Bfloat16 a, Bfloat16 b) {
    return {to_bfloat16(from_bfloat16(a.bits) + from_bfloat16(b.bits))};
  }
  friend bool operator<(Bfloat16 a, Bfloat16 b) {
    return from_bfloat16(a.bits) < from_bfloat16(b.bits);
  }
};

void combine(int type, int reduction, char* to, const char* from, size_t count) {
  switch (type) {
    case 0:
      return combine<int8_t>(reduction, to, from, count);
    case 1:
      return combine<uint8_t>(reduction, to, from, count);
    case 2:
      return combine<int32_t>(reduction, to, from, count);
    case 3:
      return combine<uint32_t>(reduction, to, from, count);
    case 4:
      return combine<int64_t>(reduction, to, from, count);
    case 5:
      return combine<uint64_t>(reduction, to, from, count);
    case 6:
      return combine<_Float16>(reduction, to, from, count);
    case 7:
      return combine<float>(reduction, to, from, count);
    case 8:
      return combine<double>(reduction, to, from, count);
    default:
      return combine<Bfloat16>(reduction, to, from, count);
  }
}

/// Puts work that waits for other processes into a stream of the driver's.
int put(Communicator* communicator, void* stream, std::function<void()> work) {
  using Put = void (*)(void*, void (*)(void*), void*);
  static const Put put = [] {
    void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    return driver ? reinterpret_cast<Put>(dlsym(driver, "fakeCudaPut")) : nullptr;
  }();
  if (!put || communicator->is_aborted) return system_error;
  const long long number = ++communicator->calls;
  // The library itself waits for another process.
  if (number == setting("FAKE_NCCL_STUCK", -1)) {
    while (!communicator->is_aborted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return remote_error;
  }
  ++communicator->under_way;
  auto* task = new std::function<void()>([communicator, number, work = std::move(work)] {
    if (number == setting("FAKE_NCCL_DIES", -1)) kill(getpid(), SIGKILL);
    if (number == setting("FAKE_NCCL_HANGS", -1)) kill(getpid(), SIGSTOP);
    work();
    --communicator->under_way;
  });
  put(
      stream,
      [](void* argument) {
        auto* function = static_cast<std::function<void()>*>(argument);
        (*function)();
        delete function;
      },
      task);
  return success;
}

/// Ends the process where others would hang: their calls differ.
bool agree(Communicator& own, Shared::Call call) {
  own.shared->calls[own.rank] = call;
  if (!own.meet()) return false;
  for (int i = 0; i < own.size; ++i)
    if (own.shared->calls[i] != call) {
      std::fprintf(stderr, "fake NCCL: rank %d calls something else than rank %d\n", i, own.rank);
      std::abort();
    }
  return own.meet();
}

/// Parts of values, one after the other, of which each process sees all: `source` gives its own,
/// `use` gets those of all.
void by_parts(Communicator& own, size_t bytes, size_t item,
              const std::function<const char*(size_t begin)>& source,
              const std::function<void(size_t begin, size_t count)>& use) {
  const size_t most = slot_bytes / item * item;
  for (size_t begin = 0; begin < bytes; begin += most) {
    const size_t count = std::min(most, bytes - begin);
    if (own.is_aborted) return;
    std::memcpy(own.shared->slots[own.rank], source(begin), count);
    if (!own.meet()) return;
    use(begin, count);
    if (!own.meet()) return;
  }
}

/// The slots of all, combined, to a place.
void combine_slots(Communicator& own, int type, int reduction, char* to, size_t bytes) {
  std::memcpy(to, own.shared->slots[0], bytes);
  for (int i = 1; i < own.size; ++i)
    combine(type, reduction, to, own.shared->slots[i], bytes / bytes_of(type));
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

struct FakeId {
  char bytes[128];
};

const char* ncclGetErrorString(int result) {
  return result == remote_error ? "remote process exited or there was a network error"
                                : "a fake error of NCCL";
}
const char* ncclGetLastError(void*) { return ""; }

int ncclGetUniqueId(FakeId* id) {
  static std::atomic<int> made{0};
  std::snprintf(id->bytes, sizeof id->bytes, "fake-nccl-%d-%d", int(getpid()), int(++made));
  const int file = open(path_of(id->bytes).c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0) return system_error;
  const int status = ftruncate(file, sizeof(Shared));
  close(file);
  return status == 0 ? success : system_error;
}

int ncclCommInitRank(void** made, int size, FakeId id, int rank) {
  if (size > most_processes || rank < 0 || rank >= size) return invalid_argument;
  const int file = open(path_of(id.bytes).c_str(), O_RDWR);
  if (file < 0) return system_error;
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return system_error;
  auto* communicator = new Communicator{static_cast<Shared*>(memory), rank, size};
  ++communicator->shared->joined;
  communicator->wait_until([&] { return communicator->shared->joined == size; });
  // All have it open.
  if (rank == 0) unlink(path_of(id.bytes).c_str());
  *made = communicator;
  return success;
}

int ncclCommAbort(void* communicator) {
  auto& own = *static_cast<Communicator*>(communicator);
  own.is_aborted = true;
  while (own.under_way > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return success;
}

int ncclCommGetAsyncError(void* communicator, int* error) {
  auto& own = *static_cast<Communicator*>(communicator);
  const long long from = setting("FAKE_NCCL_BROKEN", -1);
  *error = from >= 0 && own.calls >= from ? remote_error : success;
  return success;
}

int ncclAllReduce(const void* from, void* to, size_t count, int type, int reduction,
                  void* communicator, void* stream) {
  auto* own = static_cast<Communicator*>(communicator);
  return put(own, stream, [=] {
    if (!agree(*own, {0, type, reduction, count})) return;
    by_parts(
        *own, count * bytes_of(type), bytes_of(type),
        [&](size_t begin) { return static_cast<const char*>(from) + begin; },
        [&](size_t begin, size_t bytes) {
          combine_slots(*own, type, reduction, static_cast<char*>(to) + begin, bytes);
        });
  });
}

int ncclReduceScatter(const void* from, void* to, size_t count, int type, int reduction,
                      void* communicator, void* stream) {
  auto* own = static_cast<Communicator*>(communicator);
  return put(own, stream, [=] {
    if (!agree(*own, {1, type, reduction, count})) return;
    const size_t whole = count * bytes_of(type);
    for (int rank = 0; rank < own->size; ++rank)
      by_parts(
          *own, whole, bytes_of(type),
          [&](size_t begin) {
            return static_cast<const char*>(from) + size_t(rank) * whole + begin;
          },
          [&](size_t begin, size_t bytes) {
            if (rank != own->rank) return;
            combine_slots(*own, type, reduction, static_cast<char*>(to) + begin, bytes);
          });
  });
}

int ncclAllGather(const void* from, void* to, size_t count, int type, void* communicator,
                  void* stream) {
  auto* own = static_cast<Communicator*>(communicator);
  return put(own, stream, [=] {
    if (!agree(*own, {2, type, 0, count})) return;
    const size_t whole = count * bytes_of(type);
    by_parts(
        *own, whole, bytes_of(type),
        [&](size_t begin) { return static_cast<const char*>(from) + begin; },
        [&](size_t begin, size_t bytes) {
          for (int rank = 0; rank < own->size; ++rank)
            std::memcpy(static_cast<char*>(to) + size_t(rank) * whole + begin,
                        own->shared->slots[rank], bytes);
        });
  });
}

int ncclSend(const void* from, size_t count, int type, int peer, void* communicator, void* stream) {
  auto* own = static_cast<Communicator*>(communicator);
  return put(own, stream, [=] {
    auto& box = own->shared->boxes[own->rank][peer];
    const size_t whole = count * bytes_of(type);
    for (size_t begin = 0; begin < whole; begin += slot_bytes) {
      box.bytes = std::min(slot_bytes, whole - begin);
      std::memcpy(box.data, static_cast<const char*>(from) + begin, box.bytes);
      ++box.put;
      if (!own->wait_until([&] { return box.taken == box.put; })) return;
    }
  });
}

int ncclRecv(void* to, size_t count, int type, int peer, void* communicator, void* stream) {
  auto* own = static_cast<Communicator*>(communicator);
  return put(own, stream, [=] {
    auto& box = own->shared->boxes[peer][own->rank];
    const size_t whole = count * bytes_of(type);
    for (size_t begin = 0; begin < whole;) {
      if (!own->wait_until([&] { return box.put > box.taken; })) return;
      std::memcpy(static_cast<char*>(to) + begin, box.data, std::min(box.bytes, whole - begin));
      begin += box.bytes;
      ++box.taken;
    }
  });
}

}  // extern "C"
#pragma GCC visibility pop

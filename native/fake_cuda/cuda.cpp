// The driver's entry points that src/cuda/driver.h asks for, with the signatures of NVIDIA's "CUDA
// Driver API" reference manual, 13.0. Work is done at once, unless it comes after some that waits
// for another process (nccl.cpp).
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "settings.h"
#include "stream.h"

using fake_cuda::setting;

namespace {

using Address = uint64_t;
constexpr int success = 0, out_of_memory = 2, stream_memory_64 = 122;

[[gnu::constructor]] void loaded() { fake_cuda::log("driver"); }

struct Card {
  std::mutex mutex;
  std::map<Address, size_t> blocks;
  size_t in_use = 0;

  size_t size() const { return size_t(setting("FAKE_CUDA_MEMORY", 1 << 30)); }
};

Card& card() {
  static Card& card = *new Card;
  return card;
}

/// As the real one, it takes itself down when the process ends, from its first module on.
std::atomic<bool> is_down{false};
void take_down_at_exit() {
  [[maybe_unused]] static const int registered = std::atexit([] { is_down = true; });
}

std::atomic<long long> launches{0};

/// The result of all launches after that many.
int launch_result() {
  const char* text = std::getenv("FAKE_CUDA_LAUNCHES");
  const char* code = text ? std::strchr(text, ':') : nullptr;
  return code && ++launches > std::atoll(text) ? std::atoi(code + 1) : success;
}

template <typename Work>
int put(void* stream, Work&& work) {
  static_cast<fake_cuda::Stream*>(stream)->put(work);
  return success;
}

template <typename T>
int fill(Address to, T value, size_t count, void* stream) {
  return put(stream, [=] { std::fill_n(reinterpret_cast<T*>(to), count, value); });
}

fake_cuda::Event& event_of(void* event) { return *static_cast<fake_cuda::Event*>(event); }
fake_cuda::Stream& stream_of(void* stream) { return *static_cast<fake_cuda::Stream*>(stream); }
constexpr int not_ready = 600;

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int cuInit(unsigned) { return int(setting("FAKE_CUDA_INIT", success)); }
int cuDriverGetVersion(int* version) {
  *version = int(setting("FAKE_CUDA_VERSION", 13000));
  return success;
}
int cuDeviceGetCount(int* count) {
  *count = int(setting("FAKE_CUDA_DEVICES", 1));
  return success;
}
int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return success;
}
int cuDeviceGetName(char* name, int length, int device) {
  const std::string number = device == 0 ? "" : " " + std::to_string(device);
  std::snprintf(name, size_t(length), "fake card%s", number.c_str());
  return success;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  // The numbers of an H200, as far as the engine asks.
  switch (attribute) {
    case 1:
      return *value = 1024, success;
    case 5:
      return *value = INT32_MAX, success;
    case 6:
    case 7:
      return *value = 65535, success;
    case 16:
      return *value = 132, success;
    case 38:
      return *value = 50 << 20, success;
    case 75:
      return *value = 9, success;
    case 97:
      return *value = 227 << 10, success;
    case stream_memory_64:
      return *value = !setting("FAKE_CUDA_NO_WRITES", 0), success;
    default:
      return *value = 0, success;
  }
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = card().size();
  return success;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &card();
  return success;
}
int cuCtxSetCurrent(void*) { return success; }

int cuMemAlloc_v2(Address* address, size_t bytes) {
  std::lock_guard lock(card().mutex);
  if (card().in_use + bytes > card().size()) return out_of_memory;
  void* memory = std::calloc(1, bytes);
  if (!memory) return out_of_memory;
  *address = reinterpret_cast<Address>(memory);
  card().blocks[*address] = bytes;
  card().in_use += bytes;
  return success;
}
int cuMemFree_v2(Address address) {
  std::lock_guard lock(card().mutex);
  auto found = card().blocks.find(address);
  if (found == card().blocks.end()) std::abort();
  card().in_use -= found->second;
  card().blocks.erase(found);
  std::free(reinterpret_cast<void*>(address));
  return success;
}
int cuMemGetInfo_v2(size_t* free, size_t* total) {
  std::lock_guard lock(card().mutex);
  *total = card().size();
  *free = *total - card().in_use;
  return success;
}
int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  *address = std::calloc(1, bytes);
  return *address ? success : out_of_memory;
}
int cuMemFreeHost(void* address) {
  std::free(address);
  return success;
}
int cuMemHostGetDevicePointer_v2(Address* address, void* host, unsigned) {
  *address = reinterpret_cast<Address>(host);
  return success;
}
int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* stream) {
  return put(stream, [=] { std::memcpy(reinterpret_cast<void*>(to), from, bytes); });
}
int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* stream) {
  return put(stream, [=] { std::memcpy(to, reinterpret_cast<void*>(from), bytes); });
}
int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void* stream) {
  return put(stream, [=] {
    std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
  });
}
int cuMemsetD8Async(Address to, unsigned char value, size_t count, void* stream) {
  return fill(to, value, count, stream);
}
int cuMemsetD16Async(Address to, unsigned short value, size_t count, void* stream) {
  return fill(to, value, count, stream);
}
int cuMemsetD32Async(Address to, unsigned value, size_t count, void* stream) {
  return fill(to, value, count, stream);
}

int cuStreamCreate(void** stream, unsigned) {
  *stream = new fake_cuda::Stream;
  return success;
}
int cuStreamQuery(void* stream) { return stream_of(stream).is_idle() ? success : not_ready; }
int cuStreamSynchronize(void* stream) {
  stream_of(stream).synchronize();
  return success;
}
int cuStreamWaitEvent(void* stream, void* event, unsigned) {
  event_of(event).hold_back(stream_of(stream));
  return success;
}
int cuStreamWriteValue64_v2(void* stream, Address to, uint64_t value, unsigned) {
  return put(stream, [=] { reinterpret_cast<std::atomic<uint64_t>*>(to)->store(value); });
}
int cuEventCreate(void** event, unsigned) {
  *event = new fake_cuda::Event;
  return success;
}
int cuEventRecord(void* event, void* stream) {
  event_of(event).record(stream_of(stream));
  return success;
}
int cuEventQuery(void* event) { return event_of(event).is_done() ? success : not_ready; }
int cuEventSynchronize(void* event) {
  event_of(event).synchronize();
  return success;
}

/// For the fake of NCCL, which no driver has: work that waits for other processes.
void fakeCudaPut(void* stream, void (*work)(void*), void* argument) {
  stream_of(stream).put([=] { work(argument); }, true);
}

int cuModuleLoadDataEx(void** module, const void*, unsigned, int*, void**) {
  take_down_at_exit();
  if (is_down) std::abort();
  fake_cuda::log("module");
  *module = &card();
  return success;
}
int cuModuleGetFunction(void** function, void*, const char*) {
  *function = &card();
  return success;
}
int cuModuleUnload(void*) { return success; }
int cuFuncGetAttribute(int* value, int attribute, void*) {
  *value = attribute == 0 ? 1024 : 32;
  return success;
}
int cuFuncSetAttribute(void*, int, int) { return success; }
int cuTensorMapEncodeTiled(void*, int, unsigned, void*, const uint64_t*, const uint64_t*,
                           const unsigned*, const unsigned*, int, int, int, int) {
  return success;
}
int cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                   void*, void**, void**) {
  return launch_result();
}
int cuGetErrorName(int result, const char** name) {
  *name = result == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_FAKE";
  return success;
}
int cuGetErrorString(int result, const char** text) {
  *text = result == 700 ? "an illegal memory access was encountered" : "a fake error";
  return success;
}

}  // extern "C"
#pragma GCC visibility pop

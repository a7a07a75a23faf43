#include "emulator_device.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "code_place.h"
#include "fibers.h"
#include "host_compiler.h"
#include "mlx/errors.h"

namespace mlx::core::gpu::emulator {
namespace {

// No address of the host has these bits.
constexpr uint64_t tag = uint64_t(0x5a) << 56;
// Contents that nobody wrote: a NaN in every float type.
constexpr int poison = 0xff;
// Metal's.
constexpr size_t most_buffers = 31;

char* untagged(Memory memory) { return reinterpret_cast<char*>(memory.handle & ~tag); }

class EmulatedKernel final : public Kernel {
 public:
  explicit EmulatedKernel(EntryPoint entry) : entry(entry) {}
  uint32_t max_threads() const override { return 1024; }

  EntryPoint entry;
};

class EmulatedQueue;

/// Something that a queue was given: it is done once the number is reached.
struct Use {
  const EmulatedQueue* queue = nullptr;
  uint64_t number = 0;
  std::string what;
};

/// Who wrote and read each piece of memory last. Who uses it from another queue must have waited.
class MemoryHistory {
 public:
  void begin(Memory memory) {
    std::lock_guard lock(mutex_);
    blocks_[memory.handle] = {};
  }
  void end(Memory memory) {
    std::lock_guard lock(mutex_);
    blocks_.erase(memory.handle);
  }
  /// Throws EngineError where the use may come too early.
  void note(Memory memory, bool writes, const Use& use);

 private:
  struct Block {
    Use writer;
    std::vector<Use> readers;
  };

  std::mutex mutex_;
  std::map<uint64_t, Block> blocks_;
};

/// Does everything at once, on the thread that asks, but tells late that it is done: as long as
/// nobody waits, a ticket counts as reached only when it is asked for again.
class EmulatedQueue final : public Queue {
 public:
  EmulatedQueue(MemoryHistory& history, std::atomic<unsigned>& launches)
      : history_(history), launches_(launches) {}

  void launch(const Kernel& kernel, Size3 groups, Size3 threads, uint32_t,
              std::span<const Argument> arguments) override {
    auto entry = static_cast<const EmulatedKernel&>(kernel).entry;
    if (arguments.size() > most_buffers)
      throw EngineError("[emulator] A kernel has " + std::to_string(arguments.size()) +
                        " arguments; at most 31 are there.");
    std::vector<void*> pointers;
    std::vector<Region> regions;
    for (size_t i = 0; i < arguments.size(); ++i) {
      auto& argument = arguments[i];
      if (argument.is_memory()) {
        note(argument.memory(), argument.access() != Access::read,
             [&] { return "the kernel " + name_of(reinterpret_cast<const void*>(entry)); });
        auto* begin = untagged(argument.memory());
        pointers.push_back(begin + argument.byte_offset());
        regions.push_back({begin, argument.memory().size, argument.access(), int(i)});
      } else {
        auto* bytes = static_cast<const char*>(argument.bytes());
        pointers.push_back(const_cast<char*>(bytes));
        regions.push_back({bytes, argument.size(), Access::read, int(i)});
      }
    }
    run_launch({entry, pointers.data(), groups, threads, regions, launches_++});
  }
  void copy_in(const void* from, Memory to, size_t to_offset, size_t bytes) override {
    note(to, true, [] { return "a copy from the host"; });
    std::memcpy(untagged(to) + to_offset, from, bytes);
  }
  void copy_out(Memory from, size_t from_offset, void* to, size_t bytes) override {
    note(from, false, [] { return "a copy to the host"; });
    std::memcpy(to, untagged(from) + from_offset, bytes);
    block(commit().number);
  }
  void copy(Memory from, size_t from_offset, Memory to, size_t to_offset, size_t bytes) override {
    note(from, false, [] { return "a copy"; });
    note(to, true, [] { return "a copy"; });
    std::memmove(untagged(to) + to_offset, untagged(from) + from_offset, bytes);
  }
  void fill(Memory to, size_t to_offset, uint32_t pattern, uint32_t width, size_t bytes) override {
    note(to, true, [] { return "a fill"; });
    for (size_t at = 0; at < bytes; at += width)
      std::memcpy(untagged(to) + to_offset + at, &pattern, width);
  }
  Ticket commit() override { return {this, ++committed_}; }
  void wait(Ticket ticket) override {
    auto& other = static_cast<EmulatedQueue&>(*ticket.queue);
    if (ticket.number > other.committed_)
      throw EngineError("[emulator] A queue waits for a ticket that is not committed.");
    // And for all that the other one has waited for.
    auto theirs = [&] {
      std::lock_guard lock(other.known_mutex_);
      return other.known_;
    }();
    theirs[&other] = std::max(theirs[&other], ticket.number);
    std::lock_guard lock(known_mutex_);
    for (auto& [queue, number] : theirs) known_[queue] = std::max(known_[queue], number);
  }
  bool reached(uint64_t number) const override {
    if (number <= told_) return true;
    if (number > committed_ || ++questions_ % 3 != 0) return false;
    tell(number);
    return true;
  }
  void block(uint64_t number) override { tell(number); }
  std::optional<std::string> error() const override { return std::nullopt; }

  /// Whether what comes next here comes after the use.
  bool follows(const Use& use) const {
    if (!use.queue || use.queue == this || use.number <= use.queue->told_) return true;
    std::lock_guard lock(known_mutex_);
    auto found = known_.find(use.queue);
    return found != known_.end() && found->second >= use.number;
  }

 private:
  template <typename What>
  void note(Memory memory, bool writes, What&& what) {
    history_.note(memory, writes, {this, committed_ + 1, what()});
  }
  void tell(uint64_t number) const {
    uint64_t told = told_;
    while (told < number && !told_.compare_exchange_weak(told, number)) {
    }
  }

  MemoryHistory& history_;
  std::atomic<unsigned>& launches_;
  std::atomic<uint64_t> committed_{0};
  /// What the host was told is done.
  mutable std::atomic<uint64_t> told_{0};
  mutable std::atomic<unsigned> questions_{0};
  mutable std::mutex known_mutex_;
  /// What this queue waited for.
  std::map<const EmulatedQueue*, uint64_t> known_;
};

void MemoryHistory::note(Memory memory, bool writes, const Use& use) {
  std::lock_guard lock(mutex_);
  auto found = blocks_.find(memory.handle);
  if (found == blocks_.end())
    throw EngineError("[emulator] " + use.what + " uses memory that was freed.");
  auto& [writer, readers] = found->second;
  auto check = [&](const Use& before, const char* did) {
    if (!use.queue->follows(before))
      throw EngineError("[emulator] " + use.what + (writes ? " writes" : " reads") +
                        " memory that " + before.what + " " + did +
                        " on another queue, and nothing waits for it: a missing dependency.");
  };
  check(writer, "wrote");
  if (writes) {
    for (auto& reader : readers) check(reader, "read");
    writer = use;
    readers.clear();
    return;
  }
  std::erase_if(readers, [&](const Use& reader) { return reader.queue == use.queue; });
  readers.push_back(use);
}

unsigned first_order() {
  const char* text = std::getenv("MLX_TEST_ORDER");
  return text ? unsigned(std::atoi(text)) : 0;
}

class EmulatedDevice final : public Device {
 public:
  const Limits& limits() const override {
    static const Limits limits{"emulator",
                               "host",
                               Language::emulator,
                               true,
                               false,
                               32,
                               1024,
                               32 * 1024,
                               31,
                               4096,
                               {INT32_MAX, 65535, 65535},
                               4,
                               1 << 20,
                               size_t(1) << 32};
    return limits;
  }
  Memory allocate(size_t size) override {
    size_t rounded = (size + 255) / 256 * 256 + 256;
    void* place = std::aligned_alloc(256, rounded);
    if (!place) throw OutOfDeviceMemory("[emulator] There is no memory left.");
    std::memset(place, poison, rounded);
    Memory memory{reinterpret_cast<uint64_t>(place) | tag, size};
    history_.begin(memory);
    return memory;
  }
  void free(Memory memory) noexcept override {
    history_.end(memory);
    std::free(untagged(memory));
  }
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override { return size_t(1) << 32; }
  void* host_pointer(Memory) const override { return nullptr; }

  std::shared_ptr<const Kernel> compile(const KernelSource& source) override {
    return compile(std::span(&source, 1)).front();
  }
  std::vector<std::shared_ptr<const Kernel>> compile(
      std::span<const KernelSource> sources) override {
    std::vector<std::shared_ptr<const Kernel>> kernels;
    for (auto entry : compile_on_host(sources))
      kernels.push_back(std::make_shared<EmulatedKernel>(entry));
    return kernels;
  }
  Queue& new_queue() override {
    std::lock_guard lock(mutex_);
    return *queues_.emplace_back(std::make_unique<EmulatedQueue>(history_, launches_));
  }

 private:
  MemoryHistory history_;
  /// Decides about the order of groups and threads; MLX_TEST_ORDER is the first launch's.
  std::atomic<unsigned> launches_{first_order()};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace

std::unique_ptr<Device> make_device() { return std::make_unique<EmulatedDevice>(); }

bool is_available() { return has_host_compiler(); }

}  // namespace mlx::core::gpu::emulator

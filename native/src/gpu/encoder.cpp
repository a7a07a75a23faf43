#include "gpu/encoder.h"

#include <map>
#include <mutex>

#include "mlx/errors.h"

namespace mlx::core::gpu {
namespace {

DeviceQueue& queue_of_this_thread() {
  DeviceQueue* queue = DeviceQueue::current();
  if (!queue) throw EngineError("[eval] GPU work can only be put in while a GPU stream evaluates.");
  return *queue;
}

KernelCache& kernels_of(Device& device) {
  // Leaked, as devices are.
  static auto& mutex = *new std::mutex;
  static auto& caches = *new std::map<Device*, std::unique_ptr<KernelCache>>;
  std::lock_guard lock(mutex);
  auto& cache = caches[&device];
  if (!cache) cache = std::make_unique<KernelCache>(device);
  return *cache;
}

class QueueCommands final : public Commands {
 public:
  QueueCommands(DeviceQueue& owner, Queue& queue)
      : owner_(owner), queue_(queue), kernels_(kernels_of(owner.device())) {}

  ~QueueCommands() override {
    // Also after an error on the way: what was put in before it may use them.
    if (scratch_.empty() && shared_.empty()) return;
    uint64_t ticket = owner_.next_ticket();
    for (auto memory : scratch_) free_device_memory(device(), memory, {{&owner_, ticket}});
    for (auto buffer : shared_) free_when_done(buffer, {{&owner_, ticket}});
  }

  Device& device() override { return owner_.device(); }
  Queue& queue() override { return queue_; }
  KernelCache& kernels() override { return kernels_; }
  Memory scratch(size_t bytes) override {
    if (shares_memory(device())) {
      shared_.push_back(allocate_shared_buffer(&owner_, bytes));
      return {reinterpret_cast<uint64_t>(shared_.back().record()->data), bytes};
    }
    scratch_.push_back(allocate_device_memory(device(), &owner_, bytes));
    return scratch_.back();
  }

 private:
  DeviceQueue& owner_;
  Queue& queue_;
  KernelCache& kernels_;
  std::vector<Memory> scratch_;
  std::vector<allocator::Buffer> shared_;
};

}  // namespace

Encoder::Encoder() : queue_(queue_of_this_thread()) {}

Place Encoder::read(const array& a) {
  DeviceSide& side = device_side(queue_.device(), a.buffer());
  Place place{side.for_reading(queue_, *a.buffer().record()), size_t(a.offset())};
  uses_.push_back({&side, false});
  return place;
}

Place Encoder::write(array& a) {
  DeviceSide& side = device_side(queue_.device(), a.buffer());
  Place place{side.for_writing(queue_), size_t(a.offset())};
  uses_.push_back({&side, true});
  return place;
}

StridedPlace Encoder::strided(const array& a) {
  return {read(a), a.dtype(), {a.shape().data(), a.ndim()}, {a.strides().data(), a.ndim()}};
}

void Encoder::encode(FunctionRef<void(Commands&)> work) {
  std::optional<QueueCommands> commands;
  auto note = [&](uint64_t ticket) {
    for (auto& use : uses_) use.side->note_use(queue_, ticket, use.writes);
  };
  try {
    note(queue_.put([&](Queue& queue) { work(commands.emplace(queue_, queue)); }));
  } catch (...) {
    // A part of the work may have been put in.
    note(queue_.next_ticket());
    throw;
  }
}

void allocate(array& a) {
  a.set_data(allocate_on_device(queue_of_this_thread().device(), a.nbytes()));
}

const void* host_scalar(const array& a) {
  return a.data_size() == 1 && a.is_on_host() ? a.data<void>() : nullptr;
}

}  // namespace mlx::core::gpu

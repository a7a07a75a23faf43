#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::metal {

class Bench;

/// A family of kernels, and whether a device computes what is known.
struct KnownAnswer {
  const char* family;
  bool (*agrees)(Bench& bench);
};
std::span<const KnownAnswer> known_answers();

/// Where they are computed: memory that lives as long as the bench, and a queue.
class Bench final : public gpu::Commands {
 public:
  explicit Bench(gpu::Device& device)
      : device_(device), queue_(device.new_queue()), kernels_(device) {}
  ~Bench() override;

  gpu::Device& device() override { return device_; }
  gpu::Queue& queue() override { return queue_; }
  gpu::KernelCache& kernels() override { return kernels_; }
  gpu::Memory scratch(size_t bytes) override;

  template <typename T>
  gpu::Place put(const std::vector<T>& values) {
    return put(values.data(), values.size() * sizeof(T));
  }
  gpu::Place room(size_t bytes) { return {scratch(bytes), 0}; }
  template <typename T>
  std::vector<T> read(gpu::Place place, size_t count) {
    std::vector<T> values(count);
    queue_.copy_out(place.memory, place.byte_offset, values.data(), count * sizeof(T));
    return values;
  }

 private:
  gpu::Place put(const void* bytes, size_t size);

  gpu::Device& device_;
  gpu::Queue& queue_;
  gpu::KernelCache kernels_;
  std::vector<gpu::Memory> memory_;
};

}  // namespace mlx::core::metal

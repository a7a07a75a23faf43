#pragma once

#include <iosfwd>
#include <tuple>
#include <vector>

#include "mlx/api.h"
#include "mlx/device.h"

namespace mlx::core {

/// Names a queue of work on a device. Work of one stream runs in order, one task at a time.
struct MLX_API Stream {
  int index;
  Device device;

  explicit Stream(int index, Device device) : index(index), device(device) {}

  bool operator==(const Stream&) const = default;
  bool operator<(const Stream& other) const {
    return std::tie(device, index) < std::tie(other.device, other.index);
  }
};

/// Names one stream on each thread: using it means the calling thread's own.
struct MLX_API ThreadLocalStream {
  int index;
  Device device;

  operator Stream() const;
};

/// The calling thread's default stream on a device, made at first use and shared with no other
/// thread. Throws std::invalid_argument for a device that isn't there.
MLX_API Stream default_stream(Device device);
/// Makes the stream the calling thread's default on its device.
MLX_API void set_default_stream(Stream stream);
/// A new stream; throws std::invalid_argument for a device that isn't there.
MLX_API Stream new_stream(Device device);

/// The same: every stream can be used from any thread here. Who uses one from several at once
/// orders what they put in.
inline Stream new_thread_unsafe_stream(Device device) { return new_stream(device); }

MLX_API ThreadLocalStream new_thread_local_stream(Device device);
/// The calling thread's stream under that name, made at first use.
MLX_API Stream stream_from_thread_local_stream(ThreadLocalStream stream);

/// The stream with that index; throws std::out_of_range.
MLX_API Stream get_stream(int index);
/// Every stream there is, on all threads.
MLX_API std::vector<Stream> get_streams();

/// Waits for all work of the default device's default stream.
MLX_API void synchronize();
/// Waits for all work enqueued on the stream so far. Throws EngineError when a task of that very
/// stream asks, since it would wait for itself.
MLX_API void synchronize(Stream stream);
/// Waits for the calling thread's stream under that name.
inline void synchronize(ThreadLocalStream stream) { synchronize(Stream(stream)); }

/// Finishes and drops all streams that the calling thread made; its default streams are made anew
/// at their next use. A handle on a dropped stream still works, on a queue that a later stream may
/// share.
MLX_API void clear_streams();

/// Writes "Stream(Device(cpu, 0), 0)".
MLX_API std::ostream& operator<<(std::ostream& os, const Stream& stream);

}  // namespace mlx::core

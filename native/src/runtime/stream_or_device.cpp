#include "mlx/stream_or_device.h"

#include <new>
#include <stdexcept>

namespace mlx::core {

Stream to_stream(StreamOrDevice s) { return to_stream(std::move(s), default_device()); }

Stream to_stream(StreamOrDevice s, Device default_device) {
  if (auto* stream = std::get_if<Stream>(&s)) return *stream;
  auto* device = std::get_if<Device>(&s);
  return default_stream(device ? *device : default_device);
}

namespace {

Stream required_stream(const StreamOrDevice& s) {
  if (std::holds_alternative<std::monostate>(s))
    throw std::runtime_error("[StreamContext] Expected a stream or a device and got neither.");
  return to_stream(s);
}

}  // namespace

StreamContext::StreamContext(StreamOrDevice s)
    : stream_(required_stream(s)),
      previous_device_(default_device()),
      previous_stream_(default_stream(stream_.device)) {
  set_default_device(stream_.device);
  set_default_stream(stream_);
}

StreamContext::~StreamContext() {
  set_default_device(previous_device_);
  try {
    set_default_stream(previous_stream_);
  } catch (const std::bad_alloc&) {
    // After clear_streams the device has no default any more, and gets a new one at its next use.
  }
}

}  // namespace mlx::core

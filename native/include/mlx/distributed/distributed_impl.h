#pragma once

#include <memory>

#include "mlx/array.h"
#include "mlx/distributed/distributed.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::distributed::detail {

/// What a backend does for a group. Inputs are evaluated; outputs have their memory. The calls are
/// made in the streams' order on the threads of the stream that communication_stream names.
class MLX_API GroupImpl {
 public:
  virtual ~GroupImpl() = default;

  virtual Stream communication_stream(StreamOrDevice s) = 0;
  virtual int rank() = 0;
  virtual int size() = 0;
  virtual std::shared_ptr<GroupImpl> split(int color, int key = -1) = 0;

  virtual void all_sum(const array& input, array& output, Stream stream) = 0;
  virtual void all_gather(const array& input, array& output, Stream stream) = 0;
  virtual void send(const array& input, int dst, Stream stream) = 0;
  virtual void recv(array& output, int src, Stream stream) = 0;
  virtual void all_max(const array& input, array& output, Stream stream) = 0;
  virtual void all_min(const array& input, array& output, Stream stream) = 0;
  virtual void sum_scatter(const array& input, array& output, Stream stream) = 0;
};

}  // namespace mlx::core::distributed::detail

// What the kinds of nodes do on a GPU's stream: all of it is the group's.

#include "distributed/communication.h"
#include "gpu/arrays.h"
#include "mlx/distributed/distributed_impl.h"

namespace mlx::core::distributed {

void AllReduce::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  const array input = gpu::row_contiguous(inputs[0]);
  switch (type_) {
    case Sum:
      return impl().all_sum(input, output, stream());
    case Max:
      return impl().all_max(input, output, stream());
    case Min:
      return impl().all_min(input, output, stream());
  }
}

void AllGather::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  impl().all_gather(gpu::row_contiguous(inputs[0]), output, stream());
}

void ReduceScatter::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  impl().sum_scatter(gpu::row_contiguous(inputs[0]), output, stream());
}

void Send::eval_gpu(const std::vector<array>& inputs, array& output) {
  impl().send(gpu::row_contiguous(inputs[0]), destination_, stream());
  output.copy_shared_buffer(inputs[0]);
}

void Recv::eval_gpu(const std::vector<array>&, array& output) {
  gpu::allocate(output);
  impl().recv(output, source_, stream());
}

}  // namespace mlx::core::distributed

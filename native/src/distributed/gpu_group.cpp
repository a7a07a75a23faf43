#include "distributed/gpu_group.h"

#include <algorithm>
#include <exception>

#include "distributed/peer_call.h"
#include "distributed/time_limit.h"
#include "gpu/arrays.h"
#include "gpu/elementwise.h"
#include "gpu/encoder.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::distributed {

namespace {

/// What is gathered of each process at a time, to be combined here.
constexpr size_t gathered_bytes = size_t(32) << 20;

/// How the id of a communicator, or why there is none, is told.
constexpr char is_id = 'i', is_problem = 'p';

ElementwiseOp op_of(gpu::Reduction reduction) {
  switch (reduction) {
    case gpu::Reduction::sum:
      return ElementwiseOp::Add;
    case gpu::Reduction::max:
      return ElementwiseOp::Maximum;
    case gpu::Reduction::min:
      return ElementwiseOp::Minimum;
  }
  return ElementwiseOp::Add;
}

/// Combines several runs of values, which lie `step` bytes apart, in their order.
void combine(gpu::Commands& commands, gpu::Reduction reduction, Dtype::Val dtype, gpu::Place first,
             size_t step, int runs, gpu::Place to, size_t count) {
  const ElementwiseProgram program{
      {dtype, dtype}, {{op_of(reduction), dtype, dtype, {0, 1, 0}}}, {2}};
  const int32_t shape[] = {int32_t(count)};
  const int64_t strides[] = {1};
  for (int run = 1; run < runs; ++run) {
    const gpu::ElementwiseOperand inputs[] = {
        {run == 1 ? first : to, strides, nullptr},
        {first.moved(int64_t(size_t(run) * step)), strides, nullptr}};
    const gpu::ElementwiseOperand output[] = {{to, strides, nullptr}};
    gpu::run_elementwise(commands, program, shape, inputs, output);
  }
}

}  // namespace

GpuGroup::GpuGroup(std::shared_ptr<PeerGroup> hosts, gpu::CollectiveLibrary& library)
    : hosts_(std::move(hosts)), library_(library) {
  if (size() == 1) return;
  std::string told;
  if (rank() == 0) {
    try {
      told = is_id + library_.new_id();
    } catch (const std::exception& error) {
      told = is_problem + std::string(error.what());
    }
  }
  told = hosts_->tell_all(told).front();
  if (told.empty() || told[0] != is_id) throw EngineError(told.empty() ? told : told.substr(1));
  id_ = told.substr(1);
}

Stream GpuGroup::communication_stream(StreamOrDevice s) {
  if (auto* stream = std::get_if<Stream>(&s)) return *stream;
  if (auto* device = std::get_if<Device>(&s); device && *device == Device::cpu)
    return hosts_->communication_stream(s);
  // One of its own, so that communication and computation overlap.
  std::lock_guard lock(mutex_);
  if (!stream_) stream_ = new_stream(Device::gpu);
  return *stream_;
}

GpuGroup::~GpuGroup() {
  if (communicator_) communicator_->stop_watch();
}

std::shared_ptr<detail::GroupImpl> GpuGroup::split(int color, int key) {
  return std::make_shared<GpuGroup>(hosts_->divide(color, key), library_);
}

// ---- Calls

void GpuGroup::all_sum(const array& input, array& output, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->all_sum(input, output, stream);
  all_reduce(CallKind::all_sum, gpu::Reduction::sum, input, output);
}
void GpuGroup::all_max(const array& input, array& output, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->all_max(input, output, stream);
  all_reduce(CallKind::all_max, gpu::Reduction::max, input, output);
}
void GpuGroup::all_min(const array& input, array& output, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->all_min(input, output, stream);
  all_reduce(CallKind::all_min, gpu::Reduction::min, input, output);
}

void GpuGroup::all_reduce(CallKind kind, gpu::Reduction reduction, const array& input,
                          array& output) {
  const auto dtype = input.dtype().val();
  const size_t item = input.itemsize(), count = input.size();
  call(kind, input, output, [&](auto& commands, auto& communicator, auto from, auto to) {
    if (communicator.can_reduce(reduction, dtype))
      return communicator.all_reduce(commands.queue(), reduction, dtype, from, to, count);
    const size_t most = std::min(count, gathered_bytes / item);
    const gpu::Place gathered{commands.scratch(most * item * size_t(size()))};
    for (size_t done = 0; done < count; done += most) {
      const size_t part = std::min(most, count - done), bytes = part * item;
      communicator.all_gather(commands.queue(), from.moved(int64_t(done * item)), gathered, bytes);
      combine(commands, reduction, dtype, gathered, bytes, size(), to.moved(int64_t(done * item)),
              part);
    }
  });
}

void GpuGroup::sum_scatter(const array& input, array& output, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->sum_scatter(input, output, stream);
  const auto dtype = input.dtype().val();
  call(CallKind::sum_scatter, input, output,
       [&](auto& commands, auto& communicator, auto from, auto to) {
         constexpr auto sum = gpu::Reduction::sum;
         if (communicator.can_reduce(sum, dtype))
           return communicator.reduce_scatter(commands.queue(), sum, dtype, from, to,
                                              output.size());
         const gpu::Place gathered{commands.scratch(input.nbytes() * size_t(size()))};
         communicator.all_gather(commands.queue(), from, gathered, input.nbytes());
         combine(commands, sum, dtype, gathered.moved(int64_t(size_t(rank()) * output.nbytes())),
                 input.nbytes(), size(), to, output.size());
       });
}

void GpuGroup::all_gather(const array& input, array& output, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->all_gather(input, output, stream);
  call(CallKind::all_gather, input, output,
       [&](auto& commands, auto& communicator, auto from, auto to) {
         communicator.all_gather(commands.queue(), from, to, input.nbytes());
       });
}

void GpuGroup::send(const array& input, int receiver, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->send(input, receiver, stream);
  guarded([&] {
    hosts_->meet_receiver(input, receiver, [&] {
      put_in(CallKind::send, &input, nullptr,
             [&](auto& commands, auto& communicator, auto from, auto) {
               communicator.send(commands.queue(), from, input.nbytes(), receiver);
             });
    });
  });
}

void GpuGroup::recv(array& output, int sender, Stream stream) {
  if (stream.device == Device::cpu) return hosts_->recv(output, sender, stream);
  guarded([&] {
    hosts_->meet_sender(output, sender, [&] {
      put_in(CallKind::recv, nullptr, &output,
             [&](auto& commands, auto& communicator, auto, auto to) {
               communicator.receive(commands.queue(), to, output.nbytes(), sender);
             });
    });
  });
}

void GpuGroup::call(CallKind kind, const array& input, array& output, const Work& work) {
  guarded([&] { hosts_->meet_all(kind, input, [&] { put_in(kind, &input, &output, work); }); });
}

/// What the GPU has under way fails before the caller knows, not in the midst of what comes after.
void GpuGroup::guarded(const std::function<void()>& meet) {
  try {
    meet();
  } catch (const RefusedCall&) {
    throw;
  } catch (const std::exception& error) {
    std::shared_ptr<WatchedCommunicator> communicator;
    {
      std::lock_guard lock(mutex_);
      communicator = communicator_;
    }
    if (communicator) communicator->end(error.what());
    throw;
  }
}

/// Gives the GPU what all have agreed on.
void GpuGroup::put_in(CallKind kind, const array* input, array* output, const Work& work) {
  const array& values = input ? *input : *output;
  if (values.size() == 0) return;
  DeviceQueue* queue = DeviceQueue::current();
  if (!queue) throw EngineError(in_brackets(kind) + "It is not evaluated on a GPU's stream.");
  WatchedCommunicator& watched = communicator(kind, *queue);
  gpu::Encoder encoder;
  const gpu::Place from = input ? encoder.read(*input) : gpu::Place{};
  const gpu::Place to = output ? encoder.write(*output) : gpu::Place{};
  watched.put_in(kind, *queue, [&](gpu::Communicator& communicator) {
    encoder.encode([&](gpu::Commands& commands) { work(commands, communicator, from, to); });
  });
}

/// Joined at the first call, to which all come.
WatchedCommunicator& GpuGroup::communicator(CallKind kind, DeviceQueue& queue) {
  std::lock_guard lock(mutex_);
  if (communicator_) return *communicator_;
  struct Join {
    std::unique_ptr<gpu::Communicator> communicator;
    std::exception_ptr error;
  };
  auto join = std::make_shared<Join>();
  gpu::Queue* device_queue = nullptr;
  queue.put([&](gpu::Queue& own) { device_queue = &own; });
  // It waits for all processes, without a limit.
  if (!run_in_time(
          [join, device_queue, &library = library_, id = id_, rank = rank(), size = size()] {
            try {
              join->communicator = library.join(*device_queue, id, rank, size);
            } catch (...) {
              join->error = std::current_exception();
            }
          }))
    throw EngineError(late_text(kind));
  if (join->error) std::rethrow_exception(join->error);
  communicator_ = std::make_shared<WatchedCommunicator>(std::move(join->communicator), hosts_);
  communicator_->start_watch();
  return *communicator_;
}

}  // namespace mlx::core::distributed

#include "cuda/cuda_queue.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "cuda/hopper_matmul.h"
#include "mlx/errors.h"

namespace mlx::core::cuda {
namespace {

// Kernels have at most this many parameters; 4 KiB of them is CUDA's own limit.
constexpr size_t most_arguments = 128;
// More for a group must be asked for.
constexpr uint32_t plain_shared_bytes = 48 * 1024;

/// Linux adds up to 50 us to a sleep, to wake for several at once, unless a thread asks for less.
void sleep_exactly(std::chrono::steady_clock::duration time) {
#ifdef __linux__
  thread_local const int slack = prctl(PR_SET_TIMERSLACK, 1'000UL, 0UL, 0UL, 0UL);
  (void)slack;
#endif
  std::this_thread::sleep_for(time);
}

}  // namespace

CudaKernel::CudaKernel(const DeviceContext& context, const std::string& image,
                       const std::string& name)
    : context_(context), name_(name) {
  context.enter();
  auto& driver = context.driver();
  Result status = driver.module_load(&module_, image.c_str(), 0, nullptr, nullptr);
  if (status == result::unsupported_ptx || status == result::invalid_image ||
      status == result::no_binary)
    throw EngineError("[gpu] The NVIDIA driver can't load the kernel " + name + ": " +
                      describe(driver, status) +
                      ". It is older than the CUDA compiler; update the driver, or name an older "
                      "libnvrtc in MLX_NVRTC.");
  context.check(status, "loading a kernel");
  context.check(driver.module_function(&function_, module_, name.c_str()), "loading a kernel");
  int threads = 0;
  context.check(driver.function_get(&threads, function_attribute::max_threads, function_),
                "loading a kernel");
  max_threads_ = uint32_t(threads);
  context.note(driver.function_get(&registers_, function_attribute::registers, function_),
               "loading a kernel");
  context.note(driver.function_get(&local_bytes_, function_attribute::local_bytes, function_),
               "loading a kernel");
}

CudaKernel::~CudaKernel() {
  // At exit the driver may be gone already, which it says and nobody minds.
  if (!context_.error())
    context_.note(context_.driver().module_unload(module_), "unloading a kernel");
}

CudaQueue::CudaQueue(const DeviceContext& context, CopyRing& ring, HopperMatmul& products)
    : context_(context), ring_(ring), products_(products) {
  context.enter();
  auto& driver = context.driver();
  constexpr auto what = "making a queue";
  context.check(driver.stream_create(&stream_, stream_non_blocking), what);
  context.check(driver.event_create(&order_, event_disable_timing), what);
  has_writes_ = context.attribute(attribute::stream_memory_64) != 0;
  void* counter = nullptr;
  context.check(driver.host_allocate(&counter, sizeof(uint64_t), host_memory_portable), what);
  reached_ = new (counter) std::atomic<uint64_t>(0);
  context.check(driver.host_device_address(&reached_address_, counter, 0), what);
}

void CudaQueue::launch(const gpu::Kernel& kernel, gpu::Size3 groups, gpu::Size3 threads,
                       uint32_t shared_bytes, std::span<const gpu::Argument> arguments) {
  context_.enter();
  if (arguments.size() > most_arguments)
    throw EngineError("[gpu] A kernel with " + std::to_string(arguments.size()) + " arguments.");
  std::array<Address, most_arguments> addresses;
  std::array<void*, most_arguments> pointers;
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto& argument = arguments[i];
    if (argument.is_memory()) {
      addresses[i] = argument.memory().handle + argument.byte_offset();
      pointers[i] = &addresses[i];
    } else {
      pointers[i] = const_cast<void*>(argument.bytes());
    }
  }
  auto& own = static_cast<const CudaKernel&>(kernel);
  if (shared_bytes > plain_shared_bytes)
    context_.check(
        context_.driver().function_set(own.function(), function_attribute::max_dynamic_shared_bytes,
                                       int(shared_bytes)),
        "asking for shared memory");
  context_.check(context_.driver().launch(own.function(), unsigned(groups.x), unsigned(groups.y),
                                          unsigned(groups.z), unsigned(threads.x),
                                          unsigned(threads.y), unsigned(threads.z), shared_bytes,
                                          stream_, pointers.data(), nullptr),
                 "launching a kernel");
}

void CudaQueue::copy_in(const void* from, gpu::Memory to, size_t to_offset, size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  ring_.copy_in(from, to.handle + to_offset, bytes, stream_);
}

void CudaQueue::copy_out(gpu::Memory from, size_t from_offset, void* to, size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  ring_.copy_out(from.handle + from_offset, to, bytes, stream_);
}

void CudaQueue::copy(gpu::Memory from, size_t from_offset, gpu::Memory to, size_t to_offset,
                     size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  context_.check(
      context_.driver().copy(to.handle + to_offset, from.handle + from_offset, bytes, stream_),
      "copying on the GPU");
}

void CudaQueue::fill(gpu::Memory to, size_t to_offset, uint32_t pattern, uint32_t width,
                     size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  auto& driver = context_.driver();
  Address address = to.handle + to_offset;
  Result status =
      width == 4 ? driver.fill_32(address, pattern, bytes / 4, stream_)
      : width == 2
          ? driver.fill_16(address, static_cast<unsigned short>(pattern), bytes / 2, stream_)
          : driver.fill_8(address, static_cast<unsigned char>(pattern), bytes, stream_);
  context_.check(status, "filling memory on the GPU");
}

bool CudaQueue::multiply(const gpu::MatrixProduct& product) {
  context_.enter();
  if (!asked_for_blas_) {
    asked_for_blas_ = true;
    blas_ = BlasLt::create(context_);
  }
  if (blas_ && blas_->multiply(product, stream_)) return true;
  return products_.multiply(product, stream_);
}

gpu::Ticket CudaQueue::commit() {
  context_.enter();
  ++committed_;
  if (has_writes_)
    context_.check(context_.driver().stream_write(stream_, reached_address_, committed_, 0),
                   "committing to a queue");
  else
    record_mark();
  return {this, committed_};
}

void CudaQueue::record_mark() {
  std::lock_guard lock(marks_mutex_);
  Event event = nullptr;
  if (idle_events_.empty()) {
    context_.check(context_.driver().event_create(&event, event_disable_timing), "making an event");
  } else {
    event = idle_events_.back();
    idle_events_.pop_back();
  }
  context_.check(context_.driver().event_record(event, stream_), "committing to a queue");
  marks_.push_back({committed_, event});
}

/// Moves the reached number to the last event that is done.
void CudaQueue::poll_marks() const {
  std::lock_guard lock(marks_mutex_);
  while (!marks_.empty()) {
    Result status = context_.driver().event_query(marks_.front().event);
    if (status == result::not_ready) return;
    context_.note(status, "waiting for it");
    if (status != result::success) return;
    reached_->store(marks_.front().number, std::memory_order_release);
    idle_events_.push_back(marks_.front().event);
    marks_.pop_front();
  }
}

void CudaQueue::wait(gpu::Ticket ticket) {
  if (ticket.queue == this || gpu::reached(ticket)) return;
  context_.enter();
  auto& other = static_cast<CudaQueue&>(*ticket.queue);
  auto& driver = context_.driver();
  // What the other queue got since the ticket is waited for too; it was committed without waiting
  // for anything that comes later here, so nothing can wait in a circle.
  std::lock_guard lock(other.order_mutex_);
  context_.check(driver.event_record(other.order_, other.stream_), "waiting for another queue");
  context_.check(driver.stream_wait(stream_, other.order_, 0), "waiting for another queue");
}

bool CudaQueue::reached(uint64_t number) const {
  if (reached_->load(std::memory_order_acquire) >= number) return true;
  if (!has_writes_) {
    poll_marks();
    if (reached_->load(std::memory_order_acquire) >= number) return true;
  }
  return context_.error().has_value();
}

void CudaQueue::block(uint64_t number) {
  using Clock = std::chrono::steady_clock;
  constexpr auto spin_time = std::chrono::microseconds(100);
  constexpr auto query_time = std::chrono::milliseconds(1);
  constexpr Clock::duration shortest_sleep = std::chrono::microseconds(5);
  constexpr Clock::duration longest_sleep = std::chrono::microseconds(50);
  auto start = Clock::now(), asked = start;
  while (!reached(number)) {
    auto now = Clock::now();
    // A lost device never writes again; asking the stream tells.
    if (now - asked > query_time) {
      asked = now;
      context_.enter();
      context_.note(context_.driver().stream_query(stream_), "waiting for it");
    }
    if (now - start < spin_time) {
      std::this_thread::yield();
    } else {
      // Short work is noticed soon, long work costs few looks.
      sleep_exactly(std::clamp<Clock::duration>((now - start) / 16, shortest_sleep, longest_sleep));
    }
  }
}

}  // namespace mlx::core::cuda

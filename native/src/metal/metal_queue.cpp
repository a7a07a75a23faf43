#include "metal/metal_queue.h"

#include <cstring>

#include "metal/byte_kernels.h"
#include "mlx/errors.h"
#include "mlx/utils.h"

namespace mlx::core::metal {
namespace {

// A command buffer costs some 10 us to send, and what is not sent does not run: about the numbers
// that MLX has for most Macs.
constexpr uint32_t most_operations = 50;
constexpr size_t most_bytes = size_t(50) << 20;
constexpr size_t staging_alignment = 256;

/// The widest word that all of these are multiples of.
uint32_t word_of(std::initializer_list<size_t> numbers) {
  uint32_t width = 8;
  for (size_t number : numbers)
    while (number % width != 0) width /= 2;
  return width;
}

gpu::Size3 groups_for(uint64_t count) {
  return {(count + byte_kernel_threads - 1) / byte_kernel_threads, 1, 1};
}

bool reads(gpu::Access access) { return uint8_t(access) & uint8_t(gpu::Access::read); }
bool writes(gpu::Access access) { return uint8_t(access) & uint8_t(gpu::Access::write); }

void* address_of(gpu::Memory memory, size_t offset) {
  return reinterpret_cast<char*>(memory.handle) + offset;
}

}  // namespace

MetalQueue::MetalQueue(DeviceContext& context, gpu::KernelCache& kernels)
    : context_(context), objc_(context.objc()), kernels_(kernels) {
  context.enter();
  Pool pool(objc_);
  queue_ = Owned(objc_, objc_.new_queue(context.device()));
  event_ = Owned(objc_, objc_.new_event(context.device()));
  fence_ = Owned(objc_, objc_.new_fence(context.device()));
  if (!queue_ || !event_ || !fence_)
    throw EngineError("[gpu] Metal makes no more queues on this device.");
  if (Id set = context.memory().residency_set()) objc_.add_residency_set(queue_.get(), set);
}

MetalQueue::~MetalQueue() {
  discard();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return in_flight_ == 0; });
}

Id MetalQueue::commands() {
  if (commands_) return commands_.get();
  Id commands = objc_.new_commands(queue_.get());
  if (!commands) throw EngineError("[gpu] Metal makes no more command buffers on this queue.");
  commands_ = Owned::retained(objc_, commands);
  return commands;
}

Id MetalQueue::encoder() {
  if (encoder_) return encoder_.get();
  Id encoder = objc_.new_encoder(commands(), value::concurrent);
  if (!encoder) throw EngineError("[gpu] Metal begins no more passes in this command buffer.");
  encoder_ = Owned::retained(objc_, encoder);
  // Waiting comes first and updating last ("updateFence(_:)").
  if (fence_is_updated_) objc_.wait_for_fence(encoder, fence_.get());
  return encoder;
}

void MetalQueue::end_pass() {
  if (!encoder_) return;
  objc_.update_fence(encoder_.get(), fence_.get());
  objc_.end_encoding(encoder_.get());
  encoder_ = {};
  fence_is_updated_ = true;
  pipeline_ = nullptr;
  read_.clear();
  written_.clear();
}

void MetalQueue::order(std::span<const gpu::Argument> arguments) {
  bool conflicts = false;
  for (auto& argument : arguments) {
    if (!argument.is_memory()) continue;
    uint64_t handle = argument.memory().handle;
    conflicts |= written_.contains(handle) || (writes(argument.access()) && read_.contains(handle));
  }
  if (conflicts) {
    objc_.barrier(encoder_.get(), value::scope_buffers);
    read_.clear();
    written_.clear();
  }
  for (auto& argument : arguments) {
    if (!argument.is_memory()) continue;
    if (reads(argument.access())) read_.insert(argument.memory().handle);
    if (writes(argument.access())) written_.insert(argument.memory().handle);
    bytes_ += argument.memory().size;
  }
}

void MetalQueue::bind(Id encoder, std::span<const gpu::Argument> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto& argument = arguments[i];
    if (!argument.is_memory()) {
      objc_.set_bytes(encoder, argument.bytes(), argument.size(), i);
      continue;
    }
    auto place = context_.memory().find(address_of(argument.memory(), 0));
    objc_.set_buffer(encoder, place.buffer, place.offset + argument.byte_offset(), i);
  }
}

void MetalQueue::launch(const gpu::Kernel& kernel, gpu::Size3 groups, gpu::Size3 threads,
                        uint32_t shared_bytes, std::span<const gpu::Argument> arguments) {
  context_.enter();
  if (arguments.size() > limit::buffers)
    throw EngineError(concat_text("[gpu] A kernel has ", arguments.size(),
                                  " arguments, and Metal allows ", limit::buffers, "."));
  for (auto& argument : arguments)
    if (!argument.is_memory() && argument.size() > limit::value_bytes)
      throw EngineError(concat_text("[gpu] A kernel's argument by value has ", argument.size(),
                                    " bytes, and Metal allows ", limit::value_bytes, "."));
  auto& own = static_cast<const MetalKernel&>(kernel);
  uint64_t in_group = threads.x * threads.y * threads.z;
  if (in_group > own.max_threads())
    throw EngineError(concat_text("[gpu] A group of ", in_group,
                                  " threads is asked of a kernel that can have ", own.max_threads(),
                                  "."));
  Pool pool(objc_);
  Id encoder = this->encoder();
  order(arguments);
  if (pipeline_ != own.pipeline()) objc_.set_pipeline(encoder, own.pipeline());
  pipeline_ = own.pipeline();
  bind(encoder, arguments);
  // Lengths are multiples of 16 ("setThreadgroupMemoryLength(_:index:)").
  if (shared_bytes > 0) objc_.set_group_memory(encoder, (shared_bytes + 15) / 16 * 16, 0);
  objc_.dispatch(encoder, {groups.x, groups.y, groups.z}, {threads.x, threads.y, threads.z});
  if (++operations_ >= most_operations || bytes_ >= most_bytes) submit(0);
}

bool MetalQueue::is_idle() const { return !commands_ && in_flight_ == 0; }

void MetalQueue::copy_in(const void* from, gpu::Memory to, size_t to_offset, size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  if (is_idle()) {
    std::memcpy(address_of(to, to_offset), from, bytes);
    return;
  }
  void* staging = context_.memory().allocate(bytes, staging_alignment);
  if (!staging) throw gpu::OutOfDeviceMemory("[gpu] There is no memory for a copy to the device.");
  staging_.push_back({staging, bytes});
  std::memcpy(staging, from, bytes);
  copy({reinterpret_cast<uint64_t>(staging), bytes}, 0, to, to_offset, bytes);
}

void MetalQueue::copy_out(gpu::Memory from, size_t from_offset, void* to, size_t bytes) {
  if (bytes == 0) return;
  context_.enter();
  if (!is_idle()) block(commit().number);
  context_.enter();
  std::memcpy(to, address_of(from, from_offset), bytes);
}

void MetalQueue::copy(gpu::Memory from, size_t from_offset, gpu::Memory to, size_t to_offset,
                      size_t bytes) {
  if (bytes == 0) return;
  uint32_t width = word_of({from_offset, to_offset, bytes});
  uint64_t count = bytes / width;
  auto& kernel = kernels_.get(concat_text("copy", width), [&] { return copy_source(width); });
  const gpu::Argument arguments[] = {{from, from_offset, gpu::Access::read},
                                     {to, to_offset, gpu::Access::write},
                                     gpu::Argument::value(count)};
  launch(kernel, groups_for(count), {byte_kernel_threads}, 0, arguments);
}

void MetalQueue::fill(gpu::Memory to, size_t to_offset, uint32_t pattern, uint32_t width,
                      size_t bytes) {
  if (bytes == 0) return;
  uint64_t word = 0, count = bytes / width;
  for (uint32_t at = 0; at < 8; at += width)
    std::memcpy(reinterpret_cast<char*>(&word) + at, &pattern, width);
  width = std::max(width, word_of({to_offset, bytes}));
  count = bytes / width;
  auto& kernel = kernels_.get(concat_text("fill", width), [&] { return fill_source(width); });
  const gpu::Argument arguments[] = {
      {to, to_offset, gpu::Access::write}, {&word, width}, gpu::Argument::value(count)};
  launch(kernel, groups_for(count), {byte_kernel_threads}, 0, arguments);
}

void MetalQueue::submit(uint64_t ticket) {
  end_pass();
  Owned commands = std::move(commands_);
  if (ticket) objc_.encode_signal(commands.get(), event_.get(), ticket);
  in_flight_.fetch_add(1);
  objc_.on_completed(commands.get(),
                     make_block(objc_, [this, ticket, staging = std::exchange(staging_, {})](
                                           Id done) { complete(done, ticket, staging); }));
  objc_.commit(commands.get());
  operations_ = 0;
  bytes_ = 0;
}

/// Called by Metal on a thread of its own. Nothing of the queue is touched after the last line: its
/// destructor may wait for that.
void MetalQueue::complete(Id commands, uint64_t ticket, const std::vector<Staging>& staging) {
  {
    Pool pool(objc_);
    if (objc_.status(commands) == value::status_error) {
      context_.lose(objc_.describe(objc_.command_error(commands)));
      // Other queues may wait for it on the device.
      if (ticket) objc_.set_signaled_value(event_.get(), ticket);
    }
  }
  free(staging);
  std::lock_guard lock(mutex_);
  if (ticket) reached_.store(ticket, std::memory_order_release);
  in_flight_.fetch_sub(1);
  changed_.notify_all();
}

void MetalQueue::free(const std::vector<Staging>& staging) {
  for (auto& piece : staging) context_.memory().free(piece.address, piece.bytes, staging_alignment);
}

/// What was encoded for a device that is lost is never sent.
void MetalQueue::discard() {
  Pool pool(objc_);
  end_pass();
  commands_ = {};
  free(std::exchange(staging_, {}));
  operations_ = 0;
  bytes_ = 0;
}

gpu::Ticket MetalQueue::commit() {
  uint64_t ticket = committed_ + 1;
  if (context_.is_lost()) {
    discard();
  } else {
    Pool pool(objc_);
    commands();
    submit(ticket);
  }
  committed_ = ticket;
  return {this, ticket};
}

void MetalQueue::wait(gpu::Ticket ticket) {
  if (ticket.queue == this || gpu::reached(ticket)) return;
  context_.enter();
  Pool pool(objc_);
  // Events are waited for between passes.
  end_pass();
  auto& other = static_cast<MetalQueue&>(*ticket.queue);
  objc_.encode_wait(commands(), other.event_.get(), ticket.number);
}

bool MetalQueue::reached(uint64_t number) const {
  if (reached_.load(std::memory_order_acquire) >= number) return true;
  // What a lost device still does is waited for, since it writes the host's memory.
  return context_.is_lost() && in_flight_ == 0;
}

void MetalQueue::block(uint64_t number) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return reached(number); });
}

}  // namespace mlx::core::metal

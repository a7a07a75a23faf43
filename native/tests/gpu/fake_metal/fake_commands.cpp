#include <algorithm>
#include <chrono>
#include <random>

#include "fake_objects.h"
#include "mlx/errors.h"

namespace fake_metal {

using fake_objc::misuse;

namespace {

/// Metal's own number for a queue.
constexpr size_t most_commands = 64;

enum Status : unsigned long { not_enqueued, enqueued, committed, scheduled, completed, failed };

void check_alive(Object* object, const char* what) {
  if (object && object->references.load() <= 0)
    misuse(std::string("a command buffer is committed with a ") + what + " that was released.");
}

/// Passes by number, over all queues: a fence works between queues too.
std::atomic<uint64_t> last_pass{0};

}  // namespace

// Passes of one queue that nothing has ordered before later ones yet, with what they touch.
struct Queue::Work {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<CommandBuffer*> committed;
  size_t open = 0;
  bool is_ended = false;
  std::mt19937 random{1};

  struct Touched {
    Buffer* buffer;
    size_t offset;
    bool writes;
    const std::string* kernel;
  };
  struct Run {
    uint64_t pass;
    std::vector<Touched> touched;
  };
  std::vector<Run> unordered;

  void run();
  bool run_commands(CommandBuffer& commands);
  void run_pass(Pass& pass);
  void run_dispatch(const Dispatch& dispatch);
  static std::vector<Touched> touched_by(const Dispatch& dispatch);
  static void check(const Touched& a, const Touched& b, const char* missing);
  void finish(CommandBuffer& commands, bool is_good);
};

Queue::Queue() : Object(fake_objc::class_of<Queue>()), work(std::make_shared<Work>()) {
  std::thread([work = work] { work->run(); }).detach();
}

void Queue::dealloc() {
  std::lock_guard lock(work->mutex);
  work->is_ended = true;
  work->changed.notify_all();
}

void Queue::add_residency_set(ResidencySet* set) {
  if (!set) misuse("a queue gets no residency set.");
}

CommandBuffer* Queue::new_commands() {
  std::unique_lock lock(work->mutex);
  work->changed.wait(lock, [&] { return work->open < most_commands; });
  ++work->open;
  return static_cast<CommandBuffer*>(fake_objc::autorelease(new CommandBuffer(*this)));
}

void CommandBuffer::check_open(const char* what) const {
  if (status != not_enqueued) misuse(std::string(what) + " comes after a command buffer's commit.");
  if (encoder) misuse(std::string(what) + " comes before the end of a command buffer's pass.");
}

void CommandBuffer::dealloc() {
  if (encoder) misuse("a command buffer is released before the end of its pass.");
  steps = {};
  if (status == not_enqueued) {
    for (auto* buffer : buffers) --buffer->uses;
    std::lock_guard lock(queue->work->mutex);
    --queue->work->open;
    queue->work->changed.notify_all();
  } else if (status != completed && status != failed) {
    misuse("a command buffer is released more often than retained.");
  }
  fake_objc::release(queue);
}

CommandBuffer::CommandBuffer(Queue& queue)
    : Object(fake_objc::class_of<CommandBuffer>()), queue(&queue) {
  fake_objc::retain(&queue);
}

void CommandBuffer::name(Buffer* buffer) {
  if (buffer && buffers.insert(buffer).second) ++buffer->uses;
}

Encoder* CommandBuffer::new_encoder(unsigned long dispatch_type) {
  check_open("a pass");
  if (dispatch_type != 1) misuse("a pass is not concurrent.");
  encoder = new Encoder(*this);
  return static_cast<Encoder*>(fake_objc::autorelease(encoder));
}

void CommandBuffer::encode_signal(Event* event, uint64_t value) {
  check_open("a signal");
  steps.push_back({Step::Kind::signal, {}, event, value});
}

void CommandBuffer::encode_wait(Event* event, uint64_t value) {
  check_open("a wait");
  steps.push_back({Step::Kind::wait, {}, event, value});
}

void CommandBuffer::on_completed(BlockLayout* block) {
  check_open("a handler");
  fake_objc::check_block(block);
  handlers.push_back(block);
}

void CommandBuffer::commit() {
  check_open("a commit");
  status = committed;
  fake_objc::retain(this);
  ++statistics().command_buffers;
  std::lock_guard lock(queue->work->mutex);
  queue->work->committed.push_back(this);
  queue->work->changed.notify_all();
}

void Encoder::check_open(const char* what) const {
  if (is_ended) misuse(std::string(what) + " comes after the end of a pass.");
}

void Encoder::dealloc() {
  if (!is_ended) misuse("an encoder is released before the end of its pass.");
}

void Encoder::set_pipeline(Pipeline* next) {
  check_open("a pipeline");
  if (!next) misuse("a pass gets no pipeline.");
  pipeline = next;
}

void Encoder::set_buffer(Buffer* buffer, unsigned long offset, unsigned long index) {
  check_open("a buffer");
  if (index >= table.size()) misuse("a buffer's index is past 30.");
  if (buffer && offset >= buffer->bytes) misuse("a buffer's offset is past its end.");
  if (!buffer) misuse("an address lies in no buffer.");
  owner->name(buffer);
  table[index] = {buffer, offset, {}, true};
}

void Encoder::set_bytes(const void* bytes, unsigned long length, unsigned long index) {
  check_open("an argument by value");
  if (index >= table.size()) misuse("an argument's index is past 30.");
  if (length == 0 || length > 4096) misuse("an argument by value has no bytes, or more than 4096.");
  table[index] = {nullptr, 0, std::string(static_cast<const char*>(bytes), length), true};
}

void Encoder::set_group_memory(unsigned long length, unsigned long index) {
  check_open("threadgroup memory");
  if (length % 16 || length > 32768 || index >= table.size())
    misuse("threadgroup memory is no multiple of 16 bytes, or more than there is.");
}

void Encoder::barrier(unsigned long scope) {
  check_open("a barrier");
  if (scope != 1) misuse("a barrier is not for buffers.");
  ++statistics().barriers;
  pass.segments.emplace_back();
}

void Encoder::dispatch(Size groups, Size threads) {
  check_open("a dispatch");
  if (!pipeline) misuse("a dispatch comes before a pipeline.");
  auto count = threads.width * threads.height * threads.depth;
  if (count == 0 || count > pipeline->kernel.max_threads)
    misuse(pipeline->name + " is dispatched with more threads a group than it may have.");
  if (groups.width == 0 || groups.height == 0 || groups.depth == 0)
    misuse(pipeline->name + " is dispatched with no groups.");
  auto& uses = pipeline->kernel.buffers;
  for (size_t i = 0; i < uses.size(); ++i)
    if (uses[i] != HostKernel::Use::none && !table[i].is_set)
      misuse(pipeline->name + " is dispatched without its buffer " + std::to_string(i) + ".");
  Dispatch dispatch{pipeline, {table.begin(), table.begin() + long(uses.size())}, groups, threads};
  pass.segments.back().push_back(std::move(dispatch));
}

void Encoder::wait_for(Fence* fence) {
  check_open("waiting for a fence");
  if (std::ranges::find(pass.updates, fence) != pass.updates.end())
    misuse("a pass waits for a fence that it updated.");
  pass.waits.push_back(fence);
}

void Encoder::update(Fence* fence) {
  check_open("updating a fence");
  pass.updates.push_back(fence);
}

void Encoder::end() {
  check_open("endEncoding");
  is_ended = true;
  owner->steps.push_back({CommandBuffer::Step::Kind::pass, std::move(pass), nullptr, 0});
  owner->encoder = nullptr;
}

void Event::set_value(uint64_t value) {
  std::lock_guard lock(mutex);
  reached = std::max(reached, value);
  changed.notify_all();
}

void Event::wait(uint64_t value) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return reached >= value; });
}

void Queue::Work::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return !committed.empty() || is_ended; });
    if (committed.empty()) return;
    CommandBuffer* commands = committed.front();
    committed.pop_front();
    lock.unlock();
    if (int most = behaviour().most_delay)
      std::this_thread::sleep_for(std::chrono::microseconds(random() % unsigned(most)));
    bool is_good = run_commands(*commands);
    finish(*commands, is_good);
    lock.lock();
  }
}

/// Whether this is the command buffer that is to fail. All queues count together.
static bool is_to_fail() {
  static std::mutex counting;
  std::lock_guard lock(counting);
  auto& left = behaviour().fails_at;
  return left > 0 && --left == 0;
}

bool Queue::Work::run_commands(CommandBuffer& commands) {
  if (is_to_fail()) {
    commands.error =
        new Error("Execution of the command buffer was aborted on purpose", behaviour().error_code);
    return false;
  }
  try {
    for (auto& step : commands.steps) {
      check_alive(step.event, "event");
      if (step.kind == CommandBuffer::Step::Kind::pass) run_pass(step.pass);
      if (step.kind == CommandBuffer::Step::Kind::signal) step.event->set_value(step.value);
      if (step.kind == CommandBuffer::Step::Kind::wait) step.event->wait(step.value);
    }
  } catch (const mlx::core::EngineError& error) {
    commands.error = new Error(error.what(), 3);
    return false;
  }
  return true;
}

std::vector<Queue::Work::Touched> Queue::Work::touched_by(const Dispatch& dispatch) {
  std::vector<Touched> touched;
  for (size_t i = 0; i < dispatch.bindings.size(); ++i) {
    auto& binding = dispatch.bindings[i];
    auto use = dispatch.pipeline->kernel.buffers[i];
    if (binding.buffer && use != HostKernel::Use::none)
      touched.push_back({binding.buffer, binding.offset, use == HostKernel::Use::writes,
                         &dispatch.pipeline->name});
  }
  return touched;
}

void Queue::Work::check(const Touched& a, const Touched& b, const char* missing) {
  if (a.buffer == b.buffer && a.offset == b.offset && (a.writes || b.writes))
    misuse(*b.kernel + (b.writes ? " writes" : " reads") + " what " + *a.kernel +
           (a.writes ? " writes" : " reads") + ", and no " + missing + " is between them.");
}

void Queue::Work::run_pass(Pass& pass) {
  ++statistics().passes;
  uint64_t number = ++last_pass;
  for (auto* fence : pass.waits) {
    check_alive(fence, "fence");
    std::erase_if(unordered, [&](const Run& run) {
      return run.pass <= fence->pass &&
             std::ranges::find(fence->not_yet, run.pass) == fence->not_yet.end();
    });
  }
  Run own{number, {}};
  for (auto& segment : pass.segments) {
    std::vector<Touched> in_segment;
    for (auto& dispatch : segment) {
      auto touched = touched_by(dispatch);
      for (auto& b : touched) {
        for (auto& a : in_segment) check(a, b, "barrier");
        for (auto& run : unordered)
          for (auto& a : run.touched) check(a, b, "fence");
      }
      in_segment.insert(in_segment.end(), touched.begin(), touched.end());
    }
    own.touched.insert(own.touched.end(), in_segment.begin(), in_segment.end());
    // No order is promised within a segment.
    std::shuffle(segment.begin(), segment.end(), random);
    for (auto& dispatch : segment) run_dispatch(dispatch);
  }
  for (auto* fence : pass.updates) {
    check_alive(fence, "fence");
    fence->pass = number;
    fence->not_yet.clear();
    for (auto& run : unordered) fence->not_yet.push_back(run.pass);
  }
  unordered.push_back(std::move(own));
}

void Queue::Work::run_dispatch(const Dispatch& dispatch) {
  ++statistics().dispatches;
  check_alive(dispatch.pipeline, "pipeline");
  auto& kernel = dispatch.pipeline->kernel;
  void* arguments[groups_argument + 1] = {};
  std::vector<char*> written;
  for (size_t i = 0; i < dispatch.bindings.size(); ++i) {
    auto& binding = dispatch.bindings[i];
    check_alive(binding.buffer, "buffer");
    arguments[i] = binding.buffer ? binding.buffer->begin + binding.offset
                                  : const_cast<char*>(binding.bytes.data());
    if (kernel.buffers[i] == HostKernel::Use::writes)
      written.push_back(static_cast<char*>(arguments[i]));
  }
  uint32_t groups[] = {uint32_t(dispatch.groups.width), uint32_t(dispatch.groups.height),
                       uint32_t(dispatch.groups.depth)};
  arguments[groups_argument] = groups;
  mlx::core::gpu::emulator::run_groups(
      kernel.entry, arguments, {groups[0], groups[1], groups[2]},
      {dispatch.threads.width, dispatch.threads.height, dispatch.threads.depth});
  auto& wrong = behaviour().wrong_kernel;
  if (wrong.empty() || !dispatch.pipeline->name.starts_with(wrong)) return;
  for (char* place : written) *place ^= 1;
}

void Queue::Work::finish(CommandBuffer& commands, bool is_good) {
  for (auto* buffer : commands.buffers) --buffer->uses;
  commands.status = is_good ? completed : failed;
  {
    std::lock_guard lock(mutex);
    --open;
    changed.notify_all();
  }
  for (auto* block : commands.handlers) block->invoke(block, &commands);
  if (commands.error) fake_objc::release(commands.error);
  commands.error = nullptr;
  fake_objc::release(&commands);
}

}  // namespace fake_metal

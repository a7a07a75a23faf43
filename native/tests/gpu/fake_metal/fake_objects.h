#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "fake_compiler.h"
#include "fake_metal.h"

// The objects of Metal's API that src/metal uses.
namespace fake_metal {

using fake_objc::BlockLayout;
using fake_objc::Error;
using fake_objc::Object;
using fake_objc::String;

struct Size {
  unsigned long width, height, depth;
};

struct Buffer : Object {
  static constexpr auto class_name = "FakeBuffer";
  Buffer(char* begin, size_t bytes)
      : Object(fake_objc::class_of<Buffer>()), begin(begin), bytes(bytes) {}
  void dealloc() override;
  void* contents() { return begin; }

  char* begin;
  size_t bytes;
  /// Command buffers that are not completed and name it.
  std::atomic<int> uses{0};
};

struct Fence : Object {
  static constexpr auto class_name = "FakeFence";
  Fence() : Object(fake_objc::class_of<Fence>()) {}
  /// Passes of the queue up to this one are done when it is reached, but for some.
  uint64_t pass = 0;
  std::vector<uint64_t> not_yet;
};

struct Event : Object {
  static constexpr auto class_name = "FakeEvent";
  Event() : Object(fake_objc::class_of<Event>()) {}
  void set_value(uint64_t value);
  void wait(uint64_t value);

  std::mutex mutex;
  std::condition_variable changed;
  uint64_t reached = 0;
};

struct ResidencySet : Object {
  static constexpr auto class_name = "FakeResidencySet";
  ResidencySet() : Object(fake_objc::class_of<ResidencySet>()) {}
  void add(Buffer* buffer) { added.insert(buffer); }
  void remove(Buffer* buffer);
  void commit() { committed = added; }
  void request();
  void end();

  std::set<Buffer*> added, committed;
};

struct Options : Object {
  static constexpr auto class_name = "MTLCompileOptions";
  Options() : Object(fake_objc::class_of<Options>()) {}
  void set_fast_math(bool on) { is_safe = !on; }
  void set_math_mode(long mode) { is_safe = mode == 0; }
  void set_functions(long) {}
  void set_language(unsigned long version) { language = version; }

  bool is_safe = false;
  unsigned long language = 0;
};

struct Function : Object {
  static constexpr auto class_name = "FakeFunction";
  Function(std::string name, HostKernel kernel)
      : Object(fake_objc::class_of<Function>()), name(std::move(name)), kernel(std::move(kernel)) {}

  std::string name;
  HostKernel kernel;
};

struct Library : Object {
  static constexpr auto class_name = "FakeLibrary";
  explicit Library(std::map<std::string, HostKernel> kernels)
      : Object(fake_objc::class_of<Library>()), kernels(std::move(kernels)) {}
  Function* new_function(String* name);

  std::map<std::string, HostKernel> kernels;
};

struct Pipeline : Object {
  static constexpr auto class_name = "FakePipeline";
  Pipeline(std::string name, HostKernel kernel)
      : Object(fake_objc::class_of<Pipeline>()), name(std::move(name)), kernel(std::move(kernel)) {}
  unsigned long max_threads() { return kernel.max_threads; }
  unsigned long width() { return behaviour().simd_width; }

  std::string name;
  HostKernel kernel;
};

/// What one entry of the table of buffers holds: a place, or bytes.
struct Binding {
  Buffer* buffer = nullptr;
  size_t offset = 0;
  std::string bytes;
  bool is_set = false;
};

struct Dispatch {
  Pipeline* pipeline;
  std::vector<Binding> bindings;
  Size groups, threads;
};

/// A pass: dispatches between barriers, and the fences around them.
struct Pass {
  std::vector<std::vector<Dispatch>> segments{1};
  std::vector<Fence*> waits, updates;
};

struct CommandBuffer;

struct Encoder : Object {
  static constexpr auto class_name = "FakeComputeEncoder";
  explicit Encoder(CommandBuffer& owner)
      : Object(fake_objc::class_of<Encoder>()), owner(&owner), table(groups_argument) {}
  void dealloc() override;
  void set_pipeline(Pipeline* next);
  void set_buffer(Buffer* buffer, unsigned long offset, unsigned long index);
  void set_bytes(const void* bytes, unsigned long length, unsigned long index);
  void set_group_memory(unsigned long length, unsigned long index);
  void barrier(unsigned long scope);
  void dispatch(Size groups, Size threads);
  void wait_for(Fence* fence);
  void update(Fence* fence);
  void end();

  void check_open(const char* what) const;

  CommandBuffer* owner;
  Pipeline* pipeline = nullptr;
  std::vector<Binding> table;
  Pass pass;
  bool is_ended = false;
};

struct Queue;

struct CommandBuffer : Object {
  static constexpr auto class_name = "FakeCommandBuffer";
  explicit CommandBuffer(Queue& queue);
  void dealloc() override;
  Encoder* new_encoder(unsigned long dispatch_type);
  void encode_signal(Event* event, uint64_t value);
  void encode_wait(Event* event, uint64_t value);
  void on_completed(BlockLayout* block);
  void commit();
  unsigned long get_status() { return status; }
  Error* get_error() { return error; }

  void check_open(const char* what) const;
  void name(Buffer* buffer);

  struct Step {
    enum class Kind { pass, signal, wait } kind;
    Pass pass;
    Event* event = nullptr;
    uint64_t value = 0;
  };

  Queue* queue;
  std::vector<Step> steps;
  std::set<Buffer*> buffers;
  Encoder* encoder = nullptr;
  std::vector<BlockLayout*> handlers;
  std::atomic<unsigned long> status{0};
  Error* error = nullptr;
};

struct Queue : Object {
  static constexpr auto class_name = "FakeQueue";
  Queue();
  void dealloc() override;
  CommandBuffer* new_commands();
  void add_residency_set(ResidencySet* set);

  /// What the queue's thread works through; it outlives the queue.
  struct Work;
  std::shared_ptr<Work> work;
};

struct Architecture : Object {
  static constexpr auto class_name = "FakeArchitecture";
  Architecture() : Object(fake_objc::class_of<Architecture>()) {}
  String* name() { return fake_objc::string("applegpu_fake"); }
};

struct Device : Object {
  static constexpr auto class_name = "FakeDevice";
  Device() : Object(fake_objc::class_of<Device>()) {}
  String* name() { return fake_objc::string("Fake M1"); }
  Architecture* architecture();
  bool unified() { return behaviour().has_unified_memory; }
  bool supports(long family) { return family != 1007 || behaviour().is_apple_gpu; }
  Size max_threads() { return {1024, 1024, 1024}; }
  unsigned long max_group_memory() { return 32768; }
  unsigned long max_buffer_length() { return 1ul << 33; }
  uint64_t recommended() { return 1ul << 34; }
  unsigned long allocated();
  Queue* new_queue();
  Buffer* new_buffer(void* begin, unsigned long bytes, unsigned long options, BlockLayout* end);
  Library* new_library(String* source, Options* options, Error** error);
  Pipeline* new_pipeline(Function* function, Error** error);
  Fence* new_fence() { return new Fence; }
  Event* new_event() { return new Event; }
  ResidencySet* new_residency_set(Object* descriptor, Error** error);
};

/// Sets what the caller asked for, in its pool.
void set_error(Error** place, std::string text, long code);

struct Statistics {
  std::atomic<uint64_t> command_buffers{0}, passes{0}, dispatches{0}, barriers{0}, wired_bytes{0},
      allocated{0};
};
Statistics& statistics();

}  // namespace fake_metal

#include <cstdint>

#include "fake_dispatch.h"
#include "fake_objects.h"
#include "mlx/errors.h"

namespace fake_metal {

using fake_objc::add_class_method;
using fake_objc::add_method;
using fake_objc::misuse;

namespace {

constexpr size_t page = 16384;
constexpr unsigned long untracked_shared = 1ul << 8;
constexpr unsigned long metal_3_1 = (3ul << 16) + 1;

struct Descriptor : Object {
  static constexpr auto class_name = "MTLResidencySetDescriptor";
  Descriptor() : Object(fake_objc::class_of<Descriptor>()) {}
};
struct CaptureDescriptor : Object {
  static constexpr auto class_name = "MTLCaptureDescriptor";
  CaptureDescriptor() : Object(fake_objc::class_of<CaptureDescriptor>()) {}
  void set_object(Object* object) { is_complete = object != nullptr; }
  void set_destination(long which) { destination = which; }
  void set_url(Object* url) { is_complete = is_complete && url; }

  bool is_complete = false;
  long destination = 0;
};
struct Url : Object {
  static constexpr auto class_name = "NSURL";
  Url() : Object(fake_objc::class_of<Url>()) {}
};
struct CaptureManager : Object {
  static constexpr auto class_name = "MTLCaptureManager";
  CaptureManager() : Object(fake_objc::class_of<CaptureManager>()) {}
  bool supports(long destination) { return destination == 2 && !behaviour().captures_fail; }
  bool start(CaptureDescriptor* descriptor, Error** error) {
    if (!is_capturing && descriptor->is_complete && descriptor->destination == 2)
      return is_capturing = true;
    set_error(error, is_capturing ? "Already capturing" : "Invalid descriptor", 2);
    return false;
  }
  void stop() { is_capturing = false; }

  bool is_capturing = false;
};

String* make_string(const char* text) { return fake_objc::string(text); }
Url* make_url(String*) { return static_cast<Url*>(fake_objc::autorelease(new Url)); }
Options* make_options() { return new Options; }
Descriptor* make_descriptor() { return new Descriptor; }
CaptureDescriptor* make_capture_descriptor() { return new CaptureDescriptor; }
CaptureManager* capture_manager() {
  static auto* manager = new CaptureManager;
  return manager;
}

void add_methods() {
  add_class_method<make_string>("NSString", "stringWithUTF8String:");
  add_class_method<make_url>("NSURL", "fileURLWithPath:");
  add_class_method<make_options>("MTLCompileOptions", "new");
  add_class_method<make_capture_descriptor>("MTLCaptureDescriptor", "new");
  add_class_method<capture_manager>("MTLCaptureManager", "sharedCaptureManager");
  add_class_method<make_descriptor>("MTLResidencySetDescriptor", "new");
  add_method<&String::utf8>("UTF8String");
  add_method<&Error::description>("localizedDescription");
  add_method<&Error::code>("code");
  add_method<&Device::name>("name");
  add_method<&Device::architecture>("architecture");
  add_method<&Architecture::name>("name");
  add_method<&Device::unified>("hasUnifiedMemory");
  add_method<&Device::supports>("supportsFamily:");
  add_method<&Device::max_threads>("maxThreadsPerThreadgroup");
  add_method<&Device::max_group_memory>("maxThreadgroupMemoryLength");
  add_method<&Device::max_buffer_length>("maxBufferLength");
  add_method<&Device::recommended>("recommendedMaxWorkingSetSize");
  add_method<&Device::allocated>("currentAllocatedSize");
  add_method<&Device::new_queue>("newCommandQueue");
  add_method<&Device::new_buffer>("newBufferWithBytesNoCopy:length:options:deallocator:");
  add_method<&Device::new_library>("newLibraryWithSource:options:error:");
  add_method<&Device::new_pipeline>("newComputePipelineStateWithFunction:error:");
  add_method<&Device::new_fence>("newFence");
  add_method<&Device::new_event>("newSharedEvent");
  add_method<&Device::new_residency_set>("newResidencySetWithDescriptor:error:");
  add_method<&Options::set_fast_math>("setFastMathEnabled:");
  add_method<&Options::set_math_mode>("setMathMode:");
  add_method<&Options::set_functions>("setMathFloatingPointFunctions:");
  add_method<&Options::set_language>("setLanguageVersion:");
  add_method<&Library::new_function>("newFunctionWithName:");
  add_method<&Pipeline::max_threads>("maxTotalThreadsPerThreadgroup");
  add_method<&Pipeline::width>("threadExecutionWidth");
  add_method<&Buffer::contents>("contents");
  add_method<&Queue::new_commands>("commandBufferWithUnretainedReferences");
  add_method<&Queue::add_residency_set>("addResidencySet:");
  add_method<&CommandBuffer::new_encoder>("computeCommandEncoderWithDispatchType:");
  add_method<&CommandBuffer::encode_signal>("encodeSignalEvent:value:");
  add_method<&CommandBuffer::encode_wait>("encodeWaitForEvent:value:");
  add_method<&CommandBuffer::on_completed>("addCompletedHandler:");
  add_method<&CommandBuffer::commit>("commit");
  add_method<&CommandBuffer::get_status>("status");
  add_method<&CommandBuffer::get_error>("error");
  add_method<&Encoder::set_pipeline>("setComputePipelineState:");
  add_method<&Encoder::set_buffer>("setBuffer:offset:atIndex:");
  add_method<&Encoder::set_bytes>("setBytes:length:atIndex:");
  add_method<&Encoder::set_group_memory>("setThreadgroupMemoryLength:atIndex:");
  add_method<&Encoder::barrier>("memoryBarrierWithScope:");
  add_method<&Encoder::dispatch>("dispatchThreadgroups:threadsPerThreadgroup:");
  add_method<&Encoder::wait_for>("waitForFence:");
  add_method<&Encoder::update>("updateFence:");
  add_method<&Encoder::end>("endEncoding");
  add_method<&Event::set_value>("setSignaledValue:");
  add_method<&ResidencySet::add>("addAllocation:");
  add_method<&ResidencySet::remove>("removeAllocation:");
  add_method<&ResidencySet::commit>("commit");
  add_method<&ResidencySet::request>("requestResidency");
  add_method<&ResidencySet::end>("endResidency");
  add_method<&CaptureManager::supports>("supportsDestination:");
  add_method<&CaptureManager::start>("startCaptureWithDescriptor:error:");
  add_method<&CaptureManager::stop>("stopCapture");
  add_method<&CaptureDescriptor::set_object>("setCaptureObject:");
  add_method<&CaptureDescriptor::set_destination>("setDestination:");
  add_method<&CaptureDescriptor::set_url>("setOutputURL:");
}

Object* create_device() { return behaviour().has_device ? new Device : nullptr; }

/// What macOS 14 lacks.
void take_away_macos_15() {
  for (auto* name : {"setMathMode:", "setMathFloatingPointFunctions:"})
    fake_objc::set_types("MTLCompileOptions", name, "");
  fake_objc::set_types("FakeDevice", "newResidencySetWithDescriptor:error:", "");
  fake_objc::set_types("FakeQueue", "addResidencySet:", "");
}

}  // namespace

Behaviour& behaviour() {
  static auto& behaviour = *new Behaviour;
  return behaviour;
}

Statistics& statistics() {
  static auto& statistics = *new Statistics;
  return statistics;
}

Counts counts() {
  auto& s = statistics();
  return {s.command_buffers, s.passes, s.dispatches, s.barriers, s.wired_bytes};
}

void reset() {
  behaviour() = {};
  add_methods();
}

void* find_symbol(const char* name) {
  static const bool made = (add_methods(), true);
  (void)made;
  if (!behaviour().is_macos_15) take_away_macos_15();
  if (std::string(name) == "MTLCreateSystemDefaultDevice")
    return reinterpret_cast<void*>(create_device);
  if (void* found = fake_dispatch::find_symbol(name)) return found;
  return fake_objc::find_symbol(name);
}

void set_error(Error** place, std::string text, long code) {
  auto* error = static_cast<Error*>(fake_objc::autorelease(new Error(std::move(text), code)));
  if (place) *place = error;
}

Architecture* Device::architecture() {
  return static_cast<Architecture*>(fake_objc::autorelease(new Architecture));
}

unsigned long Device::allocated() { return statistics().allocated; }

Queue* Device::new_queue() { return behaviour().queues_fail ? nullptr : new Queue; }

Buffer* Device::new_buffer(void* begin, unsigned long bytes, unsigned long options,
                           BlockLayout* end) {
  if (reinterpret_cast<uintptr_t>(begin) % page || bytes % page || bytes == 0)
    misuse("memory under a buffer does not begin and end on a page.");
  if (options != untracked_shared) misuse("a buffer's options are not shared and untracked.");
  if (end) fake_objc::check_block(end);
  if (bytes > max_buffer_length() || statistics().allocated + bytes > behaviour().capacity)
    return nullptr;
  statistics().allocated += bytes;
  return new Buffer(static_cast<char*>(begin), bytes);
}

void Buffer::dealloc() {
  if (uses > 0) misuse("a buffer is released while a command buffer that names it is not done.");
  statistics().allocated -= bytes;
}

Library* Device::new_library(String* source, Options* options, Error** error) {
  if (!options->is_safe) misuse("a library is made with fast math.");
  if (options->language < metal_3_1) misuse("a library is made without the language of bfloat.");
  if (behaviour().libraries_fail) {
    set_error(error, "program_source:1:1: error: on purpose", 3);
    return nullptr;
  }
  try {
    return new Library(compile_library(source->text));
  } catch (const mlx::core::EngineError& failure) {
    set_error(error, failure.what(), 3);
    return nullptr;
  }
}

Function* Library::new_function(String* name) {
  auto found = kernels.find(name->text);
  if (found == kernels.end() || behaviour().functions_fail) return nullptr;
  return new Function(found->first, found->second);
}

Pipeline* Device::new_pipeline(Function* function, Error** error) {
  if (!behaviour().pipelines_fail) return new Pipeline(function->name, function->kernel);
  set_error(error, "Compiler encountered an internal error", 2);
  return nullptr;
}

ResidencySet* Device::new_residency_set(Object*, Error**) { return new ResidencySet; }

void ResidencySet::remove(Buffer* buffer) {
  if (added.erase(buffer) == 0) misuse("a set has no such allocation to remove.");
  // No longer resident.
  if (committed.contains(buffer)) statistics().wired_bytes -= buffer->bytes;
}

void ResidencySet::request() {
  uint64_t bytes = 0;
  for (auto* buffer : committed) bytes += buffer->bytes;
  statistics().wired_bytes = bytes;
}

void ResidencySet::end() { statistics().wired_bytes = 0; }

}  // namespace fake_metal

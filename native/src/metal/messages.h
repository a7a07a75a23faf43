#pragma once

#include <cstdint>

namespace mlx::core::metal {

// All that is asked of Apple's API, in one table: messages with their types, values of enumerations
// and rules of use. Nothing is linked and no Apple header is needed to build. Sources: the
// declarations are those of metal-cpp (Metal/MTL*.hpp, Foundation/NS*.hpp, 2025) and of the headers
// of macOS 15's SDK; rules are from developer.apple.com/documentation/metal (named by page).

struct Object;
struct Selector;
struct Block;
using Id = Object*;

// An NSUInteger and an NSInteger are `unsigned long` and `long` (NSObjCRuntime.h, LP64).
using UInteger = unsigned long;
using Integer = long;
/// BOOL is `bool` on arm64 and `signed char` on x86-64 (objc/objc.h). Both come back in the low 8
/// bits of a register and are passed as 0 or 1, which this type reads and writes for either.
using Bool = signed char;

/// MTLSize (MTLTypes.h). Passed by the platform's rules for a struct of 24 bytes; returned through
/// memory, for which x86-64 has objc_msgSend_stret and arm64 nothing special (objc/message.h).
struct Size {
  UInteger width, height, depth;
};

/// Who is sent a message: a class, or what an object of the API is.
enum class Receiver {
  string_class,
  url_class,
  options_class,
  capture_manager_class,
  capture_descriptor_class,
  residency_descriptor_class,
  string,
  error,
  device,
  architecture,
  options,
  library,
  pipeline,
  buffer,
  queue,
  command_buffer,
  encoder,
  event,
  residency_set,
  capture_manager,
  capture_descriptor,
};

/// Where a message is not known to every system that has Metal 3: macOS 15 brought math modes and
/// residency sets and deprecated fastMathEnabled; architecture came with macOS 14.
enum class Since { always, some };

// Functions whose name begins with `new` return an object that the caller owns; all others
// (commandBuffer..., computeCommandEncoder..., name, error) one that the pool of the thread has.
#define MLX_METAL_MESSAGES(X)                                                                      \
  X(string_with_utf8, string_class, always, "stringWithUTF8String:", Id(const char*))              \
  X(file_url, url_class, always, "fileURLWithPath:", Id(Id))                                       \
  X(new_options, options_class, always, "new", Id())                                               \
  X(shared_capture_manager, capture_manager_class, always, "sharedCaptureManager", Id())           \
  X(new_capture_descriptor, capture_descriptor_class, always, "new", Id())                         \
  X(new_residency_descriptor, residency_descriptor_class, some, "new", Id())                       \
  X(utf8, string, always, "UTF8String", const char*())                                             \
  X(error_text, error, always, "localizedDescription", Id())                                       \
  X(error_code, error, always, "code", Integer())                                                  \
  X(device_name, device, always, "name", Id())                                                     \
  X(device_architecture, device, some, "architecture", Id())                                       \
  X(architecture_name, architecture, some, "name", Id())                                           \
  X(has_unified_memory, device, always, "hasUnifiedMemory", Bool())                                \
  X(supports_family, device, always, "supportsFamily:", Bool(Integer))                             \
  X(max_threads_per_group, device, always, "maxThreadsPerThreadgroup", Size())                     \
  X(max_group_memory, device, always, "maxThreadgroupMemoryLength", UInteger())                    \
  X(max_buffer_length, device, always, "maxBufferLength", UInteger())                              \
  X(recommended_memory, device, always, "recommendedMaxWorkingSetSize", uint64_t())                \
  X(allocated_bytes, device, always, "currentAllocatedSize", UInteger())                           \
  X(new_queue, device, always, "newCommandQueue", Id())                                            \
  X(new_buffer_over, device, always,                                                               \
    "newBufferWithBytesNoCopy:length:options:deallocator:", Id(void*, UInteger, UInteger, Block*)) \
  X(new_library, device, always, "newLibraryWithSource:options:error:", Id(Id, Id, Id*))           \
  X(new_pipeline, device, always, "newComputePipelineStateWithFunction:error:", Id(Id, Id*))       \
  X(new_fence, device, always, "newFence", Id())                                                   \
  X(new_event, device, always, "newSharedEvent", Id())                                             \
  X(new_residency_set, device, some, "newResidencySetWithDescriptor:error:", Id(Id, Id*))          \
  X(set_fast_math, options, some, "setFastMathEnabled:", void(Bool))                               \
  X(set_math_mode, options, some, "setMathMode:", void(Integer))                                   \
  X(set_math_functions, options, some, "setMathFloatingPointFunctions:", void(Integer))            \
  X(set_language, options, always, "setLanguageVersion:", void(UInteger))                          \
  X(new_function, library, always, "newFunctionWithName:", Id(Id))                                 \
  X(pipeline_threads, pipeline, always, "maxTotalThreadsPerThreadgroup", UInteger())               \
  X(pipeline_width, pipeline, always, "threadExecutionWidth", UInteger())                          \
  X(buffer_contents, buffer, always, "contents", void*())                                          \
  X(new_commands, queue, always, "commandBufferWithUnretainedReferences", Id())                    \
  X(add_residency_set, queue, some, "addResidencySet:", void(Id))                                  \
  X(new_encoder, command_buffer, always, "computeCommandEncoderWithDispatchType:", Id(UInteger))   \
  X(encode_signal, command_buffer, always, "encodeSignalEvent:value:", void(Id, uint64_t))         \
  X(encode_wait, command_buffer, always, "encodeWaitForEvent:value:", void(Id, uint64_t))          \
  X(on_completed, command_buffer, always, "addCompletedHandler:", void(Block*))                    \
  X(commit, command_buffer, always, "commit", void())                                              \
  X(status, command_buffer, always, "status", UInteger())                                          \
  X(command_error, command_buffer, always, "error", Id())                                          \
  X(set_pipeline, encoder, always, "setComputePipelineState:", void(Id))                           \
  X(set_buffer, encoder, always, "setBuffer:offset:atIndex:", void(Id, UInteger, UInteger))        \
  X(set_bytes, encoder, always, "setBytes:length:atIndex:", void(const void*, UInteger, UInteger)) \
  X(set_group_memory, encoder, always,                                                             \
    "setThreadgroupMemoryLength:atIndex:", void(UInteger, UInteger))                               \
  X(barrier, encoder, always, "memoryBarrierWithScope:", void(UInteger))                           \
  X(dispatch, encoder, always, "dispatchThreadgroups:threadsPerThreadgroup:", void(Size, Size))    \
  X(wait_for_fence, encoder, always, "waitForFence:", void(Id))                                    \
  X(update_fence, encoder, always, "updateFence:", void(Id))                                       \
  X(end_encoding, encoder, always, "endEncoding", void())                                          \
  X(set_signaled_value, event, always, "setSignaledValue:", void(uint64_t))                        \
  X(add_allocation, residency_set, some, "addAllocation:", void(Id))                               \
  X(remove_allocation, residency_set, some, "removeAllocation:", void(Id))                         \
  X(commit_set, residency_set, some, "commit", void())                                             \
  X(request_residency, residency_set, some, "requestResidency", void())                            \
  X(end_residency, residency_set, some, "endResidency", void())                                    \
  X(supports_destination, capture_manager, always, "supportsDestination:", Bool(Integer))          \
  X(start_capture, capture_manager, always, "startCaptureWithDescriptor:error:", Bool(Id, Id*))    \
  X(stop_capture, capture_manager, always, "stopCapture", void())                                  \
  X(set_capture_object, capture_descriptor, always, "setCaptureObject:", void(Id))                 \
  X(set_destination, capture_descriptor, always, "setDestination:", void(Integer))                 \
  X(set_output_url, capture_descriptor, always, "setOutputURL:", void(Id))

namespace value {
/// MTLResourceOptions (MTLResource.h): shared storage is 0 << 4, untracked hazards are 1 << 8.
constexpr UInteger shared_untracked = UInteger(1) << 8;
/// MTLDispatchType (MTLCommandBuffer.h).
constexpr UInteger concurrent = 1;
/// MTLBarrierScope (MTLCommandEncoder.h).
constexpr UInteger scope_buffers = 1;
/// MTLCommandBufferStatus (MTLCommandBuffer.h): completed is 4.
constexpr UInteger status_error = 5;
/// MTLLanguageVersion (MTLLibrary.h): 3.1, of macOS 14, is the first with bfloat.
constexpr UInteger metal_3_1 = (UInteger(3) << 16) + 1;
/// MTLMathMode and MTLMathFloatingPointFunctions (MTLLibrary.h): safe is 0, precise is 1. Safe mode
/// still contracts a * b + c within a statement ("Metal Shading Language Specification", 1.6.3);
/// a pragma in kernels/prelude_metal.h forbids that.
constexpr Integer math_safe = 0, functions_precise = 1;
/// MTLGPUFamily (MTLDevice.h): M1 and later are Apple7.
constexpr Integer family_apple7 = 1007;
/// MTLCaptureDestination (MTLCaptureManager.h).
constexpr Integer capture_to_document = 2;
/// DISPATCH_MEMORYPRESSURE_WARN and _CRITICAL (dispatch/source.h).
constexpr uintptr_t pressure_warning = 2, pressure_critical = 4;
}  // namespace value

namespace limit {
/// Entries of the table of buffers ("Metal Feature Set Tables").
constexpr uint32_t buffers = 31;
/// setBytes:length:atIndex: is for less than 4 KB (its page).
constexpr uint32_t value_bytes = 4096;
/// A resource has at most this many others beside it, unless iogpu.rsrc_limit says otherwise: what
/// Apple's own MLX assumes (mlx/backend/metal/device_info.cpp).
constexpr size_t resources = 499000;
/// Memory under a buffer begins and ends on a page (newBufferWithBytesNoCopy's page): 16 KiB on
/// arm64.
constexpr size_t page = 16384;
}  // namespace limit

}  // namespace mlx::core::metal

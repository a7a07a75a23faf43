#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlx::core::cuda {

// Declarations of our own, so that no CUDA header is needed to build and nothing is linked. Types,
// values and signatures are those of NVIDIA's "CUDA Driver API" reference manual, 13.0.

using Result = int;
using DeviceNumber = int;
using Address = uint64_t;
using Context = struct ContextObject*;
using Stream = struct StreamObject*;
using Event = struct EventObject*;
using Module = struct ModuleObject*;
using Function = struct FunctionObject*;

namespace result {
constexpr Result success = 0, out_of_memory = 2, not_initialized = 3, deinitialized = 4,
                 stub_library = 34, no_device = 100, invalid_image = 200, no_binary = 209,
                 uncorrectable_memory = 214, unsupported_ptx = 222, not_ready = 600,
                 illegal_address = 700, launch_timeout = 702, context_is_destroyed = 709,
                 assertion = 710, hardware_stack_error = 714, illegal_instruction = 715,
                 misaligned_address = 716, invalid_address_space = 717, invalid_pc = 718,
                 launch_failed = 719, driver_mismatch = 803, unsupported_device = 804;
}

namespace attribute {
constexpr int max_threads = 1, max_grid_x = 5, max_grid_y = 6, max_grid_z = 7, multiprocessors = 16,
              cache_bytes = 38, capability_major = 75, capability_minor = 76, max_shared_bytes = 97,
              stream_memory_64 = 122;
}

namespace function_attribute {
constexpr int max_threads = 0, local_bytes = 3, registers = 4, max_dynamic_shared_bytes = 8;
}

namespace tensor_map {
constexpr int float16 = 6, bfloat16 = 9, swizzle_128 = 3, promote_128 = 2;
}

constexpr unsigned stream_non_blocking = 1, event_disable_timing = 2, host_memory_portable = 1;

// One row an entry point: the member, the symbol, the parameters.
#define MLX_CUDA_DRIVER(X)                                                                        \
  X(init, cuInit, (unsigned flags))                                                               \
  X(driver_version, cuDriverGetVersion, (int* version))                                           \
  X(device_count, cuDeviceGetCount, (int* count))                                                 \
  X(device_get, cuDeviceGet, (DeviceNumber * device, int ordinal))                                \
  X(device_name, cuDeviceGetName, (char* name, int length, DeviceNumber device))                  \
  X(device_attribute, cuDeviceGetAttribute, (int* value, int attribute, DeviceNumber device))     \
  X(device_memory, cuDeviceTotalMem_v2, (size_t* bytes, DeviceNumber device))                     \
  X(context_retain, cuDevicePrimaryCtxRetain, (Context * context, DeviceNumber device))           \
  X(context_set, cuCtxSetCurrent, (Context context))                                              \
  X(memory_allocate, cuMemAlloc_v2, (Address * address, size_t bytes))                            \
  X(memory_free, cuMemFree_v2, (Address address))                                                 \
  X(memory_info, cuMemGetInfo_v2, (size_t* free, size_t* total))                                  \
  X(host_allocate, cuMemHostAlloc, (void** address, size_t bytes, unsigned flags))                \
  X(host_free, cuMemFreeHost, (void* address))                                                    \
  X(host_device_address, cuMemHostGetDevicePointer_v2,                                            \
    (Address * address, void* host, unsigned flags))                                              \
  X(copy_in, cuMemcpyHtoDAsync_v2, (Address to, const void* from, size_t bytes, Stream stream))   \
  X(copy_out, cuMemcpyDtoHAsync_v2, (void* to, Address from, size_t bytes, Stream stream))        \
  X(copy, cuMemcpyDtoDAsync_v2, (Address to, Address from, size_t bytes, Stream stream))          \
  X(fill_8, cuMemsetD8Async, (Address to, unsigned char value, size_t count, Stream stream))      \
  X(fill_16, cuMemsetD16Async, (Address to, unsigned short value, size_t count, Stream stream))   \
  X(fill_32, cuMemsetD32Async, (Address to, unsigned value, size_t count, Stream stream))         \
  X(stream_create, cuStreamCreate, (Stream * stream, unsigned flags))                             \
  X(stream_query, cuStreamQuery, (Stream stream))                                                 \
  X(stream_synchronize, cuStreamSynchronize, (Stream stream))                                     \
  X(stream_wait, cuStreamWaitEvent, (Stream stream, Event event, unsigned flags))                 \
  X(stream_write, cuStreamWriteValue64_v2,                                                        \
    (Stream stream, Address to, uint64_t value, unsigned flags))                                  \
  X(event_create, cuEventCreate, (Event * event, unsigned flags))                                 \
  X(event_record, cuEventRecord, (Event event, Stream stream))                                    \
  X(event_query, cuEventQuery, (Event event))                                                     \
  X(event_synchronize, cuEventSynchronize, (Event event))                                         \
  X(module_load, cuModuleLoadDataEx,                                                              \
    (Module * module, const void* image, unsigned count, int* options, void** values))            \
  X(module_function, cuModuleGetFunction, (Function * function, Module module, const char* name)) \
  X(module_unload, cuModuleUnload, (Module module))                                               \
  X(function_get, cuFuncGetAttribute, (int* value, int attribute, Function function))             \
  X(function_set, cuFuncSetAttribute, (Function function, int attribute, int value))              \
  X(tensor_map, cuTensorMapEncodeTiled,                                                           \
    (void* map, int type, unsigned rank, void* address, const uint64_t* sizes,                    \
     const uint64_t* strides, const unsigned* box, const unsigned* steps, int interleave,         \
     int swizzle, int promotion, int fill))                                                       \
  X(launch, cuLaunchKernel,                                                                       \
    (Function function, unsigned groups_x, unsigned groups_y, unsigned groups_z,                  \
     unsigned threads_x, unsigned threads_y, unsigned threads_z, unsigned shared_bytes,           \
     Stream stream, void** arguments, void** extra))                                              \
  X(error_name, cuGetErrorName, (Result result, const char** name))                               \
  X(error_text, cuGetErrorString, (Result result, const char** text))

/// The entry points of libcuda, found at run time.
struct Driver {
#define X(member, symbol, parameters) Result(*member) parameters = nullptr;
  MLX_CUDA_DRIVER(X)
#undef X
};

/// The driver, loaded and initialised at the first call; null when it is not there or can't be
/// used, and then `reason` says why, in a sentence.
const Driver* find_driver(std::string* reason = nullptr);

/// "an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS)".
std::string describe(const Driver& driver, Result result);

/// Whether the result means that the device's context is of no use any more.
bool is_fatal(Result result);

}  // namespace mlx::core::cuda

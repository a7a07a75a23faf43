#pragma once

#include <string>

#include "gpu/hal.h"
#include "mlx/device.h"
#include "runtime/memory_source.h"

namespace mlx::core {

namespace gpu {

class CollectiveLibrary;

/// A kind of GPU: what its folder, such as cuda/, tells of this machine's cards. A process computes
/// on one card only.
struct Backend {
  /// How many there are. The driver is loaded at the first call and not before.
  int (*count)();
  /// Why there is none, as the end of a sentence.
  std::string (*why_none)();
  /// Facts about the one that this process uses, which need no context on it.
  DeviceInfo (*info)();
  /// That one, ready to compute, which it is made by the first call. Throws EngineError.
  Device& (*open)();
  /// What its kernels are written in; this alone is known without looking for a card.
  Language language;
  /// Memory that it shares with the host; without the function, or null, it has memory of its own.
  MemorySource* (*memory_source)() = nullptr;
  /// How it talks to the GPUs of other processes; null, with a reason, when it can't.
  CollectiveLibrary* (*collectives)(std::string* reason) = nullptr;
  /// Whether it is the default device where there is one: it tests itself first.
  bool is_default = false;
};

/// This system's kind, defined by its folder.
const Backend& system_backend();

}  // namespace gpu

bool has_gpu();
/// Whether it is the default device where nobody names another.
bool is_gpu_default();
/// The language of this process's GPU, whether there is one or not.
gpu::Language gpu_language();
DeviceInfo gpu_info();
/// Why a device isn't there, as the end of a sentence: "there is no NVIDIA driver (libcuda.so.1)".
std::string why_unavailable(const Device& device);
/// How GPUs of several processes talk to each other; null when they can't, and then `reason` says
/// why, as the end of a sentence.
gpu::CollectiveLibrary* gpu_collectives(std::string* reason = nullptr);
/// The GPU of this process. The first call takes some tenths of a second. Throws EngineError where
/// there is none.
gpu::Device& gpu_device();

/// For tests: this device instead of the machine's, or with null the machine's again. It lives as
/// long as the process.
void set_gpu_device(gpu::Device* device);

}  // namespace mlx::core

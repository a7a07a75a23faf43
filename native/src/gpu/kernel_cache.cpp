#include "gpu/kernel_cache.h"

#include <algorithm>
#include <vector>

#include "evaluation/debug_view.h"
#include "runtime/background_thread.h"
#include "runtime/compilation_gate.h"
#include "runtime/thread_pool.h"

namespace mlx::core::gpu {
namespace {

/// Keys that are remembered because they were asked for once.
constexpr size_t most_wishes = 4096;
/// Whoever computes goes on meanwhile and needs the other cores.
constexpr size_t most_compiling_threads = 4;

/// Bodies are one long text for many; what is special about a kernel is its entry.
const KernelSource& shown(const KernelSource& source) {
  if (debug_level() > 2) print_debug("[mlx] " + source.name + ":\n" + source.entry + "\n");
  return source;
}

}  // namespace

KernelCache::~KernelCache() {
  std::unique_lock lock(wishes_mutex_);
  requests_.clear();
  threads_ended_.wait(lock, [&] { return compiling_threads_ == 0; });
}

const Kernel* KernelCache::find(std::string_view key) const {
  std::shared_lock lock(mutex_);
  auto found = kernels_.find(key);
  return found == kernels_.end() ? nullptr : found->second.get();
}

const Kernel& KernelCache::add(std::string_view key, std::shared_ptr<const Kernel> kernel) {
  std::unique_lock lock(mutex_);
  return *kernels_.try_emplace(std::string(key), std::move(kernel)).first->second;
}

const Kernel& KernelCache::get(std::string_view key, FunctionRef<KernelSource()> source) {
  if (auto* kernel = find(key)) return *kernel;
  return add(key, device_.compile(shown(source())));
}

void KernelCache::prepare(std::span<const KernelRequest> requests) {
  std::vector<std::string_view> keys;
  std::vector<KernelSource> missing;
  for (auto& request : requests) {
    if (contains(request.key) || std::ranges::find(keys, request.key) != keys.end()) continue;
    keys.push_back(request.key);
    missing.push_back(shown(request.source));
  }
  auto compiled = device_.compile(missing);
  for (size_t i = 0; i < keys.size(); ++i) add(keys[i], std::move(compiled[i]));
}

const Kernel* KernelCache::find_soon(std::string_view key, FunctionRef<KernelSource()> source) {
  if (auto* kernel = find(key)) return kernel;
  bool is_new = false;
  Wish wish;
  {
    std::lock_guard lock(wishes_mutex_);
    if (wishes_.size() >= most_wishes) wishes_.clear();
    auto [entry, inserted] = wishes_.try_emplace(std::string(key), Wish::seen);
    is_new = inserted;
    wish = entry->second;
    if (!is_new && wish == Wish::seen) entry->second = Wish::compiling;
  }
  if (is_new) {
    auto kernel = device_.load(source());
    return kernel ? &add(key, std::move(kernel)) : nullptr;
  }
  // Who waits for it sees the error.
  if (wish == Wish::failed) return &get(key, source);
  if (wish == Wish::seen) compile_later({std::string(key), source()});
  return nullptr;
}

void KernelCache::compile_later(KernelRequest request) {
  std::lock_guard lock(wishes_mutex_);
  requests_.push_back(std::move(request));
  if (compiling_threads_ >= std::min(size_t(num_threads()), most_compiling_threads)) return;
  // By now what single operations need is compiled and loaded.
  [[maybe_unused]] static const bool registered = (CompilationGate::close_before_clean_up(), true);
  if (start_background_thread("mlx-gpu-compile", [this] { compile_requests(); })) {
    ++compiling_threads_;
  } else if (compiling_threads_ == 0) {
    // Without a thread all goes on as it began.
    requests_.clear();
    wishes_.clear();
  }
}

void KernelCache::compile_requests() {
  std::unique_lock lock(wishes_mutex_);
  while (!requests_.empty()) {
    KernelRequest request = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    std::shared_ptr<const Kernel> kernel;
    try {
      kernel = device_.compile(shown(request.source));
    } catch (...) {
      // Comes again when the kernel is asked for.
    }
    bool is_there = kernel != nullptr;
    if (is_there) add(request.key, std::move(kernel));
    lock.lock();
    if (is_there)
      wishes_.erase(request.key);
    else
      wishes_[request.key] = Wish::failed;
  }
  --compiling_threads_;
  threads_ended_.notify_all();
}

}  // namespace mlx::core::gpu

#include "late_device.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>
#include <utility>

#include "cpu/elementwise/program.h"
#include "emulator/fibers.h"
#include "emulator/host_compiler.h"
#include "mlx/errors.h"

namespace late_gpu {

using namespace mlx::core;
using gpu::Access;
using gpu::Argument;
using gpu::Memory;

namespace {

/// Set in every handle, so that it is no address of this process.
constexpr uint64_t tag = uint64_t(0xdead) << 48;
constexpr unsigned char poison = 0xa5;

char* place_of(Memory memory, size_t offset = 0) {
  return reinterpret_cast<char*>(memory.handle ^ tag) + offset;
}

thread_local int64_t waits = 0;

/// What a kernel sees: places for memory, bytes for values.
struct Parameter {
  char* place = nullptr;
  std::string bytes;
  Memory memory = {};
  Access access = Access::read;

  template <typename T>
  const T* values() const {
    return reinterpret_cast<const T*>(bytes.data());
  }
};
using Parameters = std::vector<Parameter>;

class TestKernel : public gpu::Kernel {
 public:
  using Run = std::function<void(const Parameters&, gpu::Size3 groups, gpu::Size3 threads)>;

  explicit TestKernel(Run run) : run(std::move(run)) {}
  uint32_t max_threads() const override { return 1024; }

  const Run run;
};

/// An elementwise kernel as gpu/generate lists it, run by the CPU's interpreter.
class ListedKernel {
 public:
  explicit ListedKernel(const std::string& text) {
    std::istringstream words(text);
    words >> variant_;
    ElementwiseProgram program;
    for (std::string kind; words >> kind;) {
      int a, b, c;
      words >> a;
      if (kind == "input") program.inputs.push_back(Dtype::Val(a));
      if (kind == "store") program.outputs.push_back(uint16_t(a));
      if (kind != "make") continue;
      words >> b >> c;
      Instruction made{ElementwiseOp(a), Dtype::Val(b), Dtype::Val(c), {0, 0, 0}};
      words >> made.operands[0] >> made.operands[1] >> made.operands[2];
      program.instructions.push_back(made);
    }
    inputs_ = program.inputs.size();
    compiled_ = cpu::compile_elementwise(program);
  }

  void operator()(const Parameters& parameters, gpu::Size3, gpu::Size3) const {
    size_t dims = size_t(variant_[0] - '0'), operands = variant_.size() - 3;
    int64_t pack = variant_[1] - '0', elements = dims ? pack : 1;
    size_t next = 0;
    auto number = [&] {
      auto& bytes = parameters.back();
      size_t at = next++;
      return variant_[2] == 'w' ? bytes.values<int64_t>()[at]
                                : int64_t(bytes.values<int32_t>()[at]);
    };
    int64_t size = number();
    std::vector<int32_t> shape;
    if (dims == 0) shape.push_back(int32_t(size));
    for (size_t d = 0; d < dims; ++d)
      shape.push_back(int32_t(number() * (d + 1 == dims ? elements : 1)));
    std::vector<std::vector<int64_t>> strides(operands, std::vector<int64_t>(shape.size(), 0));
    for (size_t i = 0; i < operands; ++i) {
      char placement = variant_[3 + i];
      int64_t step = 1;
      for (size_t d = shape.size(); placement == 'd' && d-- > 0; step *= shape[d])
        strides[i][d] = step;
      if (placement != 'r' && placement != 'e' && placement != 's') continue;
      for (size_t d = 0; d < dims; ++d) strides[i][d] = number() / (d + 1 == dims ? pack : 1);
    }
    std::vector<cpu::ConstOperand> from;
    std::vector<cpu::MutableOperand> to;
    for (size_t i = 0; i < operands; ++i) {
      auto& parameter = parameters[i];
      if (i < inputs_)
        from.push_back({parameter.place ? parameter.place : parameter.bytes.data(), strides[i]});
      else
        to.push_back({parameter.place, strides[i]});
    }
    cpu::run_elementwise(*compiled_, shape, from, to);
  }

 private:
  std::string variant_;
  size_t inputs_;
  std::shared_ptr<const cpu::CompiledElementwise> compiled_;
};

std::shared_ptr<const gpu::Kernel> make_listed_kernel(const gpu::KernelSource& source) {
  if (source.name != "elementwise")
    throw EngineError("[compile] The late device has no kernel \"" + source.name + "\".");
  return std::make_shared<TestKernel>(ListedKernel(source.entry));
}

/// The kernel's text, compiled for the host.
std::shared_ptr<const gpu::Kernel> make_emulated_kernel(const gpu::KernelSource& source) {
  static std::atomic<unsigned> launches{0};
  auto entry = gpu::emulator::compile_on_host({&source, 1}).front();
  return std::make_shared<TestKernel>(
      [entry](const Parameters& parameters, gpu::Size3 groups, gpu::Size3 threads) {
        std::vector<void*> places;
        std::vector<gpu::emulator::Region> regions;
        for (auto& parameter : parameters) {
          auto* bytes = const_cast<char*>(parameter.bytes.data());
          places.push_back(parameter.place ? parameter.place : bytes);
          if (parameter.place)
            regions.push_back({place_of(parameter.memory), parameter.memory.size, parameter.access,
                               int(regions.size())});
          else
            regions.push_back({bytes, parameter.bytes.size(), Access::read, int(regions.size())});
        }
        gpu::emulator::run_launch({entry, places.data(), groups, threads, regions, launches++});
      });
}

class Implementation;

/// Something a queue was given, with what it touches.
struct Work {
  struct Touch {
    uint64_t handle;
    Access access;
  };
  std::vector<Touch> touches;
  std::function<void()> run;

  bool must_follow(const Work& other) const {
    for (auto& a : touches)
      for (auto& b : other.touches)
        if (a.handle == b.handle && (a.access != Access::read || b.access != Access::read))
          return true;
    return false;
  }
};

class TestQueue : public gpu::Queue {
 public:
  TestQueue(Implementation& device, unsigned seed);
  void launch(const gpu::Kernel& kernel, gpu::Size3, gpu::Size3, uint32_t,
              std::span<const Argument> arguments) override;
  void copy_in(const void* from, Memory to, size_t to_offset, size_t bytes) override;
  void copy_out(Memory from, size_t from_offset, void* to, size_t bytes) override;
  void copy(Memory from, size_t from_offset, Memory to, size_t to_offset, size_t bytes) override;
  void fill(Memory to, size_t to_offset, uint32_t pattern, uint32_t width, size_t bytes) override;
  gpu::Ticket commit() override;
  void wait(gpu::Ticket ticket) override;
  bool reached(uint64_t number) const override { return reached_.load() >= number; }
  void block(uint64_t number) override;
  std::optional<std::string> error() const override;

 private:
  struct Batch {
    std::vector<gpu::Ticket> waits;
    std::vector<Work> works;
  };

  void add(std::vector<Work::Touch> touches, std::function<void()> run);
  void begin_batch();
  void wait_for(uint64_t number);
  void run();
  void run_batch(Batch& batch);

  Implementation& device_;
  std::mt19937 random_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  /// Begins anew wherever other queues are waited for.
  std::vector<Batch> open_;
  struct Committed {
    uint64_t number;
    std::vector<Batch> batches;
  };
  std::deque<Committed> committed_;
  uint64_t last_ = 0;
  std::atomic<uint64_t> reached_{0};
};

class Implementation final : public LateDevice {
 public:
  explicit Implementation(gpu::Language language) {
    limits_.name = "late device";
    limits_.architecture = "host";
    limits_.language = language;
    limits_.half_matrices = language == gpu::Language::emulator;
    limits_.simd_width = 32;
    limits_.max_threads_per_group = 1024;
    limits_.max_shared_bytes = 32 << 10;
    limits_.max_buffers = 31;
    limits_.max_value_bytes = 4 << 10;
    for (auto& groups : limits_.max_groups) groups = uint64_t(1) << 31;
    limits_.multiprocessors = 1;
    limits_.memory_bytes = capacity_ = size_t(1) << 30;
  }

  const gpu::Limits& limits() const override { return limits_; }
  Memory allocate(size_t size) override {
    size = (size + 255) / 256 * 256;
    std::lock_guard lock(mutex_);
    if (in_use_ + size > capacity_)
      throw gpu::OutOfDeviceMemory("[malloc] The late device is full.");
    in_use_ += size;
    peak_ = std::max(peak_, in_use_);
    void* place = std::aligned_alloc(256, size);
    std::memset(place, poison, size);
    return {reinterpret_cast<uint64_t>(place) ^ tag, size};
  }
  void free(Memory memory) noexcept override {
    std::memset(place_of(memory), poison, memory.size);
    std::free(place_of(memory));
    std::lock_guard lock(mutex_);
    in_use_ -= memory.size;
  }
  void release_cache() override {}
  void set_limits(size_t, size_t) override {}
  size_t cached_bytes() const override { return 0; }
  size_t free_bytes() const override { return capacity_ - bytes_in_use(); }
  void* host_pointer(Memory) const override { return nullptr; }
  std::shared_ptr<const gpu::Kernel> compile(const gpu::KernelSource& source) override {
    return limits_.language == gpu::Language::program ? make_listed_kernel(source)
                                                      : make_emulated_kernel(source);
  }
  std::vector<std::shared_ptr<const gpu::Kernel>> compile(
      std::span<const gpu::KernelSource> sources) override {
    std::vector<std::shared_ptr<const gpu::Kernel>> kernels;
    for (auto& source : sources) kernels.push_back(compile(source));
    return kernels;
  }
  gpu::Queue& new_queue() override {
    std::lock_guard lock(mutex_);
    queues_.push_back(new TestQueue(*this, unsigned(queues_.size())));
    return *queues_.back();
  }

  void set_delay(int most) override { delay_ = most; }
  void fail_after(int64_t launches) override { launches_left_ = launches; }
  void repair() override {
    launches_left_ = 0;
    is_lost_ = false;
  }
  void set_compiles_slowly(bool slowly) override { limits_.compiles_slowly = slowly; }
  void set_capacity(size_t bytes) override {
    std::lock_guard lock(mutex_);
    capacity_ = bytes;
  }
  size_t bytes_in_use() const override {
    std::lock_guard lock(mutex_);
    return in_use_;
  }
  size_t take_peak() override {
    std::lock_guard lock(mutex_);
    return std::exchange(peak_, in_use_);
  }
  int64_t bytes_out() const override { return bytes_out_; }
  int64_t bytes_in() const override { return bytes_in_; }

  /// Whether a launch may run; the one that fails is the device's last.
  bool may_launch() {
    if (is_lost_) return false;
    if (launches_left_.load() > 0 && launches_left_.fetch_sub(1) == 1)
      lose("a launch failed on purpose");
    return !is_lost_;
  }
  void lose(std::string reason) {
    std::lock_guard lock(mutex_);
    if (!is_lost_) reason_ = std::move(reason);
    is_lost_ = true;
  }
  std::string reason() const {
    std::lock_guard lock(mutex_);
    return reason_;
  }

  std::atomic<int> delay_{2000};
  std::atomic<int64_t> launches_left_{0}, bytes_out_{0}, bytes_in_{0};
  std::atomic<bool> is_lost_{false};

 private:
  gpu::Limits limits_{};
  mutable std::mutex mutex_;
  size_t capacity_, in_use_ = 0, peak_ = 0;
  std::string reason_;
  std::vector<TestQueue*> queues_;
};

TestQueue::TestQueue(Implementation& device, unsigned seed) : device_(device), random_(seed) {
  // Lives as long as the device, which is as long as the process.
  std::thread([this] { run(); }).detach();
}

void TestQueue::begin_batch() {
  if (open_.empty()) open_.emplace_back();
}

void TestQueue::add(std::vector<Work::Touch> touches, std::function<void()> run) {
  std::lock_guard lock(mutex_);
  begin_batch();
  open_.back().works.push_back({std::move(touches), std::move(run)});
}

void TestQueue::launch(const gpu::Kernel& kernel, gpu::Size3 groups, gpu::Size3 threads, uint32_t,
                       std::span<const Argument> arguments) {
  Parameters parameters;
  std::vector<Work::Touch> touches;
  for (auto& argument : arguments) {
    if (argument.is_memory()) {
      parameters.push_back({place_of(argument.memory(), argument.byte_offset()),
                            {},
                            argument.memory(),
                            argument.access()});
      touches.push_back({argument.memory().handle, argument.access()});
    } else {
      parameters.push_back(
          {nullptr,
           std::string(static_cast<const char*>(argument.bytes()), argument.size()),
           {},
           Access::read});
    }
  }
  auto* run = &static_cast<const TestKernel&>(kernel).run;
  add(std::move(touches), [this, run, groups, threads, parameters = std::move(parameters)] {
    if (!device_.may_launch()) return;
    try {
      (*run)(parameters, groups, threads);
    } catch (const std::exception& error) {
      device_.lose(error.what());
    }
  });
}

void TestQueue::copy_in(const void* from, Memory to, size_t to_offset, size_t bytes) {
  device_.bytes_in_ += int64_t(bytes);
  std::string copy(static_cast<const char*>(from), bytes);
  add({{to.handle, Access::write}}, [to, to_offset, copy = std::move(copy)] {
    std::memcpy(place_of(to, to_offset), copy.data(), copy.size());
  });
}

void TestQueue::copy_out(Memory from, size_t from_offset, void* to, size_t bytes) {
  device_.bytes_out_ += int64_t(bytes);
  add({{from.handle, Access::read}}, [=] { std::memcpy(to, place_of(from, from_offset), bytes); });
  block(commit().number);
}

void TestQueue::copy(Memory from, size_t from_offset, Memory to, size_t to_offset, size_t bytes) {
  add({{from.handle, Access::read}, {to.handle, Access::write}},
      [=] { std::memmove(place_of(to, to_offset), place_of(from, from_offset), bytes); });
}

void TestQueue::fill(Memory to, size_t to_offset, uint32_t pattern, uint32_t width, size_t bytes) {
  add({{to.handle, Access::write}}, [=] {
    for (size_t i = 0; i < bytes; i += width)
      std::memcpy(place_of(to, to_offset + i), &pattern, width);
  });
}

gpu::Ticket TestQueue::commit() {
  std::lock_guard lock(mutex_);
  committed_.push_back({++last_, std::move(open_)});
  open_.clear();
  changed_.notify_all();
  return {this, last_};
}

void TestQueue::wait(gpu::Ticket ticket) {
  std::lock_guard lock(mutex_);
  open_.emplace_back().waits.push_back(ticket);
}

void TestQueue::block(uint64_t number) {
  if (!reached(number)) ++waits;
  wait_for(number);
}

void TestQueue::wait_for(uint64_t number) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return reached(number); });
}

std::optional<std::string> TestQueue::error() const {
  if (!device_.is_lost_) return std::nullopt;
  return device_.reason();
}

void TestQueue::run_batch(Batch& batch) {
  for (auto& [queue, number] : batch.waits) static_cast<TestQueue*>(queue)->wait_for(number);
  // Any order that the accesses allow.
  auto& works = batch.works;
  std::vector<bool> done(works.size(), false);
  for (size_t left = works.size(); left > 0; --left) {
    std::vector<size_t> ready;
    for (size_t i = 0; i < works.size(); ++i) {
      bool is_ready = !done[i];
      for (size_t k = 0; is_ready && k < i; ++k)
        is_ready = done[k] || !works[i].must_follow(works[k]);
      if (is_ready) ready.push_back(i);
    }
    size_t next = ready[random_() % ready.size()];
    works[next].run();
    done[next] = true;
  }
}

void TestQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !committed_.empty(); });
    Committed next = std::move(committed_.front());
    committed_.pop_front();
    lock.unlock();
    if (int most = device_.delay_)
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % unsigned(most)));
    for (auto& batch : next.batches) run_batch(batch);
    lock.lock();
    reached_ = next.number;
    changed_.notify_all();
  }
}

}  // namespace

int64_t waits_of_this_thread() { return waits; }

LateDevice& late_device() {
  static auto& device = *new Implementation(gpu::Language::program);
  return device;
}

std::unique_ptr<LateDevice> make_late_emulator() {
  return std::make_unique<Implementation>(gpu::Language::emulator);
}

}  // namespace late_gpu

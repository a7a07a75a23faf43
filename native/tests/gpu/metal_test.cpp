#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include "emulator/emulator_device.h"
#include "fake_metal/metal_on_fake.h"
#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "metal/metal_queue.h"
#include "mlx/errors.h"

// The very files that a Mac runs, on a fake of Apple's API: tests/gpu/fake_metal.
namespace mlx::core::gpu {
namespace {

using metal::DeviceContext;
using metal::MetalDevice;

bool can_run() { return emulator::is_available(); }

/// A device of its own, with the fake as it is at first and no delay worth speaking of.
struct OwnDevice {
  OwnDevice() {
    fake_metal::reset();
    objc = fake_metal::load();
    device = metal::make_device(*objc);
  }
  ~OwnDevice() {
    device.reset();
    fake_metal::reset();
  }

  MetalDevice* operator->() { return device.get(); }
  MetalDevice& operator*() { return *device; }

  std::unique_ptr<metal::ObjectiveC> objc;
  std::unique_ptr<MetalDevice> device;
};

std::shared_ptr<const Kernel> compile(Device& device, const std::string& name,
                                      const std::string& body) {
  auto language = device.limits().language;
  return device.compile(Entry(name, 256)
                            .input("float", "x")
                            .output("float", "y")
                            .value("uint", "count")
                            .body("  const uint i = g.tgid.x * 256u + g.tid.x;\n"
                                  "  if (i < count) " +
                                  body + ";\n")
                            .source(language, kernel_bodies(language, {})));
}

void launch(Queue& queue, const Kernel& kernel, Memory from, Memory to, uint32_t count) {
  const Argument arguments[] = {
      {from, 0, Access::read}, {to, 0, Access::write}, Argument::value(count)};
  queue.launch(kernel, {(count + 255) / 256}, {256}, 0, arguments);
}

std::vector<float> ramp(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

std::vector<float> read(Queue& queue, Memory memory, size_t count) {
  std::vector<float> values(count);
  queue.copy_out(memory, 0, values.data(), count * sizeof(float));
  return values;
}

}  // namespace

TEST_CASE("metal: without Apple's libraries it says so") {
  std::string reason;
  if (metal::ObjectiveC::find(&reason)) return;
  CHECK(reason == "this system has no Metal");
  CHECK_THROWS_WITH_AS(metal::ObjectiveC([](const char*) -> void* { return nullptr; }),
                       doctest::Contains("objc_getClass"), EngineError);
}

TEST_CASE("metal: a device and what is known of it") {
  OwnDevice device;
  auto& limits = device->limits();
  CHECK(limits.name == "Fake M1");
  CHECK(limits.architecture == "applegpu_fake");
  CHECK(limits.language == Language::metal);
  CHECK(limits.max_threads_per_group == 1024);
  CHECK(limits.max_shared_bytes == 32768);
  CHECK(limits.max_buffers == 31);
  CHECK(limits.memory_bytes == size_t(1) << 34);
  auto info = metal::device_info(*device);
  CHECK(std::get<size_t>(info.at("max_buffer_length")) == size_t(1) << 33);
  CHECK(std::get<size_t>(info.at("resource_limit")) == 499000);
  CHECK(std::get<std::string>(info.at("device_name")) == "Fake M1");
}

TEST_CASE("metal: a machine whose GPU can't be used says why") {
  fake_metal::reset();
  int before = fake_objc::live_objects("FakeDevice");
  auto objc = fake_metal::load();
  fake_metal::behaviour().has_device = false;
  CHECK_THROWS_WITH_AS(metal::make_device(*objc), doctest::Contains("no device"), EngineError);
  fake_metal::reset();
  fake_metal::behaviour().has_unified_memory = false;
  CHECK_THROWS_WITH_AS(metal::make_device(*objc), doctest::Contains("memory of its own"),
                       EngineError);
  fake_metal::reset();
  fake_objc::set_types("FakeDevice", "newCommandQueue", "v16@0:8");
  CHECK_THROWS_WITH_AS(metal::make_device(*objc),
                       doctest::Contains("newCommandQueue of type v@: instead of @@:"),
                       EngineError);
  fake_objc::set_types("FakeDevice", "newCommandQueue", "");
  CHECK_THROWS_WITH_AS(metal::make_device(*objc), doctest::Contains("newCommandQueue not at all"),
                       EngineError);
  fake_metal::reset();
  CHECK(fake_objc::live_objects("FakeDevice") == before);
}

TEST_CASE("metal: types of methods are compared without offsets, names and kinds of BOOL") {
  using metal::plain_encoding;
  CHECK(plain_encoding("@24@0:8Q16") == "@@:Q");
  CHECK(plain_encoding("c16@0:8") == plain_encoding("B16@0:8"));
  CHECK(plain_encoding("{?=QQQ}16@0:8") == "{QQQ}@:");
  CHECK(plain_encoding("v64@0:8{MTLSize=QQQ}16{MTLSize=QQQ}40") == "v@:{QQQ}{QQQ}");
  CHECK(plain_encoding("@24@0:8r*16") == "@@:*");
  CHECK(plain_encoding("@48@0:8^v16Q24Q32@?40") == "@@:^vQQ@?");
  CHECK(plain_encoding("@32@0:8@\"NSString\"16^@24") == "@@:@^@");
}

TEST_CASE("metal: kernels, copies and fills in the order they were put in") {
  if (!can_run()) return;
  OwnDevice device;
  auto& queue = device->new_queue();
  auto twice = compile(*device, "twice", "y[i] = x[i] + x[i]");
  CHECK(twice->max_threads() == 256);
  constexpr uint32_t count = 1000;
  auto values = ramp(count);
  Memory a = device->allocate(count * 4), b = device->allocate(count * 4);
  queue.copy_in(values.data(), a, 0, count * 4);
  launch(queue, *twice, a, b, count);
  // While the queue has work a copy waits its turn.
  queue.copy_in(values.data(), a, 4, (count - 1) * 4);
  launch(queue, *twice, b, a, count);
  queue.copy(a, 0, b, 8, 12);
  queue.fill(a, 3, 0x11, 1, 5);
  queue.fill(a, 8, 0x2233, 2, 2);
  queue.fill(a, 16, 0x3f800000, 4, 8);
  auto result_b = read(queue, b, count), result_a = read(queue, a, count);
  for (uint32_t i = 8; i < count; ++i) REQUIRE(result_a[i] == 4.0f * float(i + 1));
  CHECK(result_a[4] == 1.0f);
  CHECK(result_a[5] == 1.0f);
  uint8_t bytes[12];
  std::memcpy(bytes, result_a.data(), 12);
  CHECK(bytes[3] == 0x11);
  CHECK(bytes[7] == 0x11);
  CHECK(bytes[8] == 0x33);
  CHECK(bytes[9] == 0x22);
  CHECK(result_b[2] == 4.0f);
  CHECK(result_b[4] == 12.0f);
  CHECK(result_b[5] == 12.0f);
  device->free(a);
  device->free(b);
}

TEST_CASE("metal: barriers stand where accesses need them, and only there") {
  if (!can_run()) return;
  OwnDevice device;
  auto& queue = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  std::vector<Memory> places;
  for (int i = 0; i < 6; ++i) {
    places.push_back(device->allocate(64));
    queue.fill(places.back(), 0, 0, 4, 64);
  }
  queue.block(queue.commit().number);
  auto barriers_of = [&](std::vector<std::pair<int, int>> steps) {
    auto before = fake_metal::counts().barriers;
    for (auto [from, to] : steps)
      launch(queue, *plus, places[size_t(from)], places[size_t(to)], 16);
    queue.block(queue.commit().number);
    return fake_metal::counts().barriers - before;
  };
  CHECK(barriers_of({{0, 1}, {0, 2}, {0, 3}}) == 0);
  CHECK(barriers_of({{0, 1}, {1, 2}}) == 1);  // A read after a write.
  CHECK(barriers_of({{0, 1}, {2, 0}}) == 1);  // A write after a read.
  CHECK(barriers_of({{0, 1}, {2, 1}}) == 1);  // A write after a write.
  CHECK(barriers_of({{0, 1}, {1, 2}, {3, 4}, {2, 5}}) == 2);
  CHECK(read(queue, places[5], 16)[7] == 6.0f);
  for (auto memory : places) device->free(memory);
}

TEST_CASE("metal: command buffers go off when they are full") {
  if (!can_run()) return;
  OwnDevice device;
  auto& queue = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  Memory a = device->allocate(64);
  queue.fill(a, 0, 0, 4, 64);
  queue.block(queue.commit().number);
  auto before = fake_metal::counts();
  const uint32_t count = 16;
  const Argument in_place[] = {{a, 0, Access::read}, {a, 0, Access::both}, Argument::value(count)};
  for (int i = 0; i < 170; ++i) queue.launch(*plus, {1}, {256}, 0, in_place);
  auto ticket = queue.commit();
  queue.block(ticket.number);
  CHECK(queue.reached(ticket.number));
  CHECK(!queue.reached(ticket.number + 1));
  CHECK(fake_metal::counts().command_buffers - before.command_buffers == 4);
  CHECK(read(queue, a, 1)[0] == 170.0f);
  device->free(a);
}

TEST_CASE("metal: a queue waits on the device for another") {
  if (!can_run()) return;
  OwnDevice device;
  auto &first = device->new_queue(), &second = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  Memory a = device->allocate(4096), b = device->allocate(4096), c = device->allocate(4096);
  first.fill(a, 0, 0, 4, 4096);
  for (int round = 0; round < 10; ++round) {
    launch(first, *plus, a, b, 1024);
    second.wait(first.commit());
    launch(second, *plus, b, c, 1024);
    first.wait(second.commit());
    launch(first, *plus, c, a, 1024);
  }
  // Of one's own queue, and of what is reached, nothing is waited for.
  first.wait({&first, 1});
  CHECK(read(first, a, 1024)[1023] == 30.0f);
  second.wait({&first, 1});
  for (auto memory : {a, b, c}) device->free(memory);
}

TEST_CASE("metal: what a launch may not ask is an error before it is encoded") {
  if (!can_run()) return;
  OwnDevice device;
  auto& queue = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  Memory a = device->allocate(64);
  std::vector<Argument> many(32, Argument(a, 0, Access::read));
  CHECK_THROWS_WITH_AS(queue.launch(*plus, {1}, {1}, 0, many), doctest::Contains("31"),
                       EngineError);
  std::vector<char> bytes(5000);
  const Argument large[] = {{bytes.data(), bytes.size()}};
  CHECK_THROWS_WITH_AS(queue.launch(*plus, {1}, {1}, 0, large), doctest::Contains("4096"),
                       EngineError);
  const uint32_t count = 16;
  const Argument good[] = {{a, 0, Access::read}, {a, 0, Access::both}, Argument::value(count)};
  CHECK_THROWS_WITH_AS(queue.launch(*plus, {1}, {512}, 0, good), doctest::Contains("256"),
                       EngineError);
  queue.fill(a, 0, 0, 4, 64);
  queue.launch(*plus, {1}, {16}, 100, good);
  // Nothing is copied, and nothing is encoded for that.
  queue.copy_in(bytes.data(), a, 0, 0);
  queue.copy_out(a, 0, bytes.data(), 0);
  queue.copy(a, 0, a, 0, 0);
  queue.fill(a, 0, 0, 1, 0);
  CHECK(read(queue, a, 1)[0] == 1.0f);
  device->free(a);
}

TEST_CASE("metal: kernels that can't be made name themselves") {
  if (!can_run()) return;
  OwnDevice device;
  CHECK_THROWS_WITH_AS(compile(*device, "broken", "this is no C"), doctest::Contains("broken"),
                       EngineError);
  fake_metal::behaviour().libraries_fail = true;
  CHECK_THROWS_WITH_AS(compile(*device, "first", "y[i] = x[i]"),
                       doctest::Contains("error: on purpose (code 3)"), EngineError);
  fake_metal::reset();
  fake_metal::behaviour().functions_fail = true;
  CHECK_THROWS_WITH_AS(compile(*device, "first", "y[i] = x[i]"),
                       doctest::Contains("no kernel first"), EngineError);
  fake_metal::reset();
  fake_metal::behaviour().pipelines_fail = true;
  CHECK_THROWS_WITH_AS(compile(*device, "first", "y[i] = x[i]"),
                       doctest::Contains("internal error"), EngineError);
  fake_metal::reset();
  fake_metal::behaviour().simd_width = 16;
  CHECK_THROWS_WITH_AS(compile(*device, "first", "y[i] = x[i]"), doctest::Contains("16 threads"),
                       EngineError);
  fake_metal::reset();
  // Several at once, of which one fails.
  auto language = Language::metal;
  auto good = Entry("good", 32).output("float", "y").body("  y[0] = 1.0f;\n");
  auto bad = Entry("bad", 32).output("float", "y").body("  y[0] = ;\n");
  KernelSource sources[] = {good.source(language, kernel_bodies(language, {})),
                            bad.source(language, kernel_bodies(language, {}))};
  CHECK_THROWS_WITH_AS(device->compile(sources), doctest::Contains("bad"), EngineError);
  CHECK(device->compile(std::span(sources, 1)).size() == 1);
}

TEST_CASE("metal: macOS 14 has other options of the compiler and no residency sets") {
  if (!can_run()) return;
  fake_metal::reset();
  fake_metal::behaviour().is_macos_15 = false;
  auto objc = fake_metal::load();
  {
    auto device = metal::make_device(*objc);
    CHECK(!device->context().memory().residency_set());
    device->context().memory().set_wired_limit(size_t(1) << 30);
    auto& queue = device->new_queue();
    auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
    Memory a = device->allocate(64), b = device->allocate(64);
    queue.fill(a, 0, 0, 4, 64);
    launch(queue, *plus, a, b, 16);
    CHECK(read(queue, b, 1)[0] == 1.0f);
    CHECK(fake_metal::counts().wired_bytes == 0);
    device->free(a);
    device->free(b);
  }
  fake_metal::reset();
}

TEST_CASE("metal: a failed command buffer loses the device, and nobody waits for ever") {
  if (!can_run()) return;
  OwnDevice device;
  auto &queue = device->new_queue(), &other = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  Memory a = device->allocate(64), b = device->allocate(64);
  queue.fill(a, 0, 0, 4, 64);
  queue.block(queue.commit().number);
  CHECK(!queue.error());
  fake_metal::behaviour().fails_at = 1;
  launch(queue, *plus, a, b, 16);
  auto failing = queue.commit();
  // Waits on the device for what will never be signaled there.
  other.wait(failing);
  launch(other, *plus, b, a, 16);
  auto waiting = other.commit();
  queue.block(failing.number);
  other.block(waiting.number);
  REQUIRE(queue.error().has_value());
  CHECK(queue.error()->find("on purpose (code 2)") != std::string::npos);
  CHECK(other.error() == queue.error());
  CHECK_THROWS_AS(launch(queue, *plus, a, b, 16), EngineError);
  CHECK_THROWS_AS(queue.copy_in(&failing, a, 0, 4), EngineError);
  CHECK_THROWS_AS(queue.copy_out(a, 0, &failing, 4), EngineError);
  CHECK_THROWS_AS(device->allocate(64), EngineError);
  CHECK_THROWS_AS(compile(*device, "late", "y[i] = x[i]"), EngineError);
  CHECK_THROWS_AS(device->new_queue(), EngineError);
  CHECK_THROWS_AS(device->free_bytes(), EngineError);
  // Tickets are given and reached, so that what was put in before comes to an end.
  auto late = queue.commit();
  queue.block(late.number);
  CHECK(queue.reached(late.number + 5));
  device->free(a);
  device->free(b);
}

TEST_CASE("metal: what is being encoded when the device is lost is given up") {
  if (!can_run()) return;
  OwnDevice device;
  auto &queue = device->new_queue(), &other = device->new_queue();
  auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
  Memory a = device->allocate(64), b = device->allocate(64);
  queue.fill(a, 0, 0, 4, 64);
  std::vector<float> values(16, 1.0f);
  queue.copy_in(values.data(), b, 0, 64);
  fake_metal::behaviour().fails_at = 1;
  other.fill(b, 0, 0, 4, 64);
  other.block(other.commit().number);
  auto ticket = queue.commit();
  queue.block(ticket.number);
  CHECK(queue.error().has_value());
  device->free(a);
  device->free(b);
}

TEST_CASE("metal: no memory, no queues") {
  OwnDevice device;
  fake_metal::behaviour().capacity = 0;
  CHECK_THROWS_AS(device->allocate(64), OutOfDeviceMemory);
  CHECK_THROWS_WITH_AS(device->allocate(size_t(1) << 30), doctest::Contains("1073741824"),
                       OutOfDeviceMemory);
  fake_metal::reset();
  Memory memory = device->allocate(0);
  CHECK(memory);
  CHECK(device->host_pointer(memory) != nullptr);
  device->free(memory);
  Memory large = device->allocate(size_t(20) << 20);
  CHECK(device->free_bytes() < device->limits().memory_bytes);
  device->free(large);
  fake_metal::behaviour().queues_fail = true;
  CHECK_THROWS_WITH_AS(device->new_queue(), doctest::Contains("no more queues"), EngineError);
  fake_metal::reset();
  device->release_cache();
  device->set_limits(1, 1);
  CHECK(device->cached_bytes() == 0);
}

TEST_CASE("metal: shared memory cuts small pieces from chunks and finds them again") {
  OwnDevice device;
  auto& memory = device->context().memory();
  int before = fake_objc::live_objects("FakeBuffer");
  std::vector<void*> pieces;
  for (int i = 0; i < 100; ++i) pieces.push_back(memory.allocate(1000, 64));
  void* slab = memory.allocate(65536, 65536);
  CHECK(reinterpret_cast<uintptr_t>(slab) % 65536 == 0);
  CHECK(fake_objc::live_objects("FakeBuffer") == before + 1);
  auto place = memory.find(static_cast<char*>(pieces[3]) + 500);
  CHECK(place.buffer == memory.find(pieces[0]).buffer);
  CHECK(place.offset == memory.find(pieces[3]).offset + 500);
  memory.free(pieces[7], 1000, 64);
  CHECK(memory.allocate(1001, 64) == pieces[7]);
  // A piece of another alignment does not replace it.
  memory.free(pieces[8], 1000, 64);
  CHECK(memory.allocate(1024, 1024) != pieces[8]);
  void* large = memory.allocate(size_t(3) << 20, 64);
  CHECK(memory.find(large).offset == 0);
  CHECK(fake_objc::live_objects("FakeBuffer") == before + 2);
  memory.free(large, size_t(3) << 20, 64);
  CHECK(fake_objc::live_objects("FakeBuffer") == before + 1);
  CHECK(!memory.find(large).buffer);
  CHECK(!memory.find(&memory).buffer);
  CHECK(!memory.find(nullptr).buffer);
  memory.free(nullptr, 64, 64);
}

TEST_CASE("metal: memory up to the wired limit stays in the machine") {
  OwnDevice device;
  auto& memory = device->context().memory();
  constexpr size_t mib = size_t(1) << 20;
  void* first = memory.allocate(4 * mib, 64);
  CHECK(fake_metal::counts().wired_bytes == 0);
  memory.set_wired_limit(10 * mib);
  CHECK(fake_metal::counts().wired_bytes == 4 * mib);
  void* second = memory.allocate(5 * mib, 64);
  void* third = memory.allocate(2 * mib, 64);
  CHECK(fake_metal::counts().wired_bytes == 9 * mib);
  memory.free(second, 5 * mib, 64);
  CHECK(fake_metal::counts().wired_bytes == 4 * mib);
  memory.set_wired_limit(3 * mib);
  CHECK(fake_metal::counts().wired_bytes == 2 * mib);
  memory.set_wired_limit(0);
  CHECK(fake_metal::counts().wired_bytes == 0);
  memory.free(first, 4 * mib, 64);
  memory.free(third, 2 * mib, 64);
}

TEST_CASE("metal: all objects go with the device") {
  if (!can_run()) return;
  constexpr std::array names = {"FakeDevice",        "FakeQueue",
                                "FakeCommandBuffer", "FakeComputeEncoder",
                                "FakeBuffer",        "FakeFence",
                                "FakeEvent",         "FakeLibrary",
                                "FakeFunction",      "FakePipeline",
                                "FakeResidencySet",  "MTLCompileOptions",
                                "NSString",          "MTLResidencySetDescriptor"};
  auto live = [&] {
    std::vector<int> counts;
    for (auto* name : names) counts.push_back(fake_objc::live_objects(name));
    return counts;
  };
  auto use_a_device = [] {
    OwnDevice device;
    auto& queue = device->new_queue();
    auto plus = compile(*device, "plus_one", "y[i] = x[i] + 1.0f");
    Memory a = device->allocate(64), b = device->allocate(64);
    queue.fill(a, 0, 0, 4, 64);
    launch(queue, *plus, a, b, 16);
    queue.block(queue.commit().number);
    launch(queue, *plus, a, b, 16);
  };
  // What the process has one of, such as the system's device, comes with the first.
  use_a_device();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  auto before = live();
  use_a_device();
  // The fake's thread lets go of the last command buffer after its handler.
  for (int tries = 0; tries < 2000 && live() != before; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  auto after = live();
  for (size_t i = 0; i < names.size(); ++i) {
    INFO(names[i]);
    CHECK(after[i] == before[i]);
  }
}

}  // namespace mlx::core::gpu

#include <doctest/doctest.h>

#include <cstdio>

#include "emulator/emulator_device.h"
#include "fake_metal/metal_on_fake.h"
#include "metal/known_answers.h"
#include "metal/self_test.h"
#include "mlx/errors.h"

// What a Mac must show before its GPU is trusted.
namespace mlx::core::metal {
namespace {

/// What the self-test says of a device of the fake, as it behaves now.
std::string said() {
  auto objc = fake_metal::load();
  try {
    auto device = make_device(*objc);
    return self_test(*device);
  } catch (const EngineError& error) {
    // The device's own messages are compared when it is made.
    return error.what();
  }
}

bool says(const char* words) {
  auto text = said();
  CAPTURE(text);
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("metal on a Mac: the types of all messages, and the self-test") {
  std::string reason;
  auto* objc = ObjectiveC::find(&reason);
  if (!objc) return;
  auto device = make_device(*objc);
  std::printf("%s\n%s", device->limits().name.c_str(), list_messages(*device).c_str());
  auto wrong = self_test(*device);
  std::printf("self-test: %s\n", wrong.empty() ? "passed" : wrong.c_str());
}

TEST_CASE("metal self-test: a good device passes") {
  if (!gpu::emulator::is_available()) return;
  fake_metal::reset();
  CHECK(said() == "");
  auto objc = fake_metal::load();
  auto device = make_device(*objc);
  auto lines = list_messages(*device);
  CHECK(lines.find("FakeDevice newCommandQueue @16@0:8\n") != std::string::npos);
  CHECK(lines.find("missing") == std::string::npos);
}

TEST_CASE("metal self-test: on macOS 14 as well") {
  if (!gpu::emulator::is_available()) return;
  fake_metal::reset();
  fake_metal::behaviour().is_macos_15 = false;
  CHECK(said() == "");
  fake_metal::reset();
}

TEST_CASE("metal self-test: every message whose type differs is told") {
  if (!gpu::emulator::is_available()) return;
  fake_metal::reset();
  auto objc = fake_metal::load();
  for (auto [class_name, message] :
       {std::pair{"NSString", "UTF8String"},
        {"NSError", "code"},
        {"FakeDevice", "newFence"},
        {"MTLCompileOptions", "setMathMode:"},
        {"FakeLibrary", "newFunctionWithName:"},
        {"FakePipeline", "threadExecutionWidth"},
        {"FakeBuffer", "contents"},
        {"FakeQueue", "addResidencySet:"},
        {"FakeCommandBuffer", "encodeSignalEvent:value:"},
        {"FakeComputeEncoder", "dispatchThreadgroups:threadsPerThreadgroup:"},
        {"FakeEvent", "setSignaledValue:"},
        {"FakeResidencySet", "addAllocation:"},
        {"FakeArchitecture", "name"},
        {"MTLCaptureManager", "stopCapture"},
        {"MTLCaptureDescriptor", "setDestination:"}}) {
    CAPTURE(class_name);
    CAPTURE(message);
    auto types = fake_objc::types_of(class_name, message);
    fake_objc::set_types(class_name, message, "i20@0:8f16");
    CHECK(says((std::string(class_name) + " has " + message + " of type i@:f instead of").c_str()));
    fake_objc::set_types(class_name, message, types);
  }
  fake_metal::reset();
}

TEST_CASE("metal self-test: a family that computes wrongly is named") {
  if (!gpu::emulator::is_available()) return;
  fake_metal::reset();
  for (auto [kernel, family] : {std::pair{"elementwise", "elementwise"},
                                {"scan", "scans"},
                                {"softmax", "softmax"},
                                {"random", "random numbers"}}) {
    fake_metal::behaviour().wrong_kernel = kernel;
    CAPTURE(family);
    CHECK(says((std::string("wrong results: ") + family).c_str()));
  }
  fake_metal::reset();
  fake_metal::behaviour().is_apple_gpu = false;
  CHECK(says("none of Apple's own from M1 on"));
  fake_metal::reset();
  fake_metal::behaviour().fails_at = 1;
  CHECK(says("a kernel of the self-test failed"));
  fake_metal::reset();
}

TEST_CASE("metal machine: only a device that passes counts") {
  if (!gpu::emulator::is_available()) return;
  fake_metal::reset();
  auto objc = fake_metal::load();
  Machine good(objc.get(), "");
  CHECK(good.is_usable());
  CHECK(good.why_not().empty());
  CHECK(std::get<std::string>(good.info().at("self_test")) == "passed");
  auto* source = good.memory_source();
  REQUIRE(source);
  void* memory = source->allocate(4096, 64);
  CHECK(source->holds(memory));
  CHECK(!source->holds(source));
  source->set_wired_limit(0);
  source->free(memory, 4096, 64);
  CHECK(&good.open() == &good.open());

  fake_metal::behaviour().wrong_kernel = "softmax";
  Machine wrong(objc.get(), "");
  CHECK(!wrong.is_usable());
  CHECK(std::get<std::string>(wrong.info().at("self_test")).find("softmax") != std::string::npos);
  CHECK_THROWS_WITH_AS(wrong.open(), doctest::Contains("softmax"), EngineError);
  fake_metal::reset();
  fake_metal::behaviour().has_device = false;
  Machine none(objc.get(), "");
  CHECK(!none.is_usable());
  CHECK(none.info().empty());
  CHECK(none.memory_source() == nullptr);
  CHECK(none.why_not() == "Metal has no device here");
  Machine linux_machine(nullptr, "this system has no Metal");
  CHECK(linux_machine.why_not() == "this system has no Metal");
  fake_metal::reset();
}

}  // namespace mlx::core::metal

#include <doctest/doctest.h>

#include <sstream>
#include <stdexcept>
#include <thread>

#include "mlx/device.h"

using namespace mlx::core;

TEST_CASE("devices compare by type and index") {
  CHECK(Device(Device::cpu) == Device(Device::cpu, 0));
  CHECK(Device(Device::cpu) != Device(Device::gpu));
  CHECK(Device(Device::gpu, 1) != Device(Device::gpu, 0));
  CHECK(Device(Device::gpu, 1) == Device::gpu);
  CHECK(Device(Device::cpu) < Device(Device::gpu));
}

TEST_CASE("there is one CPU, and at most one GPU") {
  CHECK(device_count(Device::cpu) == 1);
  CHECK(device_count(Device::gpu) <= 1);
  CHECK(is_available(Device::cpu));
  CHECK(is_available(Device::gpu) == (device_count(Device::gpu) == 1));
  CHECK_FALSE(is_available(Device(Device::gpu, 1)));
  CHECK_FALSE(is_available(Device(Device::cpu, 1)));
  CHECK_FALSE(is_available(Device(Device::cpu, -1)));
}

TEST_CASE("a device that isn't there can't be the default") {
  Device before = default_device();
  CHECK_THROWS_WITH_AS(set_default_device(Device(Device::cpu, 3)),
                       "[set_default_device] Device(cpu, 3) is not available: the only one of its "
                       "kind that is used is Device(cpu, 0).",
                       std::invalid_argument);
  if (!is_available(Device::gpu))
    CHECK_THROWS_WITH_AS(set_default_device(Device::gpu), doctest::Contains("there is no"),
                         std::invalid_argument);
  CHECK(default_device() == before);
}

TEST_CASE("each thread has its default device") {
  set_default_device(Device::cpu);
  CHECK(default_device() == Device::cpu);
  const Device* here = &default_device();
  const Device* there = nullptr;
  std::thread([&] { there = &default_device(); }).join();
  CHECK(here != there);
}

TEST_CASE("device_info tells name, architecture and memory") {
  const DeviceInfo& info = device_info();
  CHECK_FALSE(std::get<std::string>(info.at("device_name")).empty());
  CHECK_FALSE(std::get<std::string>(info.at("architecture")).empty());
  CHECK(std::get<size_t>(info.at("memory_size")) > (size_t(1) << 20));
  CHECK(device_info(Device::gpu).empty() != is_available(Device::gpu));
}

TEST_CASE("devices print") {
  std::ostringstream os;
  os << Device(Device::cpu) << " " << Device(Device::gpu, 2);
  CHECK(os.str() == "Device(cpu, 0) Device(gpu, 2)");
}

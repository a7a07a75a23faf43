#include "metal_on_fake.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace fake_metal {

using namespace mlx::core;

std::unique_ptr<metal::ObjectiveC> load() {
  return std::make_unique<metal::ObjectiveC>(find_symbol);
}

namespace {

void read_wishes() {
  const char* text = std::getenv("MLX_FAKE_METAL");
  std::string wish = text ? text : "";
  auto value = wish.substr(std::min(wish.size(), wish.find('=') + 1));
  auto& fake = behaviour();
  if (wish == "none") fake.has_device = false;
  if (wish.starts_with("wrong=")) fake.wrong_kernel = value;
  if (wish.starts_with("fail=")) fake.fails_at = std::stoi(value);
  if (wish.starts_with("full=")) fake.capacity = std::stoul(value);
}

}  // namespace

metal::Machine& machine() {
  // Leaked, as devices are.
  static auto& machine = *[] {
    read_wishes();
    return new metal::Machine(load().release(), "");
  }();
  return machine;
}

metal::MetalDevice& device() { return machine().open(); }

}  // namespace fake_metal
